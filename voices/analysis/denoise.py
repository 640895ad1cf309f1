"""Noise suppression by OM-LSA, gentle enough to keep the voice as it is. Pure.

1. A high-pass filter removes rumble and mains hum, which lie below any voice.
2. The noise power of each band starts as the mean of the pauses, which voice activity detection finds, and is tracked
   through speech by each band's speech presence probability (Gerkmann and Hendriks 2012, IEEE TASLP 20(4)).
3. Each band gets the gain of the log-spectral amplitude estimator (Ephraim and Malah 1985, IEEE TASSP 33(2)), pulled
   towards the floor where speech is unlikely (OM-LSA: Cohen and Berdugo 2001, Signal Processing 81(11)).

The floor makes it gentle: some noise remains under the voice, so that nothing warbles, and hardly audible noise is
hardly attenuated. docs/voices.md shows the effect on recordings degraded on purpose.
"""

import numpy as np

from .vad import FRAME_SAMPLES, SAMPLE_RATE, widen

MIN_GAIN_DB = -18.0
INAUDIBLE_NOISE_DB = 45.0  # signal-to-noise ratio beyond which noise need not be attenuated
HIGH_PASS_HZ = 60.0, 80.0  # removes all below the first and nothing above the second

_WINDOW_SAMPLES, _HOP_SAMPLES = FRAME_SAMPLES, FRAME_SAMPLES // 4  # 32 ms, 8 ms
_WINDOW = np.sqrt(0.5 - 0.5 * np.cos(2 * np.pi * np.arange(_WINDOW_SAMPLES) / _WINDOW_SAMPLES)).astype(np.float32)
_TINY_POWER = 1e-10  # of a band: far below the last bit of a 16-bit file
_SPEECH_RATIO = 10**1.5  # the a priori SNR (15 dB) of a band with speech, as the noise tracker assumes it
_SMOOTHING_FACTOR = 0.94  # the share of the previous frame in the decision-directed a priori SNR
_LIKELY_DB = -10.0, -5.0  # SNR below which speech is unlikely, and above which it is likely
_MARGIN_FRAMES = 3  # around detected speech, which may still hold speech


def clean(wave: np.ndarray, speech: np.ndarray) -> np.ndarray:
    """Return `wave`, float32 (samples,) at 24 kHz, with its noise attenuated; length, level and timing stay.

    speech: which frames hold speech, bool (samples // FRAME_SAMPLES,), from `vad.speech_mask`.
    """
    if len(wave) < _WINDOW_SAMPLES:
        return wave
    wave = _high_passed(wave)
    spectrum = _transform(wave)
    power = (np.abs(spectrum) ** 2).astype(np.float64) + _TINY_POWER
    spectrum *= _gains(power, _speech_presence(speech, len(power)))
    return _inverse_transform(spectrum, len(wave))


def _high_passed(wave: np.ndarray) -> np.ndarray:
    spectrum, hertz = np.fft.rfft(wave), np.fft.rfftfreq(len(wave), 1 / SAMPLE_RATE)
    low, high = HIGH_PASS_HZ
    ramp = np.clip((hertz - low) / (high - low), 0, 1)
    return np.fft.irfft(spectrum * (0.5 - 0.5 * np.cos(np.pi * ramp)), len(wave)).astype(np.float32)


def _transform(wave: np.ndarray) -> np.ndarray:
    """Return the short-time Fourier transform with an overlap of three quarters, complex (windows, bands)."""
    padded = np.pad(wave, (_WINDOW_SAMPLES, 2 * _WINDOW_SAMPLES))
    windows = np.lib.stride_tricks.sliding_window_view(padded, _WINDOW_SAMPLES)[::_HOP_SAMPLES]
    return np.fft.rfft(windows * _WINDOW, axis=1)


