"""Recordings as rows and files: taken in, kept as drafts until a voice uses them, deleted with their files."""

import contextlib
import hashlib
import threading
import uuid
from collections.abc import Iterator
from pathlib import Path, PurePath

from django.conf import settings
from django.core.files import File
from django.core.files.base import ContentFile
from django.db import IntegrityError, transaction

from voicesite.models import User

from . import intake
from .audio import AudioRejected
from .decoding import Limits, check_size
from .models import Clip, VoiceProfile

MAX_DRAFTS = 10  # uploads of one person that no voice uses: of more, the oldest go

DECODERS = 2  # uploads that are decoded at once, by each web process
PATIENCE = 10  # seconds that an upload waits for its turn
_turns = threading.Condition()
_here: list[int] = []  # whose uploads are decoded or wait
_decoding: list[int] = []


def limits() -> Limits:
    return Limits(settings.CLIP_MAX_BYTES, settings.CLIP_MAX_SECONDS)


def store_clip(owner: User, path: Path, name: str, size: int | None = None) -> Clip:
    """Take the recording at `path` in, and keep it with its original as a draft of `owner`.

    `size` is what was sent, where less of it was stored. Raises AudioRejected, in words; nothing is kept then.
    """
    check_size(path.stat().st_size if size is None else size, limits())
    with _turn(owner.pk):
        reference = intake.take_in(path, limits())
    measured = reference.measured
    # A name is shown and becomes part of a download's: no folders, nothing that turns text round or ends a line.
    name = "".join(c for c in PurePath(name.replace("\\", "/")).name if c.isprintable())[-255:]
    suffix = "".join(c for c in PurePath(name).suffix.lower() if c.isascii() and c.isalnum())[:8]
    clip = Clip(
        id=uuid.uuid4(),
        owner=owner,
        original_name=name,
        sha256=hashlib.sha256(reference.wav).hexdigest(),
        seconds=measured.seconds,
        speech_seconds=measured.speech_seconds,
        snr_db=measured.snr_db,
        clipping=measured.clipping,
        loudness=measured.loudness,
        peaks=measured.peaks,
        advice=measured.advice,
    )
    try:
        with path.open("rb") as original:
            clip.original.save(f"original.{suffix}" if suffix else "original", File(original), save=False)
        clip.audio.save("reference.wav", ContentFile(reference.wav), save=False)
        clip.save(force_insert=True)
    except Exception:
        _delete_files(clip)
        raise
    for old in Clip.objects.drafts().filter(owner=owner).order_by("-created_at")[MAX_DRAFTS:]:
        with contextlib.suppress(IntegrityError):  # a voice took it at this moment
            delete_clip(old)
    return clip


def delete_clip(clip: Clip) -> None:
    """Delete the row, and its files once that is certain."""
    clip.delete()
    transaction.on_commit(lambda: _delete_files(clip))


def delete_voice(voice: VoiceProfile) -> None:
    """Delete a voice with its recording. What it spoke stays."""
    with transaction.atomic():
        # A replacement of the recording may have come between.
        for clip in Clip.objects.filter(voice=voice.pk).select_for_update():
            voice.delete()
            delete_clip(clip)


def _delete_files(clip: Clip) -> None:
    for file in (clip.original, clip.audio):
        if file.name:
            file.storage.delete(file.name)


@contextlib.contextmanager
def _turn(person: int) -> Iterator[None]:
    """Wait for a decoder. One person has one at a time, and uploads never take up more than a third of the web's
    threads: pages go on for everybody else. Raises AudioRejected when too much is going on."""
    with _turns:
        if len(_here) >= max(settings.WEB_THREADS // 3, DECODERS) or _here.count(person) >= 2:
            raise _busy()
        _here.append(person)
        if not _turns.wait_for(lambda: len(_decoding) < DECODERS and person not in _decoding, PATIENCE):
            _here.remove(person)
            raise _busy()
        _decoding.append(person)
    try:
        yield
    finally:
        with _turns:
            _decoding.remove(person)
            _here.remove(person)
            _turns.notify_all()


def _busy() -> AudioRejected:
    return AudioRejected(
        "busy", "Other recordings are being taken in at this moment. Send yours again in a few seconds."
    )
