"""A batch while it is spoken: what is watched, dropped, cancelled, and does not fit."""

import gc

import numpy as np
import pytest

from synthesis.engines.base import Audio, EngineError, Rejected, Utterance
from synthesis.engines.qwen3 import duration, guard, prompt
from voicesite.modelhost.protocol import Cancelled, Progress

from .conftest import TEXT, speak, utterance


def heard(items, index=0):
    return np.concatenate([item.samples for item in items if item.index == index])


def test_every_frame_is_reported_when_it_is_made(engine, timbre, fluent, steps):
    seen: list[tuple[int, Progress]] = []
    speak(engine, utterance(timbre), on_progress=lambda progress: seen.append((len(steps), progress)))

    made = sum(written.codes is not None for step in steps for written in step)
    assert [progress.done for _, progress in seen] == [*range(1, made + 1), made]
    assert [step for step, _ in seen] == list(range(1, made + 2))
    assert all(progress.expected >= progress.done for _, progress in seen)


def test_a_cancel_takes_effect_in_the_frame_that_hears_of_it(engine, timbre, fluent, steps):
    def cancel(progress):
        if progress.done == 3:
            raise Cancelled

    with pytest.raises(Cancelled):
        speak(engine, utterance(timbre), on_progress=cancel)

    assert len(steps) == 3
    assert speak(engine, utterance(timbre))[-1].last


def test_sound_comes_while_the_rest_is_being_made(engine, timbre, fluent, steps):
    text = f"{TEXT} The table is laid for four of us."
    first = next(engine.synthesize([utterance(timbre, text)], lambda progress: None))

    assert not first.last
    assert len(steps) == 10
    assert len(first.samples) == 6 * prompt.FRAME_SAMPLES


def test_what_comes_in_pieces_is_the_whole(engine, timbre, fluent, steps):
    from synthesis.engines.qwen3.mlx.codec import SpeechDecoder

    items = speak(engine, utterance(timbre, f"{TEXT} The table is laid for four of us."))

    codes = [written.codes for step in steps for written in step if written.codes is not None]
    whole = guard.finish_tail(SpeechDecoder(engine.model, None).decode(codes))
    assert len(items) > 2
    np.testing.assert_array_equal(heard(items), whole)


@pytest.mark.parametrize("speed", [0.8, 1.5])
def test_at_another_speed_sound_comes_in_pieces_too(engine, timbre, fluent, steps, speed):
    from synthesis.engines.audio.tempo import Tempo
    from synthesis.engines.qwen3.mlx.codec import SpeechDecoder

    text = f"{TEXT} The table is laid for four of us."
    come = [
        (len(steps), item) for item in engine.synthesize([utterance(timbre, text, speed=speed)], lambda progress: None)
    ]

    assert come[0][0] == 10 < len(steps), "long before the last frame"
    assert len(come) > 2
    codes = [written.codes for step in steps for written in step if written.codes is not None]
    tempo = Tempo(prompt.RATE, speed)
    whole = tempo.push(guard.finish_tail(SpeechDecoder(engine.model, None).decode(codes)))
    joined = heard([item for _, item in come])
    np.testing.assert_allclose(joined, np.concatenate([whole, tempo.finish()]), atol=1e-6)


def test_a_model_that_never_ends_is_stopped_at_the_ceiling(engine, timbre, scores, steps):
    import mlx.core as mx

    scores(lambda loop, given: mx.where(mx.arange(given.shape[-1]) == loop.end, -mx.inf, given))

    items = speak(engine, utterance(timbre))

    assert isinstance(items[-1], Rejected)
    assert "did not stop" in items[-1].reason
    assert not [item for item in items[:-1] if item.last]
    assert len(steps) <= duration.ceiling(duration.expected_frames(TEXT, "en-us", prompt.unpack(timbre)))


def test_a_codec_loop_is_stopped_long_before_the_ceiling_while_others_go_on(engine, timbre, scores, steps):
    """The first row is made to say one sound for ever; the other ends in time."""
    import mlx.core as mx

    long = TEXT * 4
    in_time = duration.expected_frames(TEXT, "en-us", prompt.unpack(timbre))

    def change(loop, given):
        places = mx.arange(given.shape[-1])
        stuck = mx.where(places == 5, 1e9, -1e9)
        ending = mx.where(places == loop.end, 1e9 if loop.frames >= in_time else -1e9, given)
        return mx.where(mx.array([[row == 0] for row in loop.rows]), stuck, ending)

    scores(change)
    items = speak(engine, utterance(timbre, long), utterance(timbre))

    (rejected,) = [item for item in items if isinstance(item, Rejected)]
    assert rejected.index == 0
    assert "over and over" in rejected.reason
    assert [item.last for item in items if item.index == 1][-1:] == [True]
    assert in_time < len(steps) < duration.ceiling(duration.expected_frames(long, "en-us", prompt.unpack(timbre))) / 2


