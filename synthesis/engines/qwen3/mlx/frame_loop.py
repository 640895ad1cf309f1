"""The autoregressive loop of Qwen3-TTS with MLX, for a batch. Imported by the engine when a model is loaded.

Why a loop of our own: mlx-audio has one for a single utterance, and one for several texts in a single voice, which can
neither drop one of them nor report the progress of each. Here its layers are run for rows that differ in everything.
Arithmetic, sampling and the order of random numbers are those of its loop for one utterance, so an utterance alone gets
the same codes, bit for bit.
"""

from collections.abc import Sequence
from typing import Any

import mlx.core as mx
import numpy as np
from mlx_audio.lm.models.cache import KVCache
from mlx_audio.lm.sample_utils import apply_top_k, apply_top_p

from synthesis.engines.qwen3.prompt import CODEBOOKS, Prompt
from synthesis.engines.qwen3.utterance import BaseFrameLoop, WrittenFrame

PENALTY_WINDOW_FRAMES = 64  # whose first codes the repetition penalty counts, as upstream
MIN_CLONING_PENALTY = 1.5  # where the model continues a reference, which it would repeat otherwise
CLEAR_CACHE_FRAMES = 50  # after which unused buffers are freed


class FrameLoop(BaseFrameLoop):
    """Writes frames for several utterances at once; each row has its own random numbers, whatever shares its batch.

    prompts: for each row the talker's input (1, positions, width), of `embed_prompt`.
    cloning: whether each row continues a reference.
    temperature: for tests; None: what the model was published with, as for the rest of the sampling.
    """

    def __init__(
        self,
        model: Any,
        prompts: Sequence[mx.array],
        cloning: Sequence[bool],
        seeds: Sequence[int],
        temperature: float | None = None,
    ):
        self.talker = model.talker
        self.rows = list(range(len(prompts)))
        config = model.config.talker_config
        self.end = config.codec_eos_token_id
        self.sampling = model._resolve_generation_options(temperature, None, None, None, None)
        usual = self.sampling["repetition_penalty"]
        self.penalties = mx.array([[max(usual, MIN_CLONING_PENALTY) if clones else usual] for clones in cloning])
        suppressed = np.zeros(config.vocab_size, bool)
        suppressed[config.vocab_size - 1024 :] = True  # the control tokens
        suppressed[self.end] = False
        self.suppressed = mx.array(suppressed)
        self.keys = mx.stack([mx.random.key(seed) for seed in seeds])
        self.first_codes: list[list[int]] = [[] for _ in prompts]
        self.text_padding = embed_text(model, [model.config.tts_pad_token_id])
        self.frames = 0
        self.last_frame: mx.array | None = None  # of each row, embedded: the talker's next input
        # Prefill is done prompt by prompt, as for one alone; only then are the KV caches merged.
        caches, outputs = [], []
        for prompt in prompts:
            cache = self.talker.make_cache()
            scores, hidden = self.talker(prompt, cache=cache)
            outputs.append((scores[:, -1:], hidden[:, -1:]))
            mx.eval(outputs[-1], *(layer.state for layer in cache))
            caches.append(cache)
        self.output = tuple(mx.concatenate(parts) for parts in zip(*outputs, strict=True))
        self.cache = [KVCache.merge(layers) for layers in zip(*caches, strict=True)]
        self.pads = np.array(self.cache[0].left_padding)  # empty positions on the left of each row
        mx.eval(self.output, *(layer.state for layer in self.cache))

    def step(self) -> list[WrittenFrame]:
        if self.last_frame is not None:
            self.output = self._forward(self.last_frame)
        scores, hidden = self.output
        self.keys, draws = _draws(self.keys)
        scores = self._allowed(scores[:, -1])
        ends = mx.softmax(scores.astype(mx.float32), axis=-1)[:, self.end]
        code = self._pick(scores, draws[:, 0])
        codes, embedded = self._complete(code, hidden, draws)
        self.last_frame = self.text_padding + embedded
        mx.eval(codes, ends, self.last_frame, self.keys)
        self.frames += 1
        if self.frames % CLEAR_CACHE_FRAMES == 0:
            mx.eval([layer.offset for layer in self.cache])  # a lazy sum that nothing else evaluates
            mx.clear_cache()

        written = []
        for row, first_codes, frame, end_probability in zip(
            self.rows, self.first_codes, np.array(codes, np.int64), ends.tolist(), strict=True
        ):
            first_codes.append(int(frame[0]))
            written.append(WrittenFrame(row, None if frame[0] == self.end else frame, end_probability))
        self.drop({frame.row for frame in written if frame.codes is None})
        return written

    def _keep(self, places: list[int]) -> None:
        if not places:
            self.cache = []
            return
        self.first_codes = [self.first_codes[place] for place in places]
        index = mx.array(places)
        self.keys, self.penalties = self.keys[index], self.penalties[index]
        if self.last_frame is not None:
            self.last_frame = self.last_frame[index]
        self.output = tuple(part[index] for part in self.output)
        for layer in self.cache:
            layer.filter(index)  # also cuts off what is empty in all rows
        self.pads = np.array(self.cache[0].left_padding)
        mx.eval(self.keys, self.penalties, self.last_frame, self.output, *(layer.state for layer in self.cache))

    def _forward(self, inputs: mx.array) -> tuple[mx.array, mx.array]:
        """Return the talker's logits (rows, 1, vocabulary) and hidden state (rows, 1, width) after another frame."""
        length, mask = self.cache[0].size(), None
        if self.pads.any():
            mask = mx.array(np.arange(length + 1) >= self.pads[:, None])[:, None, None]
        # Given without pads too: the cache of a batch has an offset for each row, not a single one.
        positions = mx.broadcast_to(mx.array(length - self.pads, mx.int32)[None, :, None], (3, len(self.rows), 1))
        return self.talker(inputs, position_ids=positions, mask=mask, cache=self.cache)

    def _allowed(self, scores: mx.array) -> mx.array:
        """Apply suppressed tokens and the repetition penalty to the logits of the first codes, (rows, vocabulary)."""
        scores = mx.where(self.suppressed, mx.array(-mx.inf, scores.dtype), scores)
        recent = np.zeros(scores.shape, bool)
        for row, codes in enumerate(self.first_codes):
            recent[row, codes[-PENALTY_WINDOW_FRAMES:]] = True
        penalties = self.penalties.astype(scores.dtype)
        penalised = mx.where(scores < 0, scores * penalties, scores / penalties)
        return mx.where(mx.array(recent), penalised, scores)

    def _complete(self, code: mx.array, hidden: mx.array, draws: mx.array) -> tuple[mx.array, mx.array]:
        """Return all codes of the frame (rows, 16), given the first (rows, 1), and the sum of their embeddings."""
        predictor = self.talker.code_predictor
        cache = predictor.make_cache()
        codes, summed = [code], self.talker.get_input_embeddings()(code)
        inputs = mx.concatenate([hidden, summed], axis=1)
        for place in range(1, CODEBOOKS):
            scores, _, _ = predictor(inputs, cache=cache, generation_step=place - 1)
            codes.append(self._pick(scores[:, -1], draws[:, place]))
            inputs = predictor.codec_embedding[place - 1](codes[-1])
            summed = summed + inputs
        return mx.concatenate(codes, axis=1), summed

    def _pick(self, scores: mx.array, draws: mx.array) -> mx.array:
        """Sample a code for each row (rows, 1), from its logits (rows, vocabulary) and a random number from 0 to 1."""
        temperature, top_k, top_p = (self.sampling[name] for name in ("temperature", "top_k", "top_p"))
        if temperature <= 0:
            return mx.argmax(scores, axis=-1, keepdims=True)
        if temperature != 1.0:
            scores = scores / temperature
        if 0 < top_k < scores.shape[-1]:
            scores = apply_top_k(scores, top_k)
        if 0 < top_p < 1:
            likely = apply_top_p(scores - mx.logsumexp(scores, axis=-1, keepdims=True), top_p)
            scores = mx.where(likely == -mx.inf, mx.array(-mx.inf, scores.dtype), scores)
        # mx.random.categorical for one row, to the bit. For several rows at once it would draw by another method.
        scores = scores.astype(mx.float32)
        sums = mx.cumsum(mx.exp(scores - scores.max(axis=-1, keepdims=True)), axis=-1)
        return (sums <= draws[:, None] * sums[:, -1:]).sum(axis=-1, keepdims=True).astype(mx.uint32)


