"""From what is written to what is said: the text of a generation as the segments that an engine speaks. Pure.

One pipeline for every engine, page, program and command: marks → sentences → normalization and pronunciations →
utterances of a length that the engine speaks well.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from synthesis.engines.base import Engine
from voices.text.normalization import Piece, join, read
from voices.text.pronunciation import Pronunciation

from .cutting import cut_pieces, join_short
from .marks import Block, read_marks
from .sentences import has_words, sentences

SENTENCE_PAUSE_SECONDS = 0.2
CLAUSE_PAUSE_SECONDS = 0.05


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
    for block in read_marks(text):
        segments += _utterances(block, language, engine)
    if segments:
        segments[-1] = replace(segments[-1], pause=0.0)
    return Script(tuple(segments))


def _utterances(block: Block, language: str, engine: type[Engine]) -> list[ScriptSegment]:
    utterances = []
    for start, end in sentences(block.text, language):
        pieces = read(block.text[start:end], language)
        utterances += [
            _segment(group, CLAUSE_PAUSE_SECONDS) for group in cut_pieces(pieces, engine.max_characters, language)
        ]
        utterances[-1] = replace(utterances[-1], pause=SENTENCE_PAUSE_SECONDS)
    utterances = [utterance for utterance in utterances if has_words(utterance.spoken)]
    joint = []
    for indices in join_short(
        [utterance.spoken for utterance in utterances], engine.fewest_words, engine.max_characters
    ):
        group = [utterances[index] for index in indices]
        together: list[Piece] = []
        for utterance in group:
            together += [Piece(" ", " ")] if together else []
            together += utterance.pieces
        joint.append(_segment(together, group[-1].pause))
    if joint:
        joint[-1] = replace(joint[-1], pause=block.pause)
    return joint


def _segment(pieces: Sequence[Piece], pause: float) -> ScriptSegment:
    text = "".join(piece.written for piece in pieces).strip()
    return ScriptSegment(text, join(pieces), pause, tuple(pieces))
