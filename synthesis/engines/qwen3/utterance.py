"""Stream one utterance: frames or samples go in as they are made, chunks of audio come out. Pure; no torch, no mlx."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import chain, repeat
from typing import Protocol

import numpy as np

from synthesis.engines.audio.tempo import Tempo
from synthesis.engines.base import Audio, EngineError, Rejected, Utterance
from voicesite.modelhost.protocol import OnProgress, Progress

from .duration import expected_frames
from .guard import RunawayGuard, end_of_sound, finish_tail
from .models import language_name
from .prompt import FRAME_SAMPLES, RATE, Prompt, unpack

HELD_SAMPLES = 4 * FRAME_SAMPLES  # 0.32 s: as much silence as `finish_tail` leaves at an end, and its fade
MIN_CHUNK_SAMPLES = RATE // 4


class UtteranceStream:
    """Takes the samples of one utterance as they are made, and returns Audio as early as possible.

    The end of an utterance is trimmed and faded (`finish_tail`), but where it is shows only when it is reached. So the
    last HELD_SAMPLES are held back until more sound follows, and so is all silence before them.
    """

    def __init__(self, index: int, utterance: Utterance, prompt: Prompt):
        """index: of the utterance in its batch. Raises EngineError (permanent) for a language that is not spoken."""
        self.index = index
        self.seed = utterance.seed
        self.language = language_name(utterance.language)
        self.text = utterance.text.strip()
        self.prompt = prompt
        expected = expected_frames(self.text, utterance.language, prompt, utterance.expected_seconds)
        self.guard = RunawayGuard(self.text, expected)
        self._tempo = Tempo(RATE, utterance.speed)
        self._returned: list[np.ndarray] = []  # at speed 1
        self._held = np.empty(0, np.float32)

    def progress(self, frames: int, ended: bool = False, stage: str = "") -> Progress:
        return Progress(self.index, frames, frames if ended else max(self.guard.expected, frames + 1), stage)

    def push(self, samples: np.ndarray) -> Audio | None:
        """Take the next samples, float32 (samples,) at 24 kHz; return the next chunk, once there is enough for one."""
        self._held = np.concatenate([self._held, samples])
        end = end_of_sound(self._held[:-HELD_SAMPLES])
        if end < MIN_CHUNK_SAMPLES:
            return None
        chunk, self._held = self._held[:end], self._held[end:]
        self._returned.append(chunk)
        chunk = self._tempo.push(chunk)
        return Audio(self.index, chunk, RATE, last=False) if len(chunk) else None

    def finish(self, samples: np.ndarray) -> Audio | Rejected:
        """Take the last samples; return the rest of the audio, or the reason to reject the utterance."""
        tail = np.concatenate([self._held, samples])
        if reason := self.guard.finish(np.concatenate([*self._returned, tail])):
            return Rejected(self.index, reason)
        tail = self._tempo.push(finish_tail(tail))
        return Audio(self.index, np.concatenate([tail, self._tempo.finish()]), RATE)


class Decoder(Protocol):
    """The codec's decoder for one utterance. Keeps its state between chunks."""

    def decode(self, codes: np.ndarray) -> np.ndarray:
        """Return the samples of the next frames, int64 (frames, 16): float32 (frames * 1920,) at 24 kHz."""


class CodecStream(UtteranceStream):
    """An utterance whose codec frames are written in this process, and decoded in chunks.

    chunk_frames: the size of each chunk; the last one repeats. An utterance is cut in the same places whatever shares
    its batch, so that its samples are the same.
    """

    def __init__(self, index: int, utterance: Utterance, prompt: Prompt, decoder: Decoder, chunk_frames: Sequence[int]):
        super().__init__(index, utterance, prompt)
        self.decoder = decoder
        self.stop_reason: str | None = None  # of the guard
        self.undecoded: list[np.ndarray] = []  # whole chunks
        self._frames: list[np.ndarray] = []  # too few for a chunk
        self._sizes = chain(chunk_frames, repeat(chunk_frames[-1]))
        self._size = next(self._sizes)

    def add(self, codes: np.ndarray, end_probability: float) -> None:
        """Take the next frame, int64 (16,)."""
        self.stop_reason = self.guard.frame(codes, end_probability)
        self._frames.append(codes)
        if len(self._frames) == self._size:
            self.undecoded.append(np.stack(self._frames))
            self._frames, self._size = [], next(self._sizes)

    def decode(self) -> Audio | None:
        """Decode the first undecoded chunk; return the audio that is ready, if any."""
        return self.push(self.decoder.decode(self.undecoded.pop(0)))

    def end(self) -> Audio | Rejected:
        chunks = self.undecoded + ([np.stack(self._frames)] if self._frames else [])
        return self.finish(np.concatenate([np.empty(0, np.float32), *map(self.decoder.decode, chunks)]))


