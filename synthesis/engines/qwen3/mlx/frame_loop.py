"""The autoregressive loop of Qwen3-TTS with MLX, for a batch. Imported by the engine when a model is loaded.

A codec frame is 16 codes. The talker, a transformer over everything said so far, writes the first, or the end token.
The code predictor, a small transformer over this frame only, writes the other fifteen, one after another.

Why a loop of our own: mlx-audio has one for a single utterance, and one for several texts in a single voice, which can
neither drop one of them nor report how far each has come. Here its layers are run for rows that differ in everything.
Arithmetic, sampling and the order of random numbers are those of its loop for one, so that an utterance alone becomes
the same codes, bit for bit.
"""

from collections.abc import Sequence
from typing import Any

import mlx.core as mx
import numpy as np
from mlx_audio.lm.models.cache import KVCache
from mlx_audio.lm.sample_utils import apply_top_k, apply_top_p

from synthesis.engines.qwen3.prompt import CODEBOOKS, Prompt
from synthesis.engines.qwen3.utterance import WrittenFrame

PENALTY_WINDOW_FRAMES = 64  # whose first codes the repetition penalty counts, as upstream
MIN_CLONING_PENALTY = 1.5  # where the model continues a reference, which it would repeat otherwise
CLEAR_CACHE_FRAMES = 50  # after which unused buffers are given back


