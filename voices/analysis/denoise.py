"""Noise taken out of a recording, so gently that the voice stays what it is. Pure.

1. What lies below any voice, rumble and the hum of the mains, is cut off.
2. Power of the noise in each band and frame: begun with the mean of the pauses, which the speech detector finds, and
   followed through the speech by how likely each band holds some (Gerkmann and Hendriks 2012, IEEE TASLP 20(4)).
3. Each band is turned down by the estimator of the log-spectral amplitude (Ephraim and Malah 1985, IEEE TASSP 33(2)),
   and towards the floor where there is likely no speech (OM-LSA: Cohen and Berdugo 2001, Signal Processing 81(11)).

The floor is what makes it gentle: noise is left under the voice, only weaker, so that nothing warbles; and what is
hardly heard already is hardly touched. docs/voices.md has what it does to recordings that were spoiled on purpose.
"""

import numpy as np

from .vad import FRAME_SAMPLES, SAMPLE_RATE

MAX_ATTENUATION_DB = -18.0  # the most that noise is turned down
INAUDIBLE_NOISE_DB = 45.0  # speech over noise, beyond which noise need not be turned down
HIGH_PASS_HZ = 60.0, 80.0  # Hz: nothing below the first is left, all above the second

_WINDOW_SAMPLES, _HOP_SAMPLES = FRAME_SAMPLES, FRAME_SAMPLES // 4  # samples: 32 ms, 8 ms
_WINDOW = np.sqrt(0.5 - 0.5 * np.cos(2 * np.pi * np.arange(_WINDOW_SAMPLES) / _WINDOW_SAMPLES)).astype(np.float32)
_TINY_POWER = 1e-10  # power of a band: far below that of a 16-bit file's last bit
_SPEECH_RATIO = 10**1.5  # speech over noise of a band that holds speech, for the noise: 15 dB
_SMOOTHING_FACTOR = 0.94  # of a frame's speech over noise, that which comes from the frame before
_LIKELY_DB = -10.0, -5.0  # speech over noise at which there is likely no speech, and likely some
_MARGIN_FRAMES = 3  # frames of the speech detector, around speech, that may hold some still


def clean(wave: np.ndarray, speech: np.ndarray) -> np.ndarray:
    """`wave`, float32 (samples,) at 24 kHz, without the most of its noise: as long, as loud, and at the same places.

    speech: which frames hold speech, bool (samples // FRAME,), as `vad.speech_mask` gives them.
    """
    if len(wave) < _WINDOW_SAMPLES:
        return wave
    wave = _high_passed(wave)
    spectrum = _transform(wave)
    power = (np.abs(spectrum) ** 2).astype(np.float64) + _TINY_POWER
    spoken = _spread(speech, len(power))
    spectrum *= _gains(power, spoken)
    return _inverse_transform(spectrum, len(wave))


def _high_passed(wave: np.ndarray) -> np.ndarray:
    spectrum, hertz = np.fft.rfft(wave), np.fft.rfftfreq(len(wave), 1 / SAMPLE_RATE)
    low, high = HIGH_PASS_HZ
    ramp = np.clip((hertz - low) / (high - low), 0, 1)
    return np.fft.irfft(spectrum * (0.5 - 0.5 * np.cos(np.pi * ramp)), len(wave)).astype(np.float32)


def _transform(wave: np.ndarray) -> np.ndarray:
    """The spectra of windows a quarter apart, complex (windows, bands)."""
    padded = np.pad(wave, (_WINDOW_SAMPLES, 2 * _WINDOW_SAMPLES))
    return np.fft.rfft(
        np.lib.stride_tricks.sliding_window_view(padded, _WINDOW_SAMPLES)[::_HOP_SAMPLES] * _WINDOW, axis=1
    )