def open_streams(
    utterances: Sequence[Utterance],
    speaker_width: int,
    chunk_frames: Sequence[int],
    decoder: Callable[[Prompt], Decoder],
) -> tuple[list[CodecStream], list[Rejected]]:
    """Return a stream for each utterance that has words, and a rejection for each other.

    speaker_width: length of the model's speaker embedding. decoder: is given the same object for all utterances of a
    voice. Raises EngineError (permanent) for a voice that was prepared for another model.
    """
    streams: list[CodecStream] = []
    rejected = []
    unpack_once = cache(unpack)
    for index, utterance in enumerate(utterances):
        prompt = unpack_once(utterance.conditioning)
        if len(prompt.speaker) != speaker_width:
            raise EngineError("This voice was prepared for another model. Prepare it again.", permanent=True)
        stream = CodecStream(index, utterance, prompt, decoder(prompt), chunk_frames)
        if any(character.isalnum() for character in stream.text):
            streams.append(stream)
        else:
            rejected.append(Rejected(index, "There is nothing to say here: it has no words."))
    return streams, rejected


@dataclass(frozen=True)
class WrittenFrame:
    """What the model wrote for one row of the batch in one step."""

    row: int  # number of the utterance among the prompts of the loop
    codes: np.ndarray | None  # int64 (16,); None: the end token was written, and the row has left the batch
    end_probability: float  # of the end token, in this frame's place


class BaseFrameLoop(ABC):
    """The autoregressive loop of an engine: writes a frame of 16 codes for each row at each step.

    The talker, a transformer over all of the text and speech so far, writes the first code, or the end token. The code
    predictor, a small transformer over this frame only, writes the other fifteen, one after another.
    """

    rows: list[int]  # those that have not ended

    @abstractmethod
    def step(self) -> list[WrittenFrame]:
        """Write the next frame of each row. Rows that end leave the batch."""

    def drop(self, rows: set[int]) -> None:
        """Remove these rows from the batch, which makes the others quicker."""
        kept = [place for place, row in enumerate(self.rows) if row not in rows]
        if len(kept) < len(self.rows):
            self.rows = [self.rows[place] for place in kept]
            self._keep(kept)

    @abstractmethod
    def _keep(self, places: list[int]) -> None:
        """Reduce the state of the batch to the rows in these places; there may be none."""


def stream_frames(
    loop: BaseFrameLoop, streams: Sequence[CodecStream], on_progress: OnProgress
) -> Iterator[Audio | Rejected]:
    """Run `loop` to its end, and yield the audio of each row's stream. Calls `on_progress` for each frame of each."""
    while loop.rows:
        frames = loop.step()
        dropped = set()
        for frame in frames:
            stream = streams[frame.row]
            if frame.codes is not None:
                stream.add(frame.codes, frame.end_probability)
            if on_progress(stream.progress(stream.guard.frames, ended=frame.codes is None)):
                dropped.add(frame.row)
        loop.drop(dropped | {frame.row for frame in frames if streams[frame.row].stop_reason})
        for frame in frames:
            stream = streams[frame.row]
            if frame.row in dropped:
                continue
            if stream.stop_reason:
                yield Rejected(stream.index, stream.stop_reason)
            elif frame.codes is None:
                yield stream.end()
        # At most one chunk a step: enough to keep up, and progress does not stall while a whole batch is decoded.
        ready = [streams[row] for row in loop.rows if streams[row].undecoded]
        if ready and (audio := max(ready, key=lambda stream: len(stream.undecoded)).decode()):
            yield audio
