"""Measure the pitch of a voice. Pure."""

import numpy as np
import soxr

LOWEST_HZ, HIGHEST_HZ = 60, 400
HOP_SECONDS = 0.01

_RATE, _SIZE, _HOP = 8000, 400, 80  # Hz; 50 ms, 10 ms
_VOICED_HEIGHT = 0.5  # of the peak of the autocorrelation, from which a frame counts as voiced


def track(samples: np.ndarray, rate: int) -> tuple[np.ndarray, np.ndarray]:
    """Return the fundamental frequency in Hz of each 10 ms, NaN where there is none, and how periodic it is, 0 to 1.

    samples: float (samples,), mono. The peak of the autocorrelation between 60 and 400 Hz, divided by the window's own
    (Boersma 1993). A frame that is 13 dB below the loud ones has no pitch.
    """
    wave = soxr.resample(samples.astype(np.float32), rate, _RATE)
    if len(wave) < _SIZE:
        return np.zeros(0), np.zeros(0)
    window = np.hanning(_SIZE)
    frames = np.lib.stride_tricks.sliding_window_view(wave, _SIZE)[::_HOP] * window
    correlation = np.fft.irfft(np.abs(np.fft.rfft(frames, 1024, axis=1)) ** 2, axis=1)[:, :_SIZE]
    correlation /= np.maximum(np.fft.irfft(np.abs(np.fft.rfft(window, 1024)) ** 2)[:_SIZE], 1e-3)
    energy = correlation[:, 0]
    lags = np.arange(_RATE // HIGHEST_HZ, _RATE // LOWEST_HZ)
    within = correlation[:, lags]
    best = within.max(1)
    height = np.clip(best / np.maximum(energy, 1e-12), 0, 1)
    # The shortest lag nearly as good as the best: a longer one is an octave below.
    first = (within > 0.9 * best[:, None]).argmax(1)
    near = np.minimum(first[:, None] + np.arange(6), len(lags) - 1)
    peaks = np.take_along_axis(near, np.take_along_axis(within, near, 1).argmax(1)[:, None], 1)[:, 0]
    voiced = (height > _VOICED_HEIGHT) & (energy > 0.05 * np.percentile(energy, 95))
    return np.where(voiced, _RATE / lags[peaks], np.nan), height


def median_pitch(samples: np.ndarray, rate: int) -> float:
    """Return the median fundamental frequency of the voiced parts, Hz; NaN where there are none."""
    hertz, _ = track(samples, rate)
    voiced = hertz[~np.isnan(hertz)]
    return float(np.median(voiced)) if len(voiced) else float("nan")
