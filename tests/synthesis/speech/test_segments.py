"""Segments and their takes: kept, spoken again one by one, and joined. With a real engine process."""

import hashlib
import io
import time
import zipfile
from pathlib import Path

import numpy as np
import pytest
import soundfile
from django.core.files.storage import default_storage
from django.db import transaction
from django.db.models import F

from synthesis.delivery import live_audio
from synthesis.delivery.live_audio import follow
from synthesis.delivery.sentences import Sentences
from synthesis.engines.base import Audio
from synthesis.generations import takes
from synthesis.models import CastMember, Conditioning, Generation, GenerationVoice, Segment, SegmentTake
from synthesis.queue import processes
from synthesis.segments.timeline import RATE, places
from synthesis.speech import files, loudness
from synthesis.speech.batch import BatchRun
from synthesis.speech.conditioning import KNOWN_SECONDS
from synthesis.speech.partial_take import PartialTake
from synthesis.speech.segments import make_segments
from tests.factories import GenerationFactory, SegmentFactory, VoiceFactory
from voicesite.jobs.job import State
from voicesite.models import UsageDay

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.processes]

TEXT = "One two three. Four five six seven.\n\n[pause 0.7s] Eight nine."


def speak(generation: Generation) -> Generation:
    generation = Generation.objects.get(pk=generation.pk)
    assert generation.claim()
    BatchRun(generation).speak()
    return Generation.objects.get(pk=generation.pk)


@pytest.fixture
def spoken(monkeypatch):
    """What the engine is given to speak, in order."""
    seen = []
    synthesize = processes.synthesis_process.synthesize

    def spy(utterances, beat):
        seen.extend(utterances)
        return synthesize(utterances, beat)

    monkeypatch.setattr(processes.synthesis_process, "synthesize", spy)
    return seen


def test_an_engine_is_told_how_to_speak(spoken):
    whispered, plain = (speak(GenerationFactory(text="One two.", instructions=words)) for words in ("Whisper.", ""))
    assert [utterance.instructions for utterance in spoken] == ["Whisper.", ""]
    assert takes.another(whispered).instructions == "Whisper." and plain.state == State.COMPLETED


def change(generation: Generation, index: int, **fields) -> None:
    """What a change of a sentence does to the rows."""
    Generation.objects.filter(pk=generation.pk).update(revision=F("revision") + 1)
    generation.segments.filter(index=index).update(revision=F("revision") + 1, state=Segment.State.PENDING, **fields)
    with transaction.atomic():
        Generation.objects.get(pk=generation.pk).reopen()


def hashes(generation: Generation) -> list[str]:
    found = generation.segments.in_text().select_related("take")
    return [hashlib.sha256(Path(segment.take.audio.path).read_bytes()).hexdigest() for segment in found]


def whole(generation: Generation) -> np.ndarray:
    with generation.audio.open() as file:
        return soundfile.read(file, dtype="float32")[0]


@pytest.mark.backends
def test_speech_counts_once_for_its_owner_and_of_a_change_what_is_spoken_for_it(one_day, monkeypatch):
    with monkeypatch.context() as patch:
        patch.setattr("synthesis.speech.generation_run.complete", lambda *args: 1 / 0)
        row = GenerationFactory(text=TEXT)
        speak(row)  # an attempt that fails once everything is spoken
    assert not UsageDay.objects.exists()
    row = speak(row)
    assert UsageDay.objects.get(person=row.owner).speech_seconds == pytest.approx(row.seconds)
    change(row, 1, text="Four five.", spoken="Four five.")
    assert 0 < Generation.objects.get(pk=row.pk).reserved_seconds < 1
    changed = speak(row)
    assert changed.respoken_seconds == 0.0
    again = changed.segments.get(index=1).take.seconds
    assert UsageDay.objects.get().speech_seconds == pytest.approx(row.seconds + again)
    speak(GenerationFactory(owner=row.owner, voice=row.voice, is_sample=True))
    assert UsageDay.objects.get().speech_seconds == pytest.approx(row.seconds + again), "samples are the site's own"


