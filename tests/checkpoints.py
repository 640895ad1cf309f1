"""Writes a tiny, random checkpoint of Qwen3-TTS-12Hz Base that both qwen-tts and mlx-audio load. It speaks noise.

The files, the names of the tensors and their order of axes are those of Qwen/Qwen3-TTS-12Hz-0.6B-Base, as PyTorch has
them; 0.6 million parameters stand for 0.6 thousand million. Only numpy and safetensors are needed, because the two
libraries can't share an environment. What a seed makes is the same in both.

Most sizes were chosen to be small. These were not, and a smaller one fails to load or, worse, loads wrongly:

- mlx-audio guesses from the shape of a convolution's weight whether its axes are PyTorch's (out, in, kernel). It guesses
  right only where in >= kernel and, for kernels of 1, in > 64. `KERNEL_WIDTH` is therefore the width of all that a kernel of 1
  reads; a transposed convolution (in, out, kernel) needs out >= kernel.
- The decoder has no upsampling block. Each ends in kernels of 1 at 24 kHz, which would have to be `KERNEL_WIDTH` too, and cost
  seconds a second of audio on a CPU. Four ConvNeXt stages make the 1920 samples of a frame by themselves instead.
- The encoder's strides and the 16 codebooks are constants in mlx-audio.
- `enc_channels` ends in the sum of its inner ones; `enc_dim` is the talker's width; a mel spectrogram has 128 bands.
- The talker's vocabulary is the codebook and 1024 more: both libraries forbid all of those but the end token.
- `mrope_section` sums to half of a head. Predictor and talker are equally wide, so that nothing projects between them.
- "assistant" must be one token, as both cut the prompt by counting tokens.
- mlx-audio leaves a tensor of the speech tokenizer that it does not find random, without a word.
"""

import json
from pathlib import Path

import numpy as np
from safetensors.numpy import save_file

CODEBOOK = 64  # entries of each of the codebooks
CODEBOOKS = 16
FRAME_SAMPLES = 1920  # at 24 kHz
KERNEL_WIDTH = 72
# What both libraries must find in tests/fixtures/english_austen_short.wav, with the checkpoint of seed 0.
RECORDING_CODES = 543941617  # CRC-32 of the codes, as int16 (44, 16)
RECORDING_SPEAKER = (20.54, -29.08, -14.72, -122.71)  # the speaker embedding begins so, within 0.03; it spans 290
END_TOKEN = CODEBOOK + 102  # the token that ends an utterance

LANGUAGES = (
    "chinese", "english", "german", "italian", "portuguese", "spanish", "japanese", "korean", "french", "russian",
)  # fmt: skip
SPECIAL_TOKENS = ("<|endoftext|>", "<|im_start|>", "<|im_end|>", "<tts_pad>", "<tts_text_bos>", "<tts_text_eod>")
TEXT_WIDTH = 16

TALKER = {
    "hidden_size": 32,
    "intermediate_size": 64,
    "num_hidden_layers": 2,
    "num_attention_heads": 2,
    "num_key_value_heads": 1,
    "head_dim": 16,
    "num_code_groups": CODEBOOKS,
    "rope_theta": 1_000_000.0,
}
PREDICTOR = {**TALKER, "num_hidden_layers": 1, "vocab_size": CODEBOOK}
SPEAKER_ENCODER = {
    "enc_dim": TALKER["hidden_size"],
    "mel_dim": 128,
    "sample_rate": 24_000,
    "enc_channels": [KERNEL_WIDTH, KERNEL_WIDTH, KERNEL_WIDTH, KERNEL_WIDTH, 3 * KERNEL_WIDTH],
    "enc_attention_channels": KERNEL_WIDTH,
    "enc_res2net_scale": 2,
    "enc_se_channels": KERNEL_WIDTH,
}
ENCODER = {
    "sampling_rate": 24_000,
    "frame_rate": 12.5,
    "upsampling_ratios": [8, 6, 5, 4],
    "num_filters": 2,
    "hidden_size": 16,
    "intermediate_size": 32,
    "num_hidden_layers": 1,
    "num_attention_heads": 2,
    "num_key_value_heads": 2,
    "head_dim": 8,
    "codebook_size": CODEBOOK,
    "codebook_dim": 8,
    "vector_quantization_hidden_dimension": 8,
    "num_quantizers": CODEBOOKS,
    "num_semantic_quantizers": 1,
    "upsample_groups": 16,
    "sliding_window": 250,
}
DECODER = {
    "codebook_size": CODEBOOK,
    "codebook_dim": 2 * KERNEL_WIDTH,
    "latent_dim": 8,
    "hidden_size": 16,
    "intermediate_size": 32,
    "num_hidden_layers": 1,
    "num_attention_heads": 2,
    "num_key_value_heads": 2,
    "head_dim": 8,
    "num_quantizers": CODEBOOKS,
    "decoder_dim": 8,
    "upsample_rates": [],
    "upsampling_ratios": [8, 8, 6, 5],
    "sliding_window": 72,
}