def test_a_model_that_ends_at_once_is_rejected(engine, timbre, scores):
    import mlx.core as mx

    scores(lambda loop, given: mx.where(mx.arange(given.shape[-1]) == loop.end, 1e9, given))

    assert speak(engine, utterance(timbre)) == [Rejected(0, "The model made no sound.")]


def test_a_text_without_words_does_not_keep_the_others_from_being_spoken(engine, timbre, fluent):
    items = speak(engine, utterance(timbre, "…!"), utterance(timbre))

    assert items[0] == Rejected(0, "There is nothing to say here: it has no words.")
    assert isinstance(items[-1], Audio)
    assert (items[-1].index, items[-1].last) == (1, True)
    assert speak(engine, utterance(timbre, " ")) == [Rejected(0, "There is nothing to say here: it has no words.")]


def test_a_language_that_the_model_does_not_know_is_said_in_words(engine, timbre):
    with pytest.raises(EngineError, match="does not speak Hindi") as caught:
        speak(engine, Utterance(TEXT, "hi", timbre))
    assert caught.value.permanent


def test_a_voice_that_was_prepared_for_another_model_is_said_in_words(engine):
    with pytest.raises(EngineError, match="another model") as caught:
        speak(engine, utterance(prompt.pack(np.zeros(7, np.float32), None, "")))
    assert caught.value.permanent


def test_the_recording_is_part_of_the_prompt_only_with_what_is_said_in_it(voice, timbre):
    with_codes, without = prompt.unpack(voice), prompt.unpack(timbre)

    assert with_codes.codes.shape == (round((2.99 + 0.5) * 12.5), 16)
    assert without.codes is None
    np.testing.assert_array_equal(with_codes.speaker, without.speaker)


# What MLX says, of Metal while it allocates and while it computes, and of a processor.
MESSAGES = (
    "[metal::malloc] Attempting to allocate 9663676416 bytes which is greater than the maximum allowed buffer size.",
    "[METAL] Command buffer execution failed: Insufficient Memory (00000008:kIOGPUCommandBufferCallbackErrorOutOfMemory)",
    "[malloc] Unable to allocate 9663676416 bytes.",
)


@pytest.fixture
def little_memory(engine, monkeypatch):
    """Memory for `most` utterances; what is over makes the third step fail."""
    from synthesis.engines.batch_backoff import BatchBackoff
    from synthesis.engines.qwen3.mlx.frame_loop import FrameLoop

    monkeypatch.setattr(engine, "backoff", BatchBackoff(engine.is_out_of_memory))
    step = FrameLoop.step

    def limit(most, message):
        def limited(loop):
            if loop.frames == 2 and len(loop.rows) > most:
                raise RuntimeError(message)
            return step(loop)

        monkeypatch.setattr(FrameLoop, "step", limited)

    return limit


@pytest.mark.parametrize("message", MESSAGES)
def test_it_knows_how_mlx_says_that_memory_is_short(engine, message):
    assert engine.is_out_of_memory(RuntimeError(message))


def test_a_batch_that_does_not_fit_is_spoken_in_halves(engine, timbre, fluent, little_memory):
    utterances = [utterance(timbre, "Yes, please.", seed=seed) for seed in range(3)]
    expected = [heard(speak(engine, each)) for each in utterances]
    little_memory(1, MESSAGES[0])

    items = speak(engine, *utterances)

    for index, samples in enumerate(expected):
        np.testing.assert_array_equal(heard(items, index), samples)


def test_one_that_does_not_fit_is_an_error_in_words(engine, timbre, little_memory):
    little_memory(0, MESSAGES[1])

    with pytest.raises(EngineError, match="doesn’t fit in the memory"):
        speak(engine, utterance(timbre))


def test_another_error_is_not_taken_for_a_lack_of_memory(engine, timbre, little_memory):
    little_memory(0, "[matmul] Last dimension of first input must match.")

    with pytest.raises(RuntimeError, match="matmul"):
        speak(engine, utterance(timbre))


def test_memory_does_not_grow(engine, voice, timbre, fluent):
    """Not with what ends, what is dropped and what is cancelled, nor inside the library."""
    import mlx.core as mx

    def cancel(progress):
        if progress.done == 2:
            raise Cancelled

    def work():
        speak(engine, utterance(timbre, "Yes."), utterance(timbre, "No."), on_progress=lambda progress: progress.index)
        with pytest.raises(Cancelled):
            speak(engine, utterance(voice), on_progress=cancel)
        gc.collect()
        assert mx.get_cache_memory() < 1_000_000
        return mx.get_active_memory()

    gc.collect()  # what tests before this one left
    mx.clear_cache()
    work()
    before = work()
    after = [work() for _ in range(3)]

    assert after == [before] * 3
    assert not engine.model._icl_cache
