"""Words in a script that an engine can't read: in its language's letters, rather than as “Chinese letter”. Pure."""

import re
from collections.abc import Iterable

from anyascii import anyascii

from voices.text.normalization import Piece

# The scripts that an engine reads in a language, beside the Latin one. Marks that combine go with their letter.
SCRIPTS = {"hi": "\u0900-\u097f", "ru": "\u0400-\u052f", "ja": "぀-ヿ㐀-䶿一-鿿々", "zh": "㐀-䶿一-鿿", "ko": "가-힣"}
_LATIN = "A-Za-z\u00aa\u00ba\u00c0-\u024f\u1e00-\u1eff"


def transliterate(pieces: Iterable[Piece], language: str) -> list[Piece]:
    """Return the pieces with each run of words in a foreign script transliterated, as a piece of its own.

    language: a code of voices.languages.
    """
    own = SCRIPTS.get(language.split("-")[0], "")
    foreign = rf"[^\W\d_{_LATIN}{own}][^\s{_LATIN}\d.,;:!?…()“”«»\"]*"
    pattern = re.compile(rf"{foreign}(?:\s+{foreign})*")
    return [part for piece in pieces for part in _parts(piece, pattern)]


def _parts(piece: Piece, pattern: re.Pattern) -> list[Piece]:
    if piece.kind or not pattern.search(piece.written):
        return [piece]
    parts, end = [], 0
    for match in pattern.finditer(piece.written):
        parts += [_as_written(piece.written[end : match.start()])] if match.start() > end else []
        # It writes one word for several Chinese characters: “NiHao”.
        said = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", anyascii(match.group())).lower().replace("'", "")
        parts.append(Piece(match.group(), said, "transliteration"))
        end = match.end()
    return parts + ([_as_written(piece.written[end:])] if end < len(piece.written) else [])


def _as_written(text: str) -> Piece:
    return Piece(text, text)
