"""The prompt of Qwen3-TTS-12Hz: what it is given of a voice, derived from the reference once. Pure; no torch, no mlx.

The model writes speech as codec frames of 16 codes, 80 ms each.
"""

import json
from dataclasses import dataclass

import numpy as np
import safetensors.numpy
import soxr

from synthesis.engines.base import Conditioning, EngineError, Reference

RATE = 24_000  # Hz
FRAME_SECONDS = 0.08
FRAME_SAMPLES = 1920
CODEBOOKS = 16

TRAILING_SILENCE_SAMPLES = RATE // 2

_FORMAT_VERSION = "qwen3-tts-12hz/1"  # changes whenever what is packed does
_METADATA_KEY = "prompt"


@dataclass(frozen=True, eq=False)  # arrays have no hash
class Prompt:
    """What the model is given of a voice."""

    speaker: np.ndarray  # float32 (dim,), the speaker embedding
    codes: np.ndarray | None = None  # int64 (frames, 16), of the reference; None: only the timbre is cloned
    transcript: str = ""  # what is said in `codes`


def pack(speaker: np.ndarray, codes: np.ndarray | None, transcript: str) -> Conditioning:
    """Return a prompt as it is stored: safetensors, with the transcript in the metadata.

    Raises ValueError for codes without a transcript, or of another shape.
    """
    tensors = {"speaker": np.ascontiguousarray(speaker, np.float32).reshape(-1)}
    if codes is None:
        transcript = ""
    else:
        if not transcript or np.ndim(codes) != 2 or np.shape(codes)[1] != CODEBOOKS:
            raise ValueError("Codes are (frames, 16), and come with what is said in them.")
        tensors["codes"] = np.ascontiguousarray(codes, np.int16)  # a codebook has 2048 entries
    # One entry: the library writes several in any order, so that the same prompt would have different payloads.
    metadata = {_METADATA_KEY: json.dumps({"format": _FORMAT_VERSION, "transcript": transcript}, ensure_ascii=False)}
    return Conditioning(safetensors.numpy.save(tensors, metadata))


def unpack(conditioning: Conditioning) -> Prompt:
    """Return the prompt in a conditioning. Raises EngineError (permanent) if another version or engine made it."""
    payload = conditioning.payload
    try:
        tensors = safetensors.numpy.load(payload)
        # The library reads metadata from files only. The bytes begin with the length of the header, which is JSON.
        header = json.loads(payload[8 : 8 + int.from_bytes(payload[:8], "little")])
        metadata = json.loads(header["__metadata__"][_METADATA_KEY])
        if metadata["format"] != _FORMAT_VERSION:
            raise KeyError("format")
        codes = tensors["codes"].astype(np.int64) if "codes" in tensors else None
        return Prompt(tensors["speaker"], codes, metadata["transcript"])
    except (safetensors.SafetensorError, ValueError, KeyError, TypeError) as error:
        raise EngineError("This voice was prepared by another version. Prepare it again.", permanent=True) from error


def prepare_reference(reference: Reference) -> np.ndarray:
    """Return the reference as the model takes it: float32 (samples,), mono, 24 kHz, then half a second of silence.

    Without the silence, the model continues the reference's last sentence and begins with an echo of it. Raises
    EngineError (permanent) where the reference is silent.
    """
    samples = np.asarray(reference.samples, np.float32)
    if not len(samples) or not np.isfinite(samples).all() or np.abs(samples).max() < 1e-4:
        raise EngineError("There is only silence in this voice’s recording. Record it again.", permanent=True)
    samples = soxr.resample(samples, reference.sample_rate, RATE)
    return np.concatenate([samples, np.zeros(TRAILING_SILENCE_SAMPLES, np.float32)]).astype(np.float32)
