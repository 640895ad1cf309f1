"""Qwen3-TTS on Apple Silicon, by mlx-audio: zero-shot cloning, in batches.

Everything that touches MLX is done by the one thread that loads the model, frame by frame, each evaluated before the
next is begun: a lazy array can't be continued on another thread, and a graph that grows keeps all it was made of.
"""

import contextlib
import gc
import io
import json
import logging
import os
import platform
from collections.abc import Generator, Iterator, Sequence
from importlib.util import find_spec
from typing import Any

import numpy as np

from synthesis.engines.audio import tempo
from synthesis.engines.base import Audio, Conditioning, Engine, EngineError, Reference, Rejected, Utterance
from synthesis.engines.batch_backoff import Halving
from synthesis.engines.qwen3 import prompt as qwen3
from synthesis.engines.qwen3.duration import expected_frames
from synthesis.engines.qwen3.guard import Watch, finish_tail
from synthesis.engines.qwen3.models import LANGUAGE_NAMES, MLX_MODELS, language_name
from voices.text.normalization import normalize
from voicesite.modelhost import weights
from voicesite.modelhost.protocol import OnProgress, Progress

logger = logging.getLogger(__name__)

FIRST = 6  # frames in the first piece of sound that is given: half a second
PIECE = 25  # frames in the others
HELD = 6 * qwen3.FRAME_SAMPLES  # samples that wait for the end, which is treated on its own
WORKING = 500_000_000  # bytes for a batch, beside the weights
# What MLX says when memory is short: Metal as it allocates and as it computes, and the CPU.
OUT_OF_MEMORY = ("unable to allocate", "attempting to allocate", "insufficient memory", "out of memory")


class MlxEngine(Engine):
    name = "mlx"
    fidelity = "zero-shot"
    languages = tuple(LANGUAGE_NAMES)
    models = MLX_MODELS
    max_batch = 8
    reference_seconds = (3.0, 15.0)  # what is longer is slower, and no better
    reads_transcript = True

    def __init__(self) -> None:
        self.model: Any = None  # an mlx_audio Model, once it is loaded
        self.halving = Halving(_is_out_of_memory)

    @classmethod
    def unavailable(cls) -> str:
        if find_spec("mlx") and find_spec("mlx_audio"):
            return ""
        if platform.system() == "Darwin" and platform.machine() == "arm64":
            return "It is not installed. “make install ENGINE=mlx” installs it."
        return "It is made for Macs with Apple Silicon, and not installed here. “make install ENGINE=mlx” installs it."

    def load(self, model: str) -> None:
        self.unload()
        folder = weights.require(model)
        kind = _configuration(folder).get("tts_model_type", "base")
        if kind != "base":
            raise EngineError(
                f"{model} can't clone a voice: it is a “{kind}” model. Choose one whose name has “Base” in it.",
                permanent=True,
            )
        _check_memory(model)
        os.environ["HF_HUB_OFFLINE"] = "1"  # a tokenizer from a folder asks the hub about itself, otherwise
        import mlx.core as mx
        import transformers
        from mlx_audio.tts.utils import load_model

        transformers.logging.set_verbosity_error()  # it warns of a configuration that it is not meant to know
        said = io.StringIO()  # the library only prints what went wrong with the codec and the tokenizer
        try:
            with contextlib.redirect_stdout(said):
                loaded = load_model(folder)
            mx.eval(loaded.parameters())
        except Exception as error:
            if _is_out_of_memory(error):
                raise EngineError(f"This machine has too little memory for the model {model}.") from error
            raise EngineError(f"{_damaged(model)} ({error})", permanent=True) from error
        codec = loaded.speech_tokenizer
        if not loaded.tokenizer or not codec or not codec.has_encoder or not loaded.speaker_encoder:
            logger.error("mlx-audio said: %s", said.getvalue())
            part = "text tokenizer" if not loaded.tokenizer else "speech tokenizer"
            raise EngineError(f"{_damaged(model)} (Its {part} could not be read.)", permanent=True)
        self.model = loaded
        self.halving = Halving(_is_out_of_memory)
        self.runs_on = f"{_device()}, {_number_format(loaded, _configuration(folder))}"

    def unload(self) -> None:
        if self.model is not None:
            self.model = None
            gc.collect()  # its parts refer to each other
            _clear_cache()

    def device_memory(self) -> int:
        import mlx.core as mx

        on_gpu = self.model is not None and mx.default_device() == mx.Device(mx.gpu)
        return mx.get_active_memory() + mx.get_cache_memory() if on_gpu else 0

    def condition(self, reference: Reference) -> Conditioning:
        from . import codec

        samples = qwen3.prepare_reference(reference)
        transcript = reference.transcript.strip()
        try:
            speaker = codec.embed_speaker(self.model, samples)
            codes = codec.encode(self.model, samples) if transcript else None
        except Exception as error:
            if _is_out_of_memory(error):
                raise EngineError(
                    "This recording does not fit into the memory of this machine. End other programs that use much.",
                ) from error
            raise
        finally:
            _clear_cache()
        return qwen3.pack(speaker, codes, transcript)

    def synthesize(self, utterances: Sequence[Utterance], on_progress: OnProgress) -> Iterator[Audio | Rejected]:
        try:
            yield from self.halving.speak(utterances, on_progress, self._speak)
        finally:
            _clear_cache()

    def _speak(self, utterances: Sequence[Utterance], on_progress: OnProgress) -> Generator[Audio | Rejected]:
        from .codec import Decoder
        from .frame_loop import FrameLoop, embed_prompt

        tracks, prompts = [], []
        recordings: dict[bytes, Decoder] = {}
        for index, utterance in enumerate(utterances):
            language = language_name(utterance.language)
            text = normalize(utterance.text, utterance.language).strip()
            if not any(character.isalnum() for character in text):
                yield Rejected(index, "There is nothing to say in this text: it has no words.")
                continue
            prompt = qwen3.unpack(utterance.conditioning)
            voice = utterance.conditioning.payload
            if len(prompt.speaker) != self.model.config.talker_config.hidden_size:
                raise EngineError("This voice was prepared for another model. Prepare it again.", permanent=True)
            if voice not in recordings:
                recordings[voice] = Decoder(self.model, prompt.codes)
            tracks.append(_Track(index, utterance, text, prompt, recordings[voice].fork()))
            prompts.append(embed_prompt(self.model, text, language, prompt))
        if not tracks:
            return
        loop = FrameLoop(
            self.model,
            prompts,
            [track.prompt.codes is not None for track in tracks],
            [track.utterance.seed for track in tracks],
        )
        while loop.rows:
            dropped = set()
            for written in loop.step():
                track = tracks[written.row]
                item, wanted = track.take(written.codes, written.end_probability, on_progress)
                if item is not None:
                    yield item
                if not wanted:
                    dropped.add(written.row)
            loop.drop(dropped)


