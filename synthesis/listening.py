"""What is done in the background by listening: writing down what is said in a clip."""

import numpy as np
import soundfile
import soxr
from django.db import transaction

from voices.clips import changed
from voices.models import Clip, Transcription
from voices.transcribers import Transcript
from voices.transcribers.base import RATE
from voices.words import Word
from voicesite.jobs import State
from voicesite.model_work import ModelError, Progress

from .worker import Heartbeat, listener, patiently


def transcribe(job: Transcription, heartbeat: Heartbeat) -> None:
    """Write down what is said in the stretch of the recording that the clip is."""
    clip = job.clip
    heartbeat.flush(stage="Getting ready to listen")
    samples = samples_of(clip)

    def on_progress(progress: Progress) -> None:
        share = progress.done / max(progress.expected, 1)
        heartbeat(state=State.GENERATING, progress=30 + round(60 * min(share, 1.0)), stage="Listening to what is said")

    heard = listener.transcribe(samples, job.language, on_progress, heartbeat)
    if not heard.text:
        raise ModelError("No words were understood in this recording. Type what is said in it.", permanent=True)
    patiently(lambda: _keep(job, heard))


def samples_of(clip: Clip) -> np.ndarray:
    """What a clip is cut from, as it was recorded: float32 (samples,), mono, 16 kHz."""
    try:
        with clip.recording.audio.open() as file, soundfile.SoundFile(file) as sound:
            sound.seek(min(round(clip.start * sound.samplerate), sound.frames))
            samples = sound.read(round((clip.end - clip.start) * sound.samplerate), dtype="float32")
            return soxr.resample(samples, sound.samplerate, RATE)
    except FileNotFoundError as error:
        raise ModelError("The recording was deleted meanwhile.", permanent=True) from error


def _keep(job: Transcription, heard: Transcript) -> None:
    """End the job, and write what was heard into the clip; what a person wrote meanwhile stays."""
    words = [Word(each.text, _later(each.start, job), _later(each.end, job), each.confidence) for each in heard.words]
    with transaction.atomic():
        job.finish(State.COMPLETED, transcriber=heard.transcriber)
        clips = Clip.objects.filter(pk=job.clip_id)
        clips.update(heard=heard.text)
        clips.filter(language="").update(language=heard.language)
        clips.filter(transcript=job.replaces).update(transcript=heard.text, words=words)
        for voice in clips.filter(voice__isnull=False).values_list("voice", flat=True):
            changed(voice)


def _later(seconds: float, job: Transcription) -> float:
    return round(job.clip.start + seconds, 3)
