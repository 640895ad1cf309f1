"""What a worker does with a row, with a real engine process that plays tones."""

import errno
import os
import signal
import time
from contextlib import suppress
from types import SimpleNamespace

import numpy as np
import pytest
import soundfile
from django.core.files.storage import FileSystemStorage, default_storage
from django.db import OperationalError

from synthesis.generations import takes
from synthesis.models import Conditioning, Fitting, Generation, Segment, SegmentTake
from synthesis.queue import processes
from synthesis.queue.rates import expect
from synthesis.scripts.marks import PARAGRAPH_PAUSE_SECONDS
from synthesis.speech import batch, conditioning, files, generation_run
from synthesis.speech.generation_run import GenerationRun
from synthesis.speech.progress import GenerationProgress
from synthesis.workers import fittings, tasks
from tests.factories import ClipFactory, FittingFactory, GenerationFactory, VoiceFactory
from tests.outages import fill_disk, let_change
from tests.synthesis.conftest import overtake
from voices.clips import service as clips
from voices.models import Clip
from voicesite import resources
from voicesite.jobs import attempts
from voicesite.jobs.job import State
from voicesite.models import UsageDay

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.processes]

LONG_TEXT = "Do-slow one two three four five six. " + "Seven eight nine ten eleven twelve. " * 3


def files_of(generation) -> list[str]:
    folder = f"generations/{generation.pk}"
    if not default_storage.exists(folder):
        return []
    folders, files = default_storage.listdir(folder)
    return files + [f"{name}/{file}" for name in folders for file in default_storage.listdir(f"{folder}/{name}")[1]]


def is_speaking(row) -> bool:
    return row.state == State.GENERATING and row.progress > 30


def speak(generation) -> Generation:
    assert generation.claim()
    batch.BatchRun(generation).speak()
    return Generation.objects.get(pk=generation.pk)


@pytest.mark.backends
def test_a_generation_becomes_a_levelled_wav_with_its_measures():
    row = speak(GenerationFactory(text="Good morning to all.\n\nGood night to some."))
    assert (row.state, row.progress, row.stage, row.attempts) == (State.COMPLETED, 100, "", 1)
    with row.audio.open() as file:
        samples, rate = soundfile.read(file)
    assert rate == 24_000 and len(samples) / rate == pytest.approx(8 * 0.2 + PARAGRAPH_PAUSE_SECONDS, abs=0.01)
    assert 0.05 < np.abs(samples).max() < 0.9
    assert row.seconds == pytest.approx(len(samples) / rate, abs=0.001)
    assert len(row.peaks) == 240 and max(row.peaks) == 100
    assert row.created_at < row.started_at < row.engine_started_at < row.engine_finished_at < row.finished_at
    assert row.compute_seconds > 0 and row.first_audio_seconds > 0
    assert len(files_of(row)) == 1 + row.segments.count()


def test_progress_only_grows_and_passes_through_the_stages(monkeypatch):
    seen = []
    advance = Generation.advance

    def spy(self, **changes):
        advance(self, **changes)
        seen.append((self.state, self.progress))

    monkeypatch.setattr(Generation, "advance", spy)
    speak(GenerationFactory(text=LONG_TEXT))
    assert seen == sorted(seen, key=lambda step: step[1])
    states = list(dict.fromkeys(state for state, _ in seen))
    assert states == [State.INITIALIZING, State.GENERATING, State.PROCESSING]
    within = [progress for state, progress in seen if state == State.GENERATING]
    assert within[0] == 30 and len(set(within)) > 4 and max(within) <= 70
    assert [progress for state, progress in seen if state == State.PROCESSING][0] == 80


def test_what_can_never_work_fails_at_once_with_its_reason():
    row = speak(GenerationFactory(text="Please Do-fail now."))
    assert (row.state, row.attempts, row.audio.name) == (State.FAILED, 1, "")
    assert row.error == "The tone failed, as it was told to."


def test_a_text_without_words_fails_with_its_reason():
    row = speak(GenerationFactory(text="… — !"))
    assert row.state == State.FAILED and "no words" in row.error


