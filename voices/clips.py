"""Recordings as rows and files: taken in, kept as drafts until a voice uses them, deleted with their files."""

import hashlib
import uuid
from pathlib import Path, PurePath

from django.conf import settings
from django.core.files import File
from django.core.files.base import ContentFile
from django.db import transaction

from voicesite.models import User

from . import intake
from .audio import AudioRejected, Limits
from .models import Clip


def limits() -> Limits:
    return Limits(settings.CLIP_MAX_BYTES, settings.CLIP_MAX_SECONDS)


def store_clip(owner: User, path: Path, name: str, size: int | None = None) -> Clip:
    """Take the recording at `path` in, and keep it with its original as a draft of `owner`.

    `size` is what was sent, where less of it was stored. Raises AudioRejected, in words; nothing is kept then.
    """
    if size is not None and size > settings.CLIP_MAX_BYTES:
        raise AudioRejected(
            "too_large",
            f"This file has {size / 2**20:.0f} MB; {settings.CLIP_MAX_BYTES / 2**20:.0f} MB is the most. "
            "Send a shorter one.",
        )
    reference = intake.take_in(path, limits())
    measured = reference.measured
    name = PurePath(name.replace("\\", "/")).name[-255:]
    suffix = "".join(c for c in PurePath(name).suffix.lower() if c.isalnum() or c == ".")[:8]
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
    with path.open("rb") as original:
        clip.original.save(f"original{suffix}", File(original), save=False)
    clip.audio.save("reference.wav", ContentFile(reference.wav), save=False)
    clip.save(force_insert=True)
    return clip


def delete_clip(clip: Clip) -> None:
    """Delete the row, and its files once that is certain."""
    files = [clip.original, clip.audio]
    clip.delete()
    transaction.on_commit(lambda: [file.storage.delete(file.name) for file in files if file])
