"""One utterance while it is spoken: chunks that join to the whole, given as early as they can be."""

import numpy as np
import pytest

from synthesis.engines.audio.tempo import Tempo
from synthesis.engines.base import Audio, EngineError, Rejected, Utterance
from synthesis.engines.qwen3.guard import finish_tail
from synthesis.engines.qwen3.prompt import FRAME_SAMPLES, RATE, Prompt, pack
from synthesis.engines.qwen3.utterance import (
    HELD_SAMPLES,
    CodecStream,
    UtteranceStream,
    WrittenFrame,
    open_streams,
    stream_frames,
)
from voicesite.modelhost.protocol import Progress

TEXT = "The kettle is on, and the table is laid for four."
VOICE = pack(np.ones(4), None, "")
FRAMES = 60


def utterance(text: str = TEXT, **options) -> Utterance:
    return Utterance(text, "en-us", VOICE, expected_seconds=FRAMES * 0.08, **options)


def tone(samples: int, level: float = 0.3) -> np.ndarray:
    return (level * np.sin(2 * np.pi * 150 * np.arange(samples) / RATE)).astype(np.float32)


class Codec:
    """A frame is a piece of the tone; remembers how many it was given at once."""

    def __init__(self):
        self.chunks: list[int] = []

    def decode(self, codes):
        start = sum(self.chunks) * FRAME_SAMPLES
        self.chunks.append(len(codes))
        return tone(start + len(codes) * FRAME_SAMPLES)[start:]


class Loop:
    """Writes random frames: so many for each row, then the end. A row of None never ends, and repeats itself."""

    def __init__(self, *lengths: int | None):
        self.lengths = lengths
        self.rows = list(range(len(lengths)))
        self.steps = 0
        self.random = np.random.default_rng(0)

    def step(self):
        self.steps += 1
        written = []
        for row in self.rows:
            codes = np.zeros(16, int) if self.lengths[row] is None else self.random.integers(0, 2048, 16)
            written.append(WrittenFrame(row, None if self.steps - 1 == self.lengths[row] else codes, 1e-4))
        self.drop({frame.row for frame in written if frame.codes is None})
        return written

    def drop(self, rows):
        self.rows = [row for row in self.rows if row not in rows]


def streams(*utterances: Utterance) -> list[CodecStream]:
    opened, rejected = open_streams(utterances, 4, (8, 16, 32), lambda prompt: Codec())
    assert not rejected
    return opened


def joined(items, index: int = 0) -> np.ndarray:
    parts = [item for item in items if item.index == index]
    assert [part.last for part in parts] == [False] * (len(parts) - 1) + [True]
    return np.concatenate([part.samples for part in parts])


@pytest.mark.parametrize("speed", [0.8, 1.0, 1.5])
def test_at_any_speed_chunks_come_while_frames_are_made_and_join_to_the_whole(speed):
    loop = Loop(FRAMES)
    come = [(loop.steps, item) for item in stream_frames(loop, streams(utterance(speed=speed)), lambda progress: None)]

    assert [step for step, _ in come] == [8, 24, 56, FRAMES + 1]
    tempo = Tempo(RATE, speed)
    whole = tempo.push(finish_tail(tone(FRAMES * FRAME_SAMPLES)))
    np.testing.assert_allclose(joined([item for _, item in come]), np.concatenate([whole, tempo.finish()]), atol=1e-6)


@pytest.mark.parametrize("size", [500, 4000, 70_000])
def test_silence_waits_until_it_is_known_not_to_be_the_end(size):
    """Wherever it is cut: a second in the middle stays, one at the end is shortened."""
    silence = np.zeros(RATE, np.float32)
    sound = np.concatenate([tone(RATE), silence, tone(RATE), silence])
    stream = UtteranceStream(0, utterance(), Prompt(np.ones(4)))

    parts = [stream.push(sound[start : start + size]) for start in range(0, len(sound), size)]
    items = [*filter(None, parts), stream.finish(np.empty(0, np.float32))]

    np.testing.assert_array_equal(joined(items)[: 3 * RATE], sound[: 3 * RATE])
    assert len(joined(items)) == pytest.approx(3.3 * RATE, abs=RATE * 0.011)
    assert joined(items)[-1] == 0


def test_what_is_held_back_is_enough_for_the_end():
    """A tone that is cut off anywhere ends as it would have, had it come at once."""
    for samples in range(2 * RATE, 2 * RATE + 3 * FRAME_SAMPLES, 500):
        stream = UtteranceStream(0, utterance(), Prompt(np.ones(4)))
        first = stream.push(tone(samples))
        assert len(first.samples) == pytest.approx(samples - HELD_SAMPLES, abs=RATE // 100)
        items = [first, stream.finish(np.empty(0, np.float32))]
        np.testing.assert_array_equal(joined(items), finish_tail(tone(samples)))


def test_no_step_decodes_more_than_one_chunk_of_a_batch():
    loop, batch = Loop(*[FRAMES] * 5), streams(*[utterance(seed=seed) for seed in range(5)])
    decoded = []
    items = list(
        stream_frames(loop, batch, lambda progress: decoded.append(sum(len(each.decoder.chunks) for each in batch)))
    )

    assert max(np.diff(decoded)) == 1
    for index in range(5):
        np.testing.assert_array_equal(joined(items, index), joined(items))


def test_each_row_ends_in_its_own_way():
    """One is whole, one is dropped, one loops and one stops too early."""
    seen: list[Progress] = []

    def drop_the_second(progress):
        seen.append(progress)
        return progress.index == 1 and progress.done == 5

    loop = Loop(FRAMES, FRAMES, None, 3)
    items = list(stream_frames(loop, streams(*[utterance()] * 4), drop_the_second))

    assert len(joined(items)) == FRAMES * FRAME_SAMPLES
    assert [progress.done for progress in seen if progress.index == 1] == [1, 2, 3, 4, 5]
    assert not [item for item in items if item.index == 1]
    reasons = {item.index: item.reason for item in items if isinstance(item, Rejected)}
    assert "over and over" in reasons[2] and "too early" in reasons[3]
    assert [progress.done for progress in seen if progress.index == 0] == [*range(1, FRAMES + 1), FRAMES]
    assert (seen[-1].done, seen[-1].expected) == (FRAMES, FRAMES)


def test_a_text_without_words_is_rejected_and_another_model_s_voice_refused():
    opened, rejected = open_streams([utterance("…!"), utterance()], 4, (8,), lambda prompt: Codec())

    assert [stream.index for stream in opened] == [1]
    assert rejected == [Rejected(0, "There is nothing to say here: it has no words.")]
    with pytest.raises(EngineError, match="another model") as caught:
        open_streams([utterance()], 5, (8,), lambda prompt: Codec())
    assert caught.value.permanent


def test_silence_alone_is_never_handed_on():
    stream = UtteranceStream(0, utterance(), Prompt(np.ones(4)))

    assert stream.push(np.zeros(3 * RATE, np.float32)) is None
    assert stream.finish(np.empty(0, np.float32)) == Rejected(0, "The model made only silence.")
    assert isinstance(UtteranceStream(0, utterance(), Prompt(np.ones(4))).finish(tone(3 * RATE)), Audio)
