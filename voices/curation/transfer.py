"""Transfer a voice to another owner, and merge voices, each in one transaction with its audit entries."""

from collections.abc import Collection

from django.core.files import File
from django.db import IntegrityError, transaction
from django.db.models import Exists, OuterRef
from django.utils.translation import gettext as _

from voices.audit import record
from voices.clips.service import delete_voice, mark_changed
from voices.extensions import extensions
from voices.models import Clip, Recording, Report, VoiceProfile, open_to_staff
from voices.text.lengths import MAX_NAME
from voicesite.models import User
from voicesite.web.names import free_name
from voicesite.web.rejection import Rejected


def transfer(staff: User, voice: VoiceProfile, to: User) -> bool:
    """Transfer a voice with its clips and recordings to `to`, under a free name; return False if they own it already.

    Its consent record and its generations stay as they are. A request to share it is dropped: the new owner has not made
    it. Raises Rejected.
    """
    try:
        with transaction.atomic():
            locked = (
                VoiceProfile.objects.select_for_update(of=("self",)).select_related("owner").filter(pk=voice.pk).first()
            )
            if locked is None or locked.owner_id == to.pk:
                return False
            if locked.owner is None:
                raise Rejected("conflict", _("{name} is built in: it belongs to nobody.").format(name=locked.name))
            if to == staff and not VoiceProfile.objects.filter(open_to_staff(), pk=voice.pk).exists():
                raise Rejected(
                    "private",
                    _("{name} is private: you can give it to someone else, but not to yourself.").format(
                        name=voice.name
                    ),
                )
            taken = set(to.voices.values_list("name", flat=True))
            old_owner, locked.owner, locked.name = locked.owner, to, free_name(locked.name, taken, MAX_NAME)
            locked.share_requested_at, locked.share_refusal, locked.news = None, "", "transferred"
            locked.save(update_fields=["owner", "name", "share_requested_at", "share_refusal", "news", "updated_at"])
            for recording in Recording.objects.filter(clips__voice=locked).distinct():
                _give_recording(recording, locked, to)
            Clip.everything.filter(voice=locked).update(owner=to)  # who also brings back one that was just deleted
            for extension in extensions:
                extension.on_transfer(locked, to)
            renamed = f" as “{locked.name}”" if locked.name != voice.name else ""
            record(
                staff,
                locked,
                "transferred",
                f"from {old_owner.username} to {to.username}{renamed}",
            )
    except IntegrityError:  # they made a voice of this name in the meantime
        raise Rejected(
            "name_taken",
            _("{username} has just created a voice called {name}. Try again.").format(
                username=to.username, name=voice.name
            ),
        ) from None
    return True


def _give_recording(recording: Recording, voice: VoiceProfile, to: User) -> None:
    """Move a recording to `to`, or copy it if clips of other voices use it too."""
    clips = Clip.everything.filter(recording=recording)
    if not clips.exclude(voice=voice).exists():
        Recording.objects.filter(pk=recording.pk).update(owner=to)
        return
    same = {name: getattr(recording, name) for name in ("original_name", "seconds", "peaks", "bytes")}
    copy = Recording(owner=to, **same)
    for name in ("original", "audio"):
        stored = getattr(recording, name)
        with stored.open("rb") as file:
            getattr(copy, name).save(stored.name.rsplit("/")[-1], File(file), save=False)
    copy.save(force_insert=True)
    clips.filter(voice=voice).update(recording=copy)


def check_mergeable(voices: Collection[VoiceProfile]) -> None:
    """Raise Rejected if the voices can't be merged."""
    if len(voices) < 2:
        raise Rejected("not_mergeable", _("Choose at least two voices; one is kept."))
    if any(voice.is_builtin for voice in voices):
        raise Rejected("not_mergeable", _("One of them is built in. Deselect it."))
    if len({voice.owner_id for voice in voices}) > 1:
        raise Rejected("not_mergeable", _("They belong to different people. Transfer them to one of them first."))
    if any(voice.suspended_at for voice in voices):
        raise Rejected("not_mergeable", _("One of them is suspended. Lift the suspension first, or deselect it."))
    if len({voice.visibility for voice in voices}) > 1:  # else merging would share the private ones
        raise Rejected(
            "not_mergeable",
            _("Only some of them are shared with everyone. Make those private first, or deselect them."),
        )


def merge(staff: User, keep: VoiceProfile, others: list[VoiceProfile]) -> None:
    """Merge voices of one owner into `keep`, which gets their clips, tags, collections, open reports and generations.

    The others are deleted; the audit log keeps their consent records. Raises Rejected.
    """
    with transaction.atomic():
        keys = {keep.pk, *(voice.pk for voice in others)}
        locked = {voice.pk: voice for voice in VoiceProfile.objects.select_for_update().filter(pk__in=keys)}
        if len(locked) != len(keys):
            raise Rejected("not_mergeable", _("One of these voices has been deleted."))
        check_mergeable(locked.values())
        kept = locked.pop(keep.pk)
        for voice in locked.values():
            record(
                staff,
                voice,
                "merged",
                f"into “{kept.name}” ({kept.pk}); {voice.consent_record}",
            )
            record(staff, kept, "merged", f"took in “{voice.name}” ({voice.pk})")
            voice.clips.update(voice=kept)
            for extension in extensions:
                extension.on_merge(voice, kept)
            kept.tags.add(*voice.tags.all())
            kept.collections.add(*voice.collections.all())
            said_already = Report.objects.open().filter(voice=kept, reporter=OuterRef("reporter"))  # no NULL is another
            voice.reports.exclude(Exists(said_already), closed_at=None).update(voice=kept)
            delete_voice(voice)
        mark_changed(kept.pk)  # another of its clips may now be the best
