"""Finished speech as a file in another format: made when somebody asks for it, and kept.

A rendition is a job. Its row says which whole its file was made from: a changed generation has another whole, so the file
is outdated, and is made anew when it is asked for again. What is short is encoded by the request that asks for it, which
claims the job as a worker would; what is long, or comes when too much is encoded already, by a worker of the background.
So two requests make one file, and a process that dies leaves a row that another takes up.
"""

import tempfile
import time
from collections.abc import Iterator
from contextlib import suppress
from datetime import timedelta
from functools import partial

import soundfile
from django.conf import settings
from django.core.files.base import File
from django.core.files.storage import default_storage
from django.db import IntegrityError, transaction
from django.db.models import F, Q
from django.utils import timezone

from synthesis.models import Generation, Rendition
from voicesite.jobs import attempts
from voicesite.jobs.attempts import Heartbeat, retry_on_database_error
from voicesite.jobs.doorbell import ring
from voicesite.jobs.job import ENDED, Lost, State
from voicesite.modelhost.protocol import ModelError
from voicesite.models import User
from voicesite.web.admission import Admission
from voicesite.web.audio_metadata import tags
from voicesite.web.rejection import Rejected

from .encoding import FORMATS, encode_file

SHORT_SECONDS = 600  # of speech, that a request encodes itself: MP3, the slowest, takes 10 s of a core
BLOCK_SAMPLES = 2**16  # encoded at once
POLL_SECONDS = 0.1
PATIENCE_SECONDS = 30.0  # that a request waits for another which encodes the same

# Its message is never shown: without a slot, the background encodes.
encoders = Admission(Rejected, "Too much is being encoded at this moment.", share=4, workers=2, patience=10.0)


class NotReady(Exception):
    """The rendition is being made in the background."""

    def __init__(self, rendition: Rendition):
        super().__init__(str(rendition))
        self.rendition = rendition


def is_ready(rendition: Rendition, generation: Generation) -> bool:
    """Return whether its file is there, whole, and of the generation as it is now."""
    if rendition.state != State.COMPLETED or rendition.source != generation.audio.name:
        return False
    with suppress(OSError):  # a file that a crash of the machine has cut short is no longer what was written
        return rendition.file.size == rendition.bytes
    return False


def is_short(generation: Generation) -> bool:
    """Return whether a request encodes it itself."""
    return (generation.seconds or 0) <= SHORT_SECONDS


def ready(person: User, generation: Generation, audio_format: str) -> Rendition:
    """Return the rendition in one of FILE_FORMATS, made now if that is quick.

    Raises NotReady while it is being made. Raises Rejected once for an attempt that failed or was cancelled since it was
    last asked for: the next request begins anew.
    """
    rendition = begin(person, generation, audio_format)
    if is_ready(rendition, generation):
        if rendition.asked_at < timezone.now() - timedelta(days=1):
            Rendition.objects.filter(pk=rendition.pk).update(asked_at=timezone.now())
        return rendition
    if rendition.state in (State.FAILED, State.CANCELLED):
        delete(rendition)
        if rendition.state == State.CANCELLED:
            raise Rejected(
                "generation_cancelled", f"Making the {title(rendition)} file was cancelled. Ask for it again."
            )
        raise Rejected("generation_failed", rendition.error)
    raise NotReady(rendition)


def begin(person: User, generation: Generation, audio_format: str, *, again: bool = False) -> Rendition:
    """Return the rendition as it is; where there is none, or an outdated one, make it now or let it be made.

    again: also where it failed or was cancelled. Raises Rejected where the generation was deleted meanwhile.
    """
    try:
        rendition, is_new = _asked_for(generation, audio_format, again)
    except IntegrityError:
        raise Rejected("not_found", "It was deleted meanwhile.") from None
    if rendition.is_active and is_short(generation):
        with suppress(Rejected), encoders.slot(person.pk):
            if rendition.claim():
                attempts.run(rendition, encode)
            _wait_for(rendition)
    if is_new and rendition.is_active:
        ring(Rendition.cluster)
    return rendition


