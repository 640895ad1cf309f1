"""From what is written to what is said: the text of a generation as the segments that an engine speaks. Pure.

One pipeline for every engine, page, program and command: marks → sentences → pronunciations and normalization →
utterances of a length that the engine speaks well.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace

from synthesis.engines.base import Engine
from voices.text.normalization import Piece, join, read
from voices.text.pronunciation import Dictionary, Pronounced, Pronunciation, is_ipa
from voicesite.texts import N_

from .cutting import CHARACTERS_OF_SIGN, CLAUSE_PAUSE_SECONDS, cut_first_clause, cut_pieces, join_short
from .marks import Block, read_marks
from .sentences import SENTENCE_PAUSE_SECONDS, Span, sentences
from .transliteration import transliterate

LONG_TEXT = 200  # characters: its first utterance is a clause, so that the first sound comes early


@dataclass(frozen=True)
class ScriptSegment:
    """One utterance of a text, and the pause after it."""

    text: str  # as written, without markup
    spoken: str  # as the engine gets it; IPA stands between slashes
    pause: float  # seconds of silence after it
    pieces: tuple[Piece, ...] = ()  # `text` and `spoken`, part by part
    notes: tuple[str, ...] = ()  # what the person who wrote it should know
    pause_before: float = 0.0  # seconds of silence at the beginning of the text
    speaker: str = ""  # whose line it is, in a dialogue: a name of the cast
    starts_paragraph: bool = False  # it begins a line of the text


@dataclass(frozen=True)
class Script:
    segments: tuple[ScriptSegment, ...]
    warnings: tuple[str, ...] = ()  # about the text as a whole


def prepare(
    text: str,
    language: str,
    engine: type[Engine],
    pronunciations: Sequence[Pronunciation] = (),
    speakers: Collection[str] = (),
) -> Script:
    """Return the script of `text`; without segments where it has no words.

    language: a code of voices.languages. pronunciations: the dictionary of the person and the site for that language.
    speakers: the names of a cast, which are not read at the beginning of a line.
    """
    reader = _Reader(language, engine, Dictionary(each for each in pronunciations if _takes(engine, each.said)))
    segments: list[ScriptSegment] = []
    pause_before = 0.0
    notes: tuple[str, ...] = ()
    starts_paragraph = False
    for block in read_marks(text, speakers):
        found = reader.segments(block)
        starts_paragraph |= block.starts_paragraph
        if found:
            found[0] = replace(
                found[0],
                pause_before=pause_before,
                notes=(*notes, *found[0].notes),
                starts_paragraph=starts_paragraph,
            )
            pause_before, notes, starts_paragraph = 0.0, (), False
        elif segments:
            segments[-1] = replace(segments[-1], notes=(*segments[-1].notes, *block.notes))
        else:  # nothing was said yet
            pause_before, notes = pause_before + block.pause, (*notes, *block.notes)
        segments += found
    return Script(tuple(reader.begin_early(segments)))


def _takes(engine: type[Engine], said: str) -> bool:
    return engine.takes_ipa or not is_ipa(said)


@dataclass(frozen=True)
class _Reader:
    language: str
    engine: type[Engine]
    dictionary: Dictionary

    def segments(self, block: Block) -> list[ScriptSegment]:
        """Return the utterances of a block, each as long as the engine speaks well."""
        notes = list(block.notes)
        pronounced = [each for each in block.pronounced if _takes(self.engine, each.said)]
        for start, end, said in block.pronounced:
            if not _takes(self.engine, said):
                notes.append(
                    N_("“{text}” is read as it is written: this model takes no IPA.").format(text=block.text[start:end])
                )
        utterances: list[tuple[list[Piece], float]] = []
        for span in _sentences(block.text, self.language, pronounced):
            pieces = self.read(block.text, span, pronounced)
            groups = cut_pieces(pieces, self.engine.max_characters, self.language)
            utterances += [(group, CLAUSE_PAUSE_SECONDS) for group in groups]
            utterances[-1] = utterances[-1][0], SENTENCE_PAUSE_SECONDS
        utterances = [(group, pause) for group, pause in utterances if any(map(str.isalnum, join(group)))]
        spoken = [join(group) for group, _ in utterances]
        segments = []
        for indices in join_short(spoken, self.engine.fewest_words, self.engine.max_characters):
            together = list(utterances[indices[0]][0])
            for index in indices[1:]:
                together += [Piece(" ", " "), *utterances[index][0]]
            segments.append(self.segment(together, utterances[indices[-1]][1]))
        if segments:
            segments[0] = replace(segments[0], notes=(*notes, *segments[0].notes))
            segments[-1] = replace(segments[-1], pause=block.pause)
        return [replace(segment, speaker=block.speaker) for segment in segments] if block.speaker else segments

    def begin_early(self, segments: list[ScriptSegment]) -> list[ScriptSegment]:
        """Return the utterances of a text; where it is long, the first one is a clause, which is soon heard."""
        length = sum(len(segment.spoken) for segment in segments) * CHARACTERS_OF_SIGN.get(self.language, 1)
        has_sentences = any(segment.pause != CLAUSE_PAUSE_SECONDS for segment in segments[:-1])
        if length < LONG_TEXT or not has_sentences:
            return segments
        first = segments[0]
        groups = cut_first_clause(first.pieces, self.language, self.engine.fewest_words)
        if len(groups) == 1:
            return segments
        clause, rest = (self.segment(group, 0.0) for group in groups)
        return [
            replace(first, text=clause.text, spoken=clause.spoken, pieces=clause.pieces, pause=CLAUSE_PAUSE_SECONDS),
            replace(rest, pause=first.pause, speaker=first.speaker, notes=()),  # they are with the first
            *segments[1:],
        ]

    def read(self, text: str, span: Span, pronounced: Sequence[Pronounced]) -> list[Piece]:
        """Return a sentence part by part: what marks and the dictionary say of its words goes before the rules."""
        sentence = text[span.start : span.end]
        by_marks = [
            Pronounced(start - span.start, end - span.start, said)
            for start, end, said in pronounced
            if span.start <= start and end <= span.end
        ]
        by_dictionary = [
            found
            for found in self.dictionary.find(sentence)
            if not any(found.start < end and start < found.end for start, end, _ in by_marks)
        ]
        pieces = [self._pronounce(piece) for piece in read(sentence, self.language, sorted(by_marks + by_dictionary))]
        return pieces if self.engine.reads_any_script else transliterate(pieces, self.language)

    def segment(self, pieces: Sequence[Piece], pause: float) -> ScriptSegment:
        """Return an utterance, with a note of what the engine leaves out of its IPA."""
        text = "".join(piece.written for piece in pieces).strip()
        ipa = {piece.spoken: None for piece in pieces if piece.kind == "pronunciation" and is_ipa(piece.spoken)}
        unknown = {said: self.engine.unknown_ipa(said, self.language) for said in ipa}
        notes = tuple(
            N_("This model leaves {names} of {said} out.").format(names=" ".join(left), said=said)
            for said, left in unknown.items()
            if left
        )
        return ScriptSegment(text, join(pieces), pause, tuple(pieces), notes)

    def _pronounce(self, piece: Piece) -> Piece:
        """Return `piece` with the entries for words that it has only as it is read, such as “kilometers” for “km”."""
        if piece.kind in ("", "pronunciation"):
            return piece
        spoken = self.dictionary.apply(piece.spoken)
        return piece if spoken == piece.spoken else piece._replace(spoken=spoken, kind="pronunciation")


def _sentences(text: str, language: str, pronounced: Sequence[Pronounced]) -> list[Span]:
    """Return the sentences of a text; none ends within a word whose pronunciation is given."""
    spans: list[Span] = []
    for span in sentences(text, language):
        if spans and any(start < spans[-1].end < end for start, end, _ in pronounced):
            span = Span(spans.pop().start, span.end)
        spans.append(span)
    return spans
