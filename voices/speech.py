"""Which parts of a recording are speech: Silero VAD v6, a small recurrent network, by onnxruntime. Pure.

`data/silero_vad.onnx` (MIT, https://github.com/snakers4/silero-vad) is the export that faster-whisper carries, which
takes a whole recording at once. It hears speech through noise as loud as the voice, and none in music or tones.
"""

from functools import cache
from pathlib import Path

import numpy as np

RATE = 24_000  # Hz, of what is given
FRAME = 768  # samples: 32 ms, what the network looks at in one step
_SPEECH, _MAYBE = 0.3, 0.15  # Silero's own are 0.5 and 0.35; whispering and telephones reach less, and noise not 0.3
_BRIDGE = 8  # frames: a shorter gap is within a word or sentence
_SHORTEST = 3  # frames: less is a click

_MODEL = Path(__file__).parent / "data" / "silero_vad.onnx"
_WINDOW, _CONTEXT = 512, 64  # samples at 16 kHz: a frame, and what is repeated of the one before


def find_speech(wave: np.ndarray) -> np.ndarray:
    """Which frames of `wave`, float32 (samples,) at 24 kHz, hold speech: bool (samples // FRAME,)."""
    count = len(wave) // FRAME
    loudest = np.abs(wave).max(initial=0.0)
    if not count or loudest < 1e-4:  # -80 dBFS: a microphone that is off
        return np.zeros(count, bool)
    return _stretches(_probabilities(wave[: count * FRAME] * (0.5 / loudest)))


def _probabilities(wave: np.ndarray) -> np.ndarray:
    import soxr

    windows = soxr.resample(wave.astype(np.float32), RATE, 16_000)
    windows = np.resize(windows, (len(wave) // FRAME, _WINDOW))
    before = np.vstack([np.zeros((1, _CONTEXT), np.float32), windows[:-1, -_CONTEXT:]])
    state = np.zeros((1, 1, 128), np.float32)
    given = {"input": np.hstack([before, windows]), "h": state, "c": state}
    return np.asarray(_session().run(["speech_probs"], given)[0]).reshape(-1)


def _stretches(probability: np.ndarray) -> np.ndarray:
    """Stretches that may be speech and somewhere are, without gaps of a breath and without clicks."""
    speech = np.zeros(len(probability), bool)
    for start, end in runs(probability > _MAYBE):
        speech[start:end] = probability[start:end].max() > _SPEECH
    for start, end in runs(~speech):
        if start > 0 and end < len(speech) and end - start <= _BRIDGE:
            speech[start:end] = True
    for start, end in runs(speech):
        if end - start < _SHORTEST:
            speech[start:end] = False
    return speech


def runs(mask: np.ndarray) -> list[tuple[int, int]]:
    """The stretches where `mask` is true, as (start, end)."""
    edges = np.flatnonzero(np.diff(np.concatenate(([False], mask, [False])).astype(np.int8)))
    return list(zip(edges[::2].tolist(), edges[1::2].tolist(), strict=True))


@cache
def _session():
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.enable_cpu_mem_arena = False
    options.log_severity_level = 4
    return onnxruntime.InferenceSession(_MODEL, options, providers=["CPUExecutionProvider"])
