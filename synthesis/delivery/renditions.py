"""Finished speech as a file in another format: made when somebody asks for it, and kept.

A rendition is a job. Its row says which whole its file was made from: a changed generation has another whole, so the file
is outdated, and is made anew when it is asked for again. What is short is encoded by the request that asks for it, which
claims the job as a worker would; what is long, or comes when too much is encoded already, by a worker of the background.
So two requests make one file, and a process that dies leaves a row that another takes up.
"""

import tempfile
import time
from contextlib import suppress
from datetime import datetime, timedelta
from functools import partial
from typing import IO

import soundfile
from django.conf import settings
from django.core.files.storage import default_storage
from django.db import IntegrityError, transaction
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext as _

from synthesis.models import Generation, Rendition
from voicesite.jobs import attempts
from voicesite.jobs.attempts import BeatingFile, Heartbeat, retry_on_database_error
from voicesite.jobs.doorbell import ring
from voicesite.jobs.job import ENDED, Lost, State
from voicesite.modelhost.protocol import ModelError
from voicesite.models import User
from voicesite.provenance import made
from voicesite.provenance.digest import digest
from voicesite.provenance.manifest import SIGNED_FORMATS
from voicesite.texts import N_
from voicesite.web.admission import Admission
from voicesite.web.audio_metadata import Tags, anonymous_tags, tags
from voicesite.web.rejection import Rejected

from .encoding import FORMATS, encode_file

LISTENERS = "link"  # an MP3 file whose tags say neither the text nor the voice: what a listening link gives
SHORT_SECONDS = 600  # of speech, that a request encodes itself: MP3, the slowest, takes 10 s of a core
BLOCK_SAMPLES = 2**16  # encoded at once
POLL_SECONDS = 0.1
PATIENCE_SECONDS = 30.0  # that a request waits for another which encodes the same

# Its message is never shown: without a slot, the background encodes.
encoders = Admission(Rejected, N_("Too many files are being encoded right now."), share=4, workers=2, patience=10.0)


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
    """Return the rendition in one of FILE_FORMATS, or for LISTENERS, made now if that is quick.

    Raises NotReady while it is being made. Raises Rejected once for an attempt that failed or was cancelled since it was
    last asked for: the next request begins anew.
    """
    rendition = generation.renditions.filter(audio_format=audio_format).first()
    if rendition is None or not is_ready(rendition, generation):
        rendition = begin(person, generation, audio_format)
    if is_ready(rendition, generation):
        if rendition.asked_at < timezone.now() - timedelta(days=1):
            Rendition.objects.filter(pk=rendition.pk).update(asked_at=timezone.now())
        return rendition
    if rendition.state in (State.FAILED, State.CANCELLED):
        delete(rendition)
        if rendition.state == State.CANCELLED:
            raise Rejected(
                "generation_cancelled",
                _("Making the {title} file was cancelled. Ask for it again.").format(title=title(rendition)),
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
        raise Rejected("not_found", _("It has been deleted.")) from None
    if rendition.is_active and is_short(generation):
        with suppress(Rejected), encoders.slot(person.pk):
            if rendition.claim():
                attempts.run(rendition, encode)
            _wait_for(rendition)
    if is_new and rendition.is_active:
        ring(Rendition.cluster)
    return rendition


def enqueue(generation: Generation, audio_format: str) -> Rendition:
    """Return the rendition, which a worker makes if it is not there: for a request that has others to make."""
    try:
        rendition, is_new = _asked_for(generation, audio_format, again=True)
    except IntegrityError:
        raise Rejected("not_found", _("It was deleted.")) from None
    if is_new:
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
    return FORMATS[_encoding(rendition)].title


def _encoding(rendition: Rendition) -> str:
    return "mp3" if rendition.audio_format == LISTENERS else rendition.audio_format


def _made_at(generation: Generation) -> datetime:
    return generation.finished_at or generation.created_at


def _tags(rendition: Rendition, generation: Generation) -> Tags:
    made_at = _made_at(generation)
    if rendition.audio_format == LISTENERS:
        return anonymous_tags(made_at)
    return tags(generation.title, generation.voice_name, made_at)


def encode(rendition: Rendition, heartbeat: Heartbeat) -> None:
    """Make the file, then complete the row. It has a name of its own, so that it identifies the bytes.

    Raises Lost, leaving no file.
    """
    generation = Generation.objects.get(pk=rendition.generation_id)
    source = str(generation.audio.name)
    heartbeat.flush(state=State.GENERATING, stage=_("Making the {title} file").format(title=title(rendition)))

    def on_progress(share: float) -> None:
        heartbeat(progress=10 + round(80 * share))

    # A temporary file without a name: nothing is left of it, however this process ends.
    with tempfile.TemporaryFile() as encoded:
        try:
            with generation.audio.open("rb") as whole, soundfile.SoundFile(whole) as sound:
                encode_file(
                    encoded,
                    sound.blocks(BLOCK_SAMPLES, dtype="float32"),
                    sound.samplerate,
                    sound.frames,
                    _encoding(rendition),
                    _tags(rendition, generation),
                    on_progress,
                )
        except (FileNotFoundError, ValueError, soundfile.SoundFileError) as error:
            raise ModelError(_("The audio of this speech is missing."), permanent=True) from error
        heartbeat.flush(state=State.PROCESSING, progress=90, stage=_("Saving"))
        sound = digest(encoded, heartbeat)
        with tempfile.TemporaryFile() as signed:
            is_signed = _sign(encoded, signed, rendition, generation, heartbeat)
            content = BeatingFile(signed if is_signed else encoded, heartbeat)
            content.flush()
            size = content.size
            name = f"generations/{generation.pk}/renditions/{rendition.claim_token}.{_encoding(rendition)}"
            try:
                name = default_storage.save(name, content)
            except Exception:
                default_storage.delete(name)  # what was written before the job was lost, or the disk full
                raise
    outdated = str(rendition.file.name or "")
    values = {"file": name, "bytes": size, "source": source, "asked_at": timezone.now()}

    def finish() -> None:
        rendition.finish(State.COMPLETED, **values)
        made.remember(sound, generation.model, _made_at(generation), generation.owner_id, generation.pk)

    try:
        retry_on_database_error(finish)
    except Lost:
        # A commit whose acknowledgement was lost with the connection looks like a lost row when it is retried.
        if not Rendition.objects.filter(pk=rendition.pk, file=name).exists():
            default_storage.delete(name)
            raise
    if outdated:
        default_storage.delete(outdated)


def _sign(
    encoded: IO[bytes], signed: IO[bytes], rendition: Rendition, generation: Generation, heartbeat: Heartbeat
) -> bool:
    """Write the file with its manifest to `signed`, if its format has room for one; return whether it did. Raises Lost."""
    if _encoding(rendition) not in SIGNED_FORMATS:
        return False
    claim = made.claim(generation.model, _made_at(generation), for_listeners=rendition.audio_format == LISTENERS)
    encoded.seek(0)
    is_signed = made.mark(BeatingFile(encoded, heartbeat), signed, _encoding(rendition), claim)
    heartbeat()
    return is_signed


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
