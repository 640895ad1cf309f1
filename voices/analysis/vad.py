"""Voice activity detection by Silero VAD v6, a small recurrent network, through onnxruntime. Pure.

`data/silero_vad.onnx` (MIT, https://github.com/snakers4/silero-vad) is the export shipped with faster-whisper, which
takes many steps at once. It detects speech in noise as loud as the voice, and none in music or tones.
"""

from collections.abc import Callable

import numpy as np
import soxr

from .networks import session

SAMPLE_RATE = 24_000  # Hz, of the input
FRAME_SAMPLES = 768  # 32 ms, one step of the network
# Silero's own thresholds are 0.5 and 0.35, but whispers and telephones score lower, and noise stays below 0.3.
_SPEECH_PROBABILITY, MAYBE_SPEECH_PROBABILITY = 0.3, 0.15
_BRIDGE_FRAMES = 8  # a gap up to this long is within a word or sentence
_MIN_SPEECH_FRAMES = 3  # less is a click

_WINDOW_SAMPLES, _CONTEXT_SAMPLES = 512, 64  # at 16 kHz: a frame, and how much of the previous one is repeated
_BLOCK_SAMPLES = 30 * SAMPLE_RATE // FRAME_SAMPLES * FRAME_SAMPLES  # processed together: half a minute


def speech_mask(wave: np.ndarray) -> np.ndarray:
    """Return which frames of `wave`, float32 (samples,) at 24 kHz, hold speech: bool (samples // FRAME_SAMPLES,)."""
    return mask_of(speech_probabilities(wave))


def speech_probabilities(wave: np.ndarray, on_block: Callable[[float], object] = lambda share: None) -> np.ndarray:
    """Return the probability of speech in each frame of `wave`: float32 (samples // FRAME_SAMPLES,).

    Memory does not grow with the recording. `on_block` is called after each half minute with the share done.
    """
    count = len(wave) // FRAME_SAMPLES
    found = np.zeros(count, np.float32)
    loudest = max(wave.max(initial=0.0), -wave.min(initial=0.0))
    if not count or loudest < 1e-4:  # -80 dBFS: a microphone that is off
        return found
    network, resampler = session("silero_vad"), soxr.ResampleStream(SAMPLE_RATE, 16_000, 1, dtype="float32")
    context, rest = np.zeros(_CONTEXT_SAMPLES, np.float32), np.zeros(0, np.float32)
    state = {name: np.zeros((1, 1, 128), np.float32) for name in ("h", "c")}
    done = 0
    for start in range(0, count * FRAME_SAMPLES, _BLOCK_SAMPLES):
        end = min(start + _BLOCK_SAMPLES, count * FRAME_SAMPLES)
        block = wave[start:end].astype(np.float32) * np.float32(0.5 / loudest)
        rest = np.concatenate([rest, resampler.resample_chunk(block, last=end == count * FRAME_SAMPLES)])
        whole = len(rest) // _WINDOW_SAMPLES if end < count * FRAME_SAMPLES else count - done
        windows = np.resize(rest, (whole, _WINDOW_SAMPLES))
        if whole:
            before = np.vstack([context, windows[:-1, -_CONTEXT_SAMPLES:]])
            inputs = {"input": np.hstack([before, windows]), **state}
            speech, state["h"], state["c"] = network.run(["speech_probs", "hn", "cn"], inputs)
            found[done : done + whole] = np.asarray(speech).reshape(-1)
            context, rest, done = windows[-1, -_CONTEXT_SAMPLES:], rest[whole * _WINDOW_SAMPLES :], done + whole
        on_block(end / len(wave))
    return found


def mask_of(probability: np.ndarray) -> np.ndarray:
    """Return which frames hold speech, by hysteresis with two thresholds; bridge short gaps and drop clicks."""
    speech = np.zeros(len(probability), bool)
    for start, end in runs_of(probability > MAYBE_SPEECH_PROBABILITY):
        speech[start:end] = probability[start:end].max() > _SPEECH_PROBABILITY
    for start, end in runs_of(~speech):
        if start > 0 and end < len(speech) and end - start <= _BRIDGE_FRAMES:
            speech[start:end] = True
    for start, end in runs_of(speech):
        if end - start < _MIN_SPEECH_FRAMES:
            speech[start:end] = False
    return speech


def runs_of(mask: np.ndarray) -> list[tuple[int, int]]:
    """Return the runs of true values in `mask` as (start, end)."""
    edges = np.flatnonzero(np.diff(np.concatenate(([False], mask, [False])).astype(np.int8)))
    return list(zip(edges[::2].tolist(), edges[1::2].tolist(), strict=True))


def widen(mask: np.ndarray, by: int) -> np.ndarray:
    """Return `mask` with each run of true values extended by `by` frames at both ends."""
    return np.convolve(mask, np.ones(2 * by + 1), mode="full")[by : by + len(mask)] > 0
