"""Detect utterances that run away, loop or stay silent, and finish the end of those that don't."""

import re
from collections.abc import Sequence

import numpy as np

from .duration import ceiling
from .prompt import CODEBOOKS, FRAME_SAMPLES, FRAME_SECONDS, RATE


class Watch:
    """Looks at an utterance while it is made, frame by frame, and at its end.

    **A codec loop** is the model saying the same sound over and over, its end token out of reach. Its frames repeat
    those `period` frames before: a held buzz or silence with a period of one frame, a syllable with three or four, a
    short word with up to 25 (2 s). Sampling varies a loop: a frame repeats another if the first code, which tells the
    sound, is the same, or half of all are; if all 16 are, that is twice the evidence, for sampled speech hardly ever
    does so. A frame that repeats nothing takes four times away, so that evidence only grows where four fifths repeat.

    Natural speech repeats too. A pause, a held vowel or a drawn-out “mmm” is the same code for up to a second, rarely
    two (24 frames); so that much evidence counts only when the text should have ended already and the end token has
    been improbable for a second (where that is known). Before that it takes twice as much, nearly four seconds of one
    sound, which is a pause or vowel of nobody. Where the text itself repeats (“ha ha ha ha”, “nooooo”) it takes twice
    as much again. An exact loop is thus certain within one second, a blurred one within two, of the point from which
    it counts, and is stopped in that frame.

    **A runaway** that does not repeat, or not closely, meets the ceiling.
    """

    PERIODS = 25  # frames, the longest
    EVIDENCE = 24
    UNLIKELY = 0.01  # probability of the end token
    SHORTEST = 0.25  # of what is expected
    AUDIBLE = 10 ** (-54 / 20)  # RMS of a frame

    def __init__(self, text: str, expected: int):
        self.expected = expected
        self.ceiling = ceiling(expected)
        self.frames = 0
        self._needed = self.EVIDENCE * (2 if _repeats(text) else 1)
        self._before = np.full((self.PERIODS, CODEBOOKS), -1)  # the latest frame first
        self._evidence = np.zeros(self.PERIODS, int)
        self._unlikely = 0  # frames in a row

    def frame(self, codes: Sequence[int] | np.ndarray, end_probability: float | None = None) -> str | None:
        """Takes the next frame: its 16 codes (or the first), and how probable the end token was in its place.

        The reason to stop, in words; None while all is well.
        """
        codes = np.asarray(codes)
        self.frames += 1
        same = self._before[:, : len(codes)] == codes
        repeats = same[:, 0] | (same.mean(1) >= 0.5)
        exactly = same.all(1) & (len(codes) == CODEBOOKS)
        self._evidence = np.maximum(0, self._evidence + np.where(repeats, 1 + exactly, -4))
        self._before = np.roll(self._before, 1, axis=0)
        self._before[0, : len(codes)] = codes
        ending = end_probability is not None and end_probability >= self.UNLIKELY
        self._unlikely = 0 if ending else self._unlikely + 1

        overdue = self.frames > self.expected and self._unlikely > 1 / FRAME_SECONDS
        if self._evidence.max() >= self._needed * (1 if overdue else 2):
            return "The model did not stop: it was saying the same sound over and over."
        if self.frames >= self.ceiling:
            return (
                f"The model did not stop: it spoke for {self.frames * FRAME_SECONDS:.0f} s, "
                f"where this text takes about {self.expected * FRAME_SECONDS:.0f} s."
            )
        return None

    def finish(self, samples: np.ndarray) -> str | None:
        """Takes the whole sound, float32 (samples,) at 24 kHz. The reason to reject it, in words; None if it is well.

        Only what can be heard counts, so that a long silence is no speech.
        """
        if not len(samples):
            return "The model made no sound."
        if not np.isfinite(samples).all():
            return "The model made a broken sound."
        heard = int((_levels(samples, FRAME_SAMPLES) > self.AUDIBLE).sum())
        if not heard:
            return "The model made only silence."
        if heard < max(min(3, self.expected / 2), self.SHORTEST * self.expected):
            return (
                f"The model stopped too early: it spoke for {heard * FRAME_SECONDS:.1f} s, "
                f"where this text takes about {self.expected * FRAME_SECONDS:.1f} s."
            )
        return None


def _repeats(text: str) -> bool:
    """Whether one sound over and over is what the text asks for: a letter five times, or a word four times, in a row."""
    return bool(re.search(r"(\w)\1{4}|\b(\w+)(?:\W+\2\b){3}", text.lower()))


_LONGEST_TAIL = round(0.3 * RATE)  # samples of silence that may follow the last sound


_FADE = round(0.01 * RATE)


_ABRUPT = 10 ** (-15 / 20)  # of the level of speech


def finish_tail(samples: np.ndarray) -> np.ndarray:
    """The end of an utterance, or all of it, float32 (samples,) at 24 kHz, so that it neither clicks nor trails off.

    Silence after the last sound is kept, but no more than 0.3 s of it. The last 10 ms are faded, and 40 where the
    sound was cut off in full voice, which an ear takes for a short syllable rather than for a click.
    """
    levels = _levels(samples, _FADE)
    audible = np.flatnonzero(levels > max(Watch.AUDIBLE, levels.max(initial=0.0) * 10 ** (-50 / 20)))
    end = len(samples) - (len(levels) - 1 - int(audible[-1])) * _FADE if len(audible) else 0
    samples = np.array(samples[: end + _LONGEST_TAIL], np.float32)
    fade = min(_FADE * (4 if ends_abruptly(samples) else 1), len(samples))
    if fade:
        samples[-fade:] *= np.linspace(1, 0, fade, dtype=np.float32)
    return samples


def ends_abruptly(samples: np.ndarray) -> bool:
    """Whether the sound ends in full voice: a syllable that was cut off. A word that ends by itself dies away.

    That is, whether the last 20 ms are less than 15 dB below the level of its loud parts.
    """
    levels = _levels(samples, RATE // 50)
    return len(levels) > 1 and bool(levels[-1] > max(Watch.AUDIBLE, _ABRUPT * np.percentile(levels, 90)))


def _levels(samples: np.ndarray, frame: int) -> np.ndarray:
    """RMS of each frame of that many samples, counted from the end, so that the last is whole: (samples // frame,)."""
    count = len(samples) // frame
    frames = np.asarray(samples, np.float32)[len(samples) - count * frame :].reshape(count, frame)
    return np.sqrt((frames**2).mean(1))
