"""What recordings are spoiled with: noise, music, rooms, bad lines and second speakers, each by a known measure."""

import numpy as np

from voices.analysis.vad import FRAME_SAMPLES, SAMPLE_RATE, speech_mask


def seconds(count: float) -> np.ndarray:
    return np.arange(round(count * SAMPLE_RATE)) / SAMPLE_RATE


def noise(like: np.ndarray, seed=1) -> np.ndarray:
    return np.random.default_rng(seed).standard_normal(len(like))


def with_noise(wave: np.ndarray, other: np.ndarray, db: float) -> np.ndarray:
    """`wave` with `other` under it: by `db` weaker than `wave` is where it is speech."""
    frames = wave[: len(wave) // FRAME_SAMPLES * FRAME_SAMPLES].reshape(-1, FRAME_SAMPLES)
    power = (frames[speech_mask(wave)] ** 2).mean()
    other = np.resize(other, len(wave))
    return wave + other * np.sqrt(power / 10 ** (db / 10) / (other**2).mean())


def band(wave: np.ndarray, low: float, high: float) -> np.ndarray:
    spectrum, pitch = np.fft.rfft(wave), np.fft.rfftfreq(len(wave), 1 / SAMPLE_RATE)
    return np.fft.irfft(spectrum * ((pitch > low) & (pitch < high)), len(wave))


def whispered(wave: np.ndarray) -> np.ndarray:
    """The same mouth without vocal folds: each moment's spectral envelope, filled with noise."""
    size, hop, random = 512, 128, np.random.default_rng(1)
    window, whole = np.hanning(size), np.zeros(len(wave) + size)
    for start in range(0, len(wave) - size, hop):
        loudness = np.log(np.abs(np.fft.rfft(wave[start : start + size] * window)) + 1e-6)
        envelope = np.exp(np.convolve(loudness, np.ones(15) / 15, "same"))
        filled = envelope * np.exp(2j * np.pi * random.random(len(envelope)))
        whole[start : start + size] += 0.5 * np.fft.irfft(filled) * window
    return whole[: len(wave)]


def echoed(wave: np.ndarray) -> np.ndarray:
    """Half a second of reverberation."""
    room, size = noise(seconds(0.5)) * np.exp(-10 * seconds(0.5)), len(wave) + SAMPLE_RATE // 2
    return 0.1 * np.fft.irfft(np.fft.rfft(wave, size) * np.fft.rfft(room, size), size)[: len(wave)]


def music(length: float = 8) -> np.ndarray:
    """Struck chords, two a second."""
    random, wave = np.random.default_rng(2), np.zeros(round(length * SAMPLE_RATE))
    time = seconds(0.5)
    for start in range(0, len(wave), len(time)):
        root = 220 * 2 ** (random.integers(0, 12) / 12)
        for pitch in (root, root * 5 / 4, root * 3 / 2):
            for harmonic in (1, 2, 3, 4):
                wave[start : start + len(time)] += np.sin(2 * np.pi * pitch * harmonic * time) / harmonic
        wave[start : start + len(time)] *= np.exp(-4 * time)
    return 0.05 * wave


def hum(time: np.ndarray) -> np.ndarray:
    return 0.1 * np.sin(2 * np.pi * 50 * time) + 0.04 * np.sin(2 * np.pi * 150 * time)


def in_room(wave: np.ndarray, rt60: float, direct_db: float = 0.0, seed: int = 1) -> np.ndarray:
    """`wave` as heard in a room that takes `rt60` seconds to decay by 60 dB: Polack's model, a direct sound and, from
    5 ms on, noise that decays exponentially. `direct_db` is the power of the direct sound over that of the rest."""
    time = np.arange(round(1.2 * rt60 * SAMPLE_RATE)) / SAMPLE_RATE
    tail = np.random.default_rng(seed).standard_normal(len(time)) * 10 ** (-3 * time / rt60)
    tail *= np.sqrt(10 ** (-direct_db / 10) / (tail**2).sum())
    response = np.concatenate([[1.0], np.zeros(SAMPLE_RATE // 200), tail])
    size = len(wave) + len(response) - 1
    heard = np.fft.irfft(np.fft.rfft(wave, size) * np.fft.rfft(response, size), size)
    return (heard * np.abs(wave).max() / np.abs(heard).max()).astype(np.float32)


def clipped(wave: np.ndarray, share: float) -> np.ndarray:
    """`wave`, turned up until `share` of its samples reach full scale."""
    return np.clip(wave / np.quantile(np.abs(wave), 1 - share), -1, 1).astype(np.float32)
