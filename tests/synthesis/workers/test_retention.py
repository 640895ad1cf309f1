"""Sentences go when they are old, speech does not."""

from datetime import timedelta

import pytest
from django.core.files.storage import default_storage
from django.utils import timezone

from synthesis.models import Generation, GenerationVoice, Segment, SegmentEdit, SegmentTake
from synthesis.workers import retention
from synthesis.workers.retention import delete_old_segments
from tests.factories import GenerationFactory, SegmentFactory

pytestmark = pytest.mark.django_db(transaction=True)


def speech(days: float, **fields) -> Generation:
    """A generation with a sentence, its take and a change, that ended so long ago."""
    ended = timezone.now() - timedelta(days=days)
    generation = GenerationFactory(**{"completed": True, "finished_at": ended} | fields)
    SegmentFactory(generation=generation, take=True)
    SegmentEdit.objects.create(generation=generation, what="Other words", before={})
    voice = generation.voice
    GenerationVoice.objects.create(generation=generation, voice=voice, clip=voice.clip, payload=b"tone")
    return generation


def has_sentences(generation: Generation) -> bool:
    return generation.segments.exists()


def test_they_are_kept_for_ever_by_default(settings):
    assert settings.SEGMENT_DAYS == 0
    old = speech(10_000)
    assert delete_old_segments() == 0 and has_sentences(old)


def test_all_of_an_old_sentence_goes_and_the_whole_stays(settings):
    settings.SEGMENT_DAYS = 7
    old, young = speech(8), speech(6)
    gone, kept = old.segments.get().take.audio.name, young.segments.get().take.audio.name
    assert delete_old_segments() == 1
    assert not has_sentences(old) and has_sentences(young)
    assert not default_storage.exists(gone) and default_storage.exists(kept)
    assert [model.objects.count() for model in (Segment, SegmentTake, SegmentEdit, GenerationVoice)] == [1, 1, 1, 1]
    assert default_storage.exists(Generation.objects.get(pk=old.pk).audio.name)


@pytest.mark.parametrize("state", [{"running": True}, {"abandoned": True}, {"state": "pending"}], ids=str)
def test_what_is_being_spoken_keeps_them(settings, state):
    settings.SEGMENT_DAYS = 7
    changed = speech(30, completed=False, audio="whole.wav", seconds=1.0, **state)
    assert delete_old_segments() == 0 and has_sentences(changed)


def test_of_what_was_never_ready_they_wait_a_month_for_another_try():
    failed, recent = speech(31, completed=False, failed=True), speech(29, completed=False, cancelled=True)
    changed = speech(31, completed=False, failed=True, audio="whole.wav")
    assert delete_old_segments() == 1
    assert not has_sentences(failed) and has_sentences(recent) and has_sentences(changed)


def test_many_go_in_portions(settings, monkeypatch):
    settings.SEGMENT_DAYS = 1
    monkeypatch.setattr(retention, "PORTION", 2)
    for _ in range(3):
        speech(2)
    assert [delete_old_segments() for _ in range(3)] == [2, 1, 0]


def test_a_change_that_comes_first_is_not_undone(settings, monkeypatch):
    settings.SEGMENT_DAYS = 1
    old = speech(2)
    found = retention._old

    def late():
        rows = found()
        filter_ = rows.filter

        def filter_then_change(*conditions):
            chosen = list(filter_(*conditions).values_list("pk", flat=True))
            Generation.objects.filter(pk=old.pk).update(state="pending")
            return Generation.objects.filter(pk__in=chosen)

        rows.filter = filter_then_change
        return rows

    monkeypatch.setattr(retention, "_old", late)
    delete_old_segments()
    assert has_sentences(old)