def embed_prompt(model: Any, text: str, language: str, prompt: Prompt) -> mx.array:
    """Return the talker's input before the first frame: (1, positions, width).

    Embeddings of text and of codes are summed, position by position. First come the language and the speaker embedding;
    then the reference's transcript and the text, without codes; then the reference's codes, without text.
    language: the model's name for it.
    """
    config = model.config.talker_config
    embed_code = model.talker.get_input_embeddings()
    special = [model.config.tts_bos_token_id, model.config.tts_eos_token_id, model.config.tts_pad_token_id]
    text_start, text_end, text_padding = mx.split(embed_text(model, special), 3, axis=1)

    request = model.tokenizer.encode(f"<|im_start|>assistant\n{text}<|im_end|>\n<|im_start|>assistant\n")
    role, words = request[:3], request[3:-5]
    if prompt.codes is not None:
        words = model.tokenizer.encode(f"<|im_start|>assistant\n{prompt.transcript}<|im_end|>\n")[3:-2] + words

    language_id = config.codec_language_id[language]
    control = [config.codec_think_id, config.codec_think_bos_id, language_id, config.codec_think_eos_id]
    code_padding, code_start = mx.split(embed_code(mx.array([[config.codec_pad_id, config.codec_bos_id]])), 2, axis=1)
    speaker = mx.array(prompt.speaker)[None, None].astype(code_padding.dtype)
    voice = mx.concatenate([embed_code(mx.array([control])), speaker, code_padding], axis=1)
    voice_text = mx.broadcast_to(text_padding, (1, voice.shape[1] - 1, text_padding.shape[-1]))

    speech = code_start
    if prompt.codes is not None:
        codes = mx.array(prompt.codes.T[:, None])  # (16, 1, frames)
        frames = embed_code(codes[0])
        for embedding, layer in zip(model.talker.code_predictor.codec_embedding, codes[1:], strict=True):
            frames = frames + embedding(layer)
        speech = mx.concatenate([code_start, frames], axis=1)
    parts = [
        embed_text(model, role),
        mx.concatenate([voice_text, text_start], axis=1) + voice,
        mx.concatenate([embed_text(model, words), text_end], axis=1) + code_padding,
        speech + text_padding,
    ]
    embedded = mx.concatenate(parts, axis=1)
    mx.eval(embedded)
    return embedded


def embed_text(model: Any, tokens: Sequence[int]) -> mx.array:
    """Return the embeddings of text tokens: (1, tokens, width)."""
    return model.talker.text_projection(model.talker.get_text_embeddings()(mx.array([tokens])))


def _draws(keys: mx.array) -> tuple[mx.array, mx.array]:
    """Return the next keys (rows, 2) and a frame's random numbers (rows, 16), as MLX's global state would yield them."""

    def draws_of_row(key: mx.array) -> tuple[mx.array, mx.array]:
        draws = []
        for _ in range(CODEBOOKS):
            key, own = mx.random.split(key)
            draws.append(mx.random.uniform(key=own))
        return key, mx.stack(draws)

    return mx.vmap(draws_of_row)(keys)
