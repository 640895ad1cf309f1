"""Join the segments of a generation, and store audio files durably."""

import io
import logging
from contextlib import suppress
from pathlib import Path

import numpy as np
import soundfile
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.utils import timezone

from synthesis.engines import EngineError
from synthesis.models import Evaluation, Generation, Segment
from voices.analysis.reference_audio import peaks
from voicesite.jobs.attempts import retry_on_database_error
from voicesite.jobs.job import Lost, State
from voicesite.modelhost.weights import fsync
from voicesite.web.audio_metadata import Tags, tags

logger = logging.getLogger(__name__)


def read_segment(segment: Segment) -> tuple[np.ndarray, int]:
    """Return a segment with its pauses, float32 (samples,), and the rate in Hz. Raises OSError and SoundFileError."""
    with segment.audio.open() as file:
        samples, rate = soundfile.read(file, dtype="float32")
    before, after = (np.zeros(round(pause * rate), np.float32) for pause in (segment.pause_before, segment.pause))
    return np.concatenate([before, samples, after]), rate


def join_segments(segments: list[Segment]) -> tuple[np.ndarray, int]:
    """Return the joined segments, float32 (samples,), and their rate in Hz. Raises EngineError when one is damaged."""
    parts, rate = [], 24_000
    for segment in segments:
        try:
            samples, rate = read_segment(segment)
        except (OSError, soundfile.SoundFileError) as error:
            Segment.objects.filter(pk=segment.pk).update(audio="")
            raise EngineError("A part of the speech was damaged on the disk.") from error
        parts.append(samples)
    return np.concatenate(parts), rate


def complete(generation: Generation, samples: np.ndarray, rate: int) -> None:
    """Store the audio under a name that contains the claim token, then complete the row. Raises Lost, leaving no file."""
    metadata = tags(generation.title, generation.voice_name, timezone.now())
    name = store_wav(f"generations/{generation.pk}/{generation.claim_token}.wav", samples, rate, metadata=metadata)
    measures = {"audio": name, "seconds": round(len(samples) / rate, 3), "peaks": peaks(samples)}

    def finish() -> None:
        generation.finish(State.COMPLETED, **measures)
        if generation.pronounces_id is None:  # a word alone says nothing about a voice, and a respelled one is misheard
            Evaluation(generation=generation, priority=generation.priority).submit()

    try:
        retry_on_database_error(finish)
    except Lost:
        # A commit whose acknowledgement was lost with the connection looks like a lost row when it is retried.
        if not Generation.objects.filter(pk=generation.pk, audio=name).exists():
            default_storage.delete(name)
            raise
        logger.info("%s was completed by %s before the database went away", generation.pk, generation.claim_token)
    for segment in generation.segments.exclude(audio=""):
        default_storage.delete(str(segment.audio))
    generation.segments.all().delete()


def store_wav(name: str, samples: np.ndarray, rate: int, subtype: str = "PCM_16", metadata: Tags | None = None) -> str:
    """Write a WAV file, fsynced, and return the name it got. Raises OSError, leaving no file."""
    buffer = io.BytesIO()
    with soundfile.SoundFile(buffer, "w", rate, 1, format="WAV", subtype=subtype) as file:
        if metadata:
            metadata.write(file)
        file.write(samples)
    try:
        name = default_storage.save(name, ContentFile(buffer.getvalue()))
    except OSError:
        default_storage.delete(name)  # what was written before the disk was full
        raise
    with suppress(NotImplementedError):  # an object store keeps what it has acknowledged
        path = Path(default_storage.path(name))
        fsync(path)
        fsync(path.parent)
    return name
