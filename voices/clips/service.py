"""Store, cut, attach and delete recordings and clips: their rows, and their files."""

import contextlib
import hashlib
import uuid
from dataclasses import asdict
from pathlib import Path

from django.conf import settings
from django.core.files import File
from django.core.files.base import ContentFile
from django.db import IntegrityError, transaction
from django.db.models import F, QuerySet
from django.http import Http404
from django.utils import timezone

from voices.analysis.reference_audio import LONG_SECONDS, AudioRejected
from voices.intake import process as intake
from voices.intake.decoding import Limits
from voices.models import Clip, ExcerptSearch, Recording, Transcription, VoiceProfile
from voices.text import alignment
from voices.transcription import requests as transcription
from voicesite.jobs.doorbell import ring
from voicesite.models import User
from voicesite.web.admission import Admission
from voicesite.web.media import as_path
from voicesite.web.names import stored_name, upload_name

MAX_DRAFTS = 10  # recordings of one person without a voice; the oldest are deleted
MAX_CUTS = 20  # drafts of one recording that were cut by hand; the oldest are deleted
MIN_CLIP_SECONDS, MAX_CLIP_SECONDS = 1.0, 30.0

# Uploads being decoded, or waiting for it: two decoders run at once, for two different people.
uploads = Admission(
    AudioRejected,
    "Other recordings are being taken in at this moment. Send yours again in a few seconds.",
    share=3,
    per_person=2,
    workers=2,
    patience=10.0,
)


def limits() -> Limits:
    return Limits(settings.CLIP_MAX_BYTES, settings.CLIP_MAX_SECONDS)


def store_recording(owner: User, path: Path, name: str, language: str = "") -> Clip:
    """Decode the recording at `path`, and store it with a first clip, a draft of `owner`, whose transcription is enqueued.

    language: what is spoken, if known. Raises AudioRejected, having stored nothing.
    """
    with uploads.slot(owner.pk):
        received = intake.take_in(path, limits())
    name = upload_name(name)
    recording = Recording(owner=owner, original_name=name, seconds=received.seconds, peaks=received.peaks)
    try:
        with path.open("rb") as original:
            recording.original.save(stored_name("original", name), File(original), save=False)
        recording.audio.save("recording.flac", ContentFile(received.flac), save=False)
        with transaction.atomic():
            recording.save(force_insert=True)
            clip = create_clip(recording, received.reference)
            transcription.enqueue(clip, language)
            if recording.seconds > LONG_SECONDS:
                ExcerptSearch(recording=recording).submit()
    except Exception:
        _delete_files(recording.original, recording.audio)
        raise
    unused = Recording.objects.filter(owner=owner).exclude(clips__voice__isnull=False)
    for old in unused.order_by("-created_at")[MAX_DRAFTS:]:
        with contextlib.suppress(IntegrityError), transaction.atomic():  # a voice has just taken one of its clips
            for draft in old.clips.all():
                delete_clip(draft)
    return clip


def cut(recording: Recording, start: float, end: float, *, cleanup: bool = False) -> Clip:
    """Store the excerpt of a recording from `start` to `end`, in seconds, as a draft. Raises AudioRejected."""
    end = min(end, recording.seconds)
    if not MIN_CLIP_SECONDS <= round(end - start, 3) <= MAX_CLIP_SECONDS or start < 0:
        raise AudioRejected(
            "bad_stretch",
            f"A stretch lasts from {MIN_CLIP_SECONDS:.0f} to {MAX_CLIP_SECONDS:.0f} s, and lies within the "
            f"{recording.seconds:.1f} s of the recording. Move its start or its end.",
        )
    with uploads.slot(recording.owner_id), as_path(recording.audio) as path:
        clip = create_clip(recording, intake.cut(path, start, end, cleanup=cleanup))
    for old in recording.clips.drafts().filter(rank=None).order_by("-created_at")[MAX_CUTS:]:
        delete_clip(old)
    return clip


def recut(clip: Clip, start: float, end: float, *, cleanup: bool = False) -> Clip:
    """Cut the recording of `clip` again: return a draft with its language, and with its words if it lies within `clip`.

    Without a transcript it is transcribed. Raises AudioRejected.
    """
    new = cut(clip.recording, start, end, cleanup=cleanup)
    new.language = clip.language
    if clip.words and clip.start <= new.start and new.end <= clip.end:
        new.words = alignment.between(clip.words, new.start, new.end)
        new.transcript = alignment.text_of(new.words)
        if clip.transcript == clip.recognized_text:
            new.recognized_text = new.transcript
    new.save(update_fields=["language", "words", "transcript", "recognized_text"])
    if not new.transcript:
        transcription.enqueue(new)
    return new


def create_clip(recording: Recording, reference: intake.ReferenceAudio, rank: int | None = None) -> Clip:
    """Store reference audio of a recording as a draft."""
    clip = Clip(
        owner_id=recording.owner_id,
        recording=recording,
        start=round(reference.start, 3),
        end=round(reference.end, 3),
        rank=rank,
        sha256=hashlib.sha256(reference.wav).hexdigest(),
        **asdict(reference.measured),
    )
    try:
        clip.audio.save("reference.wav", ContentFile(reference.wav), save=False)
        if reference.plain:
            clip.original_audio.save("plain.wav", ContentFile(reference.plain), save=False)
        clip.save(force_insert=True)
    except Exception:
        _delete_files(clip.audio, clip.original_audio)
        raise
    return clip


