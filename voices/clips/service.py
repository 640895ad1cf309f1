"""Store, cut, attach and delete recordings and clips: their rows, and their files."""

import contextlib
import hashlib
import uuid
from dataclasses import asdict
from functools import partial
from pathlib import Path

from django.conf import settings
from django.core.files import File
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import IntegrityError, transaction
from django.db.models import QuerySet
from django.http import Http404
from django.utils import timezone
from django.utils.translation import gettext as _

from voices.analysis.reference_audio import LONG_SECONDS, AudioRejected
from voices.intake import process as intake
from voices.intake.decoding import Limits
from voices.models import Clip, ExcerptSearch, Recording, Transcription, VoiceProfile
from voices.text import alignment
from voices.text.passages import is_passage, passage
from voices.transcription import requests as transcription
from voicesite.jobs.doorbell import ring
from voicesite.limits import idempotency, quotas
from voicesite.models import User
from voicesite.resources import DISK_FULL, has_room
from voicesite.texts import N_
from voicesite.web.admission import Admission
from voicesite.web.media import as_path
from voicesite.web.names import stored_name, upload_name

MAX_DRAFTS = 10  # recordings of one person without a voice; the oldest are deleted
MAX_CUTS = 20  # drafts of one recording that were cut by hand; the oldest are deleted
MIN_CLIP_SECONDS, MAX_CLIP_SECONDS = 1.0, 30.0

# Uploads being decoded, or waiting for it: two decoders run at once, for two different people.
uploads = Admission(
    AudioRejected,
    N_("The site is busy with other recordings. Try again in a few seconds."),
    share=3,
    per_person=2,
    workers=2,
    patience=60.0,  # a busy machine takes its time for each
)


def limits() -> Limits:
    return Limits(settings.CLIP_MAX_BYTES, settings.CLIP_MAX_SECONDS)


def store_recording(owner: User, path: Path, name: str, language: str = "", read: str = "") -> Clip:
    """Decode the recording at `path`, and store it with a first clip, a draft of `owner`, whose transcription is enqueued.

    language: what is spoken, if known. read: the key of the passage that was read aloud, if one was, which then is the
    transcript until something else is heard. Raises AudioRejected, having stored nothing.
    """
    if why := quotas.why_full(owner, path.stat().st_size):
        raise AudioRejected("storage_full", why)
    if not has_room(2 * path.stat().st_size):  # it is kept as it came, and as FLAC
        raise AudioRejected("disk_full", DISK_FULL)
    with uploads.slot(owner.pk):
        received = intake.take_in(path, limits())
    name = upload_name(name)
    recording = Recording(owner=owner, original_name=name, seconds=received.seconds, peaks=received.peaks)
    try:
        with path.open("rb") as original:
            recording.original.save(stored_name("original", name), File(original), save=False)
        recording.audio.save("recording.flac", ContentFile(received.flac), save=False)
        recording.bytes = path.stat().st_size + len(received.flac)
        idempotency.begin_work()
        with transaction.atomic():
            if why := quotas.why_full(quotas.lock(owner.pk), recording.bytes + size_of(received.reference)):
                raise AudioRejected("storage_full", why)
            recording.save(force_insert=True)
            clip = create_clip(recording, received.reference)
            if (text := passage(read)) and recording.seconds <= LONG_SECONDS:  # else the clip has but a part of it
                clip.transcript = text
                clip.save(update_fields=["transcript"])
                if transcription.why_not(code := read.partition(":")[0]):
                    language = code  # what can be heard here is recognized, as it may be in another language
            transcription.enqueue(clip, language)
            if recording.seconds > LONG_SECONDS:
                ExcerptSearch(recording=recording).submit()
    except Exception:
        _delete_files(recording.original, recording.audio)
        raise
    return clip


def delete_oldest_drafts(owner: User) -> str:
    """Delete the recordings of `owner` without a voice beyond the latest MAX_DRAFTS; return that in words, or ""."""
    unused = Recording.objects.filter(owner=owner).exclude(clips__voice__isnull=False)
    deleted = []
    for old in unused.order_by("-created_at")[MAX_DRAFTS:]:
        with contextlib.suppress(IntegrityError), transaction.atomic():  # a voice has just taken one of its clips
            for draft in old.clips.all():
                delete_clip(draft)
            deleted.append(f"“{old.original_name or 'Recording'}”")
    if not deleted:
        return ""
    which = (
        _("the oldest was deleted: {deleted}").format(deleted=deleted[0])
        if len(deleted) == 1
        else _("these were deleted: {names}").format(names=", ".join(deleted))
    )
    return _("You can keep {max_drafts} recordings that no voice uses, so {which}.").format(
        max_drafts=MAX_DRAFTS, which=which
    )