def write_checkpoint(folder: Path, seed: int = 0) -> Path:
    """Write the checkpoint into `folder`, which is made, and give it back."""
    codec = folder / "speech_tokenizer"
    codec.mkdir(parents=True)
    tokens = _write_text_tokenizer(folder)
    _write_json(folder / "config.json", _config(tokens))
    _write_json(
        folder / "generation_config.json",
        {
            "do_sample": True,
            "top_k": 50,
            "top_p": 1.0,
            "temperature": 0.9,
            "repetition_penalty": 1.05,
            "subtalker_dosample": True,
            "subtalker_top_k": 50,
            "subtalker_top_p": 1.0,
            "subtalker_temperature": 0.9,
            "max_new_tokens": 64,  # 8192 in the real one: eleven minutes
        },
    )
    _write_json(
        folder / "preprocessor_config.json",
        {
            "processor_class": "Qwen3TTSProcessor",
            "padding_side": "left",
            "padding_value": 0.0,
            "return_attention_mask": True,
        },
    )
    model = _Tensors(seed)
    _talker(model, text_vocabulary=max(tokens.values()) + 1)
    _speaker_encoder(model)
    save_file(model.named, folder / "model.safetensors", metadata={"format": "pt"})

    _write_json(
        codec / "config.json",
        {
            "model_type": "qwen3_tts_tokenizer_12hz",
            "architectures": ["Qwen3TTSTokenizerV2Model"],
            "encoder_valid_num_quantizers": CODEBOOKS,
            "encoder_config": ENCODER,
            "decoder_config": DECODER,
        },
    )
    _write_json(
        codec / "preprocessor_config.json",
        {
            "feature_extractor_type": "EncodecFeatureExtractor",
            "feature_size": 1,
            "sampling_rate": 24_000,
            "padding_side": "right",
            "padding_value": 0.0,
            "return_attention_mask": True,
            "chunk_length_s": None,
            "overlap": None,
        },
    )
    speech = _Tensors(seed + 1)
    _speech_encoder(speech)
    _speech_decoder(speech)
    save_file(speech.named, codec / "model.safetensors", metadata={"format": "pt"})
    return folder


def _config(tokens: dict[str, int]) -> dict:
    return {
        "model_type": "qwen3_tts",
        "architectures": ["Qwen3TTSForConditionalGeneration"],
        "tokenizer_type": "qwen3_tts_tokenizer_12hz",
        "tts_model_size": "0b6",
        "tts_model_type": "base",  # any other has no speaker encoder
        "im_start_token_id": tokens["<|im_start|>"],
        "im_end_token_id": tokens["<|im_end|>"],
        "tts_pad_token_id": tokens["<tts_pad>"],
        "tts_bos_token_id": tokens["<tts_text_bos>"],
        "tts_eos_token_id": tokens["<tts_text_eod>"],
        "speaker_encoder_config": SPEAKER_ENCODER,
        "talker_config": {
            **TALKER,
            "code_predictor_config": PREDICTOR,
            "vocab_size": CODEBOOK + 1024,
            "text_hidden_size": TEXT_WIDTH,
            "text_vocab_size": max(tokens.values()) + 1,
            "rope_scaling": {
                "type": "default",
                "rope_type": "default",
                "interleaved": True,
                "mrope_section": [4, 2, 2],
            },
            "codec_language_id": {name: CODEBOOK + 2 + index for index, name in enumerate(LANGUAGES)},
            "codec_pad_id": CODEBOOK + 100,
            "codec_bos_id": CODEBOOK + 101,
            "codec_eos_token_id": END_TOKEN,
            "codec_think_id": CODEBOOK + 106,
            "codec_nothink_id": CODEBOOK + 107,
            "codec_think_bos_id": CODEBOOK + 108,
            "codec_think_eos_id": CODEBOOK + 109,
            "spk_id": {},
            "spk_is_dialect": {},
        },
    }


