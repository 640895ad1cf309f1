"""Recordings as rows and files: taken in, kept as drafts until a voice uses them, deleted with their files."""

import contextlib
import hashlib
import uuid
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
from voices.intake.decoding import Limits, check_size
from voices.models import Clip, ExcerptSearch, Recording, Transcription, VoiceProfile
from voices.text import alignment
from voices.transcription import requests as transcription
from voicesite.jobs.doorbell import ring
from voicesite.models import User
from voicesite.web.admission import Admission
from voicesite.web.media import as_path
from voicesite.web.names import stored_name, upload_name

MAX_DRAFTS = 10  # recordings of one person that no voice uses: of more, the oldest go
MAX_CUTS = 20  # stretches of one recording that were cut by hand and no voice uses: of more, the oldest go
MIN_CLIP_SECONDS, MAX_CLIP_SECONDS = 1.0, 30.0  # seconds of a stretch

# Uploads that are decoded, or wait for that: two decoders go at once, and no person has both.
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


def store_recording(owner: User, path: Path, name: str, size: int | None = None, language: str = "") -> Clip:
    """Take the recording at `path` in, keep it with a first clip of it as a draft of `owner`, and have that written down.

    `size` is what was sent, where less of it was stored. `language` is what is spoken, where that is known. Raises
    AudioRejected, in words; nothing is kept then.
    """
    check_size(path.stat().st_size if size is None else size, limits())
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
                ExcerptSearch.objects.create(recording=recording)
                ring("default")
    except Exception:
        _delete_files(recording.original, recording.audio)
        raise
    for old in (
        Recording.objects.filter(owner=owner).exclude(clips__voice__isnull=False).order_by("-created_at")[MAX_DRAFTS:]
    ):
        with contextlib.suppress(IntegrityError):  # a voice took one of its clips at this moment
            delete_recording(old)
    return clip


def cut(recording: Recording, start: float, end: float, *, cleanup: bool = False) -> Clip:
    """Make another clip of a recording, a draft: the stretch from `start` to `end`, in seconds.

    Raises AudioRejected, in words.
    """
    end = min(end, recording.seconds)
    if not MIN_CLIP_SECONDS <= round(end - start, 3) <= MAX_CLIP_SECONDS or start < 0:
        raise AudioRejected(
            "bad_stretch",
            f"A stretch lasts from {MIN_CLIP_SECONDS:.0f} to {MAX_CLIP_SECONDS:.0f} s, and lies within the {recording.seconds:.1f} s of "
            "the recording. Move its start or its end.",
        )
    with uploads.slot(recording.owner_id), as_path(recording.audio) as path:
        clip = create_clip(recording, intake.cut(path, start, end, cleanup=cleanup))
    for old in recording.clips.drafts().filter(rank=None).order_by("-created_at")[MAX_CUTS:]:
        delete_clip(old)
    return clip