def cut(recording: Recording, start: float, end: float, *, cleanup: bool = False) -> Clip:
    """Store the excerpt of a recording from `start` to `end`, in seconds, as a draft. Raises AudioRejected."""
    end = min(end, recording.seconds)
    if not MIN_CLIP_SECONDS <= round(end - start, 3) <= MAX_CLIP_SECONDS or start < 0:
        raise AudioRejected(
            "bad_stretch",
            _(
                "Choose {min_clip_seconds} to {max_clip_seconds} s within the {seconds} s of the recording. Move "
                "its start or its end."
            ).format(
                min_clip_seconds=f"{MIN_CLIP_SECONDS:.0f}",
                max_clip_seconds=f"{MAX_CLIP_SECONDS:.0f}",
                seconds=f"{recording.seconds:.1f}",
            ),
        )
    assert recording.owner_id, _("nobody cuts the recording of a built-in voice")
    with uploads.slot(recording.owner_id), as_path(recording.audio) as path:
        reference = intake.cut(path, start, end, cleanup=cleanup)
        idempotency.begin_work()
        clip = create_clip(recording, reference)
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


def next_excerpt(clip: Clip) -> Clip:
    """Return the draft that ranks next to `clip` among the excerpts that a search found, the best one after the last.

    Where there is no other, it is `clip`, without its jobs.
    """
    found = clip.recording.clips.drafts().filter(rank__isnull=False).order_by("rank")
    return found.filter(rank__gt=clip.rank or 0).first() or found.first() or clip


def search(recording: Recording) -> None:
    """Search a long recording for its best excerpts, unless it was done, or is being done."""
    if recording.seconds <= LONG_SECONDS:
        return
    try:
        with transaction.atomic():
            ExcerptSearch(recording=recording).submit()
    except IntegrityError:  # there was one, which may have failed or been stopped
        ExcerptSearch.objects.get(recording=recording).retry()


def size_of(reference: intake.ReferenceAudio) -> int:
    """Return the bytes of the files of a clip."""
    return len(reference.wav) + len(reference.plain or b"")


def create_clip(recording: Recording, reference: intake.ReferenceAudio, rank: int | None = None) -> Clip:
    """Store reference audio of a recording as a draft."""
    clip = Clip(
        owner_id=recording.owner_id,
        recording=recording,
        start=round(reference.start, 3),
        end=round(reference.end, 3),
        rank=rank,
        sha256=hashlib.sha256(reference.wav).hexdigest(),
        bytes=size_of(reference),
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
        lock(VoiceProfile.objects.filter(pk=voice.pk))
        _attach(clip, voice)
        mark_changed(voice.pk)


def replace(old: Clip, new: Clip) -> None:
    """Replace a clip of a voice by the draft `new`; what was derived from `old` is deleted with it. Raises Gone."""
    with transaction.atomic():
        voice = lock_voice_of(old)
        _attach(new, voice)
        mark_changed(voice.pk, clip_id=new.pk if voice.clip_id == old.pk else voice.clip_id)
        delete_clip(old)


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
    is_written = clip.transcript != clip.recognized_text and not is_passage(clip.transcript)
    if before.split("-")[0] == language.split("-")[0] or is_written:
        return
    clip.transcript, clip.words, clip.recognized_text = "", [], ""
    clip.save(update_fields=["transcript", "words", "recognized_text"])
    if not transcription.enqueue(clip) and (job := Transcription.objects.filter(clip=clip).first()):
        job.request_cancel()


def choose_main(clip: Clip) -> None:
    """Make it the main clip of its voice, which pages show. Raises Gone."""
    with transaction.atomic():
        mark_changed(lock_voice_of(clip).pk, clip=clip)


def lock(voices: QuerySet) -> VoiceProfile:
    """Lock the one row of `voices`, and return it. Raises Gone."""
    # no_key: others may speak with it meanwhile. They wait for the row of its owner, which an upload may have taken.
    voice = voices.select_for_update(no_key=True).first()
    if voice is None:
        raise Gone
    return voice


def lock_voice_of(clip: Clip) -> VoiceProfile:
    # A subquery, since PostgreSQL can't lock rows of an outer join, and a clip may have no voice.
    voice = lock(VoiceProfile.objects.filter(pk__in=Clip.objects.filter(pk=clip.pk).values("voice")))
    if not Clip.objects.filter(pk=clip.pk, voice=voice).exists():  # it was replaced before this had the lock
        raise Gone
    return voice


def _attach(clip: Clip, voice: VoiceProfile) -> None:
    if not Clip.objects.drafts().filter(pk=clip.pk, owner=voice.owner_id).update(voice=voice):
        raise Gone
    clip.voice = voice


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
        if not Clip.everything.filter(recording=recording).exists():  # also none that may be brought back
            recording.delete()
            transaction.on_commit(lambda: _delete_files(recording.original, recording.audio))


def delete_voice(voice: VoiceProfile) -> None:
    """Delete a voice with its clips. Its speech stays."""
    with transaction.atomic():
        clips = list(Clip.everything.filter(voice=voice.pk).select_for_update())
        for name in voice.spoken_consents.exclude(audio="").values_list("audio", flat=True):
            transaction.on_commit(partial(default_storage.delete, name))
        Clip.everything.filter(voice=voice.pk).update(voice=None)  # so that no clip is deleted without its files
        voice.delete()
        for clip in clips:
            delete_clip(clip)


def _delete_files(*files) -> None:
    for file in files:
        if file.name:
            file.storage.delete(file.name)
