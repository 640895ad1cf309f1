"""The autoregressive loop of Qwen3-TTS with PyTorch, for a batch. Imported by the engine when a model is loaded.

Why a loop of our own: upstream calls `generate` of transformers for the talker and, for every frame anew, for the
predictor, where the preparation costs more than the work; its KV caches grow by copying their contents at each step; and
it can neither drop a row of a batch nor return frames before all are made. Here the layers are run as they are, over
preallocated KV caches. Arithmetic, sampling and the order of random numbers are upstream's, so an utterance alone gets
the same codes, bit for bit.
"""

from collections.abc import Iterator, Sequence
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor
from transformers.generation.logits_process import TemperatureLogitsWarper, TopKLogitsWarper, TopPLogitsWarper

from synthesis.engines.qwen3.utterance import BaseFrameLoop, WrittenFrame

CACHE_GROWTH_POSITIONS = 128  # by which the talker's KV cache grows
PREFILL_POSITIONS = 512  # of a prompt at once: some seconds, for a large model on a processor


class FrameLoop(BaseFrameLoop):
    """Writes frames for several prompts at once; each row has its own random numbers, whatever shares its batch.

    prompts: what upstream's `generate_voice_clone` gives to `talker.generate`, padded on the left: inputs_embeds
    (rows, positions, width), attention_mask, trailing_text_hidden (the rest of the text, a token a frame) and the
    sampling.
    """

    def __init__(self, talker: Any, prompts: dict[str, Any], seeds: Sequence[int]):
        self.talker = talker
        self.rows = list(range(len(seeds)))
        self.trailing_text = prompts["trailing_text_hidden"]
        self.text_padding = prompts["tts_pad_embed"]
        self.end = prompts["eos_token_id"]
        self.min_frames = prompts["min_new_tokens"]
        self.penalty = prompts["repetition_penalty"]
        names = ("temperature", "top_k", "top_p")
        self.sampling = _Sampling(prompts["do_sample"], *(prompts[name] for name in names))
        self.predictor_sampling = _Sampling(
            prompts["subtalker_dosample"], *(prompts[f"subtalker_{name}"] for name in names)
        )
        device = talker.codec_head.weight.device
        self.generators = [torch.Generator(device).manual_seed(seed) for seed in seeds]
        self.used_codes = torch.zeros(len(seeds), talker.config.vocab_size, dtype=torch.bool, device=device)
        self.suppressed = torch.zeros(talker.config.vocab_size, dtype=torch.bool, device=device)
        self.suppressed[prompts["suppress_tokens"]] = True
        self.frames = 0
        self.layers = _Layers(talker.model)
        self.predictor = _CodePredictor(talker.code_predictor)
        self.prompts = prompts["inputs_embeds"]
        self.pads = (prompts["attention_mask"] == 0).sum(1)  # empty positions on the left
        self.padded = bool(self.pads.any())
        room = CACHE_GROWTH_POSITIONS * (1 + self.prompts.shape[1] // CACHE_GROWTH_POSITIONS)
        self.cache = self.layers.allocate_cache(len(seeds), room)
        self.hidden: Tensor | None = None  # of the talker (rows, 1, width), after prefill
        self.last_frame: Tensor | None = None  # embedded, the talker's next input: (rows, 1, width)

    def prefill(self) -> Iterator[int]:
        """Run the prompts through the talker, before the first step; yield the row after each block of positions.

        One by one, since together they are no quicker on a processor. Long ones in blocks, so that progress can be
        reported meanwhile.
        """
        last = []
        for row, pads in zip(self.rows, self.pads.tolist(), strict=True):
            cache = self.cache.of_row(row, pads)
            for block in self.prompts[row : row + 1, pads:].split(PREFILL_POSITIONS, 1):
                hidden = self._prefill_block(block, cache)
                yield row
            last.append(hidden)
        self.hidden = torch.cat(last)
        self.cache.length = self.prompts.shape[1]
        del self.prompts  # frees its memory

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
        hidden = self._forward() if self.hidden is None else self.hidden
        self.hidden = None
        probabilities = self.sampling.probabilities(self._scores(hidden))
        codes = self.sampling.draw(probabilities, self.generators)
        end_probabilities = probabilities[:, self.end].tolist()
        written, remaining = [], []
        for place, (row, code) in enumerate(zip(self.rows, codes[:, 0].tolist(), strict=True)):
            if code == self.end:
                written.append(WrittenFrame(row, None, end_probabilities[place]))
            else:
                remaining.append(place)
        if written:
            hidden, codes = hidden[remaining], codes[remaining]
            self.drop({frame.row for frame in written})
        if not remaining:
            return written
        self.used_codes.scatter_(1, codes, True)

        embedded = self.talker.get_input_embeddings()(codes)
        more, parts = self.predictor.write(torch.cat((hidden, embedded), 1), self.predictor_sampling, self.generators)
        # Summed in upstream's order, or the last bit would differ.
        summed = torch.cat([embedded, *parts], 1).sum(1, keepdim=True)
        has_text = self.frames < self.trailing_text.shape[1]
        self.last_frame = summed + (self.trailing_text[:, self.frames, None] if has_text else self.text_padding)
        self.frames += 1
        for row, place, frame in zip(self.rows, remaining, torch.cat((codes, more), 1).cpu().numpy(), strict=True):
            written.append(WrittenFrame(row, frame, end_probabilities[place]))
        return written

    @torch.inference_mode()
    def _keep(self, places: list[int]) -> None:
        self.generators = [self.generators[place] for place in places]
        index = torch.tensor(places, dtype=torch.long, device=self.pads.device)
        for name in ("trailing_text", "used_codes", "pads", "last_frame", "hidden"):
            if (tensor := getattr(self, name)) is not None:
                setattr(self, name, tensor.index_select(0, index))
        self.padded = bool(self.pads.any())
        self.cache.keep(index)

    def _forward(self) -> Tensor:
        """Return the talker's last hidden state (rows, 1, width), after the last frame."""
        assert self.last_frame is not None
        allowed = None
        if self.padded:
            allowed = torch.arange(self.cache.length + 1, device=self.pads.device) >= self.pads[:, None]
            allowed = allowed[:, None, None]
        positions = self.cache.length - self.pads[:, None]
        rotation = self.layers.rotation(positions, self.last_frame.dtype)
        return self.layers.forward(self.last_frame, rotation, self.cache, allowed)

    def _scores(self, hidden: Tensor) -> Tensor:
        """Return the logits of each row's first code, with the repetition penalty: (rows, vocabulary), float32."""
        scores = self.talker.codec_head(hidden)[:, -1].float()
        if self.penalty != 1.0:
            penalised = torch.where(scores < 0, scores * self.penalty, scores / self.penalty)
            scores = torch.where(self.used_codes, penalised, scores)
        if self.frames < self.min_frames:
            scores[:, self.end] = -torch.inf
        return scores.masked_fill(self.suppressed, -torch.inf)


class _CodePredictor:
    """Writes the other codes of a frame, given the talker's hidden state and the frame's first code."""

    def __init__(self, predictor: Any):
        self.predictor = predictor
        self.layers = _Layers(predictor.model)
        self.count = len(predictor.lm_head)
        weight = predictor.lm_head[0].weight
        positions = torch.arange(self.count + 1, device=weight.device)[None]
        self.cos, self.sin = self.layers.rotation(positions, weight.dtype)
        self.cache = self.layers.allocate_cache(1, self.count + 1)

    def write(
        self, inputs: Tensor, sampling: "_Sampling", generators: Sequence[torch.Generator]
    ) -> tuple[Tensor, list[Tensor]]:
        """Return codes (rows, 15) and the embeddings of each, (rows, 1, width). inputs: (rows, 2, width)."""
        if self.cache.rows != len(inputs):
            self.cache = self.layers.allocate_cache(len(inputs), self.count + 1)
        self.cache.length = 0
        codes, embeddings = [], []
        for head, embedding in zip(self.predictor.lm_head, self.predictor.model.codec_embedding, strict=True):
            inputs = self.predictor.small_to_mtp_projection(inputs)
            now = slice(self.cache.length, self.cache.length + inputs.shape[1])
            hidden = self.layers.forward(inputs, (self.cos[:, :, now], self.sin[:, :, now]), self.cache)
            probabilities = sampling.probabilities(head(hidden[:, -1]).float())
            codes.append(sampling.draw(probabilities, generators))
            inputs = embedding(codes[-1])
            embeddings.append(inputs)
        return torch.cat(codes, 1), embeddings


class _Layers:
    """The layers of a Qwen3 transformer, run over a KV cache."""

    def __init__(self, model: Any):
        self.layers = list(model.layers)
        self.norm = model.norm
        self.frequencies = model.rotary_emb.inv_freq.float()
        self.scale = model.rotary_emb.attention_scaling

    def allocate_cache(self, rows: int, room: int) -> "_KVCache":
        """Return an empty cache. Zeros, since masked positions are multiplied too, by zero."""
        attention = self.layers[0].self_attn
        weight = attention.k_proj.weight
        shape = (rows, len(weight) // attention.head_dim, room, attention.head_dim)
        return _KVCache([(weight.new_zeros(shape), weight.new_zeros(shape)) for _ in self.layers])

    def rotation(self, positions: Tensor, dtype: torch.dtype) -> tuple[Tensor, Tensor]:
        """Return cosine and sine of the rotary embedding for positions (rows, length): (rows, 1, length, head).

        Speech has one dimension, in which the talker's three-dimensional rotary embedding is the ordinary one.
        """
        angles = positions[..., None].float() * self.frequencies
        angles = torch.cat((angles, angles), -1)[:, None]
        return (angles.cos() * self.scale).to(dtype), (angles.sin() * self.scale).to(dtype)

    def forward(
        self, inputs: Tensor, rotation: tuple[Tensor, Tensor], cache: "_KVCache", allowed: Tensor | None = None
    ) -> Tensor:
        """Return hidden states (rows, length, width) of the next inputs.

        allowed: what each position may attend to, boolean; None: everything before it.
        """
        rows, length, _ = inputs.shape
        cos, sin = rotation
        for number, layer in enumerate(self.layers):
            attention, hidden = layer.self_attn, layer.input_layernorm(inputs)
            shape = (rows, length, -1, attention.head_dim)
            query = attention.q_norm(attention.q_proj(hidden).view(shape)).transpose(1, 2)
            key = attention.k_norm(attention.k_proj(hidden).view(shape)).transpose(1, 2)
            value = attention.v_proj(hidden).view(shape).transpose(1, 2)
            query, key = query * cos + _rotate_half(query) * sin, key * cos + _rotate_half(key) * sin
            keys, values = cache.add(number, key, value)
            hidden = F.scaled_dot_product_attention(
                query, keys, values, attn_mask=allowed, is_causal=allowed is None and length > 1, enable_gqa=True
            )
            inputs = inputs + attention.o_proj(hidden.transpose(1, 2).reshape(rows, length, -1))
            inputs = inputs + layer.mlp(layer.post_attention_layernorm(inputs))
        cache.length += length
        return self.norm(inputs)


def _rotate_half(heads: Tensor) -> Tensor:
    """Return (-y, x) for (x, y), the halves of each head. Upstream's takes longer to cut them."""
    first, second = heads.chunk(2, -1)
    return torch.cat((-second, first), -1)


class _KVCache:
    """Keys and values of each layer, (rows, heads, room, head), of which `length` positions are filled."""

    def __init__(self, layers: list[tuple[Tensor, Tensor]]):
        self.layers = layers
        self.length = 0

    @property
    def rows(self) -> int:
        return len(self.layers[0][0])

    def of_row(self, row: int, pads: int) -> "_KVCache":
        """Return an empty cache that shares the memory of one row, after `pads` positions."""
        rows = slice(row, row + 1)
        return _KVCache([(keys[rows, :, pads:], values[rows, :, pads:]) for keys, values in self.layers])

    def add(self, layer: int, key: Tensor, value: Tensor) -> tuple[Tensor, Tensor]:
        """Add a layer's keys and values of the next positions; return all of them so far."""
        filled = self.length + key.shape[2]
        keys, values = self.layers[layer]
        if filled > keys.shape[2]:
            growth = (0, 0, 0, filled + CACHE_GROWTH_POSITIONS - keys.shape[2])
            keys, values = self.layers[layer] = (F.pad(keys, growth), F.pad(values, growth))
        keys[:, :, self.length : filled] = key
        values[:, :, self.length : filled] = value
        return keys[:, :, :filled], values[:, :, :filled]

    def keep(self, index: Tensor) -> None:
        """Keep only these rows."""
        self.layers = [(keys.index_select(0, index), values.index_select(0, index)) for keys, values in self.layers]


class _Sampling:
    """Chooses codes as transformers does; without `sample` always the likeliest."""

    def __init__(self, sample: bool, temperature: float, top_k: int, top_p: float):
        self.sample = sample
        self.warpers: list[Any] = []
        if sample and temperature != 1.0:
            self.warpers.append(TemperatureLogitsWarper(temperature))
        if sample and top_k:
            self.warpers.append(TopKLogitsWarper(top_k))
        if sample and top_p < 1.0:
            self.warpers.append(TopPLogitsWarper(top_p))

    def probabilities(self, scores: Tensor) -> Tensor:
        """Return the probability of each code, from logits (rows, codes)."""
        for warp in self.warpers:
            scores = warp(None, scores)
        return scores.softmax(-1)

    def draw(self, probabilities: Tensor, generators: Sequence[torch.Generator]) -> Tensor:
        """Draw a code for each row (rows, 1), with that row's random numbers.

        As torch.multinomial does it for one row: the largest of p / q, where q is drawn from the exponential
        distribution.
        """
        if self.sample:
            noise = torch.empty_like(probabilities)
            for row, generator in zip(noise, generators, strict=True):
                row.exponential_(generator=generator)
            probabilities = probabilities / noise
        return probabilities.argmax(-1, keepdim=True)
