"""From what is written to what is said: the text of a generation as the segments that an engine speaks. Pure.

One pipeline for every engine, page, program and command: marks → sentences → normalization and pronunciations →
utterances of a length that the engine speaks well.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from synthesis.engines.base import Engine
from voices.text.normalization import Piece, read
from voices.text.pronunciation import Pronunciation

from . import marks, sentences


@dataclass(frozen=True)
class ScriptSegment:
    """One utterance of a text, and the pause after it."""

    text: str  # as written, without markup
    spoken: str  # as the engine gets it; IPA stands between slashes
    pause: float  # seconds of silence after it
    pieces: tuple[Piece, ...] = ()  # `text` and `spoken`, part by part
    notes: tuple[str, ...] = ()  # what the person who wrote it should know


@dataclass(frozen=True)
class Script:
    segments: tuple[ScriptSegment, ...]
    warnings: tuple[str, ...] = ()  # about the text as a whole


def prepare(text: str, language: str, engine: type[Engine], pronunciations: Sequence[Pronunciation] = ()) -> Script:
    """Return the script of `text`; without segments where it has no words.

    language: a code of voices.languages. pronunciations: the dictionary of the person and the site for that language.
    """
    segments: list[ScriptSegment] = []
    for block in marks.read_marks(text):
        pieces = sentences.split_text(block.text)
        for piece in pieces:
            read_pieces = tuple(read(piece.text, language))
            spoken = "".join(part.spoken for part in read_pieces)
            segments.append(ScriptSegment(piece.text, spoken, piece.pause or block.pause, read_pieces))
    if segments:
        segments[-1] = replace(segments[-1], pause=0.0)
    return Script(tuple(segments))