def test_a_crash_of_the_engine_is_tried_again_and_fails_after_three_attempts():
    row = GenerationFactory(text="Then Do-crash it.")
    for attempt in (1, 2):
        row = speak(row)
        assert (row.state, row.attempts) == (State.PENDING, attempt)
        assert "Trying again" in row.stage
    row = speak(row)
    assert row.state == State.FAILED and "stopped unexpectedly" in row.error
    assert speak(GenerationFactory()).state == State.COMPLETED, "the engine is there again for the next one"


def test_an_engine_killed_while_it_speaks_is_replaced_and_the_text_goes_on_where_it_was(during):
    generation = GenerationFactory(text="Said before the end. " + LONG_TEXT)
    killed = []

    def kill(row):
        time.sleep(0.3)  # between two batches nobody would notice
        killed.append(processes.synthesis_process.process.pid)
        os.kill(processes.synthesis_process.process.pid, signal.SIGKILL)

    during(generation, lambda row: row.segments.filter(state="completed").exists(), kill)
    row = speak(generation)
    assert row.state == State.PENDING and killed
    kept = set(SegmentTake.objects.values_list("audio", flat=True))
    assert kept
    row = speak(row)
    assert row.state == State.COMPLETED and row.attempts == 2
    assert kept < set(SegmentTake.objects.values_list("audio", flat=True)), "what was spoken stays"
    assert SegmentTake.objects.count() == row.segments.count(), "and nothing is spoken twice"


def test_an_engine_that_hangs_is_ended_and_said_so_after_the_last_attempt(monkeypatch, settings):
    settings.MAX_FAILURES = 2
    monkeypatch.setattr(processes.synthesis_process, "stall_seconds", 1)
    begun = time.monotonic()
    row = speak(GenerationFactory(text="Then Do-hang for ever."))
    assert row.state == State.PENDING and time.monotonic() - begun < 10
    assert processes.synthesis_process.process is None
    row = speak(row)
    assert row.state == State.FAILED and "said nothing for 1 seconds" in row.error
    assert speak(GenerationFactory()).state == State.COMPLETED, "and the next one is spoken"


def test_cancel_stops_within_a_chunk_and_leaves_the_engine_usable(during):
    generation = GenerationFactory(text=LONG_TEXT)
    asked = []

    def cancel(row):
        row.request_cancel()
        asked.append(time.monotonic())

    during(generation, is_speaking, cancel)
    row = speak(generation)
    took = time.monotonic() - asked[0]
    assert row.state == State.CANCELLED and row.finished_at and not row.claim_token
    assert took < 2, "a chunk takes a quarter of a second, and a heartbeat is at most one second apart"
    process = processes.synthesis_process.process
    assert speak(GenerationFactory()).state == State.COMPLETED and processes.synthesis_process.process is process


def test_deleting_a_row_that_is_spoken_stops_its_attempt(during):
    generation = GenerationFactory(text=LONG_TEXT)
    during(generation, is_speaking, lambda row: takes.delete(row))
    assert generation.claim()
    batch.BatchRun(generation).speak()
    assert not Generation.objects.exists() and files_of(generation) == []


@pytest.mark.parametrize(
    ("module", "step"),
    [(generation_run, "make_segments"), (generation_run, "pin"), (generation_run, "store_take"), (files, "_join")],
    ids=lambda each: each if isinstance(each, str) else "",
)
def test_a_row_that_is_deleted_at_any_moment_is_no_failure(module, step, monkeypatch, caplog):
    act, row = getattr(module, step), GenerationFactory(text="One. Two.")

    def delete_first(*arguments, **options):
        with suppress(Generation.DoesNotExist):
            takes.delete(Generation.objects.get(pk=row.pk))
        return act(*arguments, **options)

    monkeypatch.setattr(module, step, delete_first)
    assert row.claim()
    batch.BatchRun(row).speak()
    assert not Generation.objects.exists() and files_of(row) == []
    assert [record.message for record in caplog.records if record.levelname not in ("DEBUG", "INFO")] == []