def _asked_for(generation: Generation, audio_format: str, again: bool) -> tuple[Rendition, bool]:
    """Return the row, pending where it is to be made, and whether it is new. Raises IntegrityError."""
    with transaction.atomic():
        # Locked: of two requests that find it outdated, the second sees it pending, or made anew by the first.
        rendition, is_new = Rendition.objects.select_for_update().get_or_create(
            generation=generation, audio_format=audio_format
        )
        if not is_ready(rendition, generation):
            rendition.restart(ENDED if again else (State.COMPLETED,))  # which rings
    return rendition, is_new


def _wait_for(rendition: Rendition) -> None:
    """Wait until whoever encodes it has ended, but not for long."""
    end = time.monotonic() + PATIENCE_SECONDS
    with suppress(Rendition.DoesNotExist):
        rendition.refresh_from_db()
        while rendition.is_running and not rendition.is_interrupted and time.monotonic() < end:
            time.sleep(POLL_SECONDS)
            rendition.refresh_from_db()


def title(rendition: Rendition) -> str:
    return FORMATS[rendition.audio_format].title


def encode(rendition: Rendition, heartbeat: Heartbeat) -> None:
    """Make the file, then complete the row. It has a name of its own, so that it identifies the bytes.

    Raises Lost, leaving no file.
    """
    generation = Generation.objects.get(pk=rendition.generation_id)
    source = str(generation.audio.name)
    heartbeat.flush(state=State.GENERATING, stage=f"Making the {title(rendition)} file")

    def on_progress(share: float) -> None:
        heartbeat(progress=10 + round(80 * share))

    # A temporary file without a name: nothing is left of it, however this process ends.
    with tempfile.TemporaryFile(prefix="voicesite-") as encoded:
        try:
            with generation.audio.open("rb") as whole, soundfile.SoundFile(whole) as sound:
                encode_file(
                    encoded,
                    sound.blocks(BLOCK_SAMPLES, dtype="float32"),
                    sound.samplerate,
                    sound.frames,
                    rendition.audio_format,
                    tags(generation.title, generation.voice_name, generation.finished_at or generation.created_at),
                    on_progress,
                )
        except (FileNotFoundError, ValueError, soundfile.SoundFileError) as error:
            raise ModelError("The sound of this speech is not there.", permanent=True) from error
        heartbeat.flush(state=State.PROCESSING, progress=90, stage="Saving")
        encoded.flush()
        content = _Beating(encoded, heartbeat)
        size = content.size
        folder = f"generations/{generation.pk}/renditions"
        name = default_storage.save(f"{folder}/{rendition.claim_token}.{rendition.audio_format}", content)
    outdated = str(rendition.file.name or "")
    made = {"file": name, "bytes": size, "source": source, "asked_at": timezone.now()}
    try:
        retry_on_database_error(lambda: rendition.finish(State.COMPLETED, **made))
    except Lost:
        # A commit whose acknowledgement was lost with the connection looks like a lost row when it is retried.
        if not Rendition.objects.filter(pk=rendition.pk, file=name).exists():
            default_storage.delete(name)
            raise
    if outdated:
        default_storage.delete(outdated)


class _Beating(File):
    """A file that keeps its job alive while it is copied: gigabytes may take longer than a lease."""

    def __init__(self, file, heartbeat: Heartbeat):
        super().__init__(file)
        self.heartbeat = heartbeat

    def chunks(self, chunk_size: int | None = None) -> Iterator[bytes]:
        for chunk in super().chunks(chunk_size):
            self.heartbeat()
            yield chunk


def delete(rendition: Rendition) -> None:
    """Delete it with its file."""
    with transaction.atomic():
        Rendition.objects.filter(pk=rendition.pk).delete()
        if rendition.file:
            transaction.on_commit(partial(default_storage.delete, str(rendition.file.name)))


def delete_old() -> None:
    """Delete what nobody has asked for in RENDITION_DAYS, and what was made from a whole that is no longer heard."""
    before = timezone.now() - timedelta(days=settings.RENDITION_DAYS)
    is_outdated = Q(state=State.COMPLETED) & ~Q(source=F("generation__audio"))
    for rendition in Rendition.objects.filter(Q(asked_at__lt=before) | is_outdated, state__in=ENDED):
        delete(rendition)
