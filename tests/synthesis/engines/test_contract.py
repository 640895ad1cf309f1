"""What every engine promises, asked of each that runs on this machine."""

import numpy as np
import pytest

from synthesis.engines import ENGINES, EngineError, engine_class
from synthesis.engines.base import Utterance
from voicesite.modelhost.protocol import Cancelled, Progress

TEXT = "Tea time."


def speak(engine, *utterances, on_progress=lambda progress: None):
    return list(engine.synthesize(utterances, on_progress))


def heard(items, index=0) -> np.ndarray:
    """All the sound of one utterance of the batch, which must have ended well."""
    parts = [item for item in items if item.index == index]
    assert [part.last for part in parts] == [False] * (len(parts) - 1) + [True]
    return np.concatenate([part.samples for part in parts])


@pytest.mark.parametrize("name", [*ENGINES.paths, "fake"])
def test_its_capabilities_are_known_before_it_is_loaded(name):
    engine = engine_class(name)

    assert engine.name == name
    assert engine.fidelity in ("zero-shot", "approximate")
    assert engine.models
    assert "en-us" in engine.languages
    assert engine.max_batch >= 1


def test_an_unknown_engine_is_a_permanent_error():
    with pytest.raises(EngineError, match="no engine called") as caught:
        engine_class("gramophone")
    assert caught.value.permanent


def test_conditioning_twice_gives_the_same(engine, recording):
    reference = recording("english_austen_short")

    assert engine.condition(reference).payload == engine.condition(reference).payload


def test_the_sound_is_audible_whole_and_the_same_each_time(engine, recording):
    utterance = Utterance(TEXT, "en-us", engine.condition(recording("english_austen_short")), seed=7)

    first = speak(engine, utterance)
    if engine.name == "kokoro":
        engine.session.said.clear()  # it is asked again, and does not repeat what the fixture kept
    second = speak(engine, utterance)

    assert [audio.index for audio in first] == [0] * len(first)
    assert [audio.last for audio in first] == [False] * (len(first) - 1) + [True]
    for audio in first:
        assert audio.samples.dtype == np.float32
        assert audio.samples.ndim == 1
        assert 0.01 < np.abs(audio.samples).max() <= 1
        assert np.isfinite(audio.samples).all()
    np.testing.assert_array_equal(heard(first), heard(second))


def test_speed_shortens_it(engine, recording):
    voice = engine.condition(recording("english_austen_short"))

    usual = heard(speak(engine, Utterance(TEXT, "en-us", voice, seed=7)))
    faster = heard(speak(engine, Utterance(TEXT, "en-us", voice, seed=7, speed=1.5)))

    assert 0.55 < len(faster) / len(usual) < 0.85


def test_progress_ends_when_the_utterance_does(engine, recording):
    seen: list[Progress] = []
    speak(
        engine,
        Utterance(TEXT, "en-us", engine.condition(recording("english_austen_short")), seed=7),
        on_progress=seen.append,
    )

    assert seen[-1].done == seen[-1].expected
    assert [progress.done for progress in seen] == sorted(progress.done for progress in seen)


def test_cancelling_stops_within_a_chunk_and_leaves_it_usable(engine, recording):
    voice = engine.condition(recording("english_austen_short"))
    calls = 0

    def cancel_at_once(progress):
        nonlocal calls
        calls += 1
        raise Cancelled

    with pytest.raises(Cancelled):
        speak(engine, Utterance(f"{TEXT} " * 40, "en-us", voice), on_progress=cancel_at_once)

    assert calls == 1
    assert speak(engine, Utterance(TEXT, "en-us", voice, seed=7))[-1].last


@pytest.fixture
def batch(engine, recording) -> list[Utterance]:
    """Two utterances, different in all that may differ."""
    if engine.max_batch < 2:
        pytest.skip("speaks one utterance at a time")
    voices = [engine.condition(recording(name)) for name in ("english_austen_short", "english_ivr")]
    return [
        Utterance(f"{TEXT} The table is laid for four of us.", "en-us", voices[0], seed=3),
        Utterance("Sí, gracias.", "es", voices[1], seed=4),
    ]


def test_a_batch_says_what_each_alone_does(engine, batch):
    together = speak(engine, *batch)

    for index, utterance in enumerate(batch):
        np.testing.assert_array_equal(heard(together, index), heard(speak(engine, utterance)))


def test_dropping_one_leaves_the_others_running(engine, batch):
    seen: list[Progress] = []
    enough = 1 if engine.divides_cores else 2

    def drop_the_first(progress):
        seen.append(progress)
        return progress.index == 0 and progress.done >= enough

    items = speak(engine, *batch, on_progress=drop_the_first)

    assert max(progress.done for progress in seen if progress.index == 0) == enough
    assert not [item for item in items if item.index == 0]
    np.testing.assert_array_equal(heard(items, 1), heard(speak(engine, batch[1])))


def test_a_dropped_one_that_has_not_begun_is_not_computed(engine, batch):
    if engine.name == "remote":
        pytest.skip("it asks for all of them at once")
    seen: list[Progress] = []

    def drop_all(progress):
        seen.append(progress)
        return True

    assert speak(engine, *batch, on_progress=drop_all) == []
    assert sorted(progress.index for progress in seen) == [0, 1]
    assert max(progress.done for progress in seen) <= (0 if engine.divides_cores else 1)


def test_cancelling_a_batch_in_the_middle_leaves_it_usable(engine, batch):
    def cancel_at_the_first_sound(progress):
        if progress.done:
            raise Cancelled

    with pytest.raises(Cancelled):
        speak(engine, *batch, on_progress=cancel_at_the_first_sound)

    assert len(heard(speak(engine, *batch), 1))


def test_a_batch_advances_together(engine, batch):
    if engine.name == "remote":
        pytest.skip("its server decides which request goes on")
    if engine.divides_cores:
        pytest.skip("an utterance is a step or two; tests of its own say how they take turns")
    seen: list[Progress] = []
    speak(engine, *batch, on_progress=seen.append)

    for index in range(2):
        done = [progress.done for progress in seen if progress.index == index]
        assert sorted(set(done)) == list(range(done[0], done[-1] + 1))
    shorter = len([progress for progress in seen if progress.index == 1])
    assert sorted(progress.index for progress in seen[: 2 * shorter]) == [0] * shorter + [1] * shorter
    assert seen[2 * shorter :], "the longer one goes on alone"
