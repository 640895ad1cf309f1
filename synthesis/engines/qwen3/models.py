"""The models of Qwen3-TTS, and the languages that they speak."""

from synthesis.engines.base import EngineError
from voices.languages import LANGUAGES
from voicesite.modelhost.catalogue import Model

# With the bytes to download, of which the codec takes 0.68 GB in float32. Computed from the published configurations:
# 1.93 and 0.91 billion parameters. Measured only for the 0.6B: 2.52 (bf16), 1.99 (8-bit) and 1.71 GB (4-bit).
TORCH_MODELS = (
    Model("Qwen/Qwen3-TTS-12Hz-1.7B-Base", "Qwen3-TTS 1.7B", 4_540_000_000),
    Model("Qwen/Qwen3-TTS-12Hz-0.6B-Base", "Qwen3-TTS 0.6B", 2_520_000_000),
)

# Embeddings and the codec are not quantised, so that four bits are far more than a quarter.
MLX_MODELS = tuple(
    Model(f"mlx-community/Qwen3-TTS-12Hz-{size}-Base-{kind}", f"Qwen3-TTS {size}{suffix}", download)
    for size, kind, suffix, download in (
        ("1.7B", "bf16", "", 4_540_000_000),
        ("1.7B", "8bit", ", 8-bit", 3_110_000_000),
        ("1.7B", "6bit", ", 6-bit", 2_720_000_000),
        ("1.7B", "4bit", ", 4-bit", 2_340_000_000),
        ("0.6B", "bf16", "", 2_520_000_000),
        ("0.6B", "8bit", ", 8-bit", 1_990_000_000),
        ("0.6B", "6bit", ", 6-bit", 1_850_000_000),
        ("0.6B", "4bit", ", 4-bit", 1_710_000_000),
    )
)

# The model takes the language by its full name, and silently treats any other word as “auto”.
LANGUAGE_NAMES = {
    "zh": "chinese",
    "en-us": "english",
    "de": "german",
    "it": "italian",
    "pt-br": "portuguese",
    "es": "spanish",
    "ja": "japanese",
    "ko": "korean",
    "fr": "french",
    "ru": "russian",
}


def language_name(code: str) -> str:
    """Return the model's name for a code of voices.languages. Raises EngineError (permanent) where it has none."""
    try:
        return LANGUAGE_NAMES[code]
    except KeyError:
        known = ", ".join(LANGUAGES[known] for known in LANGUAGE_NAMES)
        raise EngineError(
            f"Qwen3-TTS does not speak {LANGUAGES.get(code, f'“{code}”')}. It speaks: {known}.", permanent=True
        ) from None
