"""Normalize the loudness of finished speech, and reject what can't be speech. Pure."""

from typing import NamedTuple

import numpy as np

from synthesis.engines import EngineError

TARGET_DBFS = -20.0  # RMS of the speech, as audiobooks have it (ACX asks for -23 to -18)
PEAK_DBFS = -1.0


def gain(samples: np.ndarray, rate: int) -> float:
    """Return the factor that brings the audible parts to TARGET_DBFS, or as near as PEAK_DBFS allows."""
    frame = rate // 50
    frames = samples[: len(samples) // frame * frame].reshape(-1, frame)
    power = (frames**2).mean(1) if len(frames) else np.array([(samples**2).mean()])
    speech = power[power > power.max() * 1e-3]
    wanted = 10 ** (TARGET_DBFS / 20) / max(np.sqrt(speech.mean()), 1e-6)
    limit = 10 ** (PEAK_DBFS / 20) / max(np.abs(samples).max(), 1e-6)
    return float(min(wanted, limit))


def normalize_loudness(samples: np.ndarray, rate: int) -> np.ndarray:
    """Return `samples` with their `gain` applied."""
    return (samples * gain(samples, rate)).astype(np.float32)


def check_speech(samples: np.ndarray, rate: int) -> None:
    """Raise EngineError when this can't be speech: too short, silent, or not finite."""
    if len(samples) < rate // 20:
        raise EngineError("The engine made next to no sound.")
    if not np.isfinite(samples).all():
        raise EngineError("The engine made a broken sound.")
    if np.abs(samples).max() < 1e-3:
        raise EngineError("The engine made only silence.")


class Loudness(NamedTuple):
    integrated: float | None
    true_peak: float


class Meter:
    def __init__(self, rate: int):
        self.rate = rate

    def push(self, samples: np.ndarray) -> None:
        pass

    def result(self) -> Loudness:
        return Loudness(None, 0.0)


def voice_loudness(samples: np.ndarray, rate: int) -> float | None:
    return None


def level(samples: np.ndarray, rate: int, voice_lufs: float | None) -> np.ndarray:
    return normalize_loudness(samples, rate)
