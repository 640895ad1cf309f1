"""Qwen3-TTS with PyTorch, by the library qwen-tts: NVIDIA GPUs, Jetson, and any processor, slowly.

Upstream loads the model, encodes the reference and lays out the prompts. The loop that writes the frames (frame_loop)
and the decoder (codec) are ours: they run a batch whose rows differ in voice, text and random numbers, let rows end or
be dropped at any frame, and give sound meanwhile.
"""

import os
import sys
import types
from collections.abc import Callable, Sequence
from importlib.util import find_spec
from typing import Any

import numpy as np
import psutil

from synthesis.engines.base import EngineError
from synthesis.engines.batch_backoff import BatchBackoff
from synthesis.engines.qwen3.engine import LocalQwen3Engine
from synthesis.engines.qwen3.loading import check_config, check_memory, loading
from synthesis.engines.qwen3.models import TORCH_MODELS
from synthesis.engines.qwen3.prompt import RATE, Prompt
from synthesis.engines.qwen3.utterance import BaseFrameLoop, CodecStream, Decoder, UtteranceStream
from voicesite.modelhost import weights
from voicesite.modelhost.protocol import OnProgress
from voicesite.texts import N_


class TorchEngine(LocalQwen3Engine):
    name = "torch"
    models = TORCH_MODELS
    max_batch = 16  # a step takes little longer than for 8 on a processor, and no longer on a GPU
    chunk_frames = (8, 16, 32)

    def __init__(self) -> None:
        super().__init__()
        self.tts: Any = None  # the qwen_tts.Qwen3TTSModel around `model`
        self.sampling: dict[str, Any] = {}  # overrides of the model's generation_config.json

    @classmethod
    def unavailable(cls) -> str:
        missing = [package for package in ("torch", "qwen_tts") if find_spec(package) is None]
        return (
            N_("{names} missing: “make install ENGINE=torch” installs it.").format(names=" and ".join(missing))
            if missing
            else ""
        )

    def load(self, model: str) -> None:
        folder = weights.require(model)
        self.unload()
        check_config(folder, model)
        upstream = _import_upstream()
        device = _device()
        dtype = _dtype(device)
        where = N_("the GPU") if device.type == "cuda" else N_("this machine")
        check_memory(folder, model, _free_memory(device), where, dtype.itemsize)
        place = {} if device.type == "cpu" else {"device_map": str(device)}
        with loading(model, self.is_out_of_memory):
            tts = upstream.Qwen3TTSModel.from_pretrained(str(folder), dtype=dtype, local_files_only=True, **place)
            if dtype.itemsize < 4:
                # Eight bits of precision are enough for choosing codes; in a waveform they are heard as noise.
                speech_tokenizer = upstream.Qwen3TTSTokenizer.from_pretrained(
                    str(folder / "speech_tokenizer"), local_files_only=True, **place
                )
                tts.model.load_speech_tokenizer(speech_tokenizer)
        self.tts, self.model, self.device = tts, tts.model, device
        self.backoff = BatchBackoff(self.is_out_of_memory, where)
        self.runs_on = f"{_device_name(device)}, {str(dtype).removeprefix('torch.')}"

    def unload(self) -> None:
        self.tts = None
        super().unload()

    def clear_cache(self) -> None:
        torch = sys.modules.get("torch")
        if torch is not None and torch.cuda.is_available():
            torch.cuda.empty_cache()

    def device_memory(self) -> int:
        if self.model is None or self.device.type != "cuda":
            return 0
        import torch

        return torch.cuda.memory_reserved(self.device)

    def embed_speaker(self, samples: np.ndarray) -> np.ndarray:
        return self.model.extract_speaker_embedding(samples, RATE).float().cpu().numpy()

    def encode(self, samples: np.ndarray) -> np.ndarray:
        return self.model.speech_tokenizer.encode(samples, sr=RATE).audio_codes[0].cpu().numpy()

    def open_decoder(self) -> Callable[[Prompt], Decoder]:
        from .codec import SpeechDecoder

        return lambda prompt: SpeechDecoder(self.model.speech_tokenizer.model.decoder, prompt.codes)

    def open_loop(self, streams: Sequence[CodecStream], on_progress: OnProgress) -> BaseFrameLoop:
        from .frame_loop import FrameLoop

        loop = FrameLoop(self.model.talker, self._prompts(streams), [stream.seed for stream in streams])
        loop.drop({row for row in loop.prefill() if on_progress(streams[row].progress(0))})
        return loop

    def _prompts(self, streams: Sequence[UtteranceStream]) -> dict[str, Any]:
        """Return the arguments that upstream would call the talker's `generate` with; it is not called."""
        talker = self.model.talker

        def capture(**arguments: Any) -> None:
            raise _Captured(arguments)

        talker.generate = capture
        try:
            self.tts.generate_voice_clone(
                text=[stream.text for stream in streams],
                language=[stream.language for stream in streams],
                voice_clone_prompt=[_prompt_item(stream.prompt) for stream in streams],
                **self.sampling,
            )
        except _Captured as captured:
            return captured.args[0]
        finally:
            del talker.generate  # uncovers the method of the class
        raise AssertionError("upstream generated without the talker")


