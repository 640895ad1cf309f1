"""Which parts of a recording are speech: Silero VAD v6, a small recurrent network, by onnxruntime. Pure.

`data/silero_vad.onnx` (MIT, https://github.com/snakers4/silero-vad) is the export that faster-whisper carries, which
takes many steps at once. It hears speech through noise as loud as the voice, and none in music or tones.
"""

from collections.abc import Callable

import numpy as np
import soxr

from .networks import session

SAMPLE_RATE = 24_000  # Hz, of what is given
FRAME_SAMPLES = 768  # samples: 32 ms, what the network looks at in one step
# Silero's own are 0.5 and 0.35; whispering and telephones reach less, and noise does not reach 0.3.
_SPEECH_PROBABILITY, MAYBE_SPEECH_PROBABILITY = 0.3, 0.15
_BRIDGE_FRAMES = 8  # frames: a shorter gap is within a word or sentence
_MIN_SPEECH_FRAMES = 3  # frames: less is a click

_WINDOW_SAMPLES, _CONTEXT_SAMPLES = 512, 64  # samples at 16 kHz: a frame, and what is repeated of the one before
_BLOCK_SAMPLES = 30 * SAMPLE_RATE // FRAME_SAMPLES * FRAME_SAMPLES  # samples that are looked at together: half a minute


def speech_mask(wave: np.ndarray) -> np.ndarray:
    """Which frames of `wave`, float32 (samples,) at 24 kHz, hold speech: bool (samples // FRAME,)."""
    return mask_of(speech_probabilities(wave))


def speech_probabilities(wave: np.ndarray, on_block: Callable[[float], object] = lambda share: None) -> np.ndarray:
    """How likely each frame of `wave` holds speech: float32 (samples // FRAME,).

    It takes little memory however long the recording is. `on_block` is called now and then with the share that is done.
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
            said, state["h"], state["c"] = network.run(
                ["speech_probs", "hn", "cn"], {"input": np.hstack([before, windows]), **state}
            )
            found[done : done + whole] = np.asarray(said).reshape(-1)
            context, rest, done = windows[-1, -_CONTEXT_SAMPLES:], rest[whole * _WINDOW_SAMPLES :], done + whole
        on_block(end / len(wave))
    return found


def mask_of(probability: np.ndarray) -> np.ndarray:
    """Stretches that may be speech and somewhere are, without gaps of a breath and without clicks."""
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
    """The stretches where `mask` is true, as (start, end)."""
    edges = np.flatnonzero(np.diff(np.concatenate(([False], mask, [False])).astype(np.int8)))
    return list(zip(edges[::2].tolist(), edges[1::2].tolist(), strict=True))
