"""Tell whether a join can be heard as a click. Pure; an instrument of tests and benchmarks."""

from collections.abc import Iterable

import numpy as np

AUDIBLE_STEP = 0.003  # of full scale, in silence
STEP_RATIO = 6.0  # times what samples beside it differ by (RMS): larger than speech's own
NEAR_SECONDS = 0.003  # on each side, that hide a step by their own
CUT_LEVEL = 0.01  # of full scale (RMS), beside a silence
CUT_RATIO = 10.0
CUT_SECONDS = 0.001  # a fade of a few times as long is no cut


def clicks(samples: np.ndarray, rate: int, places: Iterable[int]) -> list[int]:
    """Return those of `places` where mono sound, float32 (samples,), clicks. A place is the first sample after a join.

    A click is a step that stands out from what is around it, or speech that begins or ends at once.
    """
    return [place for place in places if _steps(samples, rate, place) or _is_cut(samples, rate, place)]


def _steps(samples: np.ndarray, rate: int, place: int) -> bool:
    near = round(NEAR_SECONDS * rate)
    differences = np.diff(_around(samples, place, near + 1))
    step = abs(differences[near])
    sides = differences[: near - 1], differences[near + 2 :]
    usual = max(float(np.sqrt((side**2).mean())) for side in sides)
    return step > max(AUDIBLE_STEP, STEP_RATIO * usual)


def _is_cut(samples: np.ndarray, rate: int, place: int) -> bool:
    near = round(CUT_SECONDS * rate)
    levels = np.sqrt((_around(samples, place, near).reshape(2, near) ** 2).mean(1))
    return levels.max() > max(CUT_LEVEL, CUT_RATIO * levels.min())


def _around(samples: np.ndarray, place: int, width: int) -> np.ndarray:
    """Return so many samples before `place` and as many from there on, with zeros beyond the ends."""
    start, end = place - width, place + width
    return np.pad(samples[max(start, 0) : end], (max(-start, 0), max(end - len(samples), 0)))
