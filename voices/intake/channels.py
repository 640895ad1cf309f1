"""Make one channel of several: that of the voice. Pure."""

import numpy as np

from voices.analysis.vad import FRAME_SAMPLES, speech_mask

_SILENT_SHARE = 1e-5  # of the loudest channel's power: -50 dB
_SAME_CORRELATION = 0.9  # of two channels that hold the same sound, perhaps with reversed polarity
_QUIET_SHARE = 0.1  # of the power that the voice has where it is loudest: a channel with less is left out


def mix(blocks: list[np.ndarray]) -> np.ndarray:
    """Return float32 (samples,) of the `blocks` of a recording, float32 (samples, channels), at 24 kHz.

    The mean of the channels in which the voice is about as loud as in its best one. One that is silent, or holds
    something else, is left out; one whose polarity is reversed is turned round, so that the two don't cancel.
    """
    weights = _weights(blocks)
    return np.concatenate([block @ weights for block in blocks])


def _weights(blocks: list[np.ndarray]) -> np.ndarray:
    count, samples = blocks[0].shape[1], sum(map(len, blocks))
    even = np.full(count, 1 / count, np.float32)
    if count == 1:
        return even
    mean = sum(block.sum(0, dtype=np.float64) for block in blocks) / samples
    covariance = sum(np.einsum("si,sj->ij", block, block, dtype=np.float64) for block in blocks) / samples
    covariance = covariance - np.outer(mean, mean)
    power = np.diag(covariance)
    if not np.isfinite(covariance).all() or power.max() <= 0:
        return even
    heard = power > _SILENT_SHARE * power.max()
    deviation = np.sqrt(np.where(heard, power, np.inf))
    correlation = covariance / np.outer(deviation, deviation)
    if (np.abs(correlation[np.ix_(heard, heard)]) > _SAME_CORRELATION).all():
        voice = np.where(heard, power, 0)
    else:
        voice = np.array([_speech_power(blocks, channel) if heard[channel] else 0.0 for channel in range(count)])
        if not voice.any():
            return even
    best = int(voice.argmax())
    signs = np.where(correlation[best] < 0, -1, 1)
    chosen = voice >= _QUIET_SHARE * voice[best]
    return (chosen * signs / chosen.sum()).astype(np.float32)


def _speech_power(blocks: list[np.ndarray], channel: int) -> float:
    """Return by how much the power of a channel is higher in speech than in pauses; 0 if nobody speaks in it."""
    wave = np.concatenate([block[:, channel] for block in blocks])
    speech = speech_mask(wave)
    if not speech.any():
        return 0.0
    power = wave[: len(speech) * FRAME_SAMPLES].reshape(-1, FRAME_SAMPLES).var(1, dtype=np.float64)
    pauses = float(np.median(power[~speech])) if not speech.all() else 0.0
    return max(float(power[speech].mean()) - pauses, 0.0)
