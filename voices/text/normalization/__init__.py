"""Text normalization: read numbers, dates, money, units, abbreviations and symbols as words. Pure.

`read` goes over a text once. At each place the first rule that matches says what stands there; what no rule takes is
said as it is written. The rules are shared by all languages (numbers, amounts, calendar, codes, words, symbols); what a
language says is data in a file of its own (`languages/`). Written by hand, as the usual libraries (NeMo's,
WeTextProcessing) need pynini, which has no wheel for macOS on arm64 nor for Linux on aarch64; numbers, months and units
in words come from Unicode CLDR, by unicode-rbnf and Babel.
"""

import re
from collections.abc import Sequence
from functools import cache

from voices.text.pronunciation import Pronounced

from .languages import language_of
from .rules import rules_of
from .scanner import Piece, Rule, scan

__all__ = ["Piece", "normalize", "read"]

# Digits of other scripts (full-width, Devanagari, Arabic) and below the line (H₂O), and full-width signs.
_ZEROS = (0xFF10, 0x0966, 0x0660, 0x2080)
_FULL_WIDTH = {zero + digit: str(digit) for zero in _ZEROS for digit in range(10)} | str.maketrans(
    "％＄￥：．＋－＝／", "%$¥:.+-=/"
)


def read(text: str, language: str, pronounced: Sequence[Pronounced] = ()) -> list[Piece]:
    """Return `text` part by part: what is written joins up to `text`, what is spoken to what an engine should get.

    text: plain text, best a sentence, since the end of a text may be the end of a sentence.
    language: a code of voices.languages; of any other, the text is returned as it is.
    pronounced: parts whose pronunciation is given, in order; nothing else is read there.
    """
    rules = _rules(language)
    pieces: list[Piece] = []
    end = 0
    for start, stop, said in pronounced:
        pieces += scan(text, rules, end, start, _FULL_WIDTH)
        pieces.append(Piece(text[start:stop], said, "pronunciation"))
        end = stop
    return pieces + scan(text, rules, end, len(text), _FULL_WIDTH)


def normalize(text: str, language: str) -> str:
    """Return `text` as it is said, in words."""
    return join(read(text, language))


def join(pieces: Sequence[Piece]) -> str:
    """Return what the pieces say, without the spaces that are left around what is silent."""
    said = re.sub(r"[^\S\n]+", " ", "".join(piece.spoken for piece in pieces))
    said = re.sub(r"(?<=[(\[]) +", "", said)
    return re.sub(r" +(?=[.,;:!?…)\]](?:\s|$))", "", said).strip(" ")


@cache
def _rules(code: str) -> list[Rule]:
    language = language_of(code)
    return rules_of(language) if language else []
