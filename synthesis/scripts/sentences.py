"""Sentence segmentation: split a text into utterances and the pauses after them. Pure."""

import re
from dataclasses import dataclass

MAX_CHARACTERS = 220  # about 15 s of speech: a cancel waits for one utterance at most
PARAGRAPH_PAUSE_SECONDS = 0.6
SENTENCE_PAUSE_SECONDS = 0.2
CLAUSE_PAUSE_SECONDS = 0.05

_GERMAN_MONTHS = "Januar|Jänner|Februar|März|April|Mai|Juni|Juli|August|September|Oktober|November|Dezember"

# A full stop ends a sentence unless it belongs to a title, an initial, a number or a German date.
_SENTENCE_END = re.compile(
    r"(?<!\b[A-Z]\.)(?<!\b(?:Mr|Ms|Dr|St|Sr|vs)\.)(?<!\b(?:Mrs|Sra|Dra)\.)"
    rf"(?!(?<=\d\.)\s+(?:{_GERMAN_MONTHS})\b)"
    r"(?:(?<=[.!?…।])|(?<=[.!?…।][\"'”’»)\]]))\s+|(?<=[。！？])\s*"
)
_CLAUSE_END = re.compile(r"(?<=[,;:—–،、，])\s*")


@dataclass(frozen=True)
class TextPiece:
    text: str
    pause: float  # seconds of silence after it


def split_text(text: str, limit: int = MAX_CHARACTERS) -> list[TextPiece]:
    """Return the utterances of `text` in order: sentences where they fit `limit` characters, parts of them elsewhere."""
    pieces: list[TextPiece] = []
    for paragraph in re.split(r"\s*\n\s*", text.strip()):
        for sentence in _SENTENCE_END.split(paragraph):
            parts = _pack(sentence.strip(), limit)
            pieces += [TextPiece(part, CLAUSE_PAUSE_SECONDS) for part in parts[:-1]]
            pieces += [TextPiece(part, SENTENCE_PAUSE_SECONDS) for part in parts[-1:]]
        if pieces:
            pieces[-1] = TextPiece(pieces[-1].text, PARAGRAPH_PAUSE_SECONDS)
    if pieces:
        pieces[-1] = TextPiece(pieces[-1].text, 0.0)
    return pieces


def _pack(sentence: str, limit: int) -> list[str]:
    """Split `sentence` at clauses, else at words, else anywhere, into parts as long as the limit allows."""
    if len(sentence) <= limit:
        return [sentence] if re.search(r"\w", sentence) else []
    for cut in (_CLAUSE_END.split, str.split):
        units = [unit for unit in cut(sentence) if unit]
        if len(units) > 1:
            break
    else:
        units = [sentence[start : start + limit] for start in range(0, len(sentence), limit)]
    parts, current = [], ""
    for unit in units:
        if len(unit) > limit:
            parts += [current] if current else []
            *whole, current = _pack(unit, limit) or [""]
            parts += whole
        elif current and len(current) + 1 + len(unit) > limit:
            parts.append(current)
            current = unit
        else:
            current = f"{current} {unit}".strip()
    return [part for part in [*parts, current] if re.search(r"\w", part)]


def title_of(text: str, limit: int = 60) -> str:
    """Return the first whole words of a text, as its title in lists."""
    line = " ".join(text.split())
    if len(line) <= limit:
        return line
    return line[:limit].rsplit(" ", 1)[0].rstrip(" ,;:.") + "…"
