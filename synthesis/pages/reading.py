"""What pages show of how a text will be read: the sentences that are not read as they are written."""

import re
from collections.abc import Collection
from itertools import accumulate
from typing import NamedTuple

from synthesis.generations.preview import Preview
from synthesis.scripts.marks import HEADING_PAUSE_SECONDS
from synthesis.scripts.script import ScriptSegment
from synthesis.segments.written_text import find
from voices.languages import LANGUAGES, language_names
from voices.text.normalization import Piece

MAX_SENTENCES = 20  # that are shown


class Part(NamedTuple):
    """A part of a sentence, as it is said."""

    said: str
    written: str
    kind: str  # in words; empty where nothing is known
    is_changed: bool  # it is not said as it is written


class Sentence(NamedTuple):
    parts: list[Part]
    pause_before: float  # seconds of silence before it, at the beginning of the text
    pause: float  # seconds of silence after it, where it is longer than usual; else 0
    notes: tuple[str, ...]


class Reading(NamedTuple):
    """A text as it will be read, for `synthesis/_reading.html`."""

    sentences: list[Sentence]
    more: int  # sentences of that kind, beyond those
    changes: int  # parts of `sentences` that are not said as they are written
    warnings: tuple[str, ...]
    language: str  # code
    language_name: str
    takes_ipa: bool
    other_language: str  # code; that the text plainly is in, and that can be chosen
    other_language_name: str


def reading_of(preview: Preview) -> Reading:
    """Return what a page shows of a preview."""
    differing = [sentence for segment in preview.segments if (sentence := _sentence(segment))]
    shown = differing[:MAX_SENTENCES]
    other = preview.other_language
    return Reading(
        shown,
        more=len(differing) - len(shown),
        changes=sum(part.is_changed for sentence in shown for part in sentence.parts),
        warnings=preview.warnings,
        language=preview.language,
        language_name=LANGUAGES[preview.language],
        takes_ipa=preview.takes_ipa,
        other_language=other,
        other_language_name=language_names([other])[0] if other else "",
    )


def places_of(preview: Preview, text: str, speakers: Collection[str]) -> str:
    """Return where the sentences of a text stand in it as they will be spoken, and in each what is read otherwise.

    As “start end kind” with commas between, for static/sentence-marks.js: kind is s for a sentence and c for what is
    changed, the numbers count as a browser does, an emoji as two. What can't be found is left out.
    """
    found: list[tuple[int, int, str]] = []
    spans = find(text, [segment.text for segment in preview.segments], speakers)
    for segment, span in zip(preview.segments, spans, strict=True):
        if span is None:
            continue
        found.append((span.start, span.end, "s"))
        at = span.start
        for piece in segment.pieces:
            written = piece.written.strip()
            start = text.find(written, at, span.end) if written else -1
            if start < 0:
                continue
            at = start + len(written)
            if _is_changed(piece):
                found.append((start, at, "c"))
    units = list(accumulate((1 + (character > "\uffff") for character in text), initial=0))
    return ",".join(f"{units[start]} {units[end]} {kind}" for start, end, kind in found)


def _sentence(segment: ScriptSegment) -> Sentence | None:
    """Return a segment as it is shown; None if there is nothing to show of it."""
    pieces = segment.pieces or (Piece(segment.text, segment.spoken),)
    parts = [Part(piece.spoken, piece.written, piece.kind, _is_changed(piece)) for piece in pieces]
    pause = segment.pause if segment.pause > HEADING_PAUSE_SECONDS else 0.0
    if segment.pause_before or pause or segment.notes or any(part.is_changed for part in parts):
        return Sentence(parts, segment.pause_before, pause, segment.notes)
    return None


def _is_changed(piece: Piece) -> bool:
    """Return whether a part is said in other words than it is written in, rather than with another comma."""
    return bool(piece.kind) or _words(piece.written) != _words(piece.spoken)


def _words(text: str) -> list[str]:
    return re.findall(r"\w+", text.casefold().replace("’", "'"))
