"""Decode codec frames of Qwen3-TTS to samples while they are being written, with MLX. Imported by the engine."""

import copy
from collections.abc import Sequence
from typing import Any

import mlx.core as mx
import numpy as np
from mlx_audio.lm.models.cache import KVCache

from synthesis.engines.qwen3.prompt import CODEBOOKS

WINDOW_FRAMES = 300  # after which upstream's decoder begins anew
CONTEXT_FRAMES = 25  # of the window before, which it then decodes again


class SpeechDecoder:
    """Decodes one utterance chunk by chunk.

    However the frames are cut into chunks, the samples are those of upstream's `chunked_decode` of the whole: the
    decoder is causal, and its state is kept. Upstream keeps it inside the layers, which hold that of one utterance;
    here each utterance puts its own state there before a step, and removes it after.
    """

    def __init__(self, model: Any, reference: np.ndarray | None):
        """reference: codes that the utterance continues, int (frames, 16); their samples are left out."""
        # mlx-audio wraps the decoder in a compiled function; the state is in the object behind it.
        self.decoder = model.speech_tokenizer.decoder.streaming_step.__self__
        # Each layer's state is in one attribute.
        self.layers = [
            (layer, "_overflow" if hasattr(layer, "_overflow") else "_buffer")
            for _, layer in self.decoder.named_modules()
            if hasattr(layer, "reset_state")
        ]
        self.states: list[Any] = []  # in the order of `layers`
        self.cache: Any = None  # of the decoder's transformer
        self.length = 0  # frames so far
        self.latest = np.empty((0, CODEBOOKS), np.int64)  # the last CONTEXT_FRAMES of them
        if reference is not None:
            self.decode(reference)

    def fork(self) -> "SpeechDecoder":
        """Return a copy with the same state: a voice's reference is decoded once for all utterances in that voice."""
        other = copy.copy(self)
        if self.cache is not None:
            other.cache = [KVCache() for _ in self.cache]
            for source, target in zip(self.cache, other.cache, strict=True):
                target.keys, target.values, target.offset = (
                    mx.array(source.keys),
                    mx.array(source.values),
                    source.offset,
                )
        return other

    def decode(self, codes: Sequence[np.ndarray] | np.ndarray) -> np.ndarray:
        """Return the samples of the next frames, int (frames, 16): float32 (frames * 1920,)."""
        codes = np.asarray(codes, np.int64).reshape(-1, CODEBOOKS)
        parts = [np.empty(0, np.float32)]
        while len(codes):
            if self.length and self.length % WINDOW_FRAMES == 0:
                self.states, self.cache = [], None
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
            for (layer, name), state in zip(self.layers, self.states, strict=bool(self.states)):
                setattr(layer, name, state)
            self.decoder._transformer_cache = self.cache
            sound = self.decoder.streaming_step(mx.array(codes.T)[None])[0, 0]
            self.cache = self.decoder._transformer_cache
            # Copied: a slice of a chunk would keep all of it in memory.
            states = [getattr(layer, name) for layer, name in self.layers]
            self.states = [None if state is None else state + 0 for state in states]
            mx.eval(sound, [state for state in self.states if state is not None], [each.state for each in self.cache])
            return np.array(sound.astype(mx.float32))
        finally:
            self.decoder.reset_streaming_state()
