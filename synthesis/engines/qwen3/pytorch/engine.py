"""Qwen3-TTS with PyTorch, by the library qwen-tts: NVIDIA, Jetson, and any processor in a pinch.

Upstream loads the model, encodes the reference and lays out the prompts. The loop that writes the frames (frame_loop)
and the decoder (codec) are ours: they run a batch whose rows differ in voice, text and random numbers, let rows end or
be dropped on their way, and give sound meanwhile.
"""

import gc
import os
import sys
import types
from collections.abc import Generator, Iterator, Sequence
from contextlib import contextmanager
from importlib.util import find_spec
from typing import Any

from synthesis.engines.base import Audio, Conditioning, Engine, EngineError, Reference, Rejected, Utterance
from synthesis.engines.batch_backoff import BatchBackoff
from synthesis.engines.qwen3.loading import check_config, check_memory, fitting, loading
from synthesis.engines.qwen3.models import LANGUAGE_NAMES, TORCH_MODELS
from synthesis.engines.qwen3.prompt import RATE, Prompt, pack, prepare_reference
from synthesis.engines.qwen3.utterance import UtteranceStream, open_streams, stream_frames
from voicesite.modelhost import weights
from voicesite.modelhost.protocol import OnProgress

CHUNK_FRAMES = (8, 16, 32)  # decoded at once: sound begins early, and then costs less to make


class TorchEngine(Engine):
    name = "torch"
    fidelity = "zero-shot"
    languages = tuple(LANGUAGE_NAMES)
    models = TORCH_MODELS
    max_batch = 16  # a step takes little longer than for 8 on a processor, and no longer on a GPU
    reference_seconds = (3.0, 15.0)  # what is longer is slower, and no better
    reads_transcript = True

    def __init__(self) -> None:
        self.tts: Any = None  # a qwen_tts.Qwen3TTSModel, once a model is loaded
        self.sampling: dict[str, Any] = {}  # overrides of the model's generation_config.json

    @classmethod
    def unavailable(cls) -> str:
        missing = [package for package in ("torch", "qwen_tts") if find_spec(package) is None]
        return f"{' and '.join(missing)} missing: `make install ENGINE=torch` installs that." if missing else ""

    def load(self, model: str) -> None:
        folder = weights.require(model)
        self.unload()
        check_config(folder, model)
        upstream = _import_upstream()
        device = _device()
        dtype = _dtype(device)
        where = "the GPU" if device.type == "cuda" else "this machine"
        check_memory(folder, model, _free_memory(device), where, dtype.itemsize)
        place = {} if device.type == "cpu" else {"device_map": str(device)}
        with loading(model, _is_out_of_memory):
            tts = upstream.Qwen3TTSModel.from_pretrained(str(folder), dtype=dtype, local_files_only=True, **place)
            if dtype.itemsize < 4:
                # Eight bits of precision are enough for choosing codes; in a waveform they are heard as noise.
                speech_tokenizer = upstream.Qwen3TTSTokenizer.from_pretrained(
                    str(folder / "speech_tokenizer"), local_files_only=True, **place
                )
                tts.model.load_speech_tokenizer(speech_tokenizer)
        self.tts, self.device = tts, device
        self.backoff = BatchBackoff(_is_out_of_memory, where)
        self.runs_on = f"{_device_name(device)}, {str(dtype).removeprefix('torch.')}"

    def unload(self) -> None:
        self.tts = None
        _clear_cache()

    def device_memory(self) -> int:
        if self.tts is None or self.device.type != "cuda":
            return 0
        import torch

        return torch.cuda.memory_reserved(self.device)

    def condition(self, reference: Reference) -> Conditioning:
        """Derive the speaker embedding and, where there is a transcript, the codes of the reference."""
        import torch

        samples = prepare_reference(reference)
        transcript = reference.transcript.strip()
        with fitting("This recording", _is_out_of_memory), torch.inference_mode():
            speaker = self.tts.model.extract_speaker_embedding(samples, RATE).float().cpu().numpy()
            codes = None
            if transcript:
                encoded = self.tts.model.speech_tokenizer.encode(samples, sr=RATE)
                codes = encoded.audio_codes[0].cpu().numpy()
        return pack(speaker, codes, transcript)

    def synthesize(self, utterances: Sequence[Utterance], on_progress: OnProgress) -> Iterator[Audio | Rejected]:
        return self.backoff.speak(utterances, on_progress, self._speak)

    def _speak(self, utterances: Sequence[Utterance], on_progress: OnProgress) -> Generator[Audio | Rejected]:
        from .codec import SpeechDecoder
        from .frame_loop import FrameLoop

        model = self.tts.model

        def decoder(utterance: Utterance, prompt: Prompt) -> SpeechDecoder:
            return SpeechDecoder(model.speech_tokenizer.model.decoder, prompt.codes)

        speaker_width = model.config.talker_config.hidden_size
        streams, rejected = open_streams(utterances, speaker_width, CHUNK_FRAMES, decoder)
        yield from rejected
        if not streams:
            return
        loop = FrameLoop(model.talker, self._prompts(streams), [stream.seed for stream in streams])
        loop.drop({row for row in loop.prefill() if on_progress(streams[row].progress(0))})
        yield from stream_frames(loop, streams, on_progress)

    def _prompts(self, streams: Sequence[UtteranceStream]) -> dict[str, Any]:
        """Return what upstream would give to the talker's `generate`, which is then not called."""
        talker = self.tts.model.talker

        def take_over(**arguments: Any) -> None:
            raise _Prepared(arguments)

        talker.generate = take_over
        try:
            self.tts.generate_voice_clone(
                text=[stream.text for stream in streams],
                language=[stream.language for stream in streams],
                voice_clone_prompt=[_prompt_item(stream.prompt) for stream in streams],
                **self.sampling,
            )
        except _Prepared as prepared:
            return prepared.arguments
        finally:
            del talker.generate  # the class's own shows again
        raise AssertionError("upstream generated without the talker")


