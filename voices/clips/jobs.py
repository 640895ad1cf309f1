"""The background jobs of transcribing clips, and of searching long recordings for the best excerpts."""

import contextlib
from collections.abc import Callable, Iterator

import numpy as np
import soundfile
import soxr
from django.db.models.fields.files import FieldFile
from django.utils.translation import gettext as _

from voices.analysis.reference_audio import AudioRejected
from voices.clips import service as clips
from voices.intake import process as intake
from voices.models import DOUBTFUL_CONFIDENCE, Clip, ExcerptSearch, Transcription, TranscriptionRequest
from voices.text import alignment
from voices.text.passages import was_read
from voices.transcription import requests as transcription
from voices.transcription.listener_process import transcription_process
from voices.transcription.transcribers import Transcript
from voices.transcription.transcribers.base import RATE, UNKNOWN_LANGUAGE, Heard
from voicesite.jobs.attempts import Heartbeat, retry_on_database_error
from voicesite.jobs.job import State
from voicesite.modelhost.protocol import ModelError, Progress
from voicesite.web.media import as_path


def transcribe(job: Transcription, heartbeat: Heartbeat) -> None:
    """Transcribe the excerpt of a recording that the clip was cut from."""
    clip = job.clip
    recognized = _recognize(job, clip.recording.audio, clip.start, clip.end, heartbeat)
    if not recognized.text:
        raise ModelError(_("No words were recognised in this recording. Please type what is said."), permanent=True)
    if recognized.is_invented:
        raise ModelError(_("Too few words were clear enough to transcribe. Please type what is said."), permanent=True)
    retry_on_database_error(lambda: _store_transcript(job, recognized))


def transcribe_request(job: TranscriptionRequest, heartbeat: Heartbeat) -> None:
    """Transcribe a recording for an API request."""
    parts: list[str] = []

    def read_along(progress: Progress) -> None:
        if isinstance(progress, Heard) and progress.text:
            parts.append(progress.text)
            heartbeat(text="".join(parts).strip())

    try:
        recognized = _recognize(job, job.audio, 0.0, job.seconds, heartbeat, read_along)
    except ModelError as error:
        if error.code == UNKNOWN_LANGUAGE:  # which is no fault of the site
            TranscriptionRequest.objects.filter(pk=job.pk).update(knows_no_language=True)
        raise
    text, words = ("", ()) if recognized.is_invented else (recognized.text, recognized.words)
    retry_on_database_error(lambda: job.finish(State.COMPLETED, text=text, words=words, language=recognized.language))


def _recognize(
    job: Transcription | TranscriptionRequest,
    audio: FieldFile,
    start: float,
    end: float,
    heartbeat: Heartbeat,
    read_along: Callable[[Progress], None] = lambda _: None,
) -> Transcript:
    heartbeat.flush(stage=_("Getting ready"))
    samples = read_samples(audio, start, end)
    write = heartbeat.on_progress(30, 90, state=State.GENERATING, stage=_("Transcribing"))

    def on_progress(progress: Progress) -> None:
        read_along(progress)
        write(progress)

    return transcription_process.transcribe(samples, job.language, on_progress, heartbeat)


def read_samples(audio: FieldFile, start: float, end: float) -> np.ndarray:
    """Return the excerpt from `start` to `end`, in seconds: float32 (samples,), mono, 16 kHz. Raises ModelError."""
    with _until_deleted(), audio.open() as file, soundfile.SoundFile(file) as sound:
        sound.seek(min(round(start * sound.samplerate), sound.frames))
        samples = sound.read(round((end - start) * sound.samplerate), dtype="float32")
        return soxr.resample(samples, sound.samplerate, RATE)


@contextlib.contextmanager
def _until_deleted() -> Iterator[None]:
    try:
        yield
    except FileNotFoundError as error:
        raise ModelError(_("The recording has been deleted."), permanent=True) from error


def _store_transcript(job: Transcription, recognized: Transcript) -> None:
    """Finish the job, and store what was recognized in the clip, without overwriting what a person wrote meanwhile.

    Where the clip is the reading of a passage, that is the transcript: it is spelled right. What was heard otherwise of it is
    doubtful.
    """
    offset = job.clip.start
    words = [
        word._replace(start=round(offset + word.start, 3), end=round(offset + word.end, 3)) for word in recognized.words
    ]
    text = recognized.text
    if was_read(job.replaces, text, recognized.language):
        text, words = job.replaces, alignment.align(job.replaces, words, confidence=DOUBTFUL_CONFIDENCE / 2)
    job.finish(State.COMPLETED, transcriber=recognized.transcriber)
    rows = Clip.objects.filter(pk=job.clip_id)
    rows.update(recognized_text=recognized.text)
    rows.filter(language="").update(language=recognized.language)
    rows.filter(transcript=job.replaces).update(transcript=text, words=words)
    for voice in rows.filter(voice__isnull=False).values_list("voice", flat=True):
        clips.mark_changed(voice)


def search(job: ExcerptSearch, heartbeat: Heartbeat) -> None:
    """Cut the best excerpts of a long recording into ranked drafts, and enqueue their transcription.

    They stay drafts, even if a voice has taken another clip of the recording meanwhile.
    """
    heartbeat.flush(stage=_("Getting ready"))
    on_progress = heartbeat.on_progress(20, 80, state=State.GENERATING)
    references: list[intake.ReferenceAudio] = []
    with _until_deleted(), as_path(job.recording.audio) as path:
        for excerpt in transcription_process.search(str(path), on_progress, heartbeat):
            heartbeat(state=State.PROCESSING, progress=80 + 3 * len(references), stage=_("Cutting clips"))
            with contextlib.suppress(AudioRejected):
                references.append(intake.cut(path, excerpt.start, excerpt.end))
    retry_on_database_error(lambda: _store_excerpts(job, references))


def _store_excerpts(job: ExcerptSearch, references: list[intake.ReferenceAudio]) -> None:
    """Finish the job, store the excerpts as drafts in the language of the first clip, and enqueue the best one first."""
    job.finish(State.COMPLETED)
    first = job.recording.clips.select_related("transcription").order_by("created_at").first()
    spoken = first.language or getattr(first, "transcription", first).language if first else ""
    found = [clips.create_clip(job.recording, reference, rank) for rank, reference in enumerate(references, 1)]
    Clip.objects.filter(pk__in=[clip.pk for clip in found]).update(language=spoken)
    for clip in found:
        transcription.enqueue(clip, spoken)
