"""The autoregressive loop of Qwen3-TTS with PyTorch, for a batch. Imported by the engine when a model is loaded.

A codec frame is 16 codes. The talker, a transformer over everything said so far, writes the first, or the end token.
The code predictor, a small transformer over this frame only, writes the other fifteen, one after another.

Why a loop of our own: upstream calls `generate` of transformers for the talker and, for every frame anew, for the
predictor, where preparing costs more than the work; its KV caches grow by copying all they hold at each step; and it
can neither drop a row of a batch nor give frames before all are made. Here the layers are run as they are, over KV
caches allocated beforehand. Arithmetic, sampling and the order of random numbers are upstream's, so an utterance alone
becomes the same codes, bit for bit.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor

from synthesis.engines.qwen3.utterance import WrittenFrame

CACHE_GROWTH_POSITIONS = 128  # by which the talker's KV cache grows
PREFILL_POSITIONS = 512  # of a prompt at once: some seconds, for a large model on a processor


class FrameLoop:
    """Writes frames for several prompts at once; each row has its own random numbers, whatever shares its batch.

    prompts: what upstream's `generate_voice_clone` gives to `talker.generate`, padded on the left: inputs_embeds
    (rows, positions, width), attention_mask, trailing_text_hidden (the rest of the text, a token a frame) and the
    sampling. Dropping a row that is not wanted any more makes the others quicker.
    """

    def __init__(self, talker: Any, prompts: dict[str, Any], seeds: Sequence[int]):
        self.talker = talker
        self.rows = list(range(len(seeds)))
        self.trailing = prompts["trailing_text_hidden"]
        self.silent_text = prompts["tts_pad_embed"]
        self.end = prompts["eos_token_id"]
        self.shortest = prompts["min_new_tokens"]
        self.penalty = prompts["repetition_penalty"]
        self.first = _Sampling(prompts["do_sample"], prompts["temperature"], prompts["top_k"], prompts["top_p"])
        self.others = _Sampling(
            prompts["subtalker_dosample"],
            prompts["subtalker_temperature"],
            prompts["subtalker_top_k"],
            prompts["subtalker_top_p"],
        )
        device = talker.codec_head.weight.device
        self.generators = [torch.Generator(device).manual_seed(seed) for seed in seeds]
        self.written = torch.zeros(len(seeds), talker.config.vocab_size, dtype=torch.bool, device=device)
        self.forbidden = torch.zeros(talker.config.vocab_size, dtype=torch.bool, device=device)
        self.forbidden[prompts["suppress_tokens"]] = True
        self.frames = 0
        self.layers = _Layers(talker.model)
        self.predictor = _CodePredictor(talker.code_predictor)
        self.prompts = prompts["inputs_embeds"]
        self.pads = (prompts["attention_mask"] == 0).sum(1)  # positions on the left that hold nothing
        self.padded = bool(self.pads.any())
        self.cache = _KVCache(CACHE_GROWTH_POSITIONS * (1 + self.prompts.shape[1] // CACHE_GROWTH_POSITIONS))
        self.hidden: Tensor | None = None  # of the talker (rows, 1, width), after prefill
        self.heard: Tensor | None = None  # the talker's next input, the embedded last frame: (rows, 1, width)

    def prefill(self) -> Iterator[int]:
        """Run the prompts through the talker, before the first step; yield the row after each block of positions.

        One by one, as together they are no quicker on a processor, and a long one in blocks, so that whoever waits
        sees that it goes on.
        """
        last = []
        for row, pads in zip(self.rows, self.pads.tolist(), strict=True):
            prompt = self.prompts[row : row + 1, pads:]
            cache = _KVCache(prompt.shape[1])
            for block in prompt.split(PREFILL_POSITIONS, 1):
                hidden = self._prefill_block(block, cache)
                yield row
            last.append(hidden)
            self.cache.place(row, len(self.rows), pads, cache)
        self.hidden = torch.cat(last)
        del self.prompts  # and its memory

    @torch.inference_mode()
    def _prefill_block(self, block: Tensor, cache: "_KVCache") -> Tensor:
        start, length = cache.length, block.shape[1]
        positions = torch.arange(start, start + length, device=block.device)[None]
        allowed = None
        if start:
            allowed = torch.ones(length, start + length, dtype=torch.bool, device=block.device).tril(start)
        return self.layers.forward(block, self.layers.rotation(positions, block.dtype), cache, allowed)[:, -1:]

    @torch.inference_mode()
    def step(self) -> list[WrittenFrame]:
        """Write the next frame of each row. Rows that end leave."""
        hidden = self._hear() if self.hidden is None else self.hidden
        self.hidden = None
        probabilities = self.first.probabilities(self._scores(hidden))
        codes = self.first.draw(probabilities, self.generators)
        ends = (codes[:, 0] == self.end).tolist()
        chances = probabilities[:, self.end].tolist()
        written = [
            WrittenFrame(row, None, chance) for row, end, chance in zip(self.rows, ends, chances, strict=True) if end
        ]
        going = [place for place, end in enumerate(ends) if not end]
        if written:
            hidden, codes = hidden[going], codes[going]
            self._keep(going)
        if not going:
            return written
        self.written.scatter_(1, codes, True)

        embedded = self.talker.get_input_embeddings()(codes)
        more, parts = self.predictor.write(torch.cat((hidden, embedded), 1), self.others, self.generators)
        # Summed in upstream's order, or the last bit would differ.
        self.heard = torch.cat([embedded, *parts], 1).sum(1, keepdim=True)
        text = self.trailing[:, self.frames, None] if self.frames < self.trailing.shape[1] else self.silent_text
        self.heard = self.heard + text
        self.frames += 1
        all_codes = torch.cat((codes, more), 1).cpu().numpy()
        return written + [
            WrittenFrame(row, all_codes[place], chances[old])
            for place, (row, old) in enumerate(zip(self.rows, going, strict=True))
        ]

    def drop(self, rows: set[int]) -> None:
        """Leave these rows out from here on."""
        if rows & set(self.rows):
            self._keep([place for place, row in enumerate(self.rows) if row not in rows])

    @torch.inference_mode()
    def _keep(self, places: list[int]) -> None:
        self.rows = [self.rows[place] for place in places]
        self.generators = [self.generators[place] for place in places]
        index = torch.tensor(places, dtype=torch.long, device=self.pads.device)
        self.trailing, self.written, self.pads = (
            tensor.index_select(0, index) for tensor in (self.trailing, self.written, self.pads)
        )
        if self.heard is not None:
            self.heard = self.heard.index_select(0, index)
        if self.hidden is not None:
            self.hidden = self.hidden.index_select(0, index)
        self.padded = bool(self.pads.any())
        self.cache.keep(index)

    def _hear(self) -> Tensor:
        """Return the talker's last hidden state (rows, 1, width), after the last frame."""
        assert self.heard is not None
        allowed = None
        if self.padded:
            allowed = torch.arange(self.cache.length + 1, device=self.pads.device) >= self.pads[:, None]
            allowed = allowed[:, None, None]
        positions = self.cache.length - self.pads[:, None]
        rotation = self.layers.rotation(positions, self.heard.dtype)
        return self.layers.forward(self.heard, rotation, self.cache, allowed)

    def _scores(self, hidden: Tensor) -> Tensor:
        """Return the logits of each row's first code, with the repetition penalty: (rows, vocabulary), float32."""
        scores = self.talker.codec_head(hidden)[:, -1].float()
        if self.penalty != 1.0:
            penalised = torch.where(scores < 0, scores * self.penalty, scores / self.penalty)
            scores = torch.where(self.written, penalised, scores)
        if self.frames < self.shortest:
            scores[:, self.end] = -torch.inf
        return scores.masked_fill(self.forbidden, -torch.inf)


