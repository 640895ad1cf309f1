"""Deletion of what was sent to make a voice of, once the site or its owner no longer wants it kept: the excerpts stay."""

import logging
import tempfile
from functools import partial
from typing import NamedTuple

import numpy as np
import soundfile
from django.core.files import File
from django.core.files.storage import default_storage
from django.db import transaction
from django.db.models import Exists, OuterRef
from django.utils import timezone

from voices.analysis.reference_audio import Peaks
from voices.models import Clip, ExcerptSearch, Recording, Transcription
from voicesite.privacy import keeping
from voicesite.temporary import PREFIX
from voicesite.web.media import as_path

logger = logging.getLogger(__name__)

PORTION = 2  # recordings at once, of maybe ten minutes each
_BLOCK_SAMPLES = 2**18


class _Kept(NamedTuple):
    """What is left of a recording."""

    name: str
    bytes: int
    peaks: list[int]


def delete_old_uploads() -> int:
    """Silence all but the excerpts in a few recordings that were kept long enough; return in how many.

    A silenced second takes nearly no bytes, and all times stay true: clips can be cut again within what they were cut from.
    A recording without a voice is a draft, which goes as a whole after a day.
    """
    expired = keeping.expired(keeping.Kind.UPLOADS, "created_at")
    if expired is None:
        return 0
    of_it = Clip.objects.filter(recording=OuterRef("pk"))
    in_work = (
        Exists(ExcerptSearch.objects.active().filter(recording=OuterRef("pk"))),
        Exists(Transcription.objects.active().filter(clip__recording=OuterRef("pk"))),
    )
    old = Recording.objects.filter(expired, Exists(of_it.exclude(voice=None)), trimmed_at=None)
    for condition in in_work:
        old = old.exclude(condition)
    return sum(_trim(recording) for recording in old.order_by("created_at")[:PORTION])


def _trim(recording: Recording) -> bool:
    """Silence a recording; return whether that is done. Its clips may change meanwhile: then another turn does it."""
    excerpts = _excerpts(recording)
    try:
        kept = _write(recording, excerpts)
    except (FileNotFoundError, soundfile.SoundFileError):
        logger.warning("The sound of recording %s is missing or damaged: nothing of it can be kept", recording.pk)
        kept = _Kept("", 0, [])
    except OSError:
        logger.exception("Recording %s can't be shortened now", recording.pk)
        return False
    with transaction.atomic():
        row = Recording.objects.select_for_update().filter(pk=recording.pk)
        if not row.exists() or _excerpts(recording) != excerpts:
            if kept.name:
                transaction.on_commit(partial(default_storage.delete, kept.name))
            return False
        # A clip of an early version has its file in common with its recording.
        shared = set(Clip.everything.filter(recording=recording).values_list("audio", flat=True))
        for name in {str(recording.original.name), str(recording.audio.name)} - shared:
            transaction.on_commit(partial(default_storage.delete, name))
        # Both are that file now: what was sent is gone, and whatever reads one of the two finds a sound.
        row.update(original=kept.name, audio=kept.name, bytes=kept.bytes, peaks=kept.peaks, trimmed_at=timezone.now())
    return True


def _excerpts(recording: Recording) -> list[tuple[float, float]]:
    return sorted(Clip.everything.filter(recording=recording).values_list("start", "end"))  # one may be brought back


def _write(recording: Recording, excerpts: list[tuple[float, float]]) -> _Kept:
    """Store a copy with silence around the excerpts, under a name of its own. Raises OSError and SoundFileError."""
    with as_path(recording.audio) as path, tempfile.NamedTemporaryFile(prefix=PREFIX, suffix=".flac") as copy:
        with (
            soundfile.SoundFile(path) as source,
            soundfile.SoundFile(copy.name, "w", source.samplerate, 1, format="FLAC", subtype="PCM_16") as target,
        ):
            kept = [(int(start * source.samplerate), round(end * source.samplerate)) for start, end in excerpts]
            peaks, at = Peaks(source.frames), 0
            for block in source.blocks(_BLOCK_SAMPLES, dtype="float32"):
                silenced = np.zeros_like(block)
                for start, end in kept:
                    stretch = slice(max(start - at, 0), max(end - at, 0))
                    silenced[stretch] = block[stretch]
                target.write(silenced)
                peaks.push(silenced)
                at += len(block)
        name = default_storage.save(f"{recording.folder}/{recording.pk}/excerpts.flac", File(copy))
        return _Kept(name, default_storage.size(name), peaks.result())
