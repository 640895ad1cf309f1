"""Measure the pitch of a voice."""

import numpy as np
import soxr


def median_pitch(samples: np.ndarray, rate: int) -> float:
    """Return the median fundamental frequency of the voiced parts, Hz; NaN where there are none.

    samples: float (samples,), mono. The peak of the autocorrelation between 60 and 400 Hz, divided by the window's own
    (Boersma 1993).
    """
    wave = soxr.resample(samples.astype(np.float32), rate, 8000)
    size, hop = 400, 80  # 50 ms, 10 ms
    if len(wave) < size:
        return float("nan")
    frames = np.lib.stride_tricks.sliding_window_view(wave, size)[::hop] * np.hanning(size)
    power = np.abs(np.fft.rfft(frames, 1024, axis=1)) ** 2
    correlation = np.fft.irfft(power, axis=1)[:, :size]
    correlation /= np.maximum(np.fft.irfft(np.abs(np.fft.rfft(np.hanning(size), 1024)) ** 2)[:size], 1e-3)
    energy = correlation[:, 0]
    lags = np.arange(8000 // 400, 8000 // 60)
    within = correlation[:, lags]
    height = within.max(1) / np.maximum(energy, 1e-12)
    # The shortest lag nearly as good as the best: a longer one is an octave below.
    first = (within > 0.9 * within.max(1, keepdims=True)).argmax(1)
    voiced = (height > 0.5) & (energy > 0.05 * np.percentile(energy, 95))
    if not voiced.any():
        return float("nan")
    peaks = [near + np.argmax(row[near : near + 6]) for near, row in zip(first[voiced], within[voiced], strict=True)]
    return float(np.median(8000 / lags[np.minimum(peaks, len(lags) - 1)]))
