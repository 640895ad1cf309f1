"""Subtitles of finished speech: SubRip, WebVTT and JSON, from the sentences and their exact places in the sound."""

import json
from collections.abc import Iterator

from django.utils.translation import gettext as _

from synthesis.models import Generation, Segment
from synthesis.segments.timeline import RATE, Place, length, places
from voicesite.web.rejection import Rejected

from . import cues
from .word_times import TimedWord, word_times

FORMATS = ("srt", "vtt", "json")
LEVELS = ("sentence", "word")
CONTENT_TYPES = cues.CONTENT_TYPES | {"json": "application/json"}
SAME_SECONDS = 0.002  # a generation's length is kept to the millisecond


def timed(generation: Generation) -> list[tuple[Segment, Place]]:
    """Return the segments with their places in the whole. Raises Rejected if they are gone, or not what it is made of."""
    if not generation.is_heard:
        raise Rejected("conflict", _("It isn’t ready yet. Subtitles are available once it is."))
    segments = list(generation.segments.in_text().select_related("take"))
    if not segments:
        raise Rejected("not_found", _("The sentences of this speech are no longer stored, so there are no subtitles."))
    if abs(length(segments) / RATE - (generation.seconds or 0)) > SAME_SECONDS:
        raise Rejected("conflict", _("It is being changed. Subtitles are available once it’s ready."))
    return [(segment, place) for segment, place in zip(segments, places(segments), strict=True) if place]


def subtitles(generation: Generation, file_format: str, level: str) -> Iterator[str]:
    """Return a file in one of FORMATS, at one of LEVELS, part by part. Raises Rejected as of `timed`.

    SubRip can't mark the words of a line: at the level of words, each is a cue of its own.
    """
    found = timed(generation)
    if file_format == "json":
        return _json(generation, found)
    if (file_format, level) == ("srt", "word"):
        return cues.written(_word_cues(generation, found), file_format)
    shown = _cues(generation, found, file_format, level == "word")
    return cues.written(cues.readable(shown, generation.language), file_format)


def _json(generation: Generation, found: list[tuple[Segment, Place]]) -> Iterator[str]:
    head = {"language": generation.language, "seconds": generation.seconds}
    yield json.dumps(head)[:-1] + ', "segments": ['
    for number, (segment, place) in enumerate(found):
        words = [
            {"text": word.text.strip(), "start": word.start, "end": word.end, "estimated": word.is_estimated}
            for word in _words(segment, place, generation.language)
        ]
        shown = {
            "index": segment.index,
            "start": round(place.start / RATE, 3),
            "end": round(place.end / RATE, 3),
            "speaker": segment.speaker,
            "text": segment.text,
            "words": words,
        }
        yield (", " if number else "") + json.dumps(shown, ensure_ascii=False)
    yield "]}"


def _word_cues(generation: Generation, found: list[tuple[Segment, Place]]) -> Iterator[cues.Cue]:
    for segment, place in found:
        yield from cues.word_cues(map(_cue_word, _words(segment, place, generation.language)))


def _cues(
    generation: Generation, found: list[tuple[Segment, Place]], file_format: str, with_words: bool
) -> Iterator[cues.Cue]:
    language, before = generation.language, ""
    for segment, place in found:
        # WebVTT names the speaker of each cue; in SubRip the name stands where another one begins to speak.
        is_new = file_format == "srt" and segment.speaker not in ("", before)
        label = f"{segment.speaker.upper()}: " if is_new else ""
        words: list[cues.Word] = []
        if with_words or cues.needs_words(label + segment.text, language):
            words = [_cue_word(word) for word in _words(segment, place, language)]
        start, end = place.start / RATE, place.end / RATE
        for cue in cues.cues_of(segment.text, words, start, end, language, segment.speaker, label):
            yield cue if with_words else cue._replace(words=())
        before = segment.speaker


def _words(segment: Segment, place: Place, language: str) -> list[TimedWord]:
    """Return the words of a segment with their times in the whole."""
    assert segment.take
    start = place.start / RATE
    return [
        word._replace(start=round(start + word.start, 3), end=round(start + word.end, 3))
        for word in word_times(segment.take, language)
    ]


def _cue_word(word: TimedWord) -> cues.Word:
    return cues.Word(word.text, word.start, word.end)