class _Tensors:
    """Random tensors by name; a layer's name is everything before ".weight"."""

    def __init__(self, seed: int):
        self.named: dict[str, np.ndarray] = {}
        self._random = np.random.default_rng(seed)

    def random(self, name: str, *shape: int, scale: float = 0.15) -> None:
        self.named[name] = (scale * self._random.standard_normal(shape)).astype(np.float32)

    def constant(self, name: str, size: int, value: float) -> None:
        self.named[name] = np.full(size, value, np.float32)

    def weight(self, layer: str, *shape: int) -> None:
        """Of a linear map (out, in), a convolution (out, in, kernel) or an embedding (entries, width)."""
        self.random(f"{layer}.weight", *shape)

    def biased(self, layer: str, *shape: int) -> None:
        self.weight(layer, *shape)
        self.constant(f"{layer}.bias", shape[0], 0)

    def rms_norm(self, layer: str, size: int) -> None:
        self.constant(f"{layer}.weight", size, 1)

    def layer_norm(self, layer: str, size: int) -> None:
        self.rms_norm(layer, size)
        self.constant(f"{layer}.bias", size, 0)

    def attention(self, layer: str, config: dict) -> None:
        width, head = config["hidden_size"], config["head_dim"]
        queries, keys = config["num_attention_heads"] * head, config["num_key_value_heads"] * head
        self.weight(f"{layer}.self_attn.q_proj", queries, width)
        self.weight(f"{layer}.self_attn.k_proj", keys, width)
        self.weight(f"{layer}.self_attn.v_proj", keys, width)
        self.weight(f"{layer}.self_attn.o_proj", width, queries)

    def gated_mlp(self, layer: str, config: dict) -> None:
        width, inner = config["hidden_size"], config["intermediate_size"]
        self.weight(f"{layer}.mlp.gate_proj", inner, width)
        self.weight(f"{layer}.mlp.up_proj", inner, width)
        self.weight(f"{layer}.mlp.down_proj", width, inner)

    def layer_scales(self, layer: str, width: int) -> None:
        self.constant(f"{layer}.self_attn_layer_scale.scale", width, 0.5)
        self.constant(f"{layer}.mlp_layer_scale.scale", width, 0.5)

    def qwen_transformer(self, name: str, config: dict) -> None:
        width, head = config["hidden_size"], config["head_dim"]
        for index in range(config["num_hidden_layers"]):
            layer = f"{name}.layers.{index}"
            self.attention(layer, config)
            self.gated_mlp(layer, config)
            self.rms_norm(f"{layer}.self_attn.q_norm", head)
            self.rms_norm(f"{layer}.self_attn.k_norm", head)
            self.rms_norm(f"{layer}.input_layernorm", width)
            self.rms_norm(f"{layer}.post_attention_layernorm", width)
        self.rms_norm(f"{name}.norm", width)


def _talker(tensors: _Tensors, text_vocabulary: int) -> None:
    width = TALKER["hidden_size"]
    tensors.qwen_transformer("talker.model", TALKER)
    tensors.weight("talker.model.codec_embedding", CODEBOOK + 1024, width)
    tensors.weight("talker.model.text_embedding", text_vocabulary, TEXT_WIDTH)
    tensors.biased("talker.text_projection.linear_fc1", TEXT_WIDTH, TEXT_WIDTH)
    tensors.biased("talker.text_projection.linear_fc2", width, TEXT_WIDTH)
    tensors.weight("talker.codec_head", CODEBOOK + 1024, width)
    tensors.qwen_transformer("talker.code_predictor.model", PREDICTOR)
    for index in range(CODEBOOKS - 1):
        tensors.weight(f"talker.code_predictor.model.codec_embedding.{index}", CODEBOOK, width)
        tensors.weight(f"talker.code_predictor.lm_head.{index}", CODEBOOK, width)


