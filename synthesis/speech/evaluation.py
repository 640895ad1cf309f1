"""Score finished speech: speaker similarity to its voice, and word error rate against its text.

docs/engines.md says how reliable the scores are, and where the thresholds come from.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import astuple

import numpy as np
import soundfile
import soxr
from django.conf import settings

from synthesis.engines import EngineError, engine_class
from synthesis.engines.choice import fidelity
from synthesis.models import Evaluation, Generation
from synthesis.scripts.script import prepare
from synthesis.scripts.sentences import Span
from voices.analysis import speaker_encoder
from voices.text.alignment import Word, text_of
from voices.text.pronunciation import Pronunciation
from voices.text.word_errors import UNSPACED_LANGUAGES, Difference, compare
from voices.transcription.choice import NO_TRANSCRIBER
from voices.transcription.listener_process import transcription_process
from voices.transcription.requests import why_not
from voices.transcription.transcribers.base import RATE, Transcript
from voicesite.jobs.attempts import Heartbeat, retry_on_database_error
from voicesite.jobs.job import State
from voicesite.modelhost.protocol import ModelError

from .conditioning import best_clip, reference_of

MIN_SPEECH_SECONDS = 2.0  # less is too little for the speaker encoder to judge by
MIN_SIMILARITY = {"approximate": 0.70, "zero-shot": 0.65}  # below it, a take sounds like somebody else
MIN_UNHEARD_SECONDS = 0.8  # after the last word: more than the silence at an end
MAX_HEARINGS = 3
TOLERATED_SHARE = 0.02  # of all words, that differ and matter: transcribers make such mistakes too


def evaluate(job: Evaluation, heartbeat: Heartbeat) -> None:
    """Measure similarity and word error rate of a generation, as far as a model here can."""
    generation = job.generation
    measures: dict = {}
    heartbeat.flush(state=State.GENERATING, progress=20, stage="Comparing the voices")
    try:
        with generation.audio.open() as file:
            samples, rate = soundfile.read(file, dtype="float32")
    except (FileNotFoundError, ValueError):  # no file, or no name of one: it was deleted meanwhile
        job.finish(State.COMPLETED)
        return
    if generation.voice and fidelity(generation.engine):
        measures["similarity"] = _similarity(generation, samples, rate, heartbeat)
    if not why_not(generation.language):
        heartbeat.flush(progress=30, stage="Listening to what is said")
        on_progress = heartbeat.on_progress(30, 90, stage="Listening to what is said")
        wave = soxr.resample(samples, rate, RATE)

        def transcribe(part: np.ndarray) -> Transcript:
            return transcription_process.transcribe(part, generation.language, on_progress, heartbeat)

        measures |= measure_words(generation, recognize(wave, transcribe), generation.dictionary())

    def keep() -> None:
        job.finish(State.COMPLETED)
        Generation.objects.filter(pk=generation.pk, audio=generation.audio.name).update(**measures)

    retry_on_database_error(keep)


def _similarity(generation: Generation, samples: np.ndarray, rate: int, heartbeat: Heartbeat) -> float | None:
    """Return the similarity to the clip that the engine copied, -1 to 1; None where one of the two is silent."""
    assert generation.voice
    try:
        reference = reference_of(best_clip(generation.voice, engine_class(generation.engine)), "")
        # The clip's embedding is not cached: it takes 10 ms for each second of a clip.
        of_clip = transcription_process.embed(reference.samples, reference.sample_rate, heartbeat)
        of_speech = transcription_process.embed(samples, rate, heartbeat)
        return round(speaker_encoder.similarity(of_clip, of_speech), 4)
    except ModelError as error:
        if error.permanent:  # silence
            return None
        raise


def recognize(wave: np.ndarray, transcribe: Callable[[np.ndarray], Transcript]) -> list[Word]:
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


def measure_words(generation: Generation, words: list[Word], pronunciations: Sequence[Pronunciation] = ()) -> dict:
    """Return the fields of a generation that say how the words heard in it differ from its text.

    pronunciations: the dictionary that it was spoken by.
    """
    heard = text_of(words)
    text, pronounced = plain_text(generation, pronunciations)
    comparison = compare(text, heard, generation.language, words, pronounced)
    return {
        "recognized_text": heard,
        "word_error_rate": round(min(comparison.error_rate, 1.0), 4),
        "differences": [astuple(difference) for difference in comparison.differences],
    }


def is_unlike(generation: Generation) -> bool:
    """Return whether its speaker similarity is so low that it sounds like somebody else."""
    threshold = MIN_SIMILARITY.get(fidelity(generation.engine))
    if threshold is None or generation.similarity is None or (generation.seconds or 0) < MIN_SPEECH_SECONDS:
        return False
    return generation.similarity < threshold


def plain_text(generation: Generation, pronunciations: Sequence[Pronunciation]) -> tuple[str, list[Span]]:
    """Return its text without marks and markup, which aren't said, and the places of words with a pronunciation."""
    script = prepare(generation.text, generation.language, engine_class(generation.engine), pronunciations)
    text, pronounced = "", []
    for segment in script.segments:
        for piece in segment.pieces:
            start, text = len(text), text + piece.written
            if piece.kind == "pronunciation":
                pronounced.append(Span(start, len(text)))
        text += " "
    return text, pronounced


def differences(generation: Generation) -> list[Difference]:
    """Return what was heard otherwise, in order."""
    return [Difference(*difference) for difference in generation.differences]


def is_inexact(generation: Generation) -> bool:
    """Return whether it seems to say something else than its text: more than a transcriber mistakes by itself."""
    wrong = sum(difference.words for difference in differences(generation) if difference.matters)
    return wrong > 0 and wrong > TOLERATED_SHARE * _word_count(generation)


def wrong_words(generation: Generation) -> int | None:
    """Return the number of words substituted, deleted or inserted; None where it was not transcribed."""
    if generation.word_error_rate is None:
        return None
    if generation.word_error_rate and not generation.differences:  # it was evaluated before those were kept
        return round(generation.word_error_rate * _word_count(generation))
    return sum(difference.words for difference in differences(generation))


def marked_text(generation: Generation) -> Iterator[tuple[str, str]]:
    """Yield the recognized text part by part: “same”, “differs”, or “missing” for words of the text that it lacks."""
    at = 0
    for difference in differences(generation):
        yield "same", generation.recognized_text[at : difference.start]
        if difference.start < difference.end:
            yield "differs", generation.recognized_text[difference.start : difference.end]
        else:
            yield "missing", difference.missing
        at = difference.end
    yield "same", generation.recognized_text[at:]


def why_unheard(generation: Generation) -> str:
    """Return why nobody can have listened to what it says, for its owner; empty if somebody did, or will."""
    if generation.word_error_rate is not None or not why_not(generation.language):
        return ""
    if settings.TRANSCRIBER == NO_TRANSCRIBER:
        return "Nobody listened: transcription is turned off on this site."
    return f"Nobody listened: no transcription model here knows {generation.get_language_display()}."


def takes_vary(generation: Generation) -> bool:
    """Return whether another take may say what this one doesn't."""
    try:
        return engine_class(generation.engine).takes_vary
    except EngineError:  # it is no longer here
        return False


def error_unit(language: str) -> str:
    """Return what errors are counted in: “character” for languages without spaces, else “word”."""
    return "character" if language.partition("-")[0] in UNSPACED_LANGUAGES else "word"


def _word_count(generation: Generation) -> int:
    return len(re.findall(r"\S+" if error_unit(generation.language) == "word" else r"\S", generation.text))