@pytest.mark.backends
def test_segments_stay_and_the_whole_is_made_of_them_to_the_sample():
    row = speak(GenerationFactory(text=TEXT))
    segments = list(row.segments.in_text().select_related("take"))
    assert [segment.text for segment in segments] == ["One two three.", "Four five six seven.", "Eight nine."]
    assert {segment.state for segment in segments} == {Segment.State.COMPLETED}
    assert all(segment.voice == row.voice and segment.take.number == 1 for segment in segments)
    samples = whole(row)
    for segment, place in zip(segments, places(segments), strict=True):
        assert np.array_equal(samples[place.start : place.end], files.read_take(segment.take))
        assert not samples[place.end : place.next].any()
    assert place.next == len(samples) and place.start - place.begin == 0
    assert row.seconds == pytest.approx(len(samples) / RATE, abs=0.001)
    assert row.loudness == pytest.approx(loudness.TARGET_LUFS, abs=1.5) and row.true_peak <= loudness.CEILING_DBTP
    assert row.bytes == Path(row.audio.path).stat().st_size and all(segment.take.bytes for segment in segments)


def test_how_loud_a_voice_was_counts_for_the_next_text_as_much_as_it_said():
    first = speak(GenerationFactory(text=" ".join(["One two three four five."] * 20)))
    conditionings, pinned = Conditioning.objects.filter(voice=first.voice), first.voices.get()
    known = conditionings.get().loudness
    assert known == pytest.approx(pinned.loudness, abs=0.5)
    conditionings.update(loudness=known - 10)
    second = speak(GenerationFactory(text="One two three four five. " * 20, voice=first.voice, owner=first.owner))
    assert second.voices.get().loudness == known - 10, "a text keeps the gain that it began with"
    seconds = second.seconds - sum(segment.pause for segment in second.segments.all())
    assert conditionings.get().loudness == pytest.approx(known - 10 + 10 * seconds / KNOWN_SECONDS, abs=0.5)


def test_one_word_says_nothing_of_how_loud_a_voice_is():
    row = speak(GenerationFactory(text="One."))
    assert Conditioning.objects.get(voice=row.voice).loudness is None is row.voices.get().loudness


@pytest.mark.backends
def test_only_a_changed_sentence_is_spoken_anew_and_the_old_sound_stays_until_then(spoken):
    row = speak(GenerationFactory(text=TEXT))
    before, old, of = hashes(row), row.audio.name, len(spoken)
    change(row, 1, text="Four.", spoken="Four.")
    row.refresh_from_db()
    assert row.state == State.PENDING and row.is_heard and default_storage.exists(old)
    row = speak(row)
    assert [utterance.text for utterance in spoken[of:]] == ["Four."]
    after = hashes(row)
    assert row.state == State.COMPLETED and (after[0], after[2]) == (before[0], before[2]) and after[1] != before[1]
    assert row.audio.name != old and not default_storage.exists(old)
    changed = row.segments.get(index=1)
    assert list(changed.takes.values_list("number", "text")) == [(1, "Four five six seven."), (2, "Four.")]
    assert changed.take.number == 2


def test_a_change_while_the_sentence_is_spoken_drops_what_was_made(during, spoken):
    row = GenerationFactory(text="Do-slow one two three. Four five.")
    during(row, lambda row: row.progress > 30, lambda row: change(row, 0, text="Six.", spoken="Six."))
    row = speak(row)
    assert row.state == State.COMPLETED and [utterance.text for utterance in spoken][-1] == "Six."
    first = row.segments.get(index=0)
    assert list(first.takes.values_list("text", flat=True)) == ["Six."]
    assert len(default_storage.listdir(f"generations/{row.pk}/segments")[1]) == 2