def _speaker_encoder(tensors: _Tensors) -> None:
    """An ECAPA-TDNN."""
    part, joined = KERNEL_WIDTH // SPEAKER_ENCODER["enc_res2net_scale"], 3 * KERNEL_WIDTH
    tensors.biased("speaker_encoder.blocks.0.conv", KERNEL_WIDTH, 128, 5)
    for index in (1, 2, 3):
        block = f"speaker_encoder.blocks.{index}"
        tensors.biased(f"{block}.tdnn1.conv", KERNEL_WIDTH, KERNEL_WIDTH, 1)
        tensors.biased(f"{block}.tdnn2.conv", KERNEL_WIDTH, KERNEL_WIDTH, 1)
        tensors.biased(f"{block}.se_block.conv1", KERNEL_WIDTH, KERNEL_WIDTH, 1)
        tensors.biased(f"{block}.se_block.conv2", KERNEL_WIDTH, KERNEL_WIDTH, 1)
        for scale in range(SPEAKER_ENCODER["enc_res2net_scale"] - 1):
            tensors.biased(f"{block}.res2net_block.blocks.{scale}.conv", part, part, 3)
    tensors.biased("speaker_encoder.mfa.conv", joined, joined, 1)
    tensors.biased("speaker_encoder.asp.tdnn.conv", KERNEL_WIDTH, 3 * joined, 1)
    tensors.biased("speaker_encoder.asp.conv", joined, KERNEL_WIDTH, 1)
    tensors.biased("speaker_encoder.fc", SPEAKER_ENCODER["enc_dim"], 2 * joined, 1)


