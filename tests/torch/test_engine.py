"""The torch engine: what it reports, what it drops and rejects, and what it survives."""

from dataclasses import replace

import numpy as np
import pytest

from synthesis.engines.base import Audio, EngineError, Rejected, Utterance
from synthesis.engines.qwen3.prompt import FRAME_SAMPLES, RATE, unpack
from voicesite.modelhost.protocol import Cancelled

from .conftest import TRANSCRIPT


def speak(engine, utterances, on_progress=lambda progress: None):
    """The sound of each utterance by its index, or why it was rejected."""
    heard = {}
    for item in engine.synthesize(utterances, on_progress):
        if isinstance(item, Rejected):
            heard[item.index] = item.reason
        else:
            assert item.sample_rate == RATE
            heard[item.index] = np.concatenate([heard.get(item.index, np.empty(0, np.float32)), item.samples])
    return heard


def test_it_imports_nothing_heavy_by_itself():
    import subprocess
    import sys

    code = (
        "import sys; from synthesis.engines.qwen3.pytorch.engine import TorchEngine; assert not TorchEngine.unavailable();"
        "print(sorted({'torch', 'transformers', 'qwen_tts', 'librosa', 'django'} & set(sys.modules)))"
    )
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True).stdout == "[]\n"


def test_what_is_not_installed_is_said_with_the_remedy(engine, monkeypatch):
    monkeypatch.setattr(
        "synthesis.engines.qwen3.pytorch.engine.find_spec", lambda package: None if package == "torch" else True
    )
    assert engine.unavailable() == "torch missing: “make install ENGINE=torch” installs it."


# What is derived from a recording


def test_a_transcript_adds_the_recording_s_codes(engine, recording):
    prompt = unpack(engine.condition(recording(transcript=f" {TRANSCRIPT}\n")))

    seconds = len(recording().samples) / recording().sample_rate + 0.5
    assert prompt.codes.shape == (np.ceil(seconds * 12.5), 16)
    assert prompt.transcript == TRANSCRIPT
    assert prompt.speaker.shape == (32,)


def test_without_one_the_timbre_alone_is_copied(engine, recording):
    alone, both = (unpack(engine.condition(recording(transcript=text))) for text in ("  ", TRANSCRIPT))

    assert alone.codes is None
    np.testing.assert_array_equal(alone.speaker, both.speaker)


def test_it_is_what_upstream_derives(engine, recording):
    from synthesis.engines.qwen3.prompt import prepare_reference

    (item,) = engine.tts.create_voice_clone_prompt((prepare_reference(recording()), RATE), TRANSCRIPT)
    prompt = unpack(engine.condition(recording(transcript=TRANSCRIPT)))

    np.testing.assert_array_equal(prompt.codes, item.ref_code)
    np.testing.assert_array_equal(prompt.speaker, item.ref_spk_embedding)


def test_a_voice_of_another_model_is_refused(engine, batch):
    from synthesis.engines.qwen3.prompt import pack

    foreign = pack(np.ones(2048), None, "")
    with pytest.raises(EngineError, match="another model"):
        speak(engine, [Utterance("Hello.", "en-us", foreign)])


# Speaking


def test_frames_reported_are_frames_made(engine, batch, end_after):
    end_after(lambda seed: 20 + seed)
    seen = []
    heard = speak(engine, batch, seen.append)

    for index, utterance in enumerate(batch):
        frames = 20 + utterance.seed
        mine = [progress for progress in seen if progress.index == index]
        assert [progress.done for progress in mine] == [*range(frames + 1), frames]  # 0: its prompt is heard
        assert mine[-1].expected == frames
        assert all(progress.done < progress.expected for progress in mine[:-1])
        assert 0 <= frames * FRAME_SAMPLES - len(heard[index]) < 4 * FRAME_SAMPLES  # silence at the end is cut off


