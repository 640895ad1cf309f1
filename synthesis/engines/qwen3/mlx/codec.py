"""From recordings to codes and from codes to sound, with MLX, while the codes are being written.

Imported by qwen3_mlx, when a model is loaded.
"""

import copy
from collections.abc import Sequence
from typing import Any

import mlx.core as mx
import numpy as np
from mlx_audio.lm.models.cache import KVCache

from synthesis.engines.qwen3.prompt import CODEBOOKS

WINDOW = 300  # frames that are decoded in one go, as upstream does
CONTEXT = 25  # frames that the next go hears again


def encode(model: Any, samples: np.ndarray) -> np.ndarray:
    """The codes of a recording: float32 (samples,) at 24 kHz → int (frames, 16)."""
    codes = model.speech_tokenizer.encode(mx.array(samples)[None, None])
    mx.eval(codes)
    return np.array(codes, np.int64)[0].T


def embed_speaker(model: Any, samples: np.ndarray) -> np.ndarray:
    """The speaker embedding of a recording: float32 (samples,) at 24 kHz → float32 (width,)."""
    embedding = model.extract_speaker_embedding(mx.array(samples))
    mx.eval(embedding)
    return np.array(embedding.astype(mx.float32)).reshape(-1)


class Decoder:
    """Turns the codes of one utterance into sound, piece by piece.

    However the codes are cut into pieces, the sound is that of upstream's `chunked_decode` of the whole: the decoder
    looks back only, and what it looks back at is kept. It keeps that inside its layers, where there is room for one
    utterance. So each brings its own, and takes it away again.
    """

    def __init__(self, model: Any, before: np.ndarray | None):
        """before: the codes of the recording that is continued, int (frames, 16): heard, but not given."""
        # mlx-audio wraps the decoder in a compiled function, which hides where it keeps its state.
        self.decoder = model.speech_tokenizer.decoder.streaming_step.__self__
        # What a layer looks back at is in one attribute.
        self.layers = [
            (layer, "_overflow" if hasattr(layer, "_overflow") else "_buffer")
            for _, layer in self.decoder.named_modules()
            if hasattr(layer, "reset_state")
        ]
        self.kept: list[Any] = []  # in the order of `layers`
        self.cache: Any = None  # of the decoder's transformer
        self.length = 0  # frames so far
        self.latest = np.empty((0, CODEBOOKS), np.int64)  # the last CONTEXT of them
        if before is not None:
            self.decode(before)

    def fork(self) -> "Decoder":
        """Another one that has heard the same so far: a voice's recording is decoded once for all who speak in it."""
        other = copy.copy(self)
        if self.cache is not None:
            other.cache = [KVCache() for _ in self.cache]
            for mine, its in zip(self.cache, other.cache, strict=True):
                its.keys, its.values, its.offset = mx.array(mine.keys), mx.array(mine.values), mine.offset
        return other

    def decode(self, codes: Sequence[np.ndarray] | np.ndarray) -> np.ndarray:
        """The sound of the next frames, int (frames, 16): float32 (frames · 1920,)."""
        codes = np.asarray(codes, np.int64).reshape(-1, CODEBOOKS)
        parts = [np.empty(0, np.float32)]
        while len(codes):
            if self.length and self.length % WINDOW == 0:
                self.kept, self.cache = [], None
                self._step(self.latest)
            room = WINDOW - self.length % WINDOW
            now, codes = codes[:room], codes[room:]
            parts.append(self._step(now))
            self.length += len(now)
            self.latest = np.concatenate([self.latest, now])[-CONTEXT:]
        return np.concatenate(parts)

    def _step(self, codes: np.ndarray) -> np.ndarray:
        self.decoder.reset_streaming_state()
        try:
            for (layer, name), value in zip(self.layers, self.kept, strict=bool(self.kept)):
                setattr(layer, name, value)
            self.decoder._transformer_cache = self.cache
            sound = self.decoder.streaming_step(mx.array(codes.T)[None])[0, 0]
            self.cache = self.decoder._transformer_cache
            # Copied, or each of these few samples would keep the whole piece that they are the end of in memory.
            kept = [getattr(layer, name) for layer, name in self.layers]
            self.kept = [None if value is None else value + 0 for value in kept]
            mx.eval(sound, [value for value in self.kept if value is not None], [each.state for each in self.cache])
            return np.array(sound.astype(mx.float32))
        finally:
            self.decoder.reset_streaming_state()