class FrameLoop:
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
        forbidden = np.zeros(config.vocab_size, bool)
        forbidden[config.vocab_size - 1024 :] = True  # the control tokens
        forbidden[self.end] = False
        self.forbidden = mx.array(forbidden)
        self.keys = mx.stack([mx.random.key(seed) for seed in seeds])
        self.first_codes: list[list[int]] = [[] for _ in prompts]
        self.silent_text = embed_text(model, [model.config.tts_pad_token_id])
        self.frames = 0
        self.heard: mx.array | None = None  # the talker's next input: a frame of each row
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
        self.pads = np.array(self.cache[0].left_padding)  # positions on the left of each row that hold nothing
        mx.eval(self.output, *(layer.state for layer in self.cache))

    def step(self) -> list[WrittenFrame]:
        """Write the next frame of each row. Rows that end leave."""
        if self.heard is not None:
            self.output = self._hear(self.heard)
        scores, hidden = self.output
        self.keys, draws = _draws(self.keys)
        scores = self._allowed(scores[:, -1])
        ends = mx.softmax(scores.astype(mx.float32), axis=-1)[:, self.end]
        code = self._pick(scores, draws[:, 0])
        codes, embedded = self._complete(code, hidden, draws)
        self.heard = self.silent_text + embedded
        mx.eval(codes, ends, self.heard, self.keys)
        self.frames += 1
        if self.frames % CLEAR_CACHE_FRAMES == 0:
            mx.eval([layer.offset for layer in self.cache])  # counted on lazily, and used by nothing
            mx.clear_cache()

        all_codes, chances = np.array(codes, np.int64), np.array(ends)
        written = []
        for row, frame, chance in zip(self.rows, all_codes, chances, strict=True):
            written.append(WrittenFrame(row, None if frame[0] == self.end else frame, float(chance)))
        for first_codes, frame in zip(self.first_codes, all_codes, strict=True):
            first_codes.append(int(frame[0]))
        self.drop({each.row for each in written if each.codes is None})
        return written

    def drop(self, rows: set[int]) -> None:
        """Leave these rows out from here on."""
        places = [place for place, row in enumerate(self.rows) if row not in rows]
        if len(places) == len(self.rows):
            return
        self.rows = [self.rows[place] for place in places]
        if not places:
            self.cache = []
            return
        self.first_codes = [self.first_codes[place] for place in places]
        index = mx.array(places)
        self.keys, self.penalties = self.keys[index], self.penalties[index]
        if self.heard is not None:
            self.heard = self.heard[index]
        self.output = tuple(part[index] for part in self.output)
        for layer in self.cache:
            layer.filter(index)  # also cuts off what is empty in all rows
        self.pads = np.array(self.cache[0].left_padding)
        mx.eval(self.keys, self.penalties, self.heard, self.output, *(layer.state for layer in self.cache))

    def _hear(self, heard: mx.array) -> tuple[mx.array, mx.array]:
        """Return the talker's logits (rows, 1, vocabulary) and hidden state (rows, 1, width) after another frame."""
        if not self.pads.any():
            # Positions are given all the same: the cache of a batch has an offset for each row, not a single one.
            positions = mx.full((3, len(self.rows), 1), self.cache[0].size(), mx.int32)
            return self.talker(heard, position_ids=positions, cache=self.cache)
        length = self.cache[0].size()
        positions = mx.broadcast_to(mx.array(length - self.pads, mx.int32)[None, :, None], (3, len(self.rows), 1))
        mask = mx.array(np.arange(length + 1) >= self.pads[:, None])[:, None, None]
        return self.talker(heard, position_ids=positions, mask=mask, cache=self.cache)

    def _allowed(self, scores: mx.array) -> mx.array:
        """Apply forbidden tokens and the repetition penalty to the logits of the first codes, (rows, vocabulary)."""
        scores = mx.where(self.forbidden, mx.array(-mx.inf, scores.dtype), scores)
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
        codes, embedded = [code], self.talker.get_input_embeddings()(code)
        heard = mx.concatenate([hidden, embedded], axis=1)
        for place in range(1, CODEBOOKS):
            scores, _, _ = predictor(heard, cache=cache, generation_step=place - 1)
            codes.append(self._pick(scores[:, -1], draws[:, place]))
            heard = predictor.codec_embedding[place - 1](codes[-1])
            embedded = embedded + heard
        return mx.concatenate(codes, axis=1), embedded

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

    Embeddings of text and codes are added up, position by position. First the speaker embedding and the language; then
    the text, after the reference's transcript, without codes; then the reference's codes, without text.
    language: the model's name for it.
    """
    config = model.config.talker_config
    codec = model.talker.get_input_embeddings()
    special = [model.config.tts_bos_token_id, model.config.tts_eos_token_id, model.config.tts_pad_token_id]
    begin, end, silent_text = mx.split(embed_text(model, special), 3, axis=1)

    request = model.tokenizer.encode(f"<|im_start|>assistant\n{text}<|im_end|>\n<|im_start|>assistant\n")
    role, words = request[:3], request[3:-5]
    if prompt.codes is not None:
        words = model.tokenizer.encode(f"<|im_start|>assistant\n{prompt.transcript}<|im_end|>\n")[3:-2] + words

    thinking = [
        config.codec_think_id,
        config.codec_think_bos_id,
        config.codec_language_id[language],
        config.codec_think_eos_id,
    ]
    silence, start = mx.split(codec(mx.array([[config.codec_pad_id, config.codec_bos_id]])), 2, axis=1)
    speaker = mx.array(prompt.speaker)[None, None].astype(silence.dtype)
    who = mx.concatenate([codec(mx.array([thinking])), speaker, silence], axis=1)
    beneath = mx.broadcast_to(silent_text, (1, who.shape[1] - 1, silent_text.shape[-1]))

    sound = start
    if prompt.codes is not None:
        codes = mx.array(prompt.codes.T[:, None])  # (16, 1, frames)
        spoken = codec(codes[0])
        for embedding, layer in zip(model.talker.code_predictor.codec_embedding, codes[1:], strict=True):
            spoken = spoken + embedding(layer)
        sound = mx.concatenate([start, spoken], axis=1)
    embedded = mx.concatenate(
        [
            embed_text(model, role),
            mx.concatenate([beneath, begin], axis=1) + who,
            mx.concatenate([embed_text(model, words), end], axis=1) + silence,
            sound + silent_text,
        ],
        axis=1,
    )
    mx.eval(embedded)
    return embedded


def embed_text(model: Any, tokens: Sequence[int]) -> mx.array:
    """Return the embeddings of text tokens: (1, tokens, width)."""
    return model.talker.text_projection(model.talker.get_text_embeddings()(mx.array([tokens])))


def _chain(key: mx.array) -> tuple[mx.array, mx.array]:
    draws = []
    for _ in range(CODEBOOKS):
        key, own = mx.random.split(key)
        draws.append(mx.random.uniform(key=own))
    return key, mx.stack(draws)


def _draws(keys: mx.array) -> tuple[mx.array, mx.array]:
    """Return the next keys (rows, 2) and a frame's random numbers (rows, 16), as MLX's global state would go on."""
    return mx.vmap(_chain)(keys)