class _Prepared(Exception):
    def __init__(self, arguments: dict[str, Any]):
        super().__init__()
        self.arguments = arguments


def _prompt_item(prompt: Prompt) -> Any:
    import torch
    from qwen_tts import VoiceClonePromptItem

    alone = prompt.codes is None
    return VoiceClonePromptItem(
        ref_code=None if prompt.codes is None else torch.from_numpy(prompt.codes),
        ref_spk_embedding=torch.from_numpy(prompt.speaker),
        x_vector_only_mode=alone,
        icl_mode=not alone,
        ref_text=prompt.transcript or None,
    )


# Loading


def _import_upstream() -> Any:
    """Import the library without its 25 Hz speech tokenizer, which no model here uses: it wants torchaudio and sox.

    Upstream imports that only to register it by its name, so two empty classes do as well.
    """
    with _offline():
        import transformers

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


@contextmanager
def _offline() -> Iterator[None]:
    """Keep Hugging Face's libraries that are imported within from ever asking the hub.

    They read the variable once. It is restored, because this process may download other models.
    """
    before = os.environ.get("HF_HUB_OFFLINE")
    os.environ["HF_HUB_OFFLINE"] = "1"
    try:
        yield
    finally:
        if before is None:
            del os.environ["HF_HUB_OFFLINE"]
        else:
            os.environ["HF_HUB_OFFLINE"] = before


def _device() -> Any:
    """Return where the model runs: VOICESITE_DEVICE, else a GPU that CUDA knows, else the processor."""
    import torch

    wanted = os.environ.get("VOICESITE_DEVICE") or ("cuda" if torch.cuda.is_available() else "cpu")
    try:
        device = torch.device(wanted)
    except RuntimeError:
        device = None
    if device is not None and device.type == "mps":
        raise EngineError(
            "PyTorch does not speak reliably on Apple’s GPUs. The mlx engine is made for them: VOICESITE_ENGINE=mlx.",
            permanent=True,
        )
    if device is None or device.type not in ("cpu", "cuda"):
        raise EngineError(f"VOICESITE_DEVICE is “{wanted}”. It may be cpu, cuda, or cuda:1 and so on.", permanent=True)
    if device.type == "cuda" and (device.index or 0) >= torch.cuda.device_count():
        count = torch.cuda.device_count()
        raise EngineError(f"VOICESITE_DEVICE is “{wanted}”, but PyTorch finds {count} such GPUs here.", permanent=True)
    return device


def _dtype(device: Any) -> Any:
    """Return the number format: VOICESITE_DTYPE, else bfloat16 where the device computes in it, else float32.

    Where bfloat16 is emulated, it reads half the bytes, and so is quicker for one utterance; but batches and prefill
    are several times slower than in float32. float16 is never chosen: the model was trained in bfloat16, whose largest
    numbers float16 does not hold.
    """
    import torch

    wanted = os.environ.get("VOICESITE_DTYPE", "")
    if wanted:
        if wanted not in ("bfloat16", "float16", "float32"):
            raise EngineError(f"VOICESITE_DTYPE is “{wanted}”. It may be bfloat16, float16 or float32.", permanent=True)
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
    import psutil

    return psutil.virtual_memory().available


def _is_out_of_memory(error: Exception) -> bool:
    import torch

    if isinstance(error, MemoryError | torch.OutOfMemoryError) or "can't allocate memory" in str(error):
        _clear_cache()
        return True
    return False


def _clear_cache() -> None:
    """Free what Python and PyTorch only cache."""
    gc.collect()
    torch = sys.modules.get("torch")
    if torch is not None and torch.cuda.is_available():
        torch.cuda.empty_cache()