class _Track:
    """One utterance of a batch: what is written of it so far, and what has been given away."""

    def __init__(self, index: int, utterance: Utterance, text: str, prompt: qwen3.Prompt, decoder: Any):
        self.index = index
        self.utterance = utterance
        self.prompt = prompt
        expected = expected_frames(text, utterance.language, prompt, utterance.expected_seconds)
        self.watch = Watch(text, expected)
        self.decoder = decoder
        self.codes: list[np.ndarray] = []  # of the frames that are not decoded yet
        self.given: list[np.ndarray] = []
        self.held = np.empty(0, np.float32)  # decoded, but not given yet

    def take(
        self, codes: np.ndarray | None, end_probability: float, on_progress: OnProgress
    ) -> tuple[Audio | Rejected | None, bool]:
        """The next frame, or None at the end. What is to be given, and whether more frames are wanted."""
        reason = None if codes is None else self.watch.frame(codes, end_probability)
        done = self.watch.frames
        expected = done if codes is None else max(done, self.watch.expected)
        if on_progress(Progress(self.index, done, expected)):
            return None, False
        if reason:
            return Rejected(self.index, reason), False
        if codes is None:
            return self._end(), False
        self.codes.append(codes)
        # What is played quicker or slower is stretched as a whole.
        if self.utterance.speed == 1 and len(self.codes) >= (
            PIECE if self.given else FIRST + HELD // qwen3.FRAME_SAMPLES
        ):
            self._decode()
            piece, self.held = self.held[:-HELD], self.held[-HELD:]
            self.given.append(piece)
            return Audio(self.index, piece, qwen3.RATE, last=False), True
        return None, True

    def _end(self) -> Audio | Rejected:
        self._decode()
        reason = self.watch.finish(np.concatenate([*self.given, self.held]))
        if reason:
            return Rejected(self.index, reason)
        samples = tempo.change(finish_tail(self.held), qwen3.RATE, self.utterance.speed)
        return Audio(self.index, samples, qwen3.RATE)

    def _decode(self) -> None:
        self.held = np.concatenate([self.held, self.decoder.decode(self.codes)])
        self.codes = []


def _configuration(folder) -> dict:
    try:
        return json.loads((folder / "config.json").read_text())
    except (OSError, ValueError) as error:
        raise EngineError(_damaged(str(folder)), permanent=True) from error


def _damaged(model: str) -> str:
    return f"The model {model} could not be loaded: its files are damaged or of another kind. Remove it, and fetch it again."


def _check_memory(model: str) -> None:
    """Raises EngineError (permanent) where the weights can't be held."""
    import psutil

    memory = psutil.virtual_memory()
    # macOS makes room by compressing and swapping what others hold; but a GPU is given no more than some share of all.
    free = int(0.75 * memory.total) if platform.system() == "Darwin" else memory.available
    needed = weights.size(model) + WORKING
    if needed > free:
        raise EngineError(
            f"The model {model} needs {needed / 1e9:.1f} GB of memory, and this machine has {free / 1e9:.1f} GB for it. "
            "Choose a smaller or quantised model, or end other programs.",
            permanent=True,
        )


def _is_out_of_memory(error: Exception) -> bool:
    if isinstance(error, MemoryError) or any(words in str(error).lower() for words in OUT_OF_MEMORY):
        _clear_cache()
        return True
    return False


def _clear_cache() -> None:
    import mlx.core as mx

    mx.clear_cache()


def _device() -> str:
    import mlx.core as mx

    if mx.default_device() != mx.Device(mx.gpu):
        return "CPU"
    return str(mx.device_info().get("device_name", "GPU"))


def _number_format(model: Any, configuration: dict) -> str:
    quantization = configuration.get("quantization") or configuration.get("quantization_config")
    if quantization:
        return f"{quantization['bits']}-bit"
    return str(model.talker.model.norm.weight.dtype).removeprefix("mlx.core.")
