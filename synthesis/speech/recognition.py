"""Listen to the takes of a text: which words are heard in each, and whether they are its words."""

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence

import numpy as np
import soxr
from django.utils import timezone

from synthesis.engines import engine_class
from synthesis.models import Generation, Segment, SegmentTake
from synthesis.scripts.script import prepare
from synthesis.scripts.sentences import Span
from synthesis.segments.timeline import RATE as SPEECH_RATE
from voices.text.alignment import Word, text_of
from voices.text.pronunciation import Pronunciation
from voices.text.word_errors import Comparison, compare
from voices.transcription.transcribers.base import RATE, Transcript

from .files import read_take

MIN_UNHEARD_SECONDS = 0.8  # after the last word: more than the silence at an end
MAX_HEARINGS = 3
MAX_GROUP_SECONDS = 25.0  # heard at once: Whisper listens to 30 s, however little there is in them
MIN_PAUSE_SECONDS = 0.3  # between two takes of a group, so that no word is heard across
TOLERATED_SHARE = 0.02  # of all words, that differ and matter: transcribers make such mistakes too

Transcribe = Callable[[np.ndarray], Transcript]


def recognize(wave: np.ndarray, transcribe: Transcribe) -> list[Word]:
    """Return the words heard in `wave`, at RATE; a transcriber that ends early is given the rest again."""
    words: list[Word] = []
    begin = 0.0
    for _ in range(MAX_HEARINGS):
        found = transcribe(wave[round(begin * RATE) :]).words
        words += [word._replace(start=begin + word.start, end=begin + word.end) for word in found]
        if not found or len(wave) / RATE - words[-1].end < MIN_UNHEARD_SECONDS:
            break
        begin = words[-1].end
    return words


def groups(segments: Iterable[Segment]) -> Iterator[list[Segment]]:
    """Yield the segments whose take nobody has listened to, in groups that are heard at once."""
    group: list[Segment] = []
    seconds = 0.0
    for segment in segments:
        if segment.take is None or segment.take.words is not None:
            continue
        length = segment.take.seconds + max(segment.pause, MIN_PAUSE_SECONDS)
        if group and seconds + length > MAX_GROUP_SECONDS:
            yield group
            group, seconds = [], 0.0
        group.append(segment)
        seconds += length
    if group:
        yield group


def listen(group: Sequence[Segment], transcribe: Transcribe, judge: Callable[[str, list[Word]], bool]) -> None:
    """Set the words that are heard in the takes of a group, and whether these are marked. Raises OSError.

    judge: returns whether words don't say a text. A take that seems not to say its text is heard once more, alone: in a
    group, a word at its edge may be taken for its neighbour's.
    """
    waves = [read_take(segment.take) for segment in group if segment.take]
    heard = _hear(waves, [segment.pause for segment in group], transcribe)
    for segment, wave, words in zip(group, waves, heard, strict=True):
        take = segment.take
        assert take
        take.is_marked = judge(take.text, words)
        if take.is_marked and len(group) > 1:
            alone = _hear([wave], [0.0], transcribe)[0]
            take.is_marked = judge(take.text, alone)
            words = words if take.is_marked else alone
        take.words = [[word.text, round(word.start, 3), round(word.end, 3), word.confidence] for word in words]
        SegmentTake.objects.filter(pk=take.pk).update(words=take.words, is_marked=take.is_marked)
        Segment.objects.filter(pk=segment.pk).update(changed_at=timezone.now())  # pages show it


def _hear(waves: list[np.ndarray], pauses: list[float], transcribe: Transcribe) -> list[list[Word]]:
    """Return the words of each wave, with times from its beginning."""
    pieces, places, at = [], [], 0.0
    for wave, pause in zip(waves, pauses, strict=True):
        silence = np.zeros(round(max(pause, MIN_PAUSE_SECONDS) * SPEECH_RATE), np.float32)
        pieces += [wave, silence]
        places.append((at, at + len(wave) / SPEECH_RATE))
        at += (len(wave) + len(silence)) / SPEECH_RATE
    found: list[list[Word]] = [[] for _ in waves]
    for word in recognize(soxr.resample(np.concatenate(pieces), SPEECH_RATE, RATE), transcribe):
        middle = (word.start + word.end) / 2
        index = min(range(len(places)), key=lambda index: _distance(middle, places[index]))
        start, end = places[index]
        begin, stop = (min(max(time - start, 0.0), end - start) for time in (word.start, word.end))
        found[index].append(Word(word.text, begin, stop, word.confidence))
    return found


def _distance(time: float, place: tuple[float, float]) -> float:
    return max(place[0] - time, time - place[1], 0.0)


class Judge:
    """Decide whether words that were heard are those of a text, or of a part of it."""

    def __init__(self, generation: Generation, pronunciations: Sequence[Pronunciation], speakers: Collection[str] = ()):
        """pronunciations, speakers: those that the text was spoken with."""
        self.language = generation.language
        engine = engine_class(generation.engine)
        script = prepare(generation.text, generation.language, engine, pronunciations, speakers)
        self.text = ""
        self.pronounced: list[Span] = []
        self.pronounced_in: dict[str, list[Span]] = {}  # by the text of a segment
        for segment in script.segments:
            spans, at = [], 0
            written = "".join(piece.written for piece in segment.pieces)
            for piece in segment.pieces:
                if piece.kind == "pronunciation":
                    spans.append(Span(at, at + len(piece.written)))
                at += len(piece.written)
            self.pronounced += [Span(len(self.text) + start, len(self.text) + end) for start, end in spans]
            self.text += f"{written} "
            edge = len(written) - len(written.lstrip())  # a segment's text has no white space at its ends
            self.pronounced_in[segment.text] = [Span(start - edge, end - edge) for start, end in spans]

    def compare_whole(self, words: list[Word]) -> Comparison:
        """Compare all that was heard with all of the text."""
        return compare(self.text, text_of(words), self.language, words, self.pronounced)

    def is_wrong(self, text: str, words: list[Word]) -> bool:
        """Return whether `words` say something else than `text`, a segment's."""
        comparison = compare(text, text_of(words), self.language, words, self.pronounced_in.get(text, ()))
        return any(difference.matters for difference in comparison.differences)
