"""The last steps on finished speech: level and checks. Pure."""

from typing import Any

import numpy as np
import soundfile

from synthesis.engines import EngineError

TARGET_DBFS = -20.0  # RMS of the speech, as audiobooks have it (ACX asks for -23 to -18)
PEAK_DBFS = -1.0


def read_segment(file: Any, pause: float) -> tuple[np.ndarray, int]:
    """The sound of a part of a text in an open file, float32 (samples,), with `pause` seconds of silence after it, and its rate in Hz.

    Raises SoundFileError.
    """
    samples, rate = soundfile.read(file, dtype="float32")
    return np.concatenate([samples, np.zeros(round(pause * rate), np.float32)]), rate


def gain(samples: np.ndarray, rate: int) -> float:
    """What brings `samples` to TARGET_DBFS over the parts that sound, or as near as PEAK_DBFS lets them come."""
    frame = rate // 50
    frames = samples[: len(samples) // frame * frame].reshape(-1, frame)
    power = (frames**2).mean(1) if len(frames) else np.array([(samples**2).mean()])
    speech = power[power > power.max() * 1e-3]
    wanted = 10 ** (TARGET_DBFS / 20) / max(np.sqrt(speech.mean()), 1e-6)
    limit = 10 ** (PEAK_DBFS / 20) / max(np.abs(samples).max(), 1e-6)
    return float(min(wanted, limit))


def normalize_loudness(samples: np.ndarray, rate: int) -> np.ndarray:
    """`samples` with their `gain`."""
    return (samples * gain(samples, rate)).astype(np.float32)


def check_speech(samples: np.ndarray, rate: int) -> None:
    """Raises EngineError when this can't be speech: empty, silent, or not numbers."""
    if len(samples) < rate // 20:
        raise EngineError("The engine made next to no sound.")
    if not np.isfinite(samples).all():
        raise EngineError("The engine made a broken sound.")
    if np.abs(samples).max() < 1e-3:
        raise EngineError("The engine made only silence.")
