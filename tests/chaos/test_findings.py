"""That the findings of `make chaos` are found: each is put there, and told of."""

import hashlib
import io
from dataclasses import asdict
from itertools import islice
from pathlib import Path

import numpy as np
import pytest
import soundfile
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage

from synthesis.models import Generation
from tests.chaos import faults, findings
from tests.chaos.people import Speech
from tests.factories import GenerationFactory, RecordingFactory, SegmentFactory
from voicesite.hooks.models import Delivery, Webhook
from voicesite.models import UsageDay

pytestmark = pytest.mark.django_db

TEXT, SEED = "Amber birch cedar.", 7


def flac(seed=SEED, words=3, before=0, clauses=()):
    """A take; `before` it some samples of silence, and in `clauses` of so many words with a pause between them."""
    tones = [0.3 * np.sin(2 * np.pi * (100 + seed) * np.arange(round(n * 4800)) / 24_000) for n in clauses or (words,)]
    pieces = [piece for tone in tones for piece in (np.zeros(1200), tone)][1:]
    tone = np.concatenate([np.zeros(before), *pieces])
    file = io.BytesIO()
    soundfile.write(file, tone, 24_000, format="FLAC", subtype="PCM_16")
    return file.getvalue()


@pytest.fixture
def speech(user):
    """A text that was spoken, as it should be."""
    made = GenerationFactory(owner=user, completed=True, text=TEXT, attempts=1)
    segment = SegmentFactory(generation=made, text=TEXT, pause=0.2, take__sound=flac(), take__seconds=0.6)
    take, rate = soundfile.read(segment.take.audio.path, dtype="int16")
    soundfile.write(made.audio.path, np.concatenate([take, np.zeros(4800, np.int16)]), rate, subtype="PCM_16")
    Generation.objects.update(bytes=Path(made.audio.path).stat().st_size, seconds=0.8)
    UsageDay.objects.create(person=user, day="2026-01-01", speech_seconds=0.8)
    end(made)
    made.refresh_from_db()
    return made


def end(made):
    hook, _ = Webhook.objects.get_or_create(owner=made.owner, url="http://127.0.0.1/")
    Delivery.objects.create(webhook=hook, event="generation.completed", subject=str(made.pk), state="completed")


def told(made, **fields):
    """A ledger in which its owner asked for it."""
    sound = hashlib.sha256(Path(made.audio.path).read_bytes()).hexdigest() if made.audio else ""
    known = {"pk": str(made.pk), "person": made.owner.username, "text": made.text, "ended": "completed", "sound": sound}
    asked = Speech(**known | fields)
    return {"speeches": [asdict(asked)], "recordings": {}, "imports": [], "lies": []}


def found(ledger):
    return findings.look(ledger, 0)["findings"]


def test_where_all_is_well_nothing_is_found(speech):
    looked = findings.look(told(speech), 0)
    assert looked["findings"] == []
    assert looked["figures"]["… by how they ended"] == {"completed": 1}


def test_what_people_were_told_too_early_is_a_finding(speech):
    assert found(told(speech) | {"lies": ["it said so"]}) == ["it said so"]


def test_a_text_that_is_gone_and_one_that_nobody_asked_for(speech):
    one, other = found(told(speech, pk="3f5c9a52-7b1e-4a57-8f0e-6f1f6e2d9c11"))[:2]
    assert one.endswith("is gone") and "did not ask for it" in other


def test_a_text_that_was_cancelled_may_be_gone(speech):
    ledger = told(speech, cancelled=True)
    speech.segments.all().delete()
    speech.delete()
    UsageDay.objects.all().delete()
    assert found(ledger) == []


def test_a_text_that_is_not_done(speech):
    Generation.objects.update(state="pending")
    assert any(each.startswith("the queue is not empty: Generation") for each in found(told(speech)))


def test_a_text_that_failed_for_no_reason(speech):
    Generation.objects.update(state="failed", error="Something went wrong.")
    assert "failed without a reason" in found(told(speech))[0]


def test_a_text_that_ended_twice_and_counted_twice(speech):
    end(speech)
    UsageDay.objects.update(speech_seconds=1.6)
    twice, counted = found(told(speech))
    assert "ended 2 times" in twice and "1.600 s were counted" in counted


def test_an_edit_that_is_lost(speech):
    assert "is lost: 'North.'" in found(told(speech, edits=1, sentence="North."))[0]


def test_a_sound_that_is_not_its_takes(speech):
    samples, rate = soundfile.read(speech.audio.path, dtype="int16")
    soundfile.write(speech.audio.path, samples[::-1], rate, subtype="PCM_16")
    ledger = told(speech)
    assert [each.partition(" ")[2] for each in found(ledger)] == ["is not its takes: 19200 samples, and 19200 in these"]
    ledger["speeches"][0]["sound"] = "0" * 64
    assert "is another file than was downloaded" in found(ledger)[0]


@pytest.mark.parametrize(
    "wrong",
    [flac(seed=99), flac(words=2), flac(words=2.5), flac(before=48_000), flac(clauses=(2, 2))],
    ids=["another’s", "cut off", "within a word", "after silence", "too much"],
)
def test_a_take_that_is_not_its_tone(speech, wrong):
    Path(speech.segments.get().take.audio.path).write_bytes(wrong)
    assert "is not its tone" in found(told(speech))[0]


def test_a_take_that_is_spoken_in_parts_is_its_tone(speech):
    take = speech.segments.get().take
    Path(take.audio.path).write_bytes(flac(clauses=(2, 1)))
    assert not any("is not its tone" in each for each in found(told(speech)))


def test_a_row_without_its_file(speech):
    Path(speech.segments.get().take.audio.path).unlink()
    assert any("has no file generations/" in each for each in found(told(speech)))


def test_a_file_without_a_row_is_found_where_the_sweeper_does_not_look(speech):
    default_storage.save("generations/lost.wav", ContentFile(b"a"))
    default_storage.save("elsewhere/lost.wav", ContentFile(b"a"))
    looked = findings.look(told(speech), 0)
    assert looked["findings"] == ["no row names the file elsewhere/lost.wav"]
    assert looked["figures"]["files of dead attempts"] == 2


def test_a_recording_that_was_accepted_and_is_not_here(speech):
    kept = RecordingFactory(owner=speech.owner)
    there = hashlib.sha256(Path(kept.original.path).read_bytes()).hexdigest()
    ledger = told(speech) | {"recordings": {there: "ada", "0" * 64: "ada"}}
    assert found(ledger) == [f"a recording that was accepted from ada is not here: {'0' * 64}"]


def test_a_seed_repeats_its_faults():
    first, again, other = (list(faults.plan(seed, 600, with_redis=True)) for seed in (7, 7, 8))
    assert first == again != other
    assert {fault.kind for fault in first} <= {*faults.KINDS, "redis flushed"}
    assert all(fault.at + fault.lasts < 600 for fault in first) and len(first) > 100
    assert not any(fault.kind == "redis flushed" for fault in faults.plan(7, 600, with_redis=False))
    assert list(islice(faults.plan(7, 3600, with_redis=True), 5)) == first[:5], "a longer run begins in the same way"
