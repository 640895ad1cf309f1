"""What is done in the background by listening: writing down what is said in a clip, and finding what makes good ones."""

import contextlib

import numpy as np
import soundfile
import soxr
from django.db import transaction

from voices.analysis.reference_audio import AudioRejected
from voices.clips import service as clips
from voices.clips.service import mark_changed
from voices.intake import process as intake
from voices.models import Clip, ExcerptSearch, Transcription, TranscriptionRequest
from voices.text.alignment import Word
from voices.transcription import requests as transcription
from voices.transcription.listener_process import transcription_process
from voices.transcription.transcribers import Transcript
from voices.transcription.transcribers.base import RATE
from voicesite.jobs.attempts import Heartbeat, retry_on_database_error
from voicesite.jobs.job import State
from voicesite.modelhost.protocol import ModelError
from voicesite.web.media import as_path


def transcribe(job: Transcription, heartbeat: Heartbeat) -> None:
    """Write down what is said in the stretch of the recording that the clip is."""
    heartbeat.flush(stage="Getting ready to listen")
    heard = _recognize(read_samples(job.clip), job.language, heartbeat)
    if not heard.text:
        raise ModelError("No words were understood in this recording. Type what is said in it.", permanent=True)
    retry_on_database_error(lambda: _store_transcript(job, heard))


def transcribe_request(job: TranscriptionRequest, heartbeat: Heartbeat) -> None:
    """Write down what is said in a recording that a program sent."""
    heartbeat.flush(stage="Getting ready to listen")
    try:
        with job.audio.open() as file:
            samples, rate = soundfile.read(file, dtype="float32")
    except FileNotFoundError as error:
        raise ModelError("The recording was deleted meanwhile.", permanent=True) from error
    heard = _recognize(soxr.resample(samples, rate, RATE), job.language, heartbeat)
    words = [[word.text, word.start, word.end, word.confidence] for word in heard.words]
    retry_on_database_error(lambda: job.finish(State.COMPLETED, text=heard.text, words=words, language=heard.language))


def _recognize(samples: np.ndarray, language: str, heartbeat: Heartbeat) -> Transcript:
    on_progress = heartbeat.on_progress(30, 90, state=State.GENERATING, stage="Listening to what is said")
    return transcription_process.transcribe(samples, language, on_progress, heartbeat)


def read_samples(clip: Clip) -> np.ndarray:
    """What a clip is cut from, as it was recorded: float32 (samples,), mono, 16 kHz."""
    try:
        with clip.recording.audio.open() as file, soundfile.SoundFile(file) as sound:
            sound.seek(min(round(clip.start * sound.samplerate), sound.frames))
            samples = sound.read(round((clip.end - clip.start) * sound.samplerate), dtype="float32")
            return soxr.resample(samples, sound.samplerate, RATE)
    except FileNotFoundError as error:
        raise ModelError("The recording was deleted meanwhile.", permanent=True) from error


def _store_transcript(job: Transcription, heard: Transcript) -> None:
    """End the job, and write what was heard into the clip; what a person wrote meanwhile stays."""
    words = [
        Word(each.text, _in_recording(each.start, job), _in_recording(each.end, job), each.confidence)
        for each in heard.words
    ]
    with transaction.atomic():
        job.finish(State.COMPLETED, transcriber=heard.transcriber)
        clips = Clip.objects.filter(pk=job.clip_id)
        clips.update(recognized_text=heard.text)
        clips.filter(language="").update(language=heard.language)
        clips.filter(transcript=job.replaces).update(transcript=heard.text, words=words)
        for voice in clips.filter(voice__isnull=False).values_list("voice", flat=True):
            mark_changed(voice)


def _in_recording(seconds: float, job: Transcription) -> float:
    return round(job.clip.start + seconds, 3)


def search(job: ExcerptSearch, heartbeat: Heartbeat) -> None:
    """Make clips of the best stretches of a long recording, drafts with their ranks, and have them written down.

    They stay drafts, whatever a voice took of the recording meanwhile.
    """
    heartbeat.flush(stage="Getting ready to listen")

    on_progress = heartbeat.on_progress(20, 80, state=State.GENERATING)
    references: list[intake.ReferenceAudio] = []
    try:
        with as_path(job.recording.audio) as path:
            stretches = transcription_process.search(str(path), on_progress, heartbeat)
            for stretch in stretches:
                heartbeat(state=State.PROCESSING, progress=80 + 3 * len(references), stage="Cutting them out")
                with contextlib.suppress(AudioRejected):
                    references.append(intake.cut(path, stretch.start, stretch.end))
    except FileNotFoundError as error:
        raise ModelError("The recording was deleted meanwhile.", permanent=True) from error
    retry_on_database_error(lambda: _propose(job, references))


def _propose(job: ExcerptSearch, references: list[intake.ReferenceAudio]) -> None:
    """End the job, keep what it found, and ask for the words, those of the best first."""
    with transaction.atomic():
        job.finish(State.COMPLETED)
        first = job.recording.clips.select_related("transcription").order_by("created_at").first()
        spoken = first.language or getattr(first, "transcription", first).language if first else ""
        found = [clips.create_clip(job.recording, reference, rank) for rank, reference in enumerate(references, 1)]
        Clip.objects.filter(pk__in=[clip.pk for clip in found]).update(language=spoken)
        for clip in found:
            transcription.enqueue(clip, spoken)