def _inverse_transform(spectrum: np.ndarray, length: int) -> np.ndarray:
    # The squares of four overlapping windows add up to 2.
    windows = (np.fft.irfft(spectrum, _WINDOW_SAMPLES, axis=1) * (_WINDOW / 2)).astype(np.float32)
    padded = np.zeros((len(windows) + _WINDOW_SAMPLES // _HOP_SAMPLES - 1) * _HOP_SAMPLES, np.float32)
    for part in range(_WINDOW_SAMPLES // _HOP_SAMPLES):
        quarter = windows[:, part * _HOP_SAMPLES : (part + 1) * _HOP_SAMPLES]
        padded[part * _HOP_SAMPLES : (part + len(windows)) * _HOP_SAMPLES] += quarter.ravel()
    return padded[_WINDOW_SAMPLES : _WINDOW_SAMPLES + length]


def _speech_presence(speech: np.ndarray, count: int) -> np.ndarray:
    """Return how likely each window holds speech, (windows,): 1 in and close to speech, falling to 0 in pauses."""
    near = widen(speech, _MARGIN_FRAMES)
    centres = (np.arange(count) * _HOP_SAMPLES - _WINDOW_SAMPLES / 2) / FRAME_SAMPLES - 0.5  # of the windows, in frames
    return np.interp(centres, np.arange(len(near)), near.astype(float))


def _gains(power: np.ndarray, spoken: np.ndarray) -> np.ndarray:
    """Return the gain of each band in each window, (windows, bands), from its power."""
    quiet = spoken < 0.5
    quiet &= power.sum(1) > 2 * _TINY_POWER * power.shape[1]  # digital silence says nothing about the room
    few = power[quiet] if quiet.sum() >= 12 else np.sort(power, axis=0)[: max(len(power) // 10, 1)]
    noise = few.mean(0)
    loud = power[spoken >= 0.5].mean() if (spoken >= 0.5).any() else power.mean()
    above = 10 * np.log10(max(loud / noise.mean(), 1.0))
    floor = 10 ** (-np.clip(INAUDIBLE_NOISE_DB - above, 0, -MIN_GAIN_DB) / 20)

    gains = np.empty(power.shape, np.float32)
    recent = np.full(power.shape[1], 0.5)  # speech presence probability, smoothed: keeps the tracker from stalling
    before = np.zeros(power.shape[1])  # SNR of the speech that was estimated in the previous window
    smoothed = np.zeros(power.shape[1])  # a priori SNR
    for row, talk, gain in zip(power, spoken, gains, strict=True):
        # Track the noise.
        exponent = np.minimum(row / noise, 200) * _SPEECH_RATIO / (1 + _SPEECH_RATIO)
        present = 1 / (1 + (1 + _SPEECH_RATIO) * np.exp(-exponent))
        recent = 0.9 * recent + 0.1 * present
        present = np.where(recent > 0.99, np.minimum(present, 0.99), present)
        noise = 0.8 * noise + 0.2 * (present * noise + (1 - present) * row)
        # The SNR: a posteriori, and a priori by the decision-directed approach.
        posterior = np.minimum(row / noise, 1e4)
        prior = _SMOOTHING_FACTOR * before + (1 - _SMOOTHING_FACTOR) * np.maximum(posterior - 1, 0)
        prior = np.maximum(prior, 10**-2.5)
        share = prior / (1 + prior)
        exponent = np.clip(posterior * share, 1e-6, 200)
        full = np.minimum(share * np.exp(0.5 * _exponential_integral(exponent)), 1.0)
        before = full**2 * posterior
        # The probability of speech, which weighs that gain against the floor.
        smoothed = 0.7 * smoothed + 0.3 * prior
        near, wide = (_speech_probability(_smooth_bands(smoothed, by)) for by in (1, 15))
        absent = np.clip(1 - near * wide * talk, 0.0, 0.95)
        present = 1 / (1 + absent / (1 - absent) * (1 + prior) * np.exp(-exponent))
        gain[:] = np.maximum(full, floor) ** present * floor ** (1 - present)
    return gains


def _smooth_bands(row: np.ndarray, by: int) -> np.ndarray:
    """Return the moving average over each band and `by` others on either side."""
    sums = np.concatenate([[0.0], np.cumsum(np.pad(row, by, mode="edge"))])
    return (sums[2 * by + 1 :] - sums[: -2 * by - 1]) / (2 * by + 1)


def _speech_probability(ratio: np.ndarray) -> np.ndarray:
    low, high = _LIKELY_DB
    return np.clip((10 * np.log10(ratio + 1e-9) - low) / (high - low), 0, 1)


def _exponential_integral(x: np.ndarray) -> np.ndarray:
    """Return E1(x) for x > 0, to 2e-5: Abramowitz and Stegun 1964, 5.1.53 and 5.1.54."""
    near = np.minimum(x, 1.0)
    small = np.polyval((0.00107857, -0.00976004, 0.05519968, -0.24991055, 0.99999193, -0.57721566), near) - np.log(near)
    far = np.maximum(x, 1.0)
    large = (far**2 + 2.334733 * far + 0.250621) / (far**2 + 3.330657 * far + 1.681534) * np.exp(-far) / far
    return np.where(x < 1, small, large)
