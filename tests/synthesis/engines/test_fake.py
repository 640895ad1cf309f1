"""The scripted engine misbehaves as it is told to, and the shared guards see it."""

import numpy as np
import pytest

from synthesis.engines.base import Audio, Conditioning, EngineError, Rejected, Utterance
from tests.fakes.engine import OTHER_SEED, FakeEngine
from voicesite.modelhost.protocol import ModelError

VOICE = Conditioning(b"tone")
WELL_BEHAVED_TEXT = "one two three four five six seven"


def utterance(text: str, seed: int = 7) -> Utterance:
    return Utterance(text, "en-us", VOICE, seed=seed)


def speak(engine, *texts: str, on_progress=lambda progress: None) -> list:
    return list(engine.synthesize([utterance(text) for text in texts], on_progress))


def sound(items, index: int = 0) -> np.ndarray:
    return np.concatenate([item.samples for item in items if isinstance(item, Audio) and item.index == index])


@pytest.mark.parametrize(
    "word, reason",
    [
        ("Do-runaway", "The model did not stop: it spoke for 5 s, where this text takes about 1 s."),
        ("Do-loop", "The model did not stop: it was saying the same sound over and over."),
        ("Do-empty", "The model made only silence."),
    ],
)
def test_what_goes_wrong_is_rejected_and_the_others_end_well(fake, word, reason):
    items = speak(fake, WELL_BEHAVED_TEXT, f"{word} two three four", WELL_BEHAVED_TEXT)

    assert [item.reason for item in items if isinstance(item, Rejected)] == [reason]
    assert not [item for item in items if item.index == 1 and isinstance(item, Audio) and item.last]
    for index in (0, 2):
        np.testing.assert_array_equal(sound(items, index), sound(speak(fake, WELL_BEHAVED_TEXT)))


@pytest.mark.parametrize("word", ["Do-runaway-once", "Do-loop-once", "Do-empty-once"])
def test_another_seed_may_do_better(fake, word):
    *_, rejected = fake.synthesize([utterance(word)], lambda progress: None)
    (well,) = fake.synthesize([utterance(word, 7 + OTHER_SEED)], lambda progress: None)

    assert isinstance(rejected, Rejected)
    assert well.last and len(well.samples) == 0.2 * 24_000


def test_a_chunk_comes_before_the_end(fake):
    items = speak(fake, WELL_BEHAVED_TEXT)

    assert [item.last for item in items] == [False, True]
    assert len(sound(items)) == 7 * 0.2 * 24_000


def test_a_batch_that_does_not_fit_is_spoken_in_halves_and_heard_as_if_it_had():
    engine = FakeEngine()
    engine.load("tone")
    texts = [f"{WELL_BEHAVED_TEXT} {WELL_BEHAVED_TEXT}", f"{WELL_BEHAVED_TEXT} Do-oom eight", WELL_BEHAVED_TEXT, "one"]
    seen = []

    items = speak(engine, *texts, on_progress=seen.append)

    for index, text in enumerate(texts):
        np.testing.assert_array_equal(sound(items, index), sound(speak(engine, text)))
        done = [progress.done for progress in seen if progress.index == index]
        assert done == sorted(done)
    assert engine.backoff.max_size == 1


def test_what_does_not_fit_alone_says_what_to_do():
    engine = FakeEngine()
    engine.load("tone")

    with pytest.raises(EngineError, match="doesn’t fit in the memory .* smaller model") as caught:
        speak(engine, "one Do-huge", WELL_BEHAVED_TEXT)
    assert caught.value.permanent


def test_the_models_sound_different(fake):
    other = FakeEngine()
    other.load("overtone")

    assert not np.array_equal(sound(speak(other, WELL_BEHAVED_TEXT)), sound(speak(fake, WELL_BEHAVED_TEXT)))
    with pytest.raises(ModelError, match="“gong”"):
        other.load("gong")
