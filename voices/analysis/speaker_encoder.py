"""Compute speaker embeddings, which are similar for recordings of one person. Pure.

The network is the GE2E encoder of Resemblyzer 0.1.4 (Apache-2.0; Wan et al. 2018, arXiv:1710.10467), exported to ONNX;
the front end does what Resemblyzer's does.
"""

from functools import cache

import numpy as np
import soxr

from .networks import session

SAMPLE_RATE = 16_000  # Hz
MEL_BANDS = 40
WINDOW_SAMPLES, HOP_SAMPLES = 400, 160  # 25 ms, 10 ms
PARTIAL_FRAMES = 160  # 1.6 s, the input of the network
TARGET_DBFS = -30.0


def embed(samples: np.ndarray, sample_rate: int) -> np.ndarray:
    """Return the embedding of a recording, (256,) float32 of unit norm.

    samples: float (samples,), mono. Raises ValueError if it is silent.
    """
    mean = embed_windows(samples, sample_rate).mean(0)
    return mean / np.linalg.norm(mean)


def embed_windows(samples: np.ndarray, sample_rate: int) -> np.ndarray:
    """Return the embeddings of windows of 1.6 s, every 0.8 s, without silences: (windows, 256) float32 of unit norm.

    Raises ValueError if the recording is silent.
    """
    wave = soxr.resample(np.asarray(samples, np.float32), sample_rate, SAMPLE_RATE)
    rms = np.sqrt(np.mean(wave**2)) if len(wave) else 0.0
    if rms < 1e-5:
        raise ValueError("There is only silence in this recording.")
    gain = 10 ** (TARGET_DBFS / 20) / rms
    wave = _without_long_silences(wave * max(gain, 1.0))
    frames = mel(wave)
    if len(frames) < PARTIAL_FRAMES:
        frames = np.pad(frames, ((0, PARTIAL_FRAMES - len(frames)), (0, 0)))
    starts = range(0, len(frames) - PARTIAL_FRAMES + 1, PARTIAL_FRAMES // 2)
    windows = np.stack([frames[start : start + PARTIAL_FRAMES] for start in starts]).astype(np.float32)
    return session("speaker_encoder").run(["embedding"], {"mel": windows})[0]


def embed_at(samples: np.ndarray, sample_rate: int, starts: np.ndarray) -> np.ndarray:
    """Return the embeddings of the windows of 1.6 s that begin at `starts`, in seconds: (len(starts), 256) float32.

    Each window is levelled by itself, and silences stay. Windows that exceed the recording are padded with silence.
    """
    wave = soxr.resample(np.asarray(samples, np.float32), sample_rate, SAMPLE_RATE)
    size = (PARTIAL_FRAMES - 1) * HOP_SAMPLES
    windows = np.zeros((len(starts), PARTIAL_FRAMES, MEL_BANDS), np.float32)
    for row, start in zip(windows, np.rint(np.asarray(starts) * SAMPLE_RATE).astype(int), strict=True):
        piece = wave[max(start, 0) : start + size]
        power = float(np.mean(piece**2)) if len(piece) else 0.0
        frames = mel(piece) * (10 ** (TARGET_DBFS / 10) / max(power, 1e-10))
        row[: len(frames)] = frames
    return session("speaker_encoder").run(["embedding"], {"mel": windows})[0]


def similarity(one: np.ndarray, other: np.ndarray) -> float:
    """Return the speaker similarity of two embeddings, -1 to 1: the cosine of the angle between them."""
    return float(np.dot(one, other))


def mel(wave: np.ndarray) -> np.ndarray:
    """Return the power mel spectrogram of a 16 kHz wave, (frames, 40), as librosa does by default (centred, Slaney)."""
    padded = np.pad(wave, WINDOW_SAMPLES // 2)
    frames = np.lib.stride_tricks.sliding_window_view(padded, WINDOW_SAMPLES)[::HOP_SAMPLES]
    window = 0.5 - 0.5 * np.cos(2 * np.pi * np.arange(WINDOW_SAMPLES) / WINDOW_SAMPLES)
    power = np.abs(np.fft.rfft(frames * window, axis=1)) ** 2
    return power @ mel_filters(WINDOW_SAMPLES).T


@cache
def mel_filters(size: int) -> np.ndarray:
    """Return mel filters of unit area for spectra of `size` samples at 16 kHz, (40, size // 2 + 1).

    They are linear below 1 kHz, then logarithmic (Slaney 1998, Auditory Toolbox).
    """
    step, log_step = 200 / 3, np.log(6.4) / 27

    def to_mel(hz):
        return hz / step if hz < 1000 else 1000 / step + np.log(hz / 1000) / log_step

    mels = np.linspace(0, to_mel(SAMPLE_RATE / 2), MEL_BANDS + 2)
    edges = np.where(mels < 15, mels * step, 1000 * np.exp(log_step * (mels - 15)))
    bins = np.fft.rfftfreq(size, 1 / SAMPLE_RATE)
    rising = (bins - edges[:-2, None]) / np.diff(edges)[:-1, None]
    falling = (edges[2:, None] - bins) / np.diff(edges)[1:, None]
    return np.maximum(0, np.minimum(rising, falling)) * (2 / (edges[2:] - edges[:-2]))[:, None]


def _without_long_silences(wave: np.ndarray) -> np.ndarray:
    """Return `wave` without frames of 30 ms that are 40 dB below the loud ones, keeping 120 ms around those."""
    frame = SAMPLE_RATE * 3 // 100
    whole = len(wave) // frame * frame
    if not whole:
        return wave
    power = (wave[:whole].reshape(-1, frame) ** 2).mean(1)
    loud = power > np.percentile(power, 95) * 1e-4
    keep = np.convolve(loud, np.ones(9), mode="same") > 0
    return wave[:whole][np.repeat(keep, frame)]
