"""Clean names and texts from outside before they are stored or shown. Pure."""

import re
import unicodedata
from collections.abc import Container
from pathlib import PurePath
from typing import Any

MAX_UPLOAD_NAME_CHARACTERS = 255
_ZERO_WIDTH_JOINERS = "\u200c\u200d"  # zero-width, which Hindi's spelling needs


def one_line(text: str) -> str:
    """Replace each run of white space, line ends, control and bidirectional characters by one space."""
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())


def clean_text(text: Any, max_characters: int, *, multiline: bool = False) -> str:
    """Return the first `max_characters` of a text, without control and bidirectional characters; "" if it is no `str`.

    Unlike `one_line` it keeps the joiners of Hindi, and the lines if `multiline`.
    """
    if not isinstance(text, str):
        return ""
    allowed = _ZERO_WIDTH_JOINERS + "\n\t" * multiline
    start = text[: 4 * max_characters]
    kept = "".join(c if c.isprintable() or c in allowed else " " if c.isspace() else "" for c in start)
    return (kept.strip() if multiline else " ".join(kept.split()))[:max_characters].rstrip()


def upload_name(name: str) -> str:
    """Return the file name of an upload, without folders of any system and without unprintable characters."""
    visible = filter(str.isprintable, PurePath(name.replace("\\", "/")).name)
    return "".join(visible)[-MAX_UPLOAD_NAME_CHARACTERS:]


def stored_name(stem: str, uploaded: str) -> str:
    """Return the name to store an upload under: `stem`, with the ASCII letters and digits of its suffix."""
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
    """Return the lower-case letters of any script with their marks, and digits, with hyphens for all between.

    Django's slugify would drop the vowels of Hindi.
    """
    kept = (c if unicodedata.category(c)[0] in "LMN" else "-" for c in unicodedata.normalize("NFKC", words).lower())
    return re.sub("-+", "-", "".join(kept)).strip("-")
