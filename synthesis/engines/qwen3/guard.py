"""Detect utterances that run away, loop or stay silent, and finish the end of those that don't. Pure."""

import re
from collections.abc import Sequence

import numpy as np

from .duration import ceiling
from .prompt import CODEBOOKS, FRAME_SAMPLES, FRAME_SECONDS, RATE

AUDIBLE_RMS = 10 ** (-54 / 20)  # of a frame
MAX_TAIL_SAMPLES = round(0.3 * RATE)  # of silence after the last sound
FADE_SAMPLES = round(0.01 * RATE)
ABRUPT_LEVEL = 10 ** (-15 / 20)  # of the level of speech


class RunawayGuard:
    """Checks an utterance frame by frame while it is made, and as a whole at its end.

    **A codec loop** is the model repeating a sound, its end token out of reach. Its frames repeat those `period` frames
    before: a held buzz or silence with a period of one frame, a syllable with three or four, a short word with up to 25
    (2 s). Sampling varies a loop: a frame repeats another if the first code, which carries the sound, is the same, or
    half of all 16; if all are, which is rare in speech, it counts twice. A frame that repeats nothing subtracts four,
    so that evidence grows only where four fifths repeat.

    Natural speech repeats too: a pause or a held vowel is the same code for up to a second, rarely two (24 frames). So
    LOOP_EVIDENCE is enough only when the text should have ended and the end token has been improbable for a second
    (where that is known). Before, it takes twice as much, nearly four seconds of one sound, and twice as much again
    where the text itself repeats (“ha ha ha ha”, “nooooo”). From then on an exact loop is found within one second, a
    blurred one within two.

    **A runaway** that does not repeat, or not closely, is stopped at the ceiling.
    """

    MAX_PERIOD_FRAMES = 25
    LOOP_EVIDENCE = 24
    UNLIKELY_END = 0.01  # probability of the end token
    MIN_LENGTH_SHARE = 0.25  # of what is expected

    def __init__(self, text: str, expected: int):
        self.expected = expected
        self.ceiling = ceiling(expected)
        self.frames = 0
        self._needed = self.LOOP_EVIDENCE * (2 if _repeats(text) else 1)
        self._before = np.full((self.MAX_PERIOD_FRAMES, CODEBOOKS), -1)  # the latest frame first
        self._evidence = np.zeros(self.MAX_PERIOD_FRAMES, int)
        self._unlikely = 0  # frames in a row

    def frame(self, codes: Sequence[int] | np.ndarray, end_probability: float | None = None) -> str | None:
        """Take the next frame; return the reason to stop, in words, or None while all is well.

        codes: the frame's 16 codes, or its first. end_probability: of the end token in its place.
        """
        codes = np.asarray(codes)
        self.frames += 1
        same = self._before[:, : len(codes)] == codes
        repeats = same[:, 0] | (same.mean(1) >= 0.5)
        exactly = same.all(1) & (len(codes) == CODEBOOKS)
        self._evidence = np.maximum(0, self._evidence + np.where(repeats, 1 + exactly, -4))
        self._before = np.roll(self._before, 1, axis=0)
        self._before[0, : len(codes)] = codes
        ending = end_probability is not None and end_probability >= self.UNLIKELY_END
        self._unlikely = 0 if ending else self._unlikely + 1

        overdue = self.frames > self.expected and self._unlikely > 1 / FRAME_SECONDS
        if self._evidence.max() >= self._needed * (1 if overdue else 2):
            return "The model did not stop: it was saying the same sound over and over."
        return self.overrun(self.frames)

    def overrun(self, frames: int, speaker: str = "The model") -> str | None:
        """Return the reason to stop after so many frames, in words; None below the ceiling."""
        if frames < self.ceiling:
            return None
        return (
            f"{speaker} did not stop: it spoke for {frames * FRAME_SECONDS:.0f} s, "
            f"where this text takes about {self.expected * FRAME_SECONDS:.0f} s."
        )

    def finish(self, samples: np.ndarray) -> str | None:
        """Return the reason to reject the whole sound, float32 (samples,) at 24 kHz, in words; None if it is well.

        Only audible frames count as speech.
        """
        if not len(samples):
            return "The model made no sound."
        if not np.isfinite(samples).all():
            return "The model made a broken sound."
        audible = int((_levels(samples, FRAME_SAMPLES) > AUDIBLE_RMS).sum())
        if not audible:
            return "The model made only silence."
        if audible < max(min(3, self.expected / 2), self.MIN_LENGTH_SHARE * self.expected):
            return (
                f"The model stopped too early: it spoke for {audible * FRAME_SECONDS:.1f} s, "
                f"where this text takes about {self.expected * FRAME_SECONDS:.1f} s."
            )
        return None


def _repeats(text: str) -> bool:
    """Return whether the text repeats itself: a letter five times, or a word four times, in a row."""
    return bool(re.search(r"(\w)\1{4}|\b(\w+)(?:\W+\2\b){3}", text.lower()))


def finish_tail(samples: np.ndarray) -> np.ndarray:
    """Trim and fade the end of an utterance, or all of it, float32 (samples,) at 24 kHz: no click, no long silence.

    0.3 s of silence are left after the last sound. The last 10 ms are faded; 40 ms where the sound was cut off in full
    voice, which is then heard as a short syllable rather than as a click.
    """
    samples = np.array(samples[: end_of_sound(samples) + MAX_TAIL_SAMPLES], np.float32)
    fade = min(FADE_SAMPLES * (4 if ends_abruptly(samples) else 1), len(samples))
    if fade:
        samples[-fade:] *= np.linspace(1, 0, fade, dtype=np.float32)
    return samples


def end_of_sound(samples: np.ndarray) -> int:
    """Return the number of samples up to the end of the last audible one, to within 10 ms; 0 where all is silence.

    Audible: above -54 dBFS, and no more than 50 dB below the loudest.
    """
    levels = _levels(samples, FADE_SAMPLES)
    audible = np.flatnonzero(levels > max(AUDIBLE_RMS, levels.max(initial=0.0) * 10 ** (-50 / 20)))
    return len(samples) - (len(levels) - 1 - int(audible[-1])) * FADE_SAMPLES if len(audible) else 0


def ends_abruptly(samples: np.ndarray) -> bool:
    """Return whether the last 20 ms are less than 15 dB below the level of the loud parts.

    Then a syllable was cut off: a word that ends by itself dies away.
    """
    levels = _levels(samples, RATE // 50)
    return len(levels) > 1 and bool(levels[-1] > max(AUDIBLE_RMS, ABRUPT_LEVEL * np.percentile(levels, 90)))


def _levels(samples: np.ndarray, frame: int) -> np.ndarray:
    """Return the RMS of each `frame` samples, (samples // frame,), counted from the end so that the last is whole."""
    count = len(samples) // frame
    frames = np.asarray(samples, np.float32)[len(samples) - count * frame :].reshape(count, frame)
    return np.sqrt((frames**2).mean(1))