def _inverse_transform(spectrum: np.ndarray, length: int) -> np.ndarray:
    # The squares of four overlapping windows add up to 2.
    windows = (np.fft.irfft(spectrum, _WINDOW_SAMPLES, axis=1) * (_WINDOW / 2)).astype(np.float32)
    padded = np.zeros((len(windows) + _WINDOW_SAMPLES // _HOP_SAMPLES - 1) * _HOP_SAMPLES, np.float32)
    for part in range(_WINDOW_SAMPLES // _HOP_SAMPLES):
        padded[part * _HOP_SAMPLES : (part + len(windows)) * _HOP_SAMPLES] += windows[
            :, part * _HOP_SAMPLES : (part + 1) * _HOP_SAMPLES
        ].ravel()
    return padded[_WINDOW_SAMPLES : _WINDOW_SAMPLES + length]


def _spread(speech: np.ndarray, count: int) -> np.ndarray:
    """How likely somebody speaks in each window, (windows,): 1 in speech and close to it, falling to 0 in pauses."""
    near = (
        np.convolve(speech, np.ones(2 * _MARGIN_FRAMES + 1), mode="full")[_MARGIN_FRAMES : _MARGIN_FRAMES + len(speech)]
        > 0
    )
    centres = (np.arange(count) * _HOP_SAMPLES - _WINDOW_SAMPLES / 2) / FRAME_SAMPLES - 0.5  # of the windows, in frames
    return np.interp(centres, np.arange(len(near)), near.astype(float))


def _gains(power: np.ndarray, spoken: np.ndarray) -> np.ndarray:
    """What each band of each window is multiplied with, (windows, bands), from the power that it has."""
    quiet = spoken < 0.5
    quiet &= power.sum(1) > 2 * _TINY_POWER * power.shape[1]  # digital silence says nothing of the room
    few = power[quiet] if quiet.sum() >= 12 else np.sort(power, axis=0)[: max(len(power) // 10, 1)]
    noise = few.mean(0)
    loud = power[spoken >= 0.5].mean() if (spoken >= 0.5).any() else power.mean()
    above = 10 * np.log10(max(loud / noise.mean(), 1.0))
    floor = 10 ** (-np.clip(INAUDIBLE_NOISE_DB - above, 0, -MAX_ATTENUATION_DB) / 20)

    gains = np.empty(power.shape, np.float32)
    sure = np.full(power.shape[1], 0.5)  # how likely each band held speech of late
    before = np.zeros(power.shape[1])  # what was estimated of the speech in the last window, over the noise
    likely = np.zeros(power.shape[1])  # speech over noise, smoothed
    for row, talk, gain in zip(power, spoken, gains, strict=True):
        # The noise.
        holds = 1 / (
            1 + (1 + _SPEECH_RATIO) * np.exp(-np.minimum(row / noise, 200) * _SPEECH_RATIO / (1 + _SPEECH_RATIO))
        )
        sure = 0.9 * sure + 0.1 * holds
        holds = np.where(sure > 0.99, np.minimum(holds, 0.99), holds)
        noise = 0.8 * noise + 0.2 * (holds * noise + (1 - holds) * row)
        # The speech over it: a priori, by the decision before this one.
        over = np.minimum(row / noise, 1e4)
        prior = np.maximum(_SMOOTHING_FACTOR * before + (1 - _SMOOTHING_FACTOR) * np.maximum(over - 1, 0), 10**-2.5)
        share = prior / (1 + prior)
        exponent = np.clip(over * share, 1e-6, 200)
        full = np.minimum(share * np.exp(0.5 * _exponential_integral(exponent)), 1.0)
        before = full**2 * over
        # How likely there is any.
        likely = 0.7 * likely + 0.3 * prior
        some = _speech_probability(_smooth_bands(likely, 1)) * _speech_probability(_smooth_bands(likely, 15)) * talk
        none = np.clip(1 - some, 0.0, 0.95)
        chance = 1 / (1 + none / (1 - none) * (1 + prior) * np.exp(-exponent))
        gain[:] = np.maximum(full, floor) ** chance * floor ** (1 - chance)
    return gains


def _smooth_bands(row: np.ndarray, by: int) -> np.ndarray:
    """The mean of each band and `by` others at either side."""
    sums = np.concatenate([[0.0], np.cumsum(np.pad(row, by, mode="edge"))])
    return (sums[2 * by + 1 :] - sums[: -2 * by - 1]) / (2 * by + 1)


def _speech_probability(over: np.ndarray) -> np.ndarray:
    low, high = _LIKELY_DB
    return np.clip((10 * np.log10(over + 1e-9) - low) / (high - low), 0, 1)


def _exponential_integral(x: np.ndarray) -> np.ndarray:
    """E1(x) for x > 0, to 2e-5: Abramowitz and Stegun 1964, 5.1.53 and 5.1.54."""
    near = np.minimum(x, 1.0)
    small = np.polyval((0.00107857, -0.00976004, 0.05519968, -0.24991055, 0.99999193, -0.57721566), near) - np.log(near)
    far = np.maximum(x, 1.0)
    large = (far**2 + 2.334733 * far + 0.250621) / (far**2 + 3.330657 * far + 1.681534) * np.exp(-far) / far
    return np.where(x < 1, small, large)
