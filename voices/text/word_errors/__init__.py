"""What a transcript says otherwise than a text, counting only what can be heard. Pure."""

from .comparison import Comparison, Difference, compare
from .tokens import UNSPACED_LANGUAGES, bare, spelled, tokens

__all__ = ["UNSPACED_LANGUAGES", "Comparison", "Difference", "bare", "compare", "error_rate", "letters", "tokens"]


def error_rate(reference: str, hypothesis: str, language: str) -> float:
    """Return the word error rate, as `compare` counts: per character in Chinese, Japanese and Korean. It may exceed 1."""
    return compare(reference, hypothesis, language).error_rate


def letters(text: str, language: str) -> str:
    """Return the letters of a text as it is pronounced, without what `error_rate` ignores."""
    return "".join(word.word for word in spelled(text, language))