def test_an_overtaken_attempt_leaves_no_file_and_the_other_result(during):
    generation = GenerationFactory(text=LONG_TEXT)

    during(generation, is_speaking, overtake)
    row = speak(generation)
    assert (row.state, row.attempts) == (State.INITIALIZING, 2)
    assert row.claim_token != generation.claim_token
    assert not any(str(generation.claim_token) in name for name in files_of(row) if "/" not in name)


def test_a_shutdown_gives_the_row_back_without_costing_an_attempt(during):
    generation = GenerationFactory(text=LONG_TEXT)
    during(generation, is_speaking, lambda row: setattr(attempts.stopping, "value", 1))
    try:
        row = speak(generation)
    finally:
        attempts.stopping.value = 0
    assert (row.state, row.attempts) == (State.PENDING, 0)


def test_a_voice_deleted_meanwhile_fails_with_its_reason():
    generation = GenerationFactory()
    generation.voice.delete()
    row = speak(Generation.objects.get(pk=generation.pk))
    assert row.state == State.FAILED and "voice was deleted" in row.error


def test_a_voice_is_conditioned_once_and_again_when_its_transcript_changes():
    voice = VoiceFactory()
    for _ in range(2):
        speak(GenerationFactory(voice=voice, owner=voice.owner))
    first = Conditioning.objects.get()
    Clip.objects.update(transcript="Good morning")
    speak(GenerationFactory(voice=voice, owner=voice.owner))
    assert Conditioning.objects.get().key != first.key


def test_a_transcript_that_the_engine_does_not_read_changes_nothing():
    clip = ClipFactory(transcript="")
    before = conditioning.conditioning_key(clip, "kokoro", "any")
    clip.transcript = "Good morning"
    assert conditioning.conditioning_key(clip, "kokoro", "any") == before


def test_a_transcript_that_says_more_than_the_recording_is_not_given_to_an_engine():
    clip = ClipFactory(transcript="Good morning", speech_seconds=0.8)
    assert conditioning.reference_of(clip, "es").transcript == "Good morning"
    assert conditioning.reference_of(clip, "es").language == "en-us"

    clip.transcript = "Good morning to all of you who came from near and far. " * 4

    assert "more than can be heard" in clip.mismatch
    assert conditioning.reference_of(clip, "es").transcript == ""
    key = conditioning.conditioning_key(clip, "fake", "tone")
    clip.transcript = ""
    assert conditioning.conditioning_key(clip, "fake", "tone") == key, "the sound alone is what is known of it"


def test_a_fitting_keeps_the_refined_voice():
    fitting = FittingFactory()
    assert fitting.claim()
    attempts.run(fitting, conditioning.fit)
    fitting = Fitting.objects.get()
    assert (fitting.state, fitting.progress) == (State.COMPLETED, 100)
    kept = Conditioning.objects.get()
    assert bytes(kept.payload) == b"better tone" and kept.refined and kept.similarity == 0.6
    assert processes.fitting_process.process is None, "its memory is given back"


def test_a_ring_with_nothing_to_do_loads_the_model_ahead():
    processes.synthesis_process.end()
    tasks.run_next()
    assert processes.synthesis_process.process.poll() is None


def test_request_fittings_makes_one_for_each_voice():
    VoiceFactory.create_batch(2)
    fittings.request_fittings()
    fittings.request_fittings()
    assert Fitting.objects.count() == 2


def test_a_voice_that_got_a_better_clip_is_fitted_anew():
    voice = VoiceFactory(clip__seconds=2.0)
    fittings.request_fittings()
    before = Fitting.objects.get()
    better = ClipFactory(owner=voice.owner, seconds=8.0, grade=Clip.Grade.GOOD)
    clips.attach(better, voice)
    assert fittings.voices_to_fit().exists()
    fittings.request_fittings()
    after = Fitting.objects.get()
    assert (after.clip, after.state) == (better, State.PENDING) and after.pk != before.pk
    assert not fittings.voices_to_fit().exists()