class _CodePredictor:
    """Writes a frame's other codes from the talker's hidden state and the frame's first code."""

    def __init__(self, predictor: Any):
        self.predictor = predictor
        self.layers = _Layers(predictor.model)
        self.count = len(predictor.lm_head)
        weight = predictor.lm_head[0].weight
        positions = torch.arange(self.count + 1, device=weight.device)[None]
        self.cos, self.sin = self.layers.rotation(positions, weight.dtype)
        self.cache = _KVCache(self.count + 1)

    def write(
        self, heard: Tensor, sampling: "_Sampling", generators: Sequence[torch.Generator]
    ) -> tuple[Tensor, list[Tensor]]:
        """Return codes (rows, 15) and the embeddings of each, (rows, 1, width), given the input `heard` (rows, 2, width)."""
        self.cache.begin(len(heard))
        codes, embeddings = [], []
        for head, embedding in zip(self.predictor.lm_head, self.predictor.model.codec_embedding, strict=True):
            heard = self.predictor.small_to_mtp_projection(heard)
            now = slice(self.cache.length, self.cache.length + heard.shape[1])
            hidden = self.layers.forward(heard, (self.cos[:, :, now], self.sin[:, :, now]), self.cache)
            probabilities = sampling.probabilities(head(hidden[:, -1]).float())
            codes.append(sampling.draw(probabilities, generators))
            heard = embedding(codes[-1])
            embeddings.append(heard)
        return torch.cat(codes, 1), embeddings


