"""Encode recordings to codec frames, and decode frames to samples while they are being written, with MLX.

Imported by the engine when a model is loaded.
"""

import copy
from collections.abc import Sequence
from typing import Any

import mlx.core as mx
import numpy as np
from mlx_audio.lm.models.cache import KVCache

from synthesis.engines.qwen3.prompt import CODEBOOKS

WINDOW_FRAMES = 300  # after which upstream's decoder begins anew
CONTEXT_FRAMES = 25  # of the window before, which it then hears again


def encode(model: Any, samples: np.ndarray) -> np.ndarray:
    """Return the codes of a recording: float32 (samples,) at 24 kHz → int64 (frames, 16)."""
    codes = model.speech_tokenizer.encode(mx.array(samples)[None, None])
    mx.eval(codes)
    return np.array(codes, np.int64)[0].T


def embed_speaker(model: Any, samples: np.ndarray) -> np.ndarray:
    """Return the speaker embedding of a recording: float32 (samples,) at 24 kHz → float32 (width,)."""
    embedding = model.extract_speaker_embedding(mx.array(samples))
    mx.eval(embedding)
    return np.array(embedding.astype(mx.float32)).reshape(-1)


class SpeechDecoder:
    """Decodes one utterance chunk by chunk.

    However the frames are cut into chunks, the samples are those of upstream's `chunked_decode` of the whole: the
    decoder is causal, and its state is kept. Upstream keeps it inside the layers, where there is room for one
    utterance; here each utterance puts its own state there before a step, and takes it away after.
    """

    def __init__(self, model: Any, before: np.ndarray | None):
        """before: the codes of the reference that is continued, int (frames, 16); their samples are left out."""
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
        self.latest = np.empty((0, CODEBOOKS), np.int64)  # the last CONTEXT_FRAMES of them
        if before is not None:
            self.decode(before)

    def fork(self) -> "SpeechDecoder":
        """Return a copy with the same state: a voice's reference is decoded once for all utterances in that voice."""
        other = copy.copy(self)
        if self.cache is not None:
            other.cache = [KVCache() for _ in self.cache]
            for mine, its in zip(self.cache, other.cache, strict=True):
                its.keys, its.values, its.offset = mx.array(mine.keys), mx.array(mine.values), mine.offset
        return other

    def decode(self, codes: Sequence[np.ndarray] | np.ndarray) -> np.ndarray:
        """Return the samples of the next frames, int (frames, 16): float32 (frames * 1920,)."""
        codes = np.asarray(codes, np.int64).reshape(-1, CODEBOOKS)
        parts = [np.empty(0, np.float32)]
        while len(codes):
            if self.length and self.length % WINDOW_FRAMES == 0:
                self.kept, self.cache = [], None
                self._step(self.latest)
            room = WINDOW_FRAMES - self.length % WINDOW_FRAMES
            now, codes = codes[:room], codes[room:]
            parts.append(self._step(now))
            self.length += len(now)
            self.latest = np.concatenate([self.latest, now])[-CONTEXT_FRAMES:]
        return np.concatenate(parts)

    def _step(self, codes: np.ndarray) -> np.ndarray:
        self.decoder.reset_streaming_state()
        try:
            for (layer, name), value in zip(self.layers, self.kept, strict=bool(self.kept)):
                setattr(layer, name, value)
            self.decoder._transformer_cache = self.cache
            sound = self.decoder.streaming_step(mx.array(codes.T)[None])[0, 0]
            self.cache = self.decoder._transformer_cache
            # Copied: a slice of a chunk would keep all of it in memory.
            kept = [getattr(layer, name) for layer, name in self.layers]
            self.kept = [None if value is None else value + 0 for value in kept]
            mx.eval(sound, [value for value in self.kept if value is not None], [each.state for each in self.cache])
            return np.array(sound.astype(mx.float32))
        finally:
            self.decoder.reset_streaming_state()