def test_a_voice_whose_best_clip_stays_is_not_fitted_anew():
    voice = VoiceFactory(clip__seconds=8.0)
    fittings.request_fittings()
    before = Fitting.objects.get()
    clips.attach(ClipFactory(owner=voice.owner, seconds=2.0), voice)
    fittings.request_fittings()
    assert Fitting.objects.get() == before and not fittings.voices_to_fit().exists()


def test_a_fitting_is_made_of_its_clip_and_not_of_the_one_that_is_shown():
    fitting = FittingFactory(clip=ClipFactory(seconds=8.0))
    fitting.voice.clips.add(fitting.clip)
    assert fitting.claim()
    attempts.run(fitting, conditioning.fit)
    assert Conditioning.objects.get().key == conditioning.conditioning_key(fitting.clip, "fake", "tone")


def test_what_the_database_cannot_do_is_tried_again(monkeypatch):
    """PostgreSQL starts anew, SQLite is locked: an attempt goes on where it was."""
    refusals = iter([True] * 4)
    advance, finish = Generation.advance, Generation.finish

    def refuse(real):
        def act(self, *args, **changes):
            if self.state != State.INITIALIZING and next(refusals, False):
                raise OperationalError("the connection is closed")
            return real(self, *args, **changes)

        return act

    monkeypatch.setattr(Generation, "advance", refuse(advance))
    monkeypatch.setattr(Generation, "finish", refuse(finish))
    row = GenerationFactory(text="One two. Do-slow three four.")
    assert row.claim()
    batch.BatchRun(row).speak()
    row = Generation.objects.get()
    assert (row.state, row.attempts, row.failures) == (State.COMPLETED, 1, 0)


def test_a_database_that_goes_away_after_the_end_is_outlasted(monkeypatch):
    count, errors = files.quotas.count_speech, iter([OperationalError("the connection is closed")])

    def count_or_fail(*args):
        if error := next(errors, None):
            raise error
        count(*args)

    monkeypatch.setattr(files.quotas, "count_speech", count_or_fail)
    row = GenerationFactory()
    assert row.claim()
    batch.BatchRun(row).speak()
    row = Generation.objects.get()
    assert (row.state, row.attempts, row.failures) == (State.COMPLETED, 1, 0)
    assert default_storage.exists(row.audio.name)
    assert UsageDay.objects.get().speech_seconds == row.seconds


def test_a_commit_whose_answer_was_lost_keeps_its_file(monkeypatch):
    finish, calls = Generation.finish, []

    def commit_and_lose_the_answer(self, state, **changes):
        token = self.claim_token
        finish(self, state, **changes)
        calls.append(state)
        if len(calls) == 1:
            self.claim_token = token
            raise OperationalError("server closed the connection unexpectedly")

    monkeypatch.setattr(Generation, "finish", commit_and_lose_the_answer)
    row = GenerationFactory()
    assert row.claim()
    batch.BatchRun(row).speak()
    row = Generation.objects.get()
    assert row.state == State.COMPLETED and default_storage.exists(row.audio.name)


def test_a_full_disk_costs_no_attempt_and_leaves_nothing_half_there(monkeypatch):
    save = FileSystemStorage._save

    def fill(self, name, content):
        save(self, name, content)
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    row = GenerationFactory()
    with monkeypatch.context() as patch:
        patch.setattr(FileSystemStorage, "_save", fill)
        row = speak(row)
    assert (row.state, row.stage) == (State.PENDING, "The disk of this site is full: waiting")
    assert (row.attempts, row.failures) == (0, 0)
    assert default_storage.listdir(f"generations/{row.pk}")[1] == []
    assert default_storage.listdir(f"generations/{row.pk}/segments")[1] == []
    tasks.run_next()
    assert Generation.objects.get().attempts == 0, "nothing is begun again at once"
    monkeypatch.setattr(resources, "_refused_until", 0.0)
    tasks.run_next()
    assert Generation.objects.get().state == State.COMPLETED