class _Captured(Exception):
    """Carries the arguments of a call out of upstream's code."""


def _prompt_item(prompt: Prompt) -> Any:
    import torch
    from qwen_tts import VoiceClonePromptItem

    return VoiceClonePromptItem(
        ref_code=None if prompt.codes is None else torch.from_numpy(prompt.codes),
        ref_spk_embedding=torch.from_numpy(prompt.speaker),
        x_vector_only_mode=prompt.codes is None,
        icl_mode=prompt.codes is not None,
        ref_text=prompt.transcript or None,
    )


# Loading


def _import_upstream() -> Any:
    """Import the library without its 25 Hz speech tokenizer, which needs torchaudio and sox and is used by no model here.

    Upstream imports it only to register it by its name, so two empty classes serve as well.
    """
    # Hugging Face's libraries read the variable once, at import, and then never ask the hub. It is restored, because
    # this process may download other models.
    before = os.environ.copy()
    os.environ["HF_HUB_OFFLINE"] = "1"
    try:
        import transformers
    finally:
        del os.environ["HF_HUB_OFFLINE"]
        os.environ.update(before)

    transformers.logging.set_verbosity_error()
    config = type(
        "Qwen3TTSTokenizerV1Config", (transformers.PretrainedConfig,), {"model_type": "qwen3_tts_tokenizer_25hz"}
    )
    model = type("Qwen3TTSTokenizerV1Model", (), {"config_class": config})
    for kind, contents in (("configuration", config), ("modeling", model)):
        module = types.ModuleType(f"qwen_tts.core.tokenizer_25hz.{kind}_qwen3_tts_tokenizer_v1")
        setattr(module, contents.__name__, contents)
        sys.modules.setdefault(module.__name__, module)
    import qwen_tts

    return qwen_tts


def _device() -> Any:
    """Return where the model runs: VOICESITE_DEVICE, else a CUDA GPU, else the processor. Raises EngineError."""
    import torch

    wanted = os.environ.get("VOICESITE_DEVICE") or ("cuda" if torch.cuda.is_available() else "cpu")
    try:
        device = torch.device(wanted)
    except RuntimeError:
        device = None
    if device is not None and device.type == "mps":
        raise EngineError(
            N_(
                "PyTorch does not speak reliably on Apple’s GPUs. The mlx engine is made for them: VOICESITE_ENGINE=mlx."
            ),
            permanent=True,
        )
    if device is None or device.type not in ("cpu", "cuda"):
        raise EngineError(
            N_("VOICESITE_DEVICE is “{wanted}”. It may be cpu, cuda, or cuda:1 and so on.").format(wanted=wanted),
            permanent=True,
        )
    if device.type == "cuda" and (device.index or 0) >= (count := torch.cuda.device_count()):
        raise EngineError(
            N_("VOICESITE_DEVICE is “{wanted}”, but PyTorch finds {count} such GPUs here.").format(
                wanted=wanted, count=count
            ),
            permanent=True,
        )
    return device


def _dtype(device: Any) -> Any:
    """Return the number format: VOICESITE_DTYPE, else bfloat16 where the device computes in it, else float32.

    Emulated bfloat16 reads half the bytes and so is quicker for one utterance, but several times slower than float32
    for batches and prefill. float16 is never chosen: the model was trained in bfloat16, whose range exceeds float16's.
    Raises EngineError (permanent) for another format.
    """
    import torch

    wanted = os.environ.get("VOICESITE_DTYPE", "")
    if wanted:
        if wanted not in ("bfloat16", "float16", "float32"):
            raise EngineError(
                N_("VOICESITE_DTYPE is “{wanted}”. It may be bfloat16, float16 or float32.").format(wanted=wanted),
                permanent=True,
            )
        return getattr(torch, wanted)
    if device.type == "cuda":
        native = torch.cuda.get_device_capability(device) >= (8, 0)
    else:
        native = any(getattr(torch.cpu, f"_is_{what}_supported", bool)() for what in ("avx512_bf16", "amx_tile"))
    return torch.bfloat16 if native else torch.float32


def _device_name(device: Any) -> str:
    import torch

    return torch.cuda.get_device_name(device) if device.type == "cuda" else "CPU"


def _free_memory(device: Any) -> int:
    """Return the free bytes of a device."""
    if device.type == "cuda":
        import torch

        return torch.cuda.mem_get_info(device)[0]
    return psutil.virtual_memory().available