def test_a_change_while_the_whole_is_joined_is_not_lost(monkeypatch):
    row = GenerationFactory(text=TEXT)
    join, joined = files._join, []

    def and_change(*arguments):
        measures = join(*arguments)
        if not joined:
            change(row, 0, text="Ten.", spoken="Ten.")
        joined.append(measures)
        return measures

    monkeypatch.setattr(files, "_join", and_change)
    row = speak(row)
    assert row.state == State.COMPLETED and len(joined) == 2
    assert row.segments.get(index=0).take.text == "Ten."
    assert row.seconds == pytest.approx(joined[1]["seconds"]) and joined[1]["seconds"] != joined[0]["seconds"]
    assert len(default_storage.listdir(f"generations/{row.pk}")[1]) == 1


def test_what_is_only_joined_anew_needs_no_engine(monkeypatch):
    row = speak(GenerationFactory(text=TEXT))
    processes.synthesis_process.end()
    Generation.objects.filter(pk=row.pk).update(revision=F("revision") + 1)
    row.segments.filter(index=0).update(pause=2.0)
    row.reopen()
    longer = speak(row)
    assert longer.state == State.COMPLETED and longer.seconds > row.seconds + 1
    assert not processes.synthesis_process.lives


def test_words_that_could_not_be_spoken_are_forgiven_once_they_are_changed(during):
    row = GenerationFactory(text="Do-slow one two three four. Then Do-empty it.")

    def is_tried_again(row):
        return row.segments.filter(tries=1).exists()

    during(row, is_tried_again, lambda row: change(row, 1, text="Six.", spoken="Six."))
    row = speak(row)
    assert row.state == State.COMPLETED and row.segments.get(index=1).take.text == "Six."


def test_a_damaged_take_is_spoken_again(spoken):
    row = speak(GenerationFactory(text=TEXT))
    take = row.segments.get(index=2).take
    Path(take.audio.path).write_bytes(b"fLaC and no more")
    change(row, 0)
    speak(row)
    row = speak(row)
    assert row.state == State.COMPLETED and [utterance.text for utterance in spoken][-1] == "Eight nine."


def test_a_text_is_spoken_in_one_voice_even_if_that_is_refined_meanwhile(spoken):
    row = speak(GenerationFactory(text=TEXT))
    Conditioning.objects.update(payload=b"better tone")
    change(row, 0)
    row = speak(row)
    assert {utterance.conditioning.payload for utterance in spoken} == {b"tone"}
    assert len({take.voice_key for take in SegmentTake.objects.all()}) == 1


def test_what_was_spoken_before_the_recording_was_replaced_is_spoken_again(spoken):
    row = speak(GenerationFactory(text="One. Two three four five six Do-crash seven."))
    assert row.state == State.PENDING and row.segments.get(index=0).state == Segment.State.COMPLETED
    GenerationVoice.objects.all().delete()  # with the clip that it was made from
    Conditioning.objects.update(payload=b"another tone")
    del spoken[:]
    speak(row)
    assert spoken[0].text == "One." and spoken[0].conditioning.payload == b"another tone"


def test_every_line_of_a_dialogue_is_spoken_in_its_voice(spoken):
    row = GenerationFactory(text="A word. Another word.")
    anna = VoiceFactory(owner=row.owner, name="Anna")
    CastMember.objects.create(generation=row, name="Anna", voice=anna, voice_name="Anna")
    for index, (voice, text) in enumerate([(row.voice, "A word."), (anna, "Another word.")]):
        Segment.objects.create(generation=row, index=index, voice=voice, text=text, spoken=text, pause=0.1)
    Conditioning.objects.create(voice=anna, engine="fake", model="tone", key="x", payload=b"hers")
    GenerationVoice.objects.create(generation=row, voice=anna, clip=anna.clip, payload=b"hers")
    row = speak(row)
    assert [utterance.conditioning.payload for utterance in spoken] == [b"tone", b"hers"]
    assert [segment.take.voice for segment in row.segments.in_text()] == [row.voice, anna]


