"""Batches: whose utterances share the engine, and what one does to the others. With a real engine process."""

import os
import signal
import time

import numpy as np
import pytest
import soundfile
from django.core.files.storage import default_storage

from synthesis.engines import EngineError
from synthesis.generations import takes
from synthesis.models import Generation, LoadedModel
from synthesis.queue import loaded_model, processes
from synthesis.queue import order as queue
from synthesis.scripts.marks import LINE_PAUSE_SECONDS
from synthesis.speech import generation_run
from synthesis.speech.batch import BatchRun
from synthesis.workers import tasks
from tests.factories import GenerationFactory
from tests.synthesis.conftest import overtake
from voicesite.jobs import attempts
from voicesite.jobs.job import State

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.processes]

SLOW_TEXT = "Do-slow one two three four five six."
LONG_TEXT = f"Do-slow {'word ' * 38}end."  # ten seconds, if nobody stops it


@pytest.fixture
def batches(monkeypatch):
    """The texts of each batch that the engine is given."""
    seen: list[list[str]] = []
    synthesize = processes.synthesis_process.synthesize

    def spy(utterances, beat):
        seen.append([utterance.text for utterance in utterances])
        return synthesize(utterances, beat)

    monkeypatch.setattr(processes.synthesis_process, "synthesize", spy)
    return seen


def turn() -> list[Generation]:
    """What a ring does: the rows that shared the engine, as they are now."""
    first = queue.claim_next()
    rows = BatchRun(first).speak()
    return [Generation.objects.get(pk=row.pk) for row in rows]


def states(rows) -> list[str]:
    return [row.state for row in rows]