def test_no_text_is_begun_below_the_reserve_of_the_disk(monkeypatch, settings):
    GenerationFactory()
    fill_disk(monkeypatch, free=settings.DISK_RESERVE_BYTES - 1)
    tasks.run_next()
    row = Generation.objects.get()
    assert (row.state, row.attempts) == (State.PENDING, 0)
    assert row.shown_stage == "The disk of this site is full: waiting"
    monkeypatch.undo()
    tasks.run_next()
    row = Generation.objects.get()
    assert (row.state, row.attempts, row.shown_stage) == (State.COMPLETED, 1, "")


def test_what_is_spoken_when_the_disk_is_full_is_kept(monkeypatch):
    whole, keep = GenerationFactory(text=LONG_TEXT), GenerationRun._keep

    def fill_up(self, *arguments):
        keep(self, *arguments)
        fill_disk(monkeypatch)

    with monkeypatch.context() as patch:
        patch.setattr(GenerationRun, "_keep", fill_up)
        row = speak(whole)
    assert (row.state, row.stage, row.attempts) == (State.PENDING, "The disk of this site is full: waiting", 0)
    spoken = set(SegmentTake.objects.values_list("audio", flat=True))
    assert spoken
    monkeypatch.undo()
    row = speak(row)
    assert row.state == State.COMPLETED and spoken <= set(SegmentTake.objects.values_list("audio", flat=True))
    assert SegmentTake.objects.count() == row.segments.count(), "nothing is spoken twice"


def test_an_engine_that_finds_no_room_on_the_disk_costs_no_attempt(monkeypatch):
    row = GenerationFactory(text="Then Do-crash it.")
    with monkeypatch.context() as patch:
        patch.setattr(
            attempts.resources,
            "lacking",
            lambda *needed: "disk" if processes.synthesis_process.loaded == ("", "") else None,
        )
        processes.synthesis_process.load("fake", "tone", lambda: None)
        row = speak(row)
    assert (row.state, row.attempts, row.failures) == (State.PENDING, 0, 0) and "full" in row.stage


def test_a_model_waits_for_memory(monkeypatch):
    processes.synthesis_process.end()
    monkeypatch.setattr(resources.psutil, "virtual_memory", lambda: SimpleNamespace(available=1_000_000))
    row = speak(GenerationFactory())
    assert (row.state, row.stage) == (State.PENDING, "This machine has too little free memory: waiting")
    assert (row.attempts, row.failures) == (0, 0) and not processes.synthesis_process.lives
    tasks.warm_up()
    assert not processes.synthesis_process.lives
    monkeypatch.undo()
    assert speak(row).state == State.COMPLETED


def test_a_database_that_takes_no_changes_is_waited_for_at_no_cost_of_attempts(monkeypatch):
    row, refused = GenerationFactory(), []
    assert row.claim()

    def repair():
        refused.append(True)
        if len(refused) == 4:
            let_change(True)

    monkeypatch.setattr(attempts, "DATABASE_PATIENCE_SECONDS", 0)
    monkeypatch.setattr(attempts, "_reconnect", repair)
    let_change(False)
    try:
        batch.BatchRun(row).speak()
    finally:
        let_change(True)
    row = Generation.objects.get()
    assert len(refused) == 4 and (row.state, row.attempts, row.failures) == (State.PENDING, 0, 0)
    assert row.stage == "The database of this site can’t be changed right now: waiting"
    monkeypatch.undo()
    assert speak(row).state == State.COMPLETED


def test_progress_never_goes_back():
    row = GenerationFactory()
    segments = [Segment(pk=index, generation=row, index=index, text="x" * 100) for index in range(2)]
    progress = GenerationProgress(row, segments, expect((row.engine, row.model)))
    progress.advance(segments[0], 0.8)
    assert progress.percent() == 46
    progress.advance(segments[0], 0.1)  # it was tried again
    assert progress.percent() == 46
    progress.advance(segments[0], 0.9)
    assert progress.percent() == 48
    progress.advance(segments[0], 1.0)
    progress.advance(segments[1], 1.0)
    assert progress.percent() == 70