def test_a_sentence_whose_voice_was_deleted_asks_for_another():
    row = speak(GenerationFactory(text=TEXT))
    change(row, 1, voice=None)
    row = speak(row)
    assert row.state == State.FAILED and row.error.startswith("The voice of sentence 2 was deleted")
    assert row.is_heard and default_storage.exists(row.audio.name)


def test_a_sample_keeps_no_segments():
    row = speak(GenerationFactory(text=TEXT, is_sample=True))
    assert row.state == State.COMPLETED and not row.segments.exists() and not row.voices.exists()
    assert default_storage.listdir(f"generations/{row.pk}/segments")[1] == []


def test_deleting_a_generation_deletes_the_files_of_all_its_takes():
    row = speak(GenerationFactory(text=TEXT))
    change(row, 0)
    row = speak(row)
    folder = f"generations/{row.pk}"
    assert len(default_storage.listdir(f"{folder}/segments")[1]) == 4
    takes.delete(row)
    assert default_storage.listdir(folder)[1] == default_storage.listdir(f"{folder}/segments")[1] == []


@pytest.mark.parametrize("at_once", [1, 2, 3, 16])
def test_a_stream_is_the_whole_however_many_segments_are_read_at_once(monkeypatch, at_once):
    monkeypatch.setattr(live_audio, "SEGMENTS_AT_ONCE", at_once)
    row = GenerationFactory(completed=True)
    [SegmentFactory(generation=row, pause=0.1 * number, take=True) for number in range(3)]
    expected = np.concatenate([part for segment in row.segments.in_text() for part in files.parts(segment)])
    assert np.array_equal(np.concatenate(list(follow(row))), expected)


def test_a_stream_is_the_whole_to_the_sample():
    row = speak(GenerationFactory(text=TEXT))
    assert np.array_equal(np.concatenate(list(follow(row))), whole(row))


LONG_SENTENCE = f"One two {'three ' * 20}four."