def recut(clip: Clip, start: float, end: float, *, cleanup: bool = False) -> Clip:
    """Another stretch of the recording of `clip`, a draft, with its language, and its words where they are known.

    Raises AudioRejected, in words.
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
    """Store reference audio that was made of a recording as a clip, a draft."""
    measured = reference.measured
    clip = Clip(
        owner_id=recording.owner_id,
        recording=recording,
        start=round(reference.start, 3),
        end=round(reference.end, 3),
        rank=rank,
        sha256=hashlib.sha256(reference.wav).hexdigest(),
        **measured.as_dict(),
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
    """The clip, or the voice, that something was to be done with is no longer there: to whoever asked, a 404."""


def attach(clip: Clip, voice: VoiceProfile) -> None:
    """Let a draft be one of the clips of a voice, with the transcript and language that it has. Raises Gone."""
    with transaction.atomic():
        _lock(VoiceProfile.objects.filter(pk=voice.pk))
        _attach(clip, voice)
        mark_changed(voice.pk)


def replace(old: Clip, new: Clip) -> None:
    """Let the draft `new` take the place of `old` in its voice. What was derived from the old one goes with it.

    Raises Gone.
    """
    with transaction.atomic():
        voice = _lock_voice_of(old)
        _attach(new, voice)
        if voice.clip_id == old.pk:
            VoiceProfile.objects.filter(pk=voice.pk).update(clip=new)
        delete_clip(old)
        mark_changed(voice.pk)


def set_transcript(clip: Clip, transcript: str, language: str) -> None:
    """Let `transcript` be what is said in the clip. Raises Gone."""
    with transaction.atomic():
        written = {
            "transcript": transcript,
            "language": language,
            "words": alignment.align(transcript, clip.words),
        }
        if language.split("-")[0] != clip.language.split("-")[0]:
            written["recognized_text"] = ""  # in another language than this: it says nothing
        if not Clip.objects.filter(pk=clip.pk).update(**written):
            raise Gone
        if clip.voice_id:
            mark_changed(clip.voice_id)
    for name, value in written.items():
        setattr(clip, name, value)


def set_language(clip: Clip, language: str) -> None:
    """Let `language` be what is spoken in a draft. What a transcriber heard in another one is written down anew."""
    before, clip.language = clip.language, language
    clip.save(update_fields=["language"])
    if before.split("-")[0] == language.split("-")[0] or clip.transcript != clip.recognized_text:
        return
    clip.transcript, clip.words, clip.recognized_text = "", [], ""
    clip.save(update_fields=["transcript", "words", "recognized_text"])
    if not transcription.enqueue(clip) and (job := Transcription.objects.filter(clip=clip).first()):
        job.request_cancel()


def choose_main(clip: Clip) -> None:
    """Let it be the clip that its voice is shown with. Raises Gone."""
    with transaction.atomic():
        voice = _lock_voice_of(clip)
        VoiceProfile.objects.filter(pk=voice.pk).update(clip=clip)
        mark_changed(voice.pk)


def remove(clip: Clip) -> bool:
    """Delete a clip of a voice; False for its last one, which stays. Raises Gone."""
    with transaction.atomic():
        voice = _lock_voice_of(clip)
        others = Clip.objects.filter(voice=voice).exclude(pk=clip.pk)
        best = others.order_by(F("grade").desc(nulls_last=True), "created_at").first()
        if best is None:
            return False
        if voice.clip_id == clip.pk:
            VoiceProfile.objects.filter(pk=voice.pk).update(clip=best)
        delete_clip(clip)
        mark_changed(voice.pk)
    return True


def _lock(voices: QuerySet) -> VoiceProfile:
    """The one of `voices`, which nobody else changes meanwhile. Raises Gone."""
    voice = voices.select_for_update().first()
    if voice is None:
        raise Gone
    return voice


def _lock_voice_of(clip: Clip) -> VoiceProfile:
    # A subquery: PostgreSQL locks no row of a join with what may be missing, as the key of a deleted clip is.
    voice = _lock(VoiceProfile.objects.filter(pk__in=Clip.objects.filter(pk=clip.pk).values("voice")))
    if not Clip.objects.filter(pk=clip.pk, voice=voice).exists():  # it was replaced before the lock was had
        raise Gone
    return voice


def _attach(clip: Clip, voice: VoiceProfile) -> None:
    if not Clip.objects.drafts().filter(pk=clip.pk, owner=voice.owner_id).update(voice=voice):
        raise Gone
    clip.voice = voice


def mark_changed(voice: uuid.UUID) -> None:
    """Let whoever fits engines to voices look again which clip is the best for each."""
    VoiceProfile.objects.filter(pk=voice).update(updated_at=timezone.now())
    ring("default")


def delete_clip(clip: Clip) -> None:
    """Delete the row, its recording when that was its last clip, and the files once that is certain."""
    with transaction.atomic():
        recording = Recording.objects.select_for_update().get(pk=clip.recording_id)
        clip.delete()
        if clip.audio.name != recording.audio.name:  # of an old clip, the recording has nothing else
            transaction.on_commit(lambda: _delete_files(clip.audio, clip.original_audio))
        if not recording.clips.exists():
            recording.delete()
            transaction.on_commit(lambda: _delete_files(recording.original, recording.audio))


def delete_recording(recording: Recording) -> None:
    """Delete a recording with its clips. Raises IntegrityError where a voice shows one of them."""
    with transaction.atomic():
        for clip in recording.clips.all():
            delete_clip(clip)


def delete_voice(voice: VoiceProfile) -> None:
    """Delete a voice with its clips. What it spoke stays."""
    with transaction.atomic():
        # A replacement of a clip may have come between.
        clips = list(Clip.objects.filter(voice=voice.pk).select_for_update())
        Clip.objects.filter(voice=voice.pk).update(voice=None)  # each is deleted with its files below
        voice.delete()
        for clip in clips:
            delete_clip(clip)


def _delete_files(*files) -> None:
    for file in files:
        if file.name:
            file.storage.delete(file.name)