def test_sound_comes_while_it_is_made(engine, batch, end_after):
    end_after(60)
    made = 0

    def count(progress):
        nonlocal made
        made = progress.done

    come = [(made, len(item.samples), item.last) for item in engine.synthesize(batch[1:2], count)]

    assert [(frames, last) for frames, _, last in come] == [(8, False), (24, False), (56, False), (60, True)]
    assert [samples // FRAME_SAMPLES for _, samples, _ in come[:3]] == [4, 16, 32]


def test_progress_does_not_wait_for_all_of_a_batch_to_be_decoded(engine, batch, end_after, monkeypatch):
    from synthesis.engines.qwen3.pytorch.codec import SpeechDecoder

    end_after(60)
    events = []
    decode = SpeechDecoder.decode
    monkeypatch.setattr(
        SpeechDecoder, "decode", lambda speech, codes: events.append(len(codes)) or decode(speech, codes)
    )
    speak(engine, batch, lambda progress: events.append("frame") if progress.index == 0 else None)

    whole = events[: len(events) - 1 - events[::-1].index("frame")]  # all end in the same step here
    assert whole.count(8) == whole.count(16) == 3
    assert all(isinstance(one, str) or isinstance(next_, str) for one, next_ in zip(whole, whole[1:], strict=False))


def test_long_prompts_keep_telling_that_they_are_heard_and_can_be_dropped(engine, batch, end_after, monkeypatch):
    """A minute of recording takes a large model a minute to hear: whoever waits would take it for hung."""
    from synthesis.engines.qwen3.pytorch import frame_loop

    end_after(20)
    monkeypatch.setattr(frame_loop, "PREFILL_POSITIONS", 10)
    seen = []

    def drop_the_first(progress):
        seen.append((progress.index, progress.done))
        return progress.index == 0

    heard = speak(engine, batch, drop_the_first)

    assert seen.count((0, 0)) > 2
    assert (0, 1) not in seen
    assert set(heard) == {1, 2}


def test_speed_changes_all_chunks_alike(engine, batch, end_after):
    end_after(60)
    (usual,) = speak(engine, batch[1:2]).values()
    for speed in (0.7, 1.3):
        items = list(engine.synthesize([replace(batch[1], speed=speed)], lambda progress: None))
        assert len(items) > 1
        assert sum(len(item.samples) for item in items) == pytest.approx(len(usual) / speed, rel=0.02)


def test_numbers_are_said_in_the_language_of_the_text(engine, voices, end_after):
    end_after(20)
    said = [Utterance(text, "de", voices["austen"], seed=5) for text in ("Um 7.", "Um sieben.")]

    figure, word = (speak(engine, [utterance])[0] for utterance in said)

    np.testing.assert_array_equal(figure, word)


def test_the_same_seed_says_the_same_and_another_something_else(engine, voices, end_after):
    end_after(20)
    one, again, other = (
        speak(engine, [Utterance("The kettle is on.", "en-us", voices["austen"], seed=seed)])[0] for seed in (4, 4, 5)
    )

    np.testing.assert_array_equal(one, again)
    assert not np.array_equal(one, other)


def test_a_row_in_a_batch_sounds_as_it_does_alone(engine, batch, end_after):
    end_after(lambda seed: 20 + 15 * seed)
    together = speak(engine, batch)

    for index, utterance in enumerate(batch):
        np.testing.assert_allclose(together[index], speak(engine, [utterance])[0], atol=1e-5)


def test_an_unknown_language_is_an_error(engine, voices):
    with pytest.raises(EngineError, match="does not speak Hindi") as caught:
        speak(engine, [Utterance("नमस्ते", "hi", voices["austen"])])
    assert caught.value.permanent


@pytest.mark.parametrize("text", ["", " \n"])
def test_nothing_to_say_is_rejected_and_the_others_are_spoken(engine, batch, text, end_after):
    end_after(20)
    heard = speak(engine, [Utterance(text, "en-us", batch[0].conditioning), batch[0]])

    assert "nothing to say" in heard[0]
    assert len(heard[1]) > 15 * FRAME_SAMPLES
    assert "nothing to say" in speak(engine, [Utterance(text, "en-us", batch[0].conditioning)])[0]


# Stopping


def test_a_dropped_row_leaves_at_that_frame_and_the_others_say_the_same(engine, batch, end_after):
    end_after(lambda seed: 30 + 5 * seed)
    seen = []

    def drop_the_second(progress):
        seen.append(progress)
        return progress.index == 1 and progress.done == 12

    rest = speak(engine, batch, drop_the_second)
    whole = speak(engine, batch)

    assert max(progress.done for progress in seen if progress.index == 1) == 12
    assert set(rest) in ({0, 2}, {0, 1, 2})  # of the second, a chunk may have come before
    for index in (0, 2):
        np.testing.assert_allclose(rest[index], whole[index], atol=1e-5)


def test_all_dropped_is_an_end(engine, batch):
    assert speak(engine, batch, lambda progress: True) == {}


def test_cancelled_goes_through_within_a_frame_and_leaves_it_usable(engine, batch, end_after, monkeypatch):
    from synthesis.engines.qwen3.pytorch.frame_loop import FrameLoop

    end_after(40)
    before = speak(engine, batch[:1])
    steps = []
    step = FrameLoop.step
    monkeypatch.setattr(FrameLoop, "step", lambda loop: steps.append(loop.frames) or step(loop))

    def cancel(progress):
        if progress.done == 10:
            raise Cancelled

    with pytest.raises(Cancelled):
        speak(engine, batch, cancel)
    assert len(steps) == 10

    np.testing.assert_array_equal(speak(engine, batch[:1])[0], before[0])


def test_a_consumer_that_goes_leaves_it_usable(engine, batch, end_after):
    end_after(40)
    before = speak(engine, batch[:1])
    items = engine.synthesize(batch, lambda progress: None)
    assert isinstance(next(items), Audio)
    items.close()

    np.testing.assert_array_equal(speak(engine, batch[:1])[0], before[0])


# What the model does wrong


def test_a_codec_loop_is_rejected_long_before_the_ceiling_and_the_others_go_on(engine, batch, monkeypatch, end_after):
    """The model of upstream issues: its end token out of reach, it writes the same frame for ever."""
    from synthesis.engines.qwen3.pytorch.frame_loop import FrameLoop

    end_after(lambda seed: None if seed == 2 else 40)
    step = FrameLoop.step
    stuck = np.arange(16)
    frames = 0

    def looping(loop):
        nonlocal frames
        frames += 1
        return [
            replace(written, codes=stuck) if written.row == 1 and written.codes is not None else written
            for written in step(loop)
        ]

    monkeypatch.setattr(FrameLoop, "step", looping)
    heard = speak(engine, batch)

    assert "over and over" in heard[1]
    assert frames == 41  # the others' last step: the loop ended before
    assert all(isinstance(heard[index], np.ndarray) for index in (0, 2))


def test_the_model_itself_made_to_loop_is_stopped_within_two_seconds(engine, voices, monkeypatch, end_after):
    """Not the loop's output but the weights are wrong: the heads always score the same code highest."""
    import torch

    end_after(None)
    talker = engine.tts.model.talker
    heads = [talker.codec_head, *talker.code_predictor.lm_head]
    handles = [
        head.register_forward_hook(lambda module, args, scores: scores + 50 * (torch.arange(scores.shape[-1]) == 7))
        for head in heads
    ]
    seen = []
    try:
        heard = speak(engine, [Utterance("The kettle is on.", "en-us", voices["austen"], seed=1)], seen.append)
    finally:
        for handle in handles:
            handle.remove()

    assert "over and over" in heard[0]
    assert len(seen) <= 25
    assert "nothing" not in heard[0]


def test_a_runaway_meets_the_ceiling(engine, voices, end_after):
    from synthesis.engines.qwen3.duration import ceiling

    end_after(None)
    seen = []
    utterance = Utterance("Yes.", "en-us", voices["austen"], seed=1, expected_seconds=0.8)
    heard = speak(engine, [utterance], seen.append)

    assert "did not stop" in heard[0]
    assert seen[-1].done <= ceiling(10)


def test_an_end_far_too_early_is_rejected(engine, batch, end_after):
    end_after(2)
    assert "too early" in speak(engine, batch[1:2])[0]


def test_no_sound_is_rejected(engine, batch, end_after, monkeypatch):
    from synthesis.engines.qwen3.pytorch.codec import SpeechDecoder

    end_after(30)
    decode = SpeechDecoder.decode
    monkeypatch.setattr(SpeechDecoder, "decode", lambda speech, codes: 0 * decode(speech, codes))
    assert "only silence" in speak(engine, batch[:1])[0]


# Memory


def test_a_batch_that_does_not_fit_is_spoken_in_halves(engine, batch, monkeypatch, end_after):
    import torch

    from synthesis.engines.qwen3.pytorch.frame_loop import FrameLoop

    end_after(lambda seed: 20 + 5 * seed)
    four = [*batch, Utterance("Buongiorno.", "it", batch[0].conditioning, seed=4)]
    whole = speak(engine, four)
    step = FrameLoop.step
    rows = []

    def small_memory(loop):
        if len(loop.rows) > 2 and loop.frames == 15:
            raise torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 20.00 MiB.")
        rows.append(len(loop.rows))
        return step(loop)

    monkeypatch.setattr(FrameLoop, "step", small_memory)
    seen = []
    halves = speak(engine, four, seen.append)
    engine.backoff.max_size = None

    assert max(rows[15:]) == 2
    for index in range(4):
        np.testing.assert_allclose(halves[index], whole[index], atol=1e-5)
        done = [progress.done for progress in seen if progress.index == index]
        assert done == sorted(done)


@pytest.mark.parametrize(
    "error", ["torch.OutOfMemoryError", "MemoryError", "[enforce fail] DefaultCPUAllocator: can't allocate memory"]
)
def test_one_that_does_not_fit_fails_in_words(engine, batch, monkeypatch, error):
    import torch

    from synthesis.engines.qwen3.pytorch.frame_loop import FrameLoop

    def no_memory(loop):
        if error == "MemoryError":
            raise MemoryError
        raise torch.OutOfMemoryError("CUDA") if "torch" in error else RuntimeError(error)

    monkeypatch.setattr(FrameLoop, "step", no_memory)
    with pytest.raises(EngineError, match="doesn’t fit in the memory of this machine") as caught:
        speak(engine, batch)
    engine.backoff.max_size = None
    assert caught.value.permanent


def test_two_hundred_generations_take_no_more_memory(engine, voices, end_after):
    """Each leaves no caches, hooks or prompts behind. The bound is far above the noise, and far below a leak: the
    cache of one generation alone, kept 150 times, would be 20 MB."""
    import psutil

    end_after(4)
    utterance = Utterance("Yes, I know.", "en-us", voices["austen"], seed=1, expected_seconds=0.3)
    sizes = []
    for number in range(200):
        speak(engine, [utterance])
        if number in (50, 199):
            sizes.append(psutil.Process().memory_info().rss)
    assert sizes[1] - sizes[0] < 8_000_000
