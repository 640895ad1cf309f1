"""Delete voices, and clips of them, so that their owner can bring them back for a minute (`voicesite.deleted`).

A voice that is marked takes its clips along, under the same mark. What is spoken in it stays and can't be spoken anew, as
without any voice; what is being made stops at once for everybody, also where others speak with a shared voice: from the
moment of "Delete", a voice says nothing more. Undone, the voice has all it had, and what had stopped goes on from there:
whoever waited for it did not ask for it to end, and what was spoken of it is kept (`voices.extensions`).

A name is free at once. Where its owner gave it to another voice meanwhile, the one that comes back gets the next free name:
an undo that asks for something to be renamed first would be too late by then.
"""

from datetime import datetime

from django.db import IntegrityError, transaction
from django.db.models import F, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from voices.extensions import extensions
from voices.models import Clip, Transcription, VoiceProfile
from voices.text.lengths import MAX_NAME
from voicesite.deleted import can_undo, due
from voicesite.jobs.doorbell import ring
from voicesite.jobs.job import State
from voicesite.models import User
from voicesite.web.names import free_name
from voicesite.web.rejection import Rejected

from .service import delete_clip, delete_voice, lock, lock_voice_of, mark_changed


def discard_voice(voice: VoiceProfile) -> datetime | None:
    """Delete a voice with its clips at once for everyone; return the mark by which `restore_voice` brings it back.

    Returns None where nothing can be undone: it is deleted with its files. Raises Gone.
    """
    if not can_undo():
        delete_voice(voice)
        return None
    now = timezone.now()
    with transaction.atomic():
        lock(VoiceProfile.objects.filter(pk=voice.pk))
        for extension in extensions:
            extension.on_discard(voice, now)
        _mark(Clip.objects.filter(voice=voice), now)
        VoiceProfile.objects.filter(pk=voice.pk).update(deleted_at=now)
    return now


def restore_voice(owner: User, moment: datetime) -> VoiceProfile | None:
    """Bring back the voice that `owner` discarded at that moment, with all that it had; None if it is deleted.

    Raises Rejected where they make another of its name at this moment.
    """
    with transaction.atomic():
        gone = VoiceProfile.everything.filter(owner=owner, deleted_at=moment)
        voice = gone.select_for_update(no_key=True).first()
        if voice is None:
            return None
        taken = set(owner.voices.values_list("name", flat=True))
        if voice.name in taken:
            voice.former_name, voice.name = voice.name, free_name(voice.name, taken, MAX_NAME)
        voice.deleted_at = None
        try:
            with transaction.atomic():
                voice.save(update_fields=["name", "deleted_at"])
        except IntegrityError:
            words = _("You have just created a voice called {name}. Try again.").format(name=voice.name)
            raise Rejected("name_taken", words) from None
        _unmark(Clip.everything.filter(voice=voice, deleted_at=moment), moment)
        for extension in extensions:
            extension.on_restore(voice, moment)
        ring("default")
    return voice


def discard_clip(clip: Clip) -> datetime | None:
    """Delete a clip of a voice that has others at once for everyone; return the mark by which `restore_clip` brings it back.

    Returns None where nothing can be undone. Raises Rejected for the last clip, which stays, and Gone.
    """
    with transaction.atomic():
        voice = lock_voice_of(clip)
        others = Clip.objects.filter(voice=voice).exclude(pk=clip.pk)
        best = others.order_by(F("grade").desc(nulls_last=True), "created_at").first()
        if best is None:
            raise Rejected("conflict", _("A voice needs at least one clip. Add another first, or delete the voice."))
        was_main = voice.clip_id == clip.pk
        mark_changed(voice.pk, clip_id=best.pk if was_main else voice.clip_id)
        if not can_undo():
            delete_clip(clip)
            return None
        now = timezone.now()
        _mark(Clip.objects.filter(pk=clip.pk), now, was_main=was_main)
    return now


def restore_clip(owner: User, moment: datetime) -> Clip | None:
    """Bring back the clip that `owner` discarded at that moment, as the main one if it was that; None if it is deleted.

    Raises Rejected where its voice is deleted.
    """
    with transaction.atomic():
        clip = Clip.everything.filter(owner=owner, deleted_at=moment).select_related("voice").first()
        if clip is None:
            return None
        assert clip.voice, "drafts are deleted at once"
        if clip.voice.deleted_at:
            raise Rejected("conflict", _("The voice of this clip is deleted. Bring that back first."))
        lock(VoiceProfile.objects.filter(pk=clip.voice.pk))
        if not _unmark(Clip.everything.filter(pk=clip.pk, deleted_at=moment), moment):
            return None
        mark_changed(clip.voice.pk, **({"clip_id": clip.pk} if clip.was_main else {}))
    return clip


def delete_discarded(most: int) -> int:
    """Delete up to `most` voices, and as many clips, that can't be brought back any more, with their files; return how many."""
    voices = VoiceProfile.everything.filter(deleted_at__lt=due())
    clips = Clip.everything.filter(deleted_at__lt=due(), voice__deleted_at=None)  # others go with their voices
    deleted = 0
    for voice in voices.order_by("deleted_at")[:most]:
        with transaction.atomic():
            if _lock_marked(voice):
                delete_voice(voice)
                deleted += 1
    for clip in clips.order_by("deleted_at")[:most]:
        with transaction.atomic():
            if _lock_marked(clip):
                delete_clip(clip)
                deleted += 1
    return deleted


def _lock_marked(row: VoiceProfile | Clip) -> bool:
    """Lock a row that is marked; return False if it was brought back meanwhile, or is gone."""
    same = type(row)._base_manager.filter(pk=row.pk, deleted_at=row.deleted_at)
    return same.select_for_update().exists()


def _mark(clips: QuerySet[Clip], moment: datetime, **changes) -> None:
    """Mark clips. Their transcription ends at that moment, by which it is found where they come back."""
    jobs = Transcription.objects.active().filter(clip__in=clips)
    jobs.close(State.CANCELLED, cancel_requested=True, finished_at=moment)
    clips.update(deleted_at=moment, **changes)


def _unmark(clips: QuerySet[Clip], moment: datetime) -> int:
    """Bring marked clips back, and go on with their transcription; return how many."""
    for job in Transcription.objects.filter(clip__in=clips, state=State.CANCELLED, finished_at=moment):
        job.retry()
    return clips.update(deleted_at=None, was_main=False)