class Gone(Http404):
    """The clip or the voice has been deleted or replaced meanwhile; a 404 in responses."""


def attach(clip: Clip, voice: VoiceProfile) -> None:
    """Attach a draft to a voice, with the transcript and language that it has. Raises Gone."""
    with transaction.atomic():
        _lock(VoiceProfile.objects.filter(pk=voice.pk))
        _attach(clip, voice)
        mark_changed(voice.pk)


def replace(old: Clip, new: Clip) -> None:
    """Replace a clip of a voice by the draft `new`; what was derived from `old` is deleted with it. Raises Gone."""
    with transaction.atomic():
        voice = _lock_voice_of(old)
        _attach(new, voice)
        _delete_of(voice, old, successor=new)


def set_transcript(clip: Clip, transcript: str, language: str) -> None:
    """Set the transcript and its language, and align its words with the old ones. Raises Gone."""
    written = {"transcript": transcript, "language": language, "words": alignment.align(transcript, clip.words)}
    if language.split("-")[0] != clip.language.split("-")[0]:
        written["recognized_text"] = ""  # recognized as another language, so it says nothing about this transcript
    with transaction.atomic():
        if not Clip.objects.filter(pk=clip.pk).update(**written):
            raise Gone
        if clip.voice_id:
            mark_changed(clip.voice_id)
    for name, value in written.items():
        setattr(clip, name, value)


def set_language(clip: Clip, language: str) -> None:
    """Set the language of a draft. A transcript that was recognized in another language is made again."""
    before, clip.language = clip.language, language
    clip.save(update_fields=["language"])
    if before.split("-")[0] == language.split("-")[0] or clip.transcript != clip.recognized_text:
        return
    clip.transcript, clip.words, clip.recognized_text = "", [], ""
    clip.save(update_fields=["transcript", "words", "recognized_text"])
    if not transcription.enqueue(clip) and (job := Transcription.objects.filter(clip=clip).first()):
        job.request_cancel()


def choose_main(clip: Clip) -> None:
    """Make it the main clip of its voice, which pages show. Raises Gone."""
    with transaction.atomic():
        mark_changed(_lock_voice_of(clip).pk, clip=clip)


def remove(clip: Clip) -> bool:
    """Delete a clip of a voice. Return False if it is the last one, which stays. Raises Gone."""
    with transaction.atomic():
        voice = _lock_voice_of(clip)
        others = Clip.objects.filter(voice=voice).exclude(pk=clip.pk)
        best = others.order_by(F("grade").desc(nulls_last=True), "created_at").first()
        if best is None:
            return False
        _delete_of(voice, clip, successor=best)
    return True


def _lock(voices: QuerySet) -> VoiceProfile:
    """Lock the one row of `voices`, and return it. Raises Gone."""
    voice = voices.select_for_update().first()
    if voice is None:
        raise Gone
    return voice


def _lock_voice_of(clip: Clip) -> VoiceProfile:
    # A subquery, since PostgreSQL can't lock rows of an outer join, and a clip may have no voice.
    voice = _lock(VoiceProfile.objects.filter(pk__in=Clip.objects.filter(pk=clip.pk).values("voice")))
    if not Clip.objects.filter(pk=clip.pk, voice=voice).exists():  # it was replaced before this had the lock
        raise Gone
    return voice


def _attach(clip: Clip, voice: VoiceProfile) -> None:
    if not Clip.objects.drafts().filter(pk=clip.pk, owner=voice.owner_id).update(voice=voice):
        raise Gone
    clip.voice = voice


def _delete_of(voice: VoiceProfile, clip: Clip, *, successor: Clip) -> None:
    """Delete a clip of a locked voice; if it is the main clip, `successor` becomes that."""
    mark_changed(voice.pk, clip_id=successor.pk if voice.clip_id == clip.pk else voice.clip_id)
    delete_clip(clip)


def mark_changed(voice: uuid.UUID, **changes) -> None:
    """Update fields of a voice and `updated_at`, and ring, so that each engine is fitted anew if its best clip changed."""
    VoiceProfile.objects.filter(pk=voice).update(updated_at=timezone.now(), **changes)
    ring("default")


def delete_clip(clip: Clip) -> None:
    """Delete a clip, with its recording if that has no other; delete their files after the commit."""
    with transaction.atomic():
        recording = Recording.objects.select_for_update().get(pk=clip.recording_id)
        clip.delete()
        if clip.audio.name != recording.audio.name:  # the two share one file in a voice that an early version made
            transaction.on_commit(lambda: _delete_files(clip.audio, clip.original_audio))
        if not recording.clips.exists():
            recording.delete()
            transaction.on_commit(lambda: _delete_files(recording.original, recording.audio))


def delete_voice(voice: VoiceProfile) -> None:
    """Delete a voice with its clips. Its speech stays."""
    with transaction.atomic():
        clips = list(Clip.objects.filter(voice=voice.pk).select_for_update())
        Clip.objects.filter(voice=voice.pk).update(voice=None)  # so that no clip is deleted without its files
        voice.delete()
        for clip in clips:
            delete_clip(clip)


def _delete_files(*files) -> None:
    for file in files:
        if file.name:
            file.storage.delete(file.name)
