"""What becomes of speech when a voice of it is suspended or merged, beyond tests/synthesis/generations/test_samples.py."""

import pytest

from synthesis.models import CastMember, Draft, Evaluation, Generation, GenerationVoice, Segment
from synthesis.voice_extension import SpeechExtension
from tests.factories import GenerationFactory, SegmentFactory, VoiceFactory
from voices.curation import transfer
from voicesite.jobs.job import State


@pytest.fixture
def low(user):
    return VoiceFactory(owner=user, name="Low")


@pytest.fixture
def high(user):
    return VoiceFactory(owner=user, name="High")


def in_cast(generation, voice):
    return CastMember.objects.create(generation=generation, name="Anna", voice=voice, voice_name=voice.name)


def test_a_suspended_voice_stops_the_dialogues_it_is_in(user, low, high):
    mine, other, ended = (GenerationFactory(owner=user, voice=low) for _ in range(3))
    changed, spoken = (GenerationFactory(owner=user, voice=low) for _ in range(2))
    in_cast(mine, high), in_cast(other, low), in_cast(ended, high)
    Generation.objects.filter(pk=ended.pk).update(state=State.FAILED)
    check = Evaluation.objects.create(generation=ended)
    SegmentFactory(generation=changed, voice=high)
    SegmentFactory(generation=spoken, voice=high, take=True)
    SpeechExtension().on_suspend(high)
    states = dict(Generation.objects.values_list("pk", "state"))
    assert states == {
        mine.pk: State.CANCELLED,
        other.pk: State.PENDING,
        ended.pk: State.FAILED,
        changed.pk: State.CANCELLED,
        spoken.pk: State.PENDING,
    }
    mine.refresh_from_db()
    check.refresh_from_db()
    assert mine.error == "Staff suspended its voice." and check.state == State.CANCELLED


def test_what_a_merged_voice_speaks_in_follows_it(user, staff, low, high):
    generation, both = (GenerationFactory(owner=user, voice=low) for _ in range(2))
    member = in_cast(generation, high)
    segment = SegmentFactory(generation=generation, voice=high, take=True)
    draft = Draft.objects.create(owner=user, voice=high)
    for row, voice in ((generation, high), (both, high), (both, low)):
        GenerationVoice.objects.create(generation=row, voice=voice, clip=voice.clip, payload=voice.name.encode())
    transfer.merge(staff, low, [high])
    member.refresh_from_db()
    assert (member.voice, member.voice_name) == (low, "Low")
    segment = Segment.objects.get(pk=segment.pk)
    draft.refresh_from_db()
    assert segment.voice == segment.take.voice == draft.voice == low
    pinned = {row.generation_id: (row.voice, bytes(row.payload)) for row in GenerationVoice.objects.all()}
    assert pinned == {generation.pk: (low, b"High"), both.pk: (low, b"Low")}