class _Layers:
    """The layers of a Qwen3 transformer, run over a KV cache."""

    def __init__(self, model: Any):
        self.layers = list(model.layers)
        self.norm = model.norm
        self.frequencies = model.rotary_emb.inv_freq.float()
        self.scale = model.rotary_emb.attention_scaling

    def rotation(self, positions: Tensor, dtype: torch.dtype) -> tuple[Tensor, Tensor]:
        """Return cosine and sine for positions (rows, length): (rows, 1, length, head).

        Speech has one dimension, in which the talker's three-dimensional rotary embedding is the ordinary one.
        """
        angles = positions[..., None].float() * self.frequencies
        angles = torch.cat((angles, angles), -1)[:, None]
        return (angles.cos() * self.scale).to(dtype), (angles.sin() * self.scale).to(dtype)

    def forward(
        self, heard: Tensor, rotation: tuple[Tensor, Tensor], cache: "_KVCache", allowed: Tensor | None = None
    ) -> Tensor:
        """Return hidden states (rows, length, width) of the next inputs.

        allowed: what each position may attend to, boolean; None: all that came before it.
        """
        rows, length, _ = heard.shape
        cos, sin = rotation
        for number, layer in enumerate(self.layers):
            attention, hidden = layer.self_attn, layer.input_layernorm(heard)
            shape = (rows, length, -1, attention.head_dim)
            query = attention.q_norm(attention.q_proj(hidden).view(shape)).transpose(1, 2)
            key = attention.k_norm(attention.k_proj(hidden).view(shape)).transpose(1, 2)
            value = attention.v_proj(hidden).view(shape).transpose(1, 2)
            query, key = query * cos + _half_turned(query) * sin, key * cos + _half_turned(key) * sin
            keys, values = cache.add(number, key, value)
            hidden = F.scaled_dot_product_attention(
                query, keys, values, attn_mask=allowed, is_causal=allowed is None and length > 1, enable_gqa=True
            )
            heard = heard + attention.o_proj(hidden.transpose(1, 2).reshape(rows, length, -1))
            heard = heard + layer.mlp(layer.post_attention_layernorm(heard))
        cache.length += length
        return self.norm(heard)


def _half_turned(heads: Tensor) -> Tensor:
    """(x, y), the halves of each head, become (-y, x)."""
    first, second = heads.chunk(2, -1)
    return torch.cat((-second, first), -1)