def test_a_sentence_is_heard_while_it_is_spoken(monkeypatch, during):
    stored, store = [], PartialTake.store

    def spy(partial):
        store(partial)
        row = Segment.objects.get(pk=partial.segment.pk)
        assert row.state == Segment.State.GENERATING and row.parts == [list(part) for part in partial.parts]
        with default_storage.open(partial.parts[-1][0]) as part:
            stored.append(soundfile.read(part, dtype="float32")[0])

    monkeypatch.setattr(PartialTake, "store", spy)
    row = speak(GenerationFactory(text=f"{LONG_SENTENCE} {LONG_SENTENCE}"))
    beginning = np.concatenate(stored[: len(stored) // 2 + 1])
    assert row.state == State.COMPLETED and len(stored) > 3
    assert np.array_equal(whole(row)[: len(beginning)], beginning), "the take goes on where its parts end"
    assert not any(row.segments.values_list("parts", flat=True))
    assert len(default_storage.listdir(f"generations/{row.pk}/segments")[1]) == 2, "parts are deleted"
    assert row.first_audio_seconds < (row.finished_at - row.created_at).total_seconds()


def test_a_stream_of_a_sentence_that_is_being_spoken_is_the_whole(during, monkeypatch):
    row = GenerationFactory(text=f"Do-slow {LONG_SENTENCE}")
    heard, stream = [], follow(row)

    def listen(row):
        heard.extend(stream)

    during(row, lambda row: row.segments.exclude(parts=[]).exists(), listen)
    speak(row)
    row.refresh_from_db()
    deadline = time.monotonic() + 5
    while sum(map(len, heard)) < row.seconds * RATE - 1 and time.monotonic() < deadline:
        time.sleep(0.02)
    assert len(heard) > 3 and np.array_equal(np.concatenate(heard), whole(row))


@pytest.mark.parametrize("is_last", [True, False], ids=["as all", "as a beginning"])
@pytest.mark.parametrize("nonsense", [0.0, np.nan, np.inf], ids=str)
def test_nonsense_of_an_engine_is_in_no_sound(monkeypatch, nonsense, is_last):
    """Also where it goes on with the same utterance, as if nothing had happened."""
    synthesize, calls = processes.synthesis_process.synthesize, []

    def once_mad(utterances, beat):
        calls.append(utterances)
        if len(calls) == 1:
            yield Audio(0, np.full(2 * RATE, nonsense, np.float32), RATE, last=is_last)
        yield from synthesize(utterances, beat)

    monkeypatch.setattr(processes.synthesis_process, "synthesize", once_mad)
    generation = speak(GenerationFactory(text="One two three four five six seven eight nine ten."))
    assert generation.state == State.COMPLETED and len(calls) == (1 if nonsense == 0.0 and not is_last else 2)
    with generation.audio.open() as file:
        samples = soundfile.read(file, dtype="float32")[0]
    words = 10 * RATE // 5
    assert len(samples) == words + (2 * RATE if len(calls) == 1 else 0), "silence at first may be meant"
    assert np.abs(samples[-words:]).reshape(-1, 240).max(1).min() > 0.01


@pytest.mark.parametrize("index", [99, -1])
def test_an_engine_that_speaks_for_nobody_is_asked_again(monkeypatch, index):
    nobodys = Audio(index, np.ones(RATE, np.float32), RATE)
    monkeypatch.setattr(processes.synthesis_process, "synthesize", lambda *asked: (each for each in [nobodys]))
    generation = speak(GenerationFactory(text="One two."))
    while generation.state == State.PENDING:
        generation = speak(generation)
    assert generation.state == State.FAILED and generation.failures > 1
    assert generation.error == "The engine spoke what nobody had asked for."


def test_what_was_heard_of_a_rejected_attempt_is_deleted():
    row = speak(GenerationFactory(text=f"{LONG_SENTENCE[:-1]} Do-empty-once {'word ' * 9}end."))
    assert row.state == State.COMPLETED and row.segments.get().tries == 1
    assert len(default_storage.listdir(f"generations/{row.pk}/segments")[1]) == 1


def has_parts(row) -> bool:
    return row.segments.exclude(parts=[]).exists()


def sentence_files(pk) -> list[str]:
    return default_storage.listdir(f"generations/{pk}/segments")[1]


@pytest.mark.parametrize("end", [Generation.request_cancel, takes.delete])
def test_what_was_heard_of_an_attempt_that_is_stopped_is_deleted(during, end):
    row = GenerationFactory(text=f"Do-slow {LONG_SENTENCE}")
    pk = row.pk
    during(row, has_parts, end)
    assert row.claim()
    BatchRun(row).speak()
    assert sentence_files(pk) == [] and not Segment.objects.exclude(parts=[]).exists()


@pytest.mark.parametrize("end", [takes.delete, speak])
def test_what_was_heard_of_an_attempt_that_died_is_deleted(end):
    row = GenerationFactory(text=TEXT)
    pk = row.pk
    make_segments(row)
    name, _ = files.store_take(f"generations/{row.pk}/segments/part.flac", np.zeros(RATE, np.float32))
    row.segments.filter(index=0).update(parts=[[name, RATE]], state=Segment.State.GENERATING)
    end(row)
    assert "part.flac" not in sentence_files(pk)


def test_the_room_that_takes_need_is_known_and_they_are_sent_in_an_archive():
    row = speak(GenerationFactory(text=TEXT))
    for take in SegmentTake.objects.all():
        assert take.bytes == take.audio.size > 1000
    archive = zipfile.ZipFile(io.BytesIO(b"".join(Sentences(row.owner, row, "flac"))))
    assert archive.testzip() is None and len(archive.namelist()) == 1 + row.segments.count()
