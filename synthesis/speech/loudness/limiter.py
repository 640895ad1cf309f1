"""A limiter that keeps true peaks under a ceiling, and everything else as it is. Pure."""

import numpy as np

from .true_peak import CONTEXT, peaks

ATTACK_SECONDS = 0.005  # before a peak: its gain is reached by then
RELEASE_DB_PER_SECOND = 30.0  # back to no reduction: slower than the periods of a voice, or it would be distorted
MARGIN_DB = 0.05  # what a gain that changes may add to a peak between samples, and 16 bits to any

_NEPER_DB = 20 / np.log(10)  # reductions are natural logarithms, quicker to make and to undo


class Limiter:
    """Limits sound that comes in pieces: the pieces that come out are together what went in, as long and at its place.

    The reduction that each peak needs is (1) brought forward by the attack, as the largest of what comes within it, (2)
    released at a constant rate, (3) averaged over the attack by a smooth window. All that (3) averages is at least what the
    peak needs, thanks to (1): so the gain is smooth, and no peak gets through. Where nothing exceeds the ceiling, the gain
    is exactly 1.
    """

    def __init__(self, rate: int, ceiling_dbtp: float):
        self._ceiling = 10 ** ((ceiling_dbtp - MARGIN_DB) / 20)
        self._attack = round(ATTACK_SECONDS * rate)
        window = np.hanning(self._attack + 3)[1:-1]
        self._window = (window / window.sum()).astype(np.float32)
        self._release = RELEASE_DB_PER_SECOND / _NEPER_DB / rate
        self._lead = self._attack  # samples of silence before the first one: room for the attack of a peak there
        self._sound = np.zeros(CONTEXT + self._lead, np.float32)  # the end of what is done, then what still waits
        self._reductions = np.zeros(self._attack, np.float32)  # nepers, of the end of what is done

    def push(self, samples: np.ndarray, last: bool) -> np.ndarray:
        """Return what is ready, float32 (samples,): all but some ms of what was pushed; after the `last`, all."""
        ahead = self._attack + CONTEXT
        end = [np.zeros(ahead, np.float32)] if last else []
        sound = np.concatenate([self._sound, samples, *end])
        ready = len(sound) - CONTEXT - ahead
        if ready <= 0:
            self._sound = sound
            return np.zeros(0, np.float32)
        needed = np.log(np.maximum(peaks(sound, above=self._ceiling) / self._ceiling, 1))
        reductions = self._released(_largest_within(needed, self._attack + 1))
        reductions = np.concatenate([self._reductions, reductions])
        self._sound, self._reductions = sound[ready:], reductions[-self._attack :]
        smooth = np.convolve(reductions, self._window, "valid")
        done = sound[CONTEXT : CONTEXT + ready] * np.exp(-smooth)
        lead = min(self._lead, ready)
        self._lead -= lead
        return done[lead:]

    def _released(self, reductions: np.ndarray) -> np.ndarray:
        """Return them, each at least the one before less the release."""
        fall = self._release * np.arange(len(reductions) + 1)
        return (np.maximum.accumulate(np.append(self._reductions[-1], reductions) + fall) - fall)[1:].astype(np.float32)


def _largest_within(values: np.ndarray, width: int) -> np.ndarray:
    """Return the maximum of each `width` neighbours, (values - width + 1,)."""
    span = 1
    while span < width:
        shift = min(span, width - span)
        values = np.maximum(values[:-shift], values[shift:])
        span += shift
    return values
