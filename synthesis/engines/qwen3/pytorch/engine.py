"""Qwen3-TTS with PyTorch, by the library qwen-tts: NVIDIA, Jetson, and any processor in a pinch.

Upstream loads the model, hears the reference and lays out the prompts; the loop that writes the frames
(qwen3_torch_loop) and the decoder that makes them sound (qwen3_torch_codec) are ours: they do a batch with voices,
texts and random numbers of each row's own, let rows end or be dropped on their way, and give sound meanwhile.
"""

import gc
import json
import os
import sys
import types
from collections.abc import Generator, Iterator, Sequence
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np

from synthesis.engines.audio.tempo import Tempo
from synthesis.engines.base import Audio, Conditioning, Engine, EngineError, Reference, Rejected, Utterance
from synthesis.engines.batch_backoff import Halving
from synthesis.engines.qwen3 import prompt as qwen3
from synthesis.engines.qwen3.duration import expected_frames
from synthesis.engines.qwen3.guard import Watch, finish_tail
from synthesis.engines.qwen3.models import LANGUAGE_NAMES, TORCH_MODELS, language_name
from voices.text.normalization import normalize
from voicesite.modelhost import weights
from voicesite.modelhost.protocol import OnProgress, Progress

FIRST_CHUNK, LONGEST_CHUNK = 8, 32  # frames: sound begins early, and then costs little to make
HELD = 4  # frames whose sound waits for what follows, because the end of an utterance is treated apart
WORK = 500_000_000  # bytes that speaking needs beside the weights, at least


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
        self.sampling: dict[str, Any] = {}  # what the model's own generation_config.json shall not say

    @classmethod
    def unavailable(cls) -> str:
        missing = [package for package in ("torch", "qwen_tts") if find_spec(package) is None]
        return f"{' and '.join(missing)} missing: `make install ENGINE=torch` installs that." if missing else ""

    def load(self, model: str) -> None:
        folder = weights.require(model)
        self.unload()
        upstream = _import_upstream()
        device = _device()
        dtype = _dtype(device)
        _check(folder, model, device, dtype)
        place = {} if device.type == "cpu" else {"device_map": str(device)}
        try:
            tts = upstream.Qwen3TTSModel.from_pretrained(str(folder), dtype=dtype, local_files_only=True, **place)
            if dtype.itemsize < 4:
                # Eight bits of precision are enough for choosing codes; in a waveform they are heard as noise.
                speech_tokenizer = upstream.Qwen3TTSTokenizer.from_pretrained(
                    str(folder / "speech_tokenizer"), local_files_only=True, **place
                )
                tts.model.load_speech_tokenizer(speech_tokenizer)
        except Exception as error:
            if _is_out_of_memory(error):
                raise EngineError(f"{model} does not fit into the memory. {_SMALLER}", permanent=True) from error
            raise EngineError(f"The model {model} can’t be loaded: {error}. {_AGAIN}", permanent=True) from error
        self.tts, self.device = tts, device
        self.halving = Halving(_is_out_of_memory, "the GPU" if device.type == "cuda" else "this machine")
        self.runs_on = f"{_device_name(device)}, {str(dtype).removeprefix('torch.')}"

    def unload(self) -> None:
        self.tts = None
        _give_back()

    def device_memory(self) -> int:
        if self.tts is None or self.device.type != "cuda":
            return 0
        import torch

        return torch.cuda.memory_reserved(self.device)

    def condition(self, reference: Reference) -> Conditioning:
        """The recording as codes, with its transcript, and a speaker embedding; that alone where no transcript is."""
        import torch

        samples = qwen3.prepare_reference(reference)
        transcript = reference.transcript.strip()
        try:
            with torch.inference_mode():
                speaker = self.tts.model.extract_speaker_embedding(samples, qwen3.RATE).float().cpu().numpy()
                codes = None
                if transcript:
                    encoded = self.tts.model.speech_tokenizer.encode(samples, sr=qwen3.RATE)
                    codes = encoded.audio_codes[0].cpu().numpy()
        except Exception as error:
            if _is_out_of_memory(error):
                raise EngineError(f"This recording does not fit into the memory. {_SMALLER}", permanent=True) from error
            raise
        return qwen3.pack(speaker, codes, transcript)

    def synthesize(self, utterances: Sequence[Utterance], on_progress: OnProgress) -> Iterator[Audio | Rejected]:
        return self.halving.speak(utterances, on_progress, self._speak)

    def _speak(self, utterances: Sequence[Utterance], on_progress: OnProgress) -> Generator[Audio | Rejected]:
        """One step of the loop makes a frame for each that is still speaking; `on_progress` hears of them at once."""
        from .frame_loop import FrameLoop

        takes = [_Take(index, utterance) for index, utterance in enumerate(utterances)]
        for take in takes:
            if not take.text:
                yield Rejected(take.index, "There is nothing to say in this text.")
        takes = [take for take in takes if take.text]
        if not takes:
            return
        for take in takes:
            take.begin(self.tts.model)
        loop = FrameLoop(self.tts.model.talker, self._prompts(takes), [take.seed for take in takes])
        dropped = {row for row in loop.begin() if on_progress(takes[row].progress())}
        loop.drop(dropped)
        while loop.rows:
            written = [(takes[step.row], step) for step in loop.step()]
            for take, step in written:
                if step.codes is not None:
                    take.add(step.codes, step.end_probability)
            dropped = {take.index for take, step in written if step.codes is not None and on_progress(take.progress())}
            loop.drop({step.row for take, step in written if take.index in dropped or take.fault})
            for take, step in written:
                if take.index in dropped:
                    continue
                if take.fault:
                    yield Rejected(take.index, take.fault)
                elif step.codes is None:
                    last = take.end()
                    if not on_progress(take.progress(ended=True)):
                        yield last
            # One chunk a step: that keeps up, and progress does not stand still while all of a batch is decoded.
            if due := [takes[row] for row in loop.rows if takes[row].due]:
                yield from min(due, key=lambda take: len(take.sound)).chunk()

    def _prompts(self, takes: list["_Take"]) -> dict[str, Any]:
        """What upstream would give to the talker's `generate`, which is asked no further."""
        talker = self.tts.model.talker

        def take_over(**arguments: Any) -> None:
            raise _Prepared(arguments)

        talker.generate = take_over
        try:
            self.tts.generate_voice_clone(
                text=[take.text for take in takes],
                language=[take.language for take in takes],
                voice_clone_prompt=[_prompt_item(take.prompt) for take in takes],
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


class _Take:
    """An utterance while it is spoken."""

    def __init__(self, index: int, utterance: Utterance):
        self.index = index
        self.seed = utterance.seed
        self.language = language_name(utterance.language)
        self.text = normalize(utterance.text, utterance.language).strip()
        self.prompt = qwen3.unpack(utterance.conditioning)
        self.expected = expected_frames(self.text, utterance.language, self.prompt, utterance.expected_seconds)
        self.watch = Watch(self.text, self.expected)
        self.fault: str | None = None  # why it is rejected
        self.made = 0  # frames
        self.waiting: list[np.ndarray] = []  # frames, too few for a chunk
        self.wanted = FIRST_CHUNK
        self.due: list[np.ndarray] = []  # chunks that make no sound yet. They are cut alike whatever shares the batch
        self.sound = np.empty(0, np.float32)
        self.given = 0  # samples of it
        self.tempo = Tempo(qwen3.RATE, utterance.speed)

    def begin(self, model: Any) -> None:
        from .codec import SpeechDecoder

        if len(self.prompt.speaker) != model.config.talker_config.hidden_size:
            raise EngineError("This voice was prepared for another model. Prepare it again.", permanent=True)
        self.decoder = SpeechDecoder(model.speech_tokenizer.model.decoder, self.prompt.codes)

    def add(self, codes: np.ndarray, end_probability: float) -> None:
        self.made += 1
        self.waiting.append(codes)
        if len(self.waiting) == self.wanted:
            self.due.append(np.stack(self.waiting))
            self.waiting, self.wanted = [], min(2 * self.wanted, LONGEST_CHUNK)
        self.fault = self.watch.frame(codes, end_probability)

    def progress(self, ended: bool = False) -> Progress:
        return Progress(self.index, self.made, self.made if ended else max(self.expected, self.made + 1))

    def chunk(self) -> Iterator[Audio]:
        """The sound of the next chunk that is due, but for what waits for the end to be known."""
        self._decode(self.due.pop(0))
        ready = len(self.sound) - HELD * qwen3.FRAME_SAMPLES
        if ready > self.given:
            yield Audio(self.index, self.tempo.push(self.sound[self.given : ready]), qwen3.RATE, last=False)
            self.given = ready

    def end(self) -> Audio | Rejected:
        """The rest of the sound, or why all of it is of no use."""
        for codes in self.due + ([np.stack(self.waiting)] if self.waiting else []):
            self._decode(codes)
        reason = self.watch.finish(self.sound)
        if reason:
            return Rejected(self.index, reason)
        rest = self.tempo.push(finish_tail(self.sound[self.given :]))
        return Audio(self.index, np.concatenate([rest, self.tempo.finish()]), qwen3.RATE)

    def _decode(self, codes: np.ndarray) -> None:
        self.sound = np.concatenate([self.sound, self.decoder.decode(codes)])


def _prompt_item(prompt: qwen3.Prompt) -> Any:
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

_SMALLER = "Choose a smaller model, or end other programs that use this memory."
_AGAIN = "Remove it and download it again: `manage.py models`."


def _import_upstream() -> Any:
    """The library, without its speech tokenizer of 25 Hz, which no model here uses: it wants torchaudio and sox.

    That is imported only to be registered by its name, so that two empty classes do as well.
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
    """Libraries of Hugging Face that are imported in here never ask the hub: what a folder lacks is told in words.

    They read that variable once. It goes back to what it was, because this process may fetch other models.
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
    """Where the model runs: VOICESITE_DEVICE, else a GPU that CUDA knows, else the processor."""
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
    """The number format: VOICESITE_DTYPE, else bfloat16 where the device computes in it, else float32.

    Where it only pretends to, bfloat16 reads half the bytes, and so is quicker for one utterance; but batches and the
    hearing of prompts are several times slower than in float32. float16 is never chosen: the model was trained in
    bfloat16, whose largest numbers it does not hold.
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


def _check(folder: Path, model: str, device: Any, dtype: Any) -> None:
    """Raises EngineError (permanent) where what is in `folder` is no such model, is cut off, or can't fit."""
    try:
        config = json.loads((folder / "config.json").read_text("utf-8"))
        kind = config.get("model_type"), config.get("tokenizer_type"), config.get("tts_model_type")
    except (OSError, ValueError, AttributeError) as error:
        raise EngineError(f"The model {model} is damaged: config.json. {_AGAIN}", permanent=True) from error
    if kind != ("qwen3_tts", "qwen3_tts_tokenizer_12hz", "base"):
        raise EngineError(
            f"{model} is no model that clones voices: a Qwen3-TTS-12Hz Base model does. Choose another one.",
            permanent=True,
        )
    needed = WORK
    for part, size in ((folder, dtype.itemsize), (folder / "speech_tokenizer", 4)):
        for path in part.glob("*.safetensors"):
            needed += _numbers(path, model) * size
    free = _free_memory(device)
    if needed > free:
        where = "the GPU" if device.type == "cuda" else "this machine"
        raise EngineError(
            f"{model} needs {needed / 1e9:.1f} GB of memory, and {where} has {free / 1e9:.1f} GB free. {_SMALLER}",
            permanent=True,
        )


def _numbers(path: Path, model: str) -> int:
    """How many numbers a safetensors file holds. Raises EngineError (permanent) where it is cut off."""
    try:
        with path.open("rb") as file:
            length = int.from_bytes(file.read(8), "little")
            header = json.loads(file.read(length))
        tensors = [value for name, value in header.items() if name != "__metadata__"]
        end = 8 + length + max(tensor["data_offsets"][1] for tensor in tensors)
    except (OSError, ValueError, KeyError, AttributeError, OverflowError, MemoryError) as error:
        raise EngineError(f"The model {model} is damaged: {path.name}. {_AGAIN}", permanent=True) from error
    if path.stat().st_size < end:
        raise EngineError(
            f"The model {model} is damaged: {path.name} has {path.stat().st_size} of {end} bytes. {_AGAIN}",
            permanent=True,
        )
    return sum(int(np.prod(tensor["shape"])) for tensor in tensors)


def _free_memory(device: Any) -> int:
    """Bytes."""
    if device.type == "cuda":
        import torch

        return torch.cuda.mem_get_info(device)[0]
    import psutil

    return psutil.virtual_memory().available


def _is_out_of_memory(error: BaseException) -> bool:
    import torch

    if isinstance(error, MemoryError | torch.OutOfMemoryError) or "can't allocate memory" in str(error):
        _give_back()
        return True
    return False


def _give_back() -> None:
    """Free what Python and PyTorch merely keep."""
    gc.collect()
    torch = sys.modules.get("torch")
    if torch is not None and torch.cuda.is_available():
        torch.cuda.empty_cache()
