"""Names and texts from outside as they may be kept, shown and stored. Pure."""

import re
import unicodedata
from collections.abc import Container
from pathlib import PurePath
from typing import Any

MAX_UPLOAD_NAME_CHARACTERS = 255
_JOINERS = "\u200c\u200d"  # without which Hindi is misspelt


def one_line(text: str) -> str:
    """Return `text` with single spaces, also for what can't be seen, turns text round or ends a line."""
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())


def clean_text(text: Any, max_characters: int, *, multiline: bool = False) -> str:
    """Return the first `max_characters` of a text, without what can't be seen or turns it round; "" if it is no text.

    Unlike `one_line` it keeps the joiners of Hindi, and with `multiline` the lines.
    """
    if not isinstance(text, str):
        return ""
    allowed = _JOINERS + "\n\t" * multiline
    start = text[: 4 * max_characters]
    kept = "".join(c if c.isprintable() or c in allowed else " " if c.isspace() else "" for c in start)
    return (kept.strip() if multiline else " ".join(kept.split()))[:max_characters].rstrip()


def upload_name(name: str) -> str:
    """Return the name of a file that was sent, without folders of any system and what can't be seen."""
    visible = filter(str.isprintable, PurePath(name.replace("\\", "/")).name)
    return "".join(visible)[-MAX_UPLOAD_NAME_CHARACTERS:]


def stored_name(stem: str, uploaded: str) -> str:
    """Return the name under which a file that was sent is stored: `stem`, with its suffix where that is harmless."""
    suffix = "".join(c for c in PurePath(uploaded).suffix.lower() if c.isascii() and c.isalnum())[:8]
    return f"{stem}.{suffix}" if suffix else stem


def free_name(name: str, taken: Container[str], max_characters: int) -> str:
    """Return `name`, or the first of “name (2)”, “name (3)” … that is not taken."""
    free, number = name, 1
    while free in taken:
        number += 1
        end = f" ({number})"
        free = name[: max_characters - len(end)] + end
    return free


def slug(words: str) -> str:
    """Return letters of any script with their marks, and digits, in small letters with a hyphen for all between.

    Django's slugify drops the vowels of Hindi.
    """
    kept = (c if unicodedata.category(c)[0] in "LMN" else "-" for c in unicodedata.normalize("NFKC", words).lower())
    return re.sub("-+", "-", "".join(kept)).strip("-")
