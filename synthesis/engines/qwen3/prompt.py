"""What the engines that speak with Qwen3-TTS-12Hz share: its models, its languages, and the guards on its output.

The model writes speech as frames of 16 codes, 80 ms each, until it writes its end token instead. Nothing makes it do
so, and nothing makes it say what it was asked: both are watched here. Pure; knows neither torch nor mlx.
"""

import json
from dataclasses import dataclass

import numpy as np
import safetensors.numpy

from synthesis.engines.base import Conditioning, EngineError, Reference

RATE = 24_000  # Hz
FRAME_SECONDS = 0.08
FRAME_SAMPLES = 1920
CODEBOOKS = 16


# What is derived from a reference


@dataclass(frozen=True)
class Prompt:
    """What the model is given of a voice."""

    speaker: np.ndarray  # float32 (dim,), the speaker embedding
    codes: np.ndarray | None = None  # int64 (frames, 16), the recording; None: the model copies the timbre alone
    transcript: str = ""  # what is said in `codes`


_FORMAT = "qwen3-tts-12hz/1"  # changes whenever what is packed does
_METADATA = "prompt"
_INTS = np.int16  # a codebook has 2048 entries


def pack(speaker: np.ndarray, codes: np.ndarray | None, transcript: str) -> Conditioning:
    """A prompt as it is kept: safetensors, with the transcript among the metadata.

    Raises ValueError for a prompt that is none: codes without a transcript, or of another shape.
    """
    tensors = {"speaker": np.ascontiguousarray(speaker, np.float32).reshape(-1)}
    if codes is not None:
        codes = np.asarray(codes)
        if not transcript or codes.ndim != 2 or codes.shape[1] != CODEBOOKS:
            raise ValueError("Codes are (frames, 16), and come with what is said in them.")
        tensors["codes"] = np.ascontiguousarray(codes, _INTS)
    else:
        transcript = ""
    # One entry: of several, the library writes now one first, now another, and the same prompt had two payloads.
    metadata = {_METADATA: json.dumps({"format": _FORMAT, "transcript": transcript}, ensure_ascii=False)}
    return Conditioning(safetensors.numpy.save(tensors, metadata))


def unpack(conditioning: Conditioning) -> Prompt:
    """The prompt in a conditioning. Raises EngineError (permanent) for one that another version or engine made."""
    payload = conditioning.payload
    try:
        tensors = safetensors.numpy.load(payload)
        # The library gives no metadata of bytes: the file begins with the length of its header, and that is JSON.
        header = json.loads(payload[8 : 8 + int.from_bytes(payload[:8], "little")])
        metadata = json.loads(header["__metadata__"][_METADATA])
        if metadata["format"] != _FORMAT:
            raise KeyError("format")
        codes = tensors["codes"].astype(np.int64) if "codes" in tensors else None
        return Prompt(tensors["speaker"], codes, metadata["transcript"])
    except (safetensors.SafetensorError, ValueError, KeyError, TypeError) as error:
        raise EngineError("This voice was prepared by another version. Prepare it again.", permanent=True) from error


SILENCE_AFTER = RATE // 2  # samples


def prepare_reference(reference: Reference) -> np.ndarray:
    """The recording as the model takes it: float32 (samples,), mono, 24 kHz, and half a second of silence after it.

    Without that silence the model takes its text for the rest of the recording's last sentence, and begins with an
    echo of it. Raises EngineError (permanent) where there is nothing to hear.
    """
    import soxr

    samples = np.asarray(reference.samples, np.float32)
    if not len(samples) or not np.isfinite(samples).all() or np.abs(samples).max() < 1e-4:
        raise EngineError("There is only silence in this voice’s recording. Record it again.", permanent=True)
    samples = soxr.resample(samples, reference.sample_rate, RATE)
    return np.concatenate([samples, np.zeros(SILENCE_AFTER, np.float32)]).astype(np.float32)


# How long it should take


# What it says


# How it ends