class _KVCache:
    """Keys and values of each layer, (rows, heads, room, head), of which `length` positions are filled."""

    def __init__(self, room: int):
        self.room = room
        self.length = 0
        self.layers: list[tuple[Tensor, Tensor]] = []

    def begin(self, rows: int) -> None:
        """Forget all; what is allocated is kept if it is for as many rows."""
        self.length = 0
        if self.layers and len(self.layers[0][0]) != rows:
            self.layers = []

    def add(self, layer: int, key: Tensor, value: Tensor) -> tuple[Tensor, Tensor]:
        """Return the layer's keys and values so far, with those of the next positions."""
        filled = self.length + key.shape[2]
        if layer == len(self.layers):
            self.layers.append((self._place(key), self._place(value)))
        keys, values = self.layers[layer]
        if filled > keys.shape[2]:
            self.room = max(self.room, filled + CACHE_GROWTH_POSITIONS)
            keys, values = self.layers[layer] = (self._moved(keys), self._moved(values))
        keys[:, :, self.length : filled] = key
        values[:, :, self.length : filled] = value
        return keys[:, :, :filled], values[:, :, :filled]

    @torch.inference_mode()
    def place(self, row: int, rows: int, pads: int, other: "_KVCache") -> None:
        """Copy a row's keys and values from another cache, aligned to the right."""
        self.length = pads + other.length
        for layer, pair in enumerate(other.layers):
            if layer == len(self.layers):
                # Zeros, since masked positions are still multiplied, by zero.
                zeros = [tensor.new_zeros(rows, tensor.shape[1], self.room, tensor.shape[3]) for tensor in pair]
                self.layers.append((zeros[0], zeros[1]))
            for tensor, filled in zip(self.layers[layer], pair, strict=True):
                tensor[row, :, pads : self.length] = filled[0, :, : other.length]

    def keep(self, index: Tensor) -> None:
        """Keep only these rows."""
        self.layers = [(keys.index_select(0, index), values.index_select(0, index)) for keys, values in self.layers]

    def _place(self, like: Tensor) -> Tensor:
        rows, heads, _, head = like.shape
        return like.new_empty(rows, heads, self.room, head)

    def _moved(self, tensor: Tensor) -> Tensor:
        place = self._place(tensor)
        place[:, :, : self.length] = tensor[:, :, : self.length]
        return place


@dataclass(frozen=True)
class _Sampling:
    """How a code is chosen, as transformers does it."""

    sample: bool  # False: always the likeliest
    temperature: float
    top_k: int
    top_p: float

    def probabilities(self, scores: Tensor) -> Tensor:
        """Return the probability of each code, from logits (rows, codes)."""
        if not self.sample:
            return scores.softmax(-1)
        if self.temperature != 1.0:
            scores = scores / self.temperature
        if self.top_k:
            least = scores.topk(min(self.top_k, scores.shape[-1])).values[:, -1:]
            scores = scores.masked_fill(scores < least, -torch.inf)
        if self.top_p < 1.0:
            ordered, order = scores.sort(descending=False)
            out = ordered.softmax(-1).cumsum(-1) <= 1 - self.top_p
            out[:, -1:] = False
            scores = scores.masked_fill(out.scatter(1, order, out), -torch.inf)
        return scores.softmax(-1)

    def draw(self, probabilities: Tensor, generators: Sequence[torch.Generator]) -> Tensor:
        """Draw a code for each row (rows, 1), with that row's random numbers.

        The same that torch.multinomial would draw for one row, by its own method: the largest of p / q, where q is
        drawn from the exponential distribution.
        """
        if self.sample:
            noise = torch.empty_like(probabilities)
            for row, generator in zip(noise, generators, strict=True):
                row.exponential_(generator=generator)
            probabilities = probabilities / noise
        return probabilities.argmax(-1, keepdim=True)
