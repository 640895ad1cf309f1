"""Store takes and the whole that is made of them, durably; memory does not grow with the length of a text."""

import io
import logging
import tempfile
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from pathlib import Path

import numpy as np
import soundfile
from django.core.files.base import ContentFile, File
from django.core.files.storage import default_storage
from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from synthesis.engines import EngineError
from synthesis.models import Evaluation, Generation, Segment, SegmentTake
from synthesis.segments.timeline import RATE, length, samples_in
from voices.analysis.reference_audio import Peaks
from voicesite.jobs.attempts import retry_on_database_error
from voicesite.jobs.job import ENDED, Lost, State
from voicesite.limits import quotas
from voicesite.modelhost.weights import fsync
from voicesite.provenance import made
from voicesite.provenance.digest import digest
from voicesite.resources import require_room
from voicesite.temporary import PREFIX
from voicesite.texts import N_
from voicesite.web.audio_metadata import tags

from . import loudness

logger = logging.getLogger(__name__)


class Changed(Exception):
    """Segments were changed while the whole was made of them: it is not the whole any more."""


def store_take(name: str, samples: np.ndarray) -> tuple[str, int]:
    """Write levelled speech, float32 (samples,) at RATE, as FLAC, fsynced; return the name it got and its bytes."""
    buffer = io.BytesIO()
    soundfile.write(buffer, samples, RATE, format="FLAC", subtype="PCM_16")
    content = buffer.getvalue()
    return _store(name, ContentFile(content)), len(content)


def read_take(take: SegmentTake) -> np.ndarray:
    """Return a take, float32 (samples,) at RATE. Raises OSError and SoundFileError."""
    with take.audio.open() as file:
        return soundfile.read(file, dtype="float32")[0]


def parts(segment: Segment) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return the silence before a spoken segment, its take and the silence after it. Raises as `read_take`."""
    assert segment.take, "only a segment that is spoken has a sound"
    before, after = (np.zeros(samples_in(pause), np.float32) for pause in (segment.pause_before, segment.pause))
    return before, read_take(segment.take), after


def complete(generation: Generation, revision: int, beat: Callable[..., None]) -> None:
    """Join the segments into the whole, under a name that contains the claim token, then complete the row.

    Raises Changed where the generation's segments are no longer those of `revision`, Lost, and EngineError where a take
    is damaged, which is then to be spoken again; in each case it leaves no file.
    """
    segments = list(generation.segments.in_text().select_related("take"))
    if Generation.objects.filter(pk=generation.pk).exclude(revision=revision).exists():
        raise Changed  # and there may be no take of what was changed
    require_room(2 * length(segments), tempfile.gettempdir())
    with tempfile.NamedTemporaryFile(prefix=PREFIX, suffix=".wav") as file:
        measures = _join(generation, segments, file.name, beat)
        beat(progress=90, stage="Saving")
        made_at = timezone.now()
        made.mark_wav(file, made.claim(generation.model, made_at))
        file.flush()
        sound = digest(file, beat)
        measures["bytes"] = file.seek(0, 2)
        name = _store(f"generations/{generation.pk}/{generation.claim_token}.wav", File(file))
    replaced = str(generation.audio)

    def finish() -> None:
        # The UPDATE locks the row: a change of a segment comes before it, and is seen, or after it, and is not lost.
        if not Generation.objects.filter(pk=generation.pk, revision=revision).update(revision=revision):
            raise Changed
        # The whole counts once; of a change, what was spoken for it.
        respoken = Generation.objects.values_list("respoken_seconds", flat=True).get(pk=generation.pk)
        generation.finish(State.COMPLETED, audio=name, respoken_seconds=0.0, **measures)
        made.remember(sound, generation.model, made_at, generation.owner_id, generation.pk)
        if not generation.is_sample:
            quotas.count_speech(generation.owner_id, respoken if replaced else measures["seconds"])
        if generation.is_sample or generation.pronounces_id:
            drop_segments(generation)  # nobody changes a sentence of these
        if generation.pronounces_id is None:  # a word alone says nothing about a voice; a respelled one is misheard
            _request_evaluation(generation)
        if replaced and replaced != name:
            transaction.on_commit(lambda: default_storage.delete(replaced))

    try:
        retry_on_database_error(finish)
    except (Lost, Changed):
        # A commit whose acknowledgement was lost with the connection looks like a lost row when it is retried.
        if not Generation.objects.filter(pk=generation.pk, audio=name).exists():
            default_storage.delete(name)
            raise
        logger.info("%s was completed by %s before the database went away", generation.pk, generation.claim_token)


def _join(generation: Generation, segments: list[Segment], path: str, beat: Callable[..., None]) -> dict:
    """Write the whole to `path`, and return the fields of the generation that describe it."""
    total = length(segments)
    peaks, written = Peaks(total), 0
    meter = loudness.Meter(RATE)
    with soundfile.SoundFile(path, "w", RATE, 1, format="WAV", subtype="PCM_16") as file:
        tags(generation.title, generation.voice_name, timezone.now()).write(file)
        for segment in segments:
            beat(progress=80 + round(9 * written / max(total, 1)))
            try:
                pieces = parts(segment)
            except (OSError, soundfile.SoundFileError) as error:
                Segment.objects.filter(pk=segment.pk).update(state=Segment.State.PENDING)
                raise EngineError(N_("Part of the speech was damaged on the disk.")) from error
            for samples in pieces:
                file.write(samples)
                meter.push(samples)
                peaks.push(samples)
                written += len(samples)
    measured = meter.result()
    return {
        "seconds": round(written / RATE, 3),
        "peaks": peaks.result(),
        "loudness": measured.integrated and round(measured.integrated, 2),
        "true_peak": round(measured.true_peak, 2),
    }


def _request_evaluation(generation: Generation) -> None:
    evaluation = Evaluation.objects.filter(generation=generation).first()
    if evaluation is None:
        Evaluation(generation=generation, priority=generation.priority).submit()
    else:
        evaluation.restart(ENDED)


def drop_segments(generation: Generation) -> None:
    """Delete the segments of a generation with what belongs to them; call it in a transaction. The whole stays."""
    generation.edits.all().delete()
    generation.voices.all().delete()
    delete_segments(generation.segments.all())


def delete_segments(segments: QuerySet[Segment]) -> None:
    """Delete segments, and the files of their takes once the transaction is through."""
    for name in SegmentTake.objects.filter(segment__in=segments).values_list("audio", flat=True):
        transaction.on_commit(partial(default_storage.delete, name))
    segments.delete()


def _store(name: str, content: File) -> str:
    """Save a file, fsynced, and return the name it got. Raises OSError, leaving no file."""
    name = default_storage.save(name, content)
    with suppress(NotImplementedError):  # a bucket keeps what it has acknowledged
        path = Path(default_storage.path(name))
        fsync(path)
        fsync(path.parent)
    return name
