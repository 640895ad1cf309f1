"""Read what people write (marks, Markdown, HTML, line breaks) into blocks of plain text with pauses. Pure."""

import re
from dataclasses import dataclass

from voices.text.pronunciation import Pronounced

PARAGRAPH_PAUSE_SECONDS = 0.6


@dataclass(frozen=True)
class Block:
    """Plain text that is read without a break other than those between its sentences."""

    text: str  # one line, single spaces, no markup
    pause: float  # seconds of silence after it
    pronounced: tuple[Pronounced, ...] = ()  # by `{word|said}`: places in `text`, which has the word
    notes: tuple[str, ...] = ()  # what is not read, for the person who wrote it


def read_marks(text: str) -> list[Block]:
    """Return the blocks of a text, in order."""
    lines = re.split(r"\s*\n\s*", text.strip())
    return [Block(line, PARAGRAPH_PAUSE_SECONDS) for line in lines]
