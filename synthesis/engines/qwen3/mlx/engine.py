"""Qwen3-TTS on Apple Silicon, by mlx-audio: zero-shot cloning, in batches.

Everything that touches MLX is done by the one thread that loads the model, frame by frame, each evaluated before the
next is begun: a lazy array can't be continued on another thread, and a growing graph keeps all of its inputs in memory.
"""

import contextlib
import io
import logging
import os
import platform
from collections.abc import Callable, Iterator, Sequence
from functools import cache
from importlib.util import find_spec
from typing import Any

import numpy as np
import psutil

from synthesis.engines.base import Audio, Conditioning, Reference, Rejected, Utterance
from synthesis.engines.batch_backoff import BatchBackoff
from synthesis.engines.qwen3.engine import LocalQwen3Engine
from synthesis.engines.qwen3.loading import check_config, check_memory, loading
from synthesis.engines.qwen3.models import MLX_MODELS
from synthesis.engines.qwen3.prompt import Prompt
from synthesis.engines.qwen3.utterance import BaseFrameLoop, CodecStream, Decoder
from voicesite.modelhost import weights
from voicesite.modelhost.protocol import OnProgress
from voicesite.texts import N_

logger = logging.getLogger(__name__)


class MlxEngine(LocalQwen3Engine):
    name = "mlx"
    models = MLX_MODELS
    max_batch = 8
    chunk_frames = (10, 25)

    @classmethod
    def unavailable(cls) -> str:
        if find_spec("mlx") and find_spec("mlx_audio"):
            return ""
        if platform.system() == "Darwin" and platform.machine() == "arm64":
            return N_("It is not installed. “make install ENGINE=mlx” installs it.")
        return N_(
            "It is made for Macs with Apple Silicon, and not installed here. “make install ENGINE=mlx” installs it."
        )

    def load(self, model: str) -> None:
        folder = weights.require(model)
        self.unload()
        config = check_config(folder, model)
        check_memory(folder, model, _free_memory())
        os.environ["HF_HUB_OFFLINE"] = "1"  # a tokenizer from a folder asks the hub about itself, otherwise
        import mlx.core as mx
        import transformers
        from mlx_audio.tts.utils import load_model

        transformers.logging.set_verbosity_error()  # it warns of a configuration that it is not meant to know
        printed = io.StringIO()  # the library only prints what went wrong with the codec and the tokenizer
        with loading(model, self.is_out_of_memory):
            with contextlib.redirect_stdout(printed):
                loaded = load_model(folder)
            mx.eval(loaded.parameters())
            codec = loaded.speech_tokenizer
            if not loaded.tokenizer or not codec or not codec.has_encoder or not loaded.speaker_encoder:
                logger.error("mlx-audio said: %s", printed.getvalue())
                raise ValueError(f"its {'speech' if loaded.tokenizer else 'text'} tokenizer could not be read")
        self.model = loaded
        self.backoff = BatchBackoff(self.is_out_of_memory)
        self.runs_on = f"{_device_name()}, {_number_format(loaded, config)}"

    def clear_cache(self) -> None:
        import mlx.core as mx

        mx.clear_cache()

    def device_memory(self) -> int:
        import mlx.core as mx

        on_gpu = self.model is not None and mx.default_device() == mx.Device(mx.gpu)
        return mx.get_active_memory() + mx.get_cache_memory() if on_gpu else 0

    def condition(self, reference: Reference) -> Conditioning:
        try:
            return super().condition(reference)
        finally:
            self.clear_cache()

    def synthesize(self, utterances: Sequence[Utterance], on_progress: OnProgress) -> Iterator[Audio | Rejected]:
        try:
            yield from super().synthesize(utterances, on_progress)
        finally:
            self.clear_cache()

    def embed_speaker(self, samples: np.ndarray) -> np.ndarray:
        import mlx.core as mx

        embedding = self.model.extract_speaker_embedding(mx.array(samples))
        return np.array(embedding.astype(mx.float32)).reshape(-1)

    def encode(self, samples: np.ndarray) -> np.ndarray:
        import mlx.core as mx

        return np.array(self.model.speech_tokenizer.encode(mx.array(samples)[None, None]), np.int64)[0].T

    def open_decoder(self) -> Callable[[Prompt], Decoder]:
        from .codec import SpeechDecoder

        decoder = cache(lambda prompt: SpeechDecoder(self.model, prompt.codes))
        return lambda prompt: decoder(prompt).fork()

    def open_loop(self, streams: Sequence[CodecStream], on_progress: OnProgress) -> BaseFrameLoop:
        from .frame_loop import FrameLoop, embed_prompt

        return FrameLoop(
            self.model,
            [embed_prompt(self.model, stream.text, stream.language, stream.prompt) for stream in streams],
            [stream.prompt.codes is not None for stream in streams],
            [stream.seed for stream in streams],
        )


def _free_memory() -> int:
    """Return the bytes that a model may take."""
    memory = psutil.virtual_memory()
    # macOS makes room by compressing and swapping other programs' memory, but gives a GPU only a share of it all.
    return int(0.75 * memory.total) if platform.system() == "Darwin" else memory.available


def _device_name() -> str:
    import mlx.core as mx

    if mx.default_device() != mx.Device(mx.gpu):
        return "CPU"
    return str(mx.device_info().get("device_name", "GPU"))


def _number_format(model: Any, config: dict) -> str:
    quantization = config.get("quantization") or config.get("quantization_config")
    if quantization:
        return f"{quantization['bits']}-bit"
    return str(model.talker.model.norm.weight.dtype).removeprefix("mlx.core.")
