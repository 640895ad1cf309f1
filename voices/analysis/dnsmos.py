"""DNSMOS P.835: predicts how listeners would rate the speech, the background and the whole of a recording. Pure.

The network (Reddy, Gopal and Cutler 2022, arXiv:2110.01763), the window and the polynomials are those of the package
speechmos 0.0.1.1 (MIT), `sig_bak_ovr.onnx`. It was trained on English with noise and noise suppression, so it is
unreliable for other languages, reverberation and telephones, and underrates some good recordings. It compares two
recordings more reliably than it rates one.
"""

import math
from dataclasses import dataclass

import numpy as np
import soxr

from .networks import session

SAMPLE_RATE = 16_000  # Hz
WINDOW_SAMPLES = 144_160  # 9.01 s, the input of the network
_POLYNOMIALS = (  # from an output of the network to its opinion score, the highest power first
    (-0.08397278, 1.22083953, 0.0052439),  # signal
    (-0.13166888, 1.60915514, -0.39604546),  # background
    (-0.06766283, 1.11546468, 0.04602535),  # overall
)


@dataclass(frozen=True)
class Opinion:
    """Mean opinion scores, 1 (bad) to 5 (excellent)."""

    signal: float
    background: float  # 5: nothing disturbs
    overall: float


def predict_mos(samples: np.ndarray, sample_rate: int) -> Opinion:
    """Return the opinion of a recording, float (samples,), mono, within -1 and 1: the mean over windows of it.

    They are at most 4.5 s apart. A recording shorter than a window is repeated to fill one. Raises ValueError if it is
    empty.
    """
    wave = soxr.resample(np.asarray(samples, np.float32), sample_rate, SAMPLE_RATE)
    if not len(wave):
        raise ValueError("There is no sound to rate.")
    if len(wave) < WINDOW_SAMPLES:
        wave = np.resize(wave, WINDOW_SAMPLES)
    room = len(wave) - WINDOW_SAMPLES
    starts = np.linspace(0, room, 1 + math.ceil(room / SAMPLE_RATE / 4.5)).astype(int)
    windows = (wave[None, start : start + WINDOW_SAMPLES] for start in starts)
    raw = np.array([session("dnsmos").run(None, {"input_1": window})[0][0] for window in windows])
    outputs = zip(_POLYNOMIALS, raw.T.astype(float), strict=True)
    return Opinion(*(float(np.polyval(polynomial, output).mean()) for polynomial, output in outputs))