def test_the_parts_of_a_text_are_spoken_side_by_side_and_joined_in_order(batches):
    words = ["one", "two three", "four five six"]
    GenerationFactory(text="\n".join(f"{part}." for part in words))
    (row,) = turn()
    assert row.state == State.COMPLETED and batches == [[f"{part}." for part in words]]
    with row.audio.open() as file:
        samples, rate = soundfile.read(file)
    loud = np.abs(samples.reshape(-1)[: len(samples) // 240 * 240].reshape(-1, 240)).max(1) > 0.01
    edges = np.flatnonzero(np.diff(loud.astype(int)))
    pauses = [round((after - before) * 240 / rate, 1) for before, after in zip(edges[::2], edges[1::2], strict=True)]
    assert pauses == [LINE_PAUSE_SECONDS] * 2
    assert round(edges[0] * 240 / rate, 1) == 0.2, "the shortest part, of one word, comes first"


def test_a_long_text_takes_several_batches_of_its_own(batches):
    GenerationFactory(text="\n".join(f"Part {number}." for number in range(11)))
    GenerationFactory(text="Mine is short.")
    first, second = turn()
    assert states([first, second]) == [State.COMPLETED] * 2
    assert [len(batch) for batch in batches] == [8, 4]
    assert "Mine is short." in batches[0], "somebody else's text has its turn, however long the first is"


def test_free_places_go_to_further_texts_of_the_same_person(batches):
    first = GenerationFactory(text="\n".join(f"Part {number}." for number in range(11)))
    GenerationFactory(text="Mine, too.", owner=first.owner)
    assert states(turn()) == [State.COMPLETED] * 2
    assert [len(batch) for batch in batches] == [8, 4] and batches[1][-1] == "Mine, too."


@pytest.mark.backends
def test_others_of_the_same_model_share_the_batch_each_with_its_own_voice_and_result(batches):
    rows = [GenerationFactory(text=f"Text {number}.", seed=number) for number in range(3)]
    ended = turn()
    assert states(ended) == [State.COMPLETED] * 3
    assert len(batches) == 1 and sorted(batches[0]) == ["Text one.", "Text two.", "Text zero."]
    assert len({row.audio.name for row in ended}) == 3
    assert {row.attempts for row in Generation.objects.filter(pk__in=[row.pk for row in rows])} == {1}


def test_another_model_waits_its_turn(batches):
    GenerationFactory(text="A tone.")
    GenerationFactory(text="An overtone.", model="overtone")
    assert states(turn()) == [State.COMPLETED]
    before = processes.synthesis_process.process.pid
    assert states(turn()) == [State.COMPLETED]
    assert batches == [["A tone."], ["An overtone."]]
    assert processes.synthesis_process.process.pid != before, "the memory of the first model came back"


@pytest.mark.backends
def test_nobody_who_needs_another_model_waits_longer_for_a_companion(batches):
    GenerationFactory(text="First.")
    GenerationFactory(text="Another model.", model="overtone")
    GenerationFactory(text="\n".join(f"Part {number}." for number in range(8)))
    GenerationFactory(text="Short enough.")
    turn()
    assert batches == [["First.", "Short enough."]]
    assert [row.text for row in queue.in_order()][0] == "Another model."


@pytest.mark.backends
def test_cancelling_one_leaves_the_others_running(during, batches):
    cancelled = GenerationFactory(text=LONG_TEXT)
    other = GenerationFactory(text=SLOW_TEXT)
    during(cancelled, lambda row: row.progress > 30, lambda row: row.request_cancel())
    ended = {row.pk: row for row in turn()}
    assert ended[cancelled.pk].state == State.CANCELLED and not ended[cancelled.pk].audio
    assert ended[other.pk].state == State.COMPLETED and ended[other.pk].attempts == 1
    assert len(batches) == 1


def test_deleting_one_leaves_the_others_running(during):
    deleted, other = GenerationFactory(text=LONG_TEXT), GenerationFactory(text=SLOW_TEXT)
    during(deleted, lambda row: row.progress > 30, takes.delete)
    first = queue.claim_next()
    BatchRun(first).speak()
    assert Generation.objects.get().pk == other.pk and Generation.objects.get().state == State.COMPLETED
    assert not default_storage.exists(f"generations/{deleted.pk}/segments") or not any(
        default_storage.listdir(f"generations/{deleted.pk}/segments")
    )


@pytest.mark.backends
def test_a_companion_that_was_overtaken_completes_once(during):
    GenerationFactory(text=SLOW_TEXT)
    overtaken = GenerationFactory(text=LONG_TEXT)

    during(overtaken, lambda row: row.progress > 30, overtake)
    first, second = turn()
    assert first.state == State.COMPLETED
    assert (second.state, second.attempts, second.audio.name) == (State.INITIALIZING, 2, "")


@pytest.mark.parametrize(("word", "reason"), [("Do-fail", "as it was told to"), ("Do-crash", "stopped unexpectedly")])
def test_whose_fault_it_was_shows_when_each_is_tried_alone(batches, word, reason):
    guilty = GenerationFactory(text=f"Then {word} it.")
    innocent = GenerationFactory(text="I did nothing.")
    assert states(turn()) == [State.PENDING] * 2
    for _ in range(4):
        if not Generation.objects.claimable().exists():
            break
        turn()
    guilty.refresh_from_db()
    innocent.refresh_from_db()
    assert guilty.state == State.FAILED and reason in guilty.error
    assert innocent.state == State.COMPLETED and innocent.failures == 1
    assert len(batches[0]) == 2 and all(len(batch) == 1 for batch in batches[1:])


@pytest.mark.parametrize("word", ["Do-runaway-once", "Do-loop-once", "Do-empty-once"])
def test_a_take_that_goes_wrong_is_spoken_again_with_another_seed_and_shorter(batches, word):
    sentence = f"{word} One two three four five six seven, eight nine ten eleven twelve thirteen fourteen."
    row = GenerationFactory(text=f"Good. {sentence} Better.")
    (row,) = turn()
    assert (row.state, row.attempts, row.failures) == (State.COMPLETED, 1, 0)
    assert batches[0] == ["Good.", sentence, "Better."]
    assert len(batches[1]) == 2 and " ".join(batches[1]) == sentence
    assert row.seconds == pytest.approx(0.2 * (2 + len(sentence.split())), abs=1.2), "nothing of the bad take is left"


@pytest.mark.parametrize(
    ("word", "reason"),
    [("Do-runaway", "did not stop"), ("Do-loop", "over and over"), ("Do-empty", "silence")],
)
def test_what_goes_wrong_twice_fails_honestly_and_keeps_the_good_parts(batches, word, reason):
    GenerationFactory(text=f"Good morning. Then {word} it. Good night.")
    (row,) = turn()
    assert row.state == State.FAILED and row.attempts == 1
    assert row.error.startswith("Part 2 of 3 couldn’t be spoken well, twice.") and reason in row.error
    assert list(row.segments.filter(state="completed").values_list("index", flat=True)) == [0, 2]
    assert row.segments.get(index=1).tries == 2
    row.retry()
    turn()
    assert batches[-2:] == [[f"Then {word} it."]] * 2, "another attempt begins with the part that is missing"
    assert row.segments.get(index=1).tries == 4, "and goes on to seeds that were not tried"


@pytest.fixture
def forgetful():
    """An engine keeps to the batch that once fitted until its model is loaded again."""
    yield
    processes.synthesis_process.end()


def test_a_batch_too_large_for_the_memory_is_halved_and_goes_on(forgetful):
    rows = [GenerationFactory(text=text) for text in ("One.", "Two Do-oom three.", "Four.")]
    assert states(turn()) == [State.COMPLETED] * 3
    assert {row.failures for row in Generation.objects.filter(pk__in=[row.pk for row in rows])} == {0}


def test_what_does_not_fit_into_the_memory_even_alone_fails_in_words(forgetful):
    GenerationFactory(text="One Do-huge thing.")
    (row,) = turn()
    assert row.state == State.FAILED and "memory" in row.error


def test_the_first_goes_on_when_the_engine_dies_while_a_companion_is_prepared(monkeypatch):
    GenerationFactory(text="First.")
    companion = GenerationFactory(text="Second.")
    prepare = generation_run.pin

    def die(generation, voice, *arguments):
        if voice == companion.voice:
            os.kill(processes.synthesis_process.process.pid, signal.SIGKILL)
            processes.synthesis_process.process.wait()
            raise EngineError("The engine was killed.")
        return prepare(generation, voice, *arguments)

    monkeypatch.setattr(generation_run, "pin", die)
    first, second = turn()
    assert first.state == State.COMPLETED and second.state == State.PENDING


def test_a_shutdown_gives_all_of_a_batch_back(during):
    rows = [GenerationFactory(text=LONG_TEXT) for _ in range(2)]
    during(rows[1], lambda row: row.progress > 30, lambda row: setattr(attempts.stopping, "value", 1))
    try:
        ended = turn()
    finally:
        attempts.stopping.value = 0
    assert [(row.state, row.attempts) for row in ended] == [(State.PENDING, 0)] * 2


def test_the_engine_is_told_how_long_the_voice_took_before(monkeypatch):
    voice = GenerationFactory(completed=True, text="x" * 100, seconds=5.0, speed=2.0).voice
    GenerationFactory(voice=voice, owner=voice.owner, text="Forty characters of text, or about that.")
    expected = []
    synthesize = processes.synthesis_process.synthesize

    def spy(utterances, beat):
        expected.extend(utterance.expected_seconds for utterance in utterances)
        return synthesize(utterances, beat)

    monkeypatch.setattr(processes.synthesis_process, "synthesize", spy)
    turn()
    assert expected == [pytest.approx(40 * 5.0 * 2.0 / 100)]


# What a worker's engine holds


def test_a_loaded_model_is_shown_and_unloaded_when_asked():
    processes.synthesis_process.end()
    GenerationFactory()
    tasks.run_next()
    device = LoadedModel.objects.get()
    assert (device.engine, device.model, device.runs_on) == ("fake", "tone", "CPU")
    assert device.memory > 10_000_000 and device.memory_before == 0 and device.used_at
    tasks.request_unload(device)
    tasks.run_next()
    device.refresh_from_db()
    assert (device.model, device.memory, device.unload_requested) == ("", 0, False)
    assert device.memory_before > 10_000_000 and not processes.synthesis_process.lives
    tasks.run_next()
    assert not processes.synthesis_process.lives, "what was unloaded on purpose is not loaded ahead"
    GenerationFactory()
    tasks.run_next()
    assert Generation.objects.filter(state=State.COMPLETED).count() == 2
    assert LoadedModel.objects.get().model == "tone"


def test_a_model_that_nobody_needs_is_unloaded_after_a_while(settings):
    GenerationFactory()
    tasks.run_next()
    settings.IDLE_SECONDS = 3600
    tasks.run_next()
    assert processes.synthesis_process.lives
    settings.IDLE_SECONDS = 0.1
    time.sleep(0.2)
    tasks.run_next()
    assert not processes.synthesis_process.lives and LoadedModel.objects.get().model == ""
    loaded_model._was_unloaded = False
