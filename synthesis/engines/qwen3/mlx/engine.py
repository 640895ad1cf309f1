"""Qwen3-TTS on Apple Silicon, by mlx-audio: zero-shot cloning, in batches.

Everything that touches MLX is done by the one thread that loads the model, frame by frame, each evaluated before the
next is begun: a lazy array can't be continued on another thread, and a graph that grows keeps all it was made of.
"""

import contextlib
import gc
import io
import logging
import os
import platform
from collections.abc import Generator, Iterator, Sequence
from importlib.util import find_spec
from typing import Any

from synthesis.engines.base import Audio, Conditioning, Engine, Reference, Rejected, Utterance
from synthesis.engines.batch_backoff import BatchBackoff
from synthesis.engines.qwen3.loading import check_config, check_memory, fitting, loading
from synthesis.engines.qwen3.models import LANGUAGE_NAMES, MLX_MODELS
from synthesis.engines.qwen3.prompt import Prompt, pack, prepare_reference
from synthesis.engines.qwen3.utterance import open_streams, stream_frames
from voicesite.modelhost import weights
from voicesite.modelhost.protocol import OnProgress

logger = logging.getLogger(__name__)

CHUNK_FRAMES = (10, 25)  # decoded at once: sound begins early, and then costs less to make
# What MLX says when memory is short: Metal as it allocates and as it computes, and the CPU.
OUT_OF_MEMORY_PHRASES = ("unable to allocate", "attempting to allocate", "insufficient memory", "out of memory")


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
        self.backoff = BatchBackoff(_is_out_of_memory)

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
        config = check_config(folder, model)
        check_memory(folder, model, _free_memory())
        os.environ["HF_HUB_OFFLINE"] = "1"  # a tokenizer from a folder asks the hub about itself, otherwise
        import mlx.core as mx
        import transformers
        from mlx_audio.tts.utils import load_model

        transformers.logging.set_verbosity_error()  # it warns of a configuration that it is not meant to know
        printed = io.StringIO()  # the library only prints what went wrong with the codec and the tokenizer
        with loading(model, _is_out_of_memory):
            with contextlib.redirect_stdout(printed):
                loaded = load_model(folder)
            mx.eval(loaded.parameters())
            codec = loaded.speech_tokenizer
            if not loaded.tokenizer or not codec or not codec.has_encoder or not loaded.speaker_encoder:
                logger.error("mlx-audio said: %s", printed.getvalue())
                raise ValueError(f"its {'speech' if loaded.tokenizer else 'text'} tokenizer could not be read")
        self.model = loaded
        self.backoff = BatchBackoff(_is_out_of_memory)
        self.runs_on = f"{_device()}, {_number_format(loaded, config)}"

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
        """Derive the speaker embedding and, where there is a transcript, the codes of the reference."""
        from . import codec

        samples = prepare_reference(reference)
        transcript = reference.transcript.strip()
        try:
            with fitting("This recording", _is_out_of_memory):
                speaker = codec.embed_speaker(self.model, samples)
                codes = codec.encode(self.model, samples) if transcript else None
        finally:
            _clear_cache()
        return pack(speaker, codes, transcript)

    def synthesize(self, utterances: Sequence[Utterance], on_progress: OnProgress) -> Iterator[Audio | Rejected]:
        try:
            yield from self.backoff.speak(utterances, on_progress, self._speak)
        finally:
            _clear_cache()

    def _speak(self, utterances: Sequence[Utterance], on_progress: OnProgress) -> Generator[Audio | Rejected]:
        from .codec import SpeechDecoder
        from .frame_loop import FrameLoop, embed_prompt

        model = self.model
        voices: dict[bytes, SpeechDecoder] = {}

        def decoder(utterance: Utterance, prompt: Prompt) -> SpeechDecoder:
            voice = utterance.conditioning.payload
            if voice not in voices:
                voices[voice] = SpeechDecoder(model, prompt.codes)
            return voices[voice].fork()

        speaker_width = model.config.talker_config.hidden_size
        streams, rejected = open_streams(utterances, speaker_width, CHUNK_FRAMES, decoder)
        yield from rejected
        if not streams:
            return
        loop = FrameLoop(
            model,
            [embed_prompt(model, stream.text, stream.language, stream.prompt) for stream in streams],
            [stream.prompt.codes is not None for stream in streams],
            [stream.seed for stream in streams],
        )
        yield from stream_frames(loop, streams, on_progress)


def _free_memory() -> int:
    """Bytes that a model may take."""
    import psutil

    memory = psutil.virtual_memory()
    # macOS makes room by compressing and swapping what others hold; but a GPU is given no more than some share of all.
    return int(0.75 * memory.total) if platform.system() == "Darwin" else memory.available


def _is_out_of_memory(error: Exception) -> bool:
    if isinstance(error, MemoryError) or any(phrase in str(error).lower() for phrase in OUT_OF_MEMORY_PHRASES):
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


def _number_format(model: Any, config: dict) -> str:
    quantization = config.get("quantization") or config.get("quantization_config")
    if quantization:
        return f"{quantization['bits']}-bit"
    return str(model.talker.model.norm.weight.dtype).removeprefix("mlx.core.")