def _speech_encoder(tensors: _Tensors) -> None:
    """A Mimi encoder: 24 kHz to 25 Hz by convolutions, a transformer, then to 12.5 Hz and into codes."""
    width, filters, index = ENCODER["hidden_size"], ENCODER["num_filters"], 0
    layers = "encoder.encoder.layers"
    tensors.biased(f"{layers}.0.conv", filters, 1, 7)
    for stride in reversed(ENCODER["upsampling_ratios"]):
        tensors.biased(f"{layers}.{index + 1}.block.1.conv", filters // 2, filters, 3)
        tensors.biased(f"{layers}.{index + 1}.block.3.conv", filters, filters // 2, 1)
        tensors.biased(f"{layers}.{index + 3}.conv", 2 * filters, filters, 2 * stride)
        filters, index = 2 * filters, index + 3
    tensors.biased(f"{layers}.{index + 2}.conv", width, filters, 3)

    layer = "encoder.encoder_transformer.layers.0"
    tensors.attention(layer, ENCODER)
    tensors.weight(f"{layer}.mlp.fc1", ENCODER["intermediate_size"], width)
    tensors.weight(f"{layer}.mlp.fc2", width, ENCODER["intermediate_size"])
    tensors.layer_norm(f"{layer}.input_layernorm", width)
    tensors.layer_norm(f"{layer}.post_attention_layernorm", width)
    tensors.layer_scales(layer, width)
    tensors.weight("encoder.downsample.conv", width, width, 4)

    for kind, codebooks in (("semantic", 1), ("acoustic", CODEBOOKS - 1)):
        quantizer = f"encoder.quantizer.{kind}_residual_vector_quantizer"
        tensors.weight(f"{quantizer}.input_proj", ENCODER["codebook_dim"], width, 1)
        tensors.weight(f"{quantizer}.output_proj", width, ENCODER["codebook_dim"], 1)
        for index in range(codebooks):
            codebook = f"{quantizer}.layers.{index}.codebook"
            tensors.random(f"{codebook}.embed_sum", CODEBOOK, ENCODER["codebook_dim"], scale=1)
            tensors.constant(f"{codebook}.cluster_usage", CODEBOOK, 1)
            tensors.constant(f"{codebook}.initialized", 1, 1)


def _speech_decoder(tensors: _Tensors) -> None:
    """Codes to 24 kHz: codebooks, a transformer at 12.5 Hz, then the upsampling stages."""
    width, latent, entry = DECODER["hidden_size"], DECODER["latent_dim"], DECODER["codebook_dim"] // 2
    for kind, codebooks in (("first", 1), ("rest", CODEBOOKS - 1)):
        quantizer = f"decoder.quantizer.rvq_{kind}"
        tensors.weight(f"{quantizer}.input_proj", entry, 2 * entry, 1)
        tensors.weight(f"{quantizer}.output_proj", 2 * entry, entry, 1)
        for index in range(codebooks):
            codebook = f"{quantizer}.vq.layers.{index}._codebook"
            tensors.random(f"{codebook}.embedding_sum", CODEBOOK, entry, scale=1)
            tensors.constant(f"{codebook}.cluster_usage", CODEBOOK, 1)

    tensors.biased("decoder.pre_conv.conv", latent, DECODER["codebook_dim"], 3)
    transformer = "decoder.pre_transformer"
    tensors.biased(f"{transformer}.input_proj", width, latent)
    tensors.biased(f"{transformer}.output_proj", latent, width)
    layer = f"{transformer}.layers.0"
    tensors.attention(layer, DECODER)
    tensors.gated_mlp(layer, DECODER)
    tensors.rms_norm(f"{layer}.input_layernorm", width)
    tensors.rms_norm(f"{layer}.post_attention_layernorm", width)
    tensors.layer_scales(layer, width)
    tensors.rms_norm(f"{transformer}.norm", width)

    for index, ratio in enumerate(DECODER["upsampling_ratios"]):
        stage = f"decoder.upsample.{index}"
        tensors.biased(f"{stage}.0.conv", latent, latent, ratio)  # transposed: (in, out, kernel), here equally many
        tensors.biased(f"{stage}.1.dwconv.conv", latent, 1, 7)
        tensors.layer_norm(f"{stage}.1.norm", latent)
        tensors.biased(f"{stage}.1.pwconv1", 4 * latent, latent)
        tensors.biased(f"{stage}.1.pwconv2", latent, 4 * latent)
        tensors.constant(f"{stage}.1.gamma", latent, 0.1)
    channels = DECODER["decoder_dim"]
    tensors.biased("decoder.decoder.0.conv", channels, latent, 7)
    tensors.constant("decoder.decoder.1.alpha", channels, 0)
    tensors.constant("decoder.decoder.1.beta", channels, 0)
    tensors.biased("decoder.decoder.2.conv", 1, channels, 7)
    tensors.named["decoder.decoder.2.conv.weight"] *= 0.5  # or much of the sound would be clipped


def _write_text_tokenizer(folder: Path) -> dict[str, int]:
    """Byte-level BPE that knows each byte and the word "assistant". Gives the special tokens' numbers back."""
    word = "assistant"
    vocabulary = [*_printable_bytes(), *(word[:end] for end in range(2, len(word) + 1))]
    merges = [f"{word[:end]} {word[end]}" for end in range(1, len(word))]
    tokens = {token: len(vocabulary) + index for index, token in enumerate(SPECIAL_TOKENS)}
    _write_json(folder / "vocab.json", {token: index for index, token in enumerate(vocabulary)})
    (folder / "merges.txt").write_text("\n".join(["#version: 0.2", *merges, ""]), "utf-8")
    _write_json(
        folder / "tokenizer_config.json",
        {
            "tokenizer_class": "Qwen2Tokenizer",
            "processor_class": "Qwen3TTSProcessor",
            "add_prefix_space": False,
            "errors": "replace",
            "bos_token": None,
            "unk_token": None,
            "eos_token": "<|im_end|>",
            "pad_token": "<|endoftext|>",
            "model_max_length": 131_072,
            "added_tokens_decoder": {
                str(number): {
                    "content": token,
                    "special": True,
                    "lstrip": False,
                    "rstrip": False,
                    "normalized": False,
                    "single_word": False,
                }
                for token, number in tokens.items()
            },
        },
    )
    return tokens


def _printable_bytes() -> list[str]:
    """The character that byte-level BPE, since GPT-2, writes for each byte: itself, or the next one from 256 on."""
    as_they_are = {*range(ord("!"), ord("~") + 1), *range(0xA1, 0xAC + 1), *range(0xAE, 0xFF + 1)}
    others = iter(range(256, 512))
    return [chr(byte) if byte in as_they_are else chr(next(others)) for byte in range(256)]


def _write_json(path: Path, content: dict) -> None:
    path.write_text(json.dumps(content, indent=1, ensure_ascii=False), "utf-8")
