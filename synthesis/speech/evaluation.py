"""Score finished speech: speaker similarity to its voice, and word error rate against its text.

docs/engines.md says how reliable the scores are, and where the thresholds come from.
"""

import re

import numpy as np
import soundfile
import soxr
from rapidfuzz.distance import Levenshtein

from synthesis.engines import engine_class
from synthesis.engines.choice import fidelity
from synthesis.models import Evaluation, Generation
from voices.analysis import speaker_encoder
from voices.text.word_errors import UNSPACED_LANGUAGES, bare, error_rate
from voices.transcription.listener_process import transcription_process
from voices.transcription.requests import why_not
from voices.transcription.transcribers.base import RATE
from voicesite.jobs.attempts import Heartbeat, retry_on_database_error
from voicesite.jobs.job import State
from voicesite.modelhost.protocol import ModelError

from .conditioning import best_clip, reference_of

MIN_SPEECH_SECONDS = 2.0  # less is too little for the speaker encoder to judge by
MIN_SIMILARITY = {"approximate": 0.70, "zero-shot": 0.65}  # below it, a take sounds like somebody else
TOLERATED_WRONG_WORDS = 2  # never held against a take: transcribers make mistakes too
TOLERATED_WRONG_SHARE = 0.08  # likewise, of all words (characters in languages without spaces)


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
        recognized = transcription_process.transcribe(wave, generation.language, on_progress, heartbeat)
        measures["recognized_text"] = recognized.text
        measures["word_error_rate"] = round(error_rate(generation.text, recognized.text, generation.language), 4)

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


def is_unlike(generation: Generation) -> bool:
    """Return whether its speaker similarity is so low that it sounds like somebody else."""
    threshold = MIN_SIMILARITY.get(fidelity(generation.engine))
    if threshold is None or generation.similarity is None or (generation.seconds or 0) < MIN_SPEECH_SECONDS:
        return False
    return generation.similarity < threshold


def is_inexact(generation: Generation) -> bool:
    """Return whether more words are wrong or missing than a transcriber gets wrong by itself."""
    rate = generation.word_error_rate or 0.0
    return rate > TOLERATED_WRONG_SHARE and rate * _word_count(generation) > TOLERATED_WRONG_WORDS


def wrong_words(generation: Generation) -> int | None:
    """Return the number of words substituted, deleted or inserted; None where it was not transcribed."""
    if generation.word_error_rate is None:
        return None
    return round(generation.word_error_rate * _word_count(generation))


def marked_words(generation: Generation) -> list[tuple[str, bool]]:
    """Return the recognized words with the space before each, and whether it differs from the text."""
    recognized = _pieces(generation.recognized_text, generation.language)
    if not generation.word_error_rate:
        return [(piece, False) for piece in recognized]
    expected = [bare(piece) for piece in _pieces(generation.text, generation.language)]
    same: set[int] = set()
    for block in Levenshtein.opcodes(expected, [bare(piece) for piece in recognized]).as_matching_blocks():
        same.update(range(block.b, block.b + block.size))
    return [(piece, index not in same and bool(bare(piece))) for index, piece in enumerate(recognized)]


def error_unit(language: str) -> str:
    """Return what errors are counted in: “character” for languages without spaces, else “word”."""
    return "character" if language.partition("-")[0] in UNSPACED_LANGUAGES else "word"


def _word_count(generation: Generation) -> int:
    return len(_pieces(generation.text, generation.language))


def _pieces(text: str, language: str) -> list[str]:
    return re.findall(r"\s*\S+" if error_unit(language) == "word" else r"\s*\S", text)
