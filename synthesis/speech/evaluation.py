"""Score finished speech: speaker similarity to its voice, and word error rate against its text.

docs/engines.md says how reliable the scores are, and where the thresholds come from.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import astuple
from itertools import starmap

import numpy as np
import soundfile
import soxr
from django.conf import settings
from django.utils.translation import gettext as _

from synthesis.engines import EngineError, engine_class
from synthesis.engines.choice import fidelity
from synthesis.models import Evaluation, Generation, Segment
from synthesis.segments.timeline import RATE
from voices.analysis import speaker_encoder
from voices.models import ExcerptSearch, Transcription, TranscriptionRequest
from voices.text.alignment import Word, text_of
from voices.text.pronunciation import Pronunciation
from voices.text.word_errors import UNSPACED_LANGUAGES, Difference
from voices.transcription.choice import NO_TRANSCRIBER
from voices.transcription.listener_process import transcription_process
from voices.transcription.requests import why_not
from voices.transcription.transcribers.base import RATE as TRANSCRIBER_RATE
from voices.transcription.transcribers.base import Transcript
from voicesite.jobs.attempts import Heartbeat, NotYet, retry_on_database_error
from voicesite.jobs.job import State
from voicesite.modelhost.protocol import ModelError, Progress

from .conditioning import best_clip, reference_of
from .files import read_take
from .recognition import TOLERATED_SHARE, Judge, groups, listen, recognize

MIN_SPEECH_SECONDS = 2.0  # less is too little for the speaker encoder to judge by
MIN_SIMILARITY = {"approximate": 0.70, "zero-shot": 0.65}  # below it, a take sounds like somebody else
MAX_COMPARED_SECONDS = 60.0  # of speech, for the similarity


def evaluate(job: Evaluation, heartbeat: Heartbeat) -> None:
    """Measure similarity and word error rate of a generation, as far as a model here can.

    What is heard in each segment is kept at once: after a change only the new takes are listened to, and a long text
    gives way to people who wait for a transcript.
    """
    generation = job.generation
    segments = list(generation.segments.in_text().select_related("take"))
    measures: dict = {}
    heartbeat.flush(state=State.GENERATING, progress=20, stage=_("Comparing the voices"))
    try:
        # A built-in voice is itself: there is nobody whom it could be unlike.
        if (
            generation.voice
            and not generation.voice.deleted_at
            and not generation.voice.is_builtin
            and fidelity(generation.engine)
        ):
            measures["similarity"] = _similarity(generation, segments, heartbeat)
        if not why_not(generation.language):
            heartbeat.flush(progress=30, stage=_("Transcribing"))
            measures |= _listen(generation, segments, heartbeat)
    except (FileNotFoundError, ValueError):  # no file, or no name of one: it was deleted meanwhile
        measures = {}

    def keep() -> None:
        # Locked: a whole that comes now asks for an evaluation, which does nothing while this one is running.
        audio = Generation.objects.select_for_update().filter(pk=generation.pk).values_list("audio", flat=True).first()
        if audio not in (None, generation.audio.name):
            raise NotYet(_("Checking again after a change"))
        job.finish(State.COMPLETED)
        Generation.objects.filter(pk=generation.pk).update(**measures)

    retry_on_database_error(keep)


def _similarity(generation: Generation, segments: list[Segment], heartbeat: Heartbeat) -> float | None:
    """Return the similarity to the clip that the engine copied, -1 to 1; None where one of the two is silent."""
    assert generation.voice
    samples, rate = _some_speech(generation, segments)
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


def _some_speech(generation: Generation, segments: list[Segment]) -> tuple[np.ndarray, int]:
    """Return up to a minute of speech in the generation's own voice, float32 (samples,), and its rate in Hz."""
    takes, seconds = [], 0.0
    for segment in segments:
        if segment.take and segment.voice_id == generation.voice_id and seconds < MAX_COMPARED_SECONDS:
            takes.append(read_take(segment.take))
            seconds += segment.take.seconds
    if takes:
        return np.concatenate(takes), RATE
    with generation.audio.open() as file, soundfile.SoundFile(file) as sound:
        return sound.read(round(MAX_COMPARED_SECONDS * sound.samplerate), dtype="float32"), sound.samplerate


def _listen(generation: Generation, segments: list[Segment], heartbeat: Heartbeat) -> dict:
    """Listen to what nobody has listened to yet; return the fields that say how it differs from the text."""
    share = [0.0, 1.0]  # of the work, before and after what is heard now

    def on_progress(progress: Progress) -> None:
        done = share[0] + (share[1] - share[0]) * progress.share
        heartbeat(progress=30 + round(60 * done), stage=_("Transcribing"))

    def transcribe(wave: np.ndarray) -> Transcript:
        return transcription_process.transcribe(wave, generation.language, on_progress, heartbeat)

    judge = Judge(generation, generation.dictionary(), list(generation.cast.values_list("name", flat=True)))
    if not segments:
        with generation.audio.open() as file:
            samples, rate = soundfile.read(file, dtype="float32")
        return _measures(judge, recognize(soxr.resample(samples, rate, TRANSCRIBER_RATE), transcribe))
    waiting = list(groups(segments))
    for number, group in enumerate(waiting):
        if number and _somebody_waits():
            raise NotYet(_("Waiting for other transcriptions"))
        share[:] = number / len(waiting), (number + 1) / len(waiting)
        listen(group, transcribe, judge.is_wrong)
    words: list[Word] = []
    for segment in segments:  # the times of their words, each from its own beginning, are of no account here
        for word in starmap(Word, (segment.take and segment.take.words) or ()):
            is_apart = word.text.startswith(" ") or not words
            words.append(word if is_apart else word._replace(text=f" {word.text}"))
    return _measures(judge, words)


def _somebody_waits() -> bool:
    """Return whether a person waits for a transcript: a long text is listened to for minutes."""
    return any(jobs.objects.claimable().exists() for jobs in (TranscriptionRequest, Transcription, ExcerptSearch))


def measure_words(generation: Generation, words: list[Word], pronunciations: Sequence[Pronunciation] = ()) -> dict:
    """Return the fields of a generation that say how the words heard in it differ from its text.

    pronunciations: the dictionary that it was spoken by.
    """
    return _measures(Judge(generation, pronunciations), words)


def _measures(judge: Judge, words: list[Word]) -> dict:
    comparison = judge.compare_whole(words)
    return {
        "recognized_text": text_of(words),
        "word_error_rate": round(min(comparison.error_rate, 1.0), 4),
        "differences": [astuple(difference) for difference in comparison.differences],
    }


def is_unlike(generation: Generation) -> bool:
    """Return whether its speaker similarity is so low that it sounds like somebody else."""
    threshold = MIN_SIMILARITY.get(fidelity(generation.engine))
    if threshold is None or generation.similarity is None or (generation.seconds or 0) < MIN_SPEECH_SECONDS:
        return False
    return generation.similarity < threshold


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
        return _("Not checked: transcription is turned off on this site.")
    return _("Not checked: no transcription model here knows {get_language_display}.").format(
        get_language_display=generation.get_language_display()
    )


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
