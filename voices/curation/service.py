"""Share, suspend, retire, correct, collect, delete and report voices.

Each function is one transaction: a conditional UPDATE, so that of two people who act at once only one does, and an entry
in the audit log. It returns whether it changed anything. Callers authorise. Raises Rejected with a message for people.
"""

from datetime import timedelta

from django.db import IntegrityError, transaction
from django.db.models import Q
from django.utils import timezone

from voices.audit import record
from voices.clips.service import delete_voice, mark_changed
from voices.extensions import extensions
from voices.models import Collection, Report, VoiceProfile
from voicesite.models import User
from voicesite.web.rejection import Rejected

from .tags import set_tags

MAX_REPORTS_PER_DAY = 10  # of one person, against floods

PRIVATE, SHARED = VoiceProfile.Visibility.PRIVATE, VoiceProfile.Visibility.SHARED


def _change(actor: User, voice: VoiceProfile, act: str, where: Q, detail: str = "", **changes) -> bool:
    """Update the voice if it still matches `where`, and log the act. Return False if it doesn't match or is gone."""
    with transaction.atomic():
        if not VoiceProfile.objects.filter(where, pk=voice.pk).update(**changes):
            return False
        for name, value in changes.items():
            setattr(voice, name, value)
        record(actor, voice, act, detail)
    return True


def request_sharing(owner: User, voice: VoiceProfile) -> bool:
    """Ask staff to share the voice with everyone; staff share their own at once."""
    where = Q(visibility=PRIVATE, share_requested_at=None, suspended_at=None, retired_at=None)
    if owner.is_staff:
        return _change(owner, voice, "shared", where, "their own", visibility=SHARED, share_refusal="")
    return _change(owner, voice, "share_asked", where, share_requested_at=timezone.now(), share_refusal="")


def withdraw_request(owner: User, voice: VoiceProfile) -> bool:
    return _change(owner, voice, "share_withdrawn", Q(share_requested_at__isnull=False), share_requested_at=None)


def approve(staff: User, voice: VoiceProfile) -> bool:
    """Share the voice with everyone: one's own, or one whose owner requests it."""
    requested = Q(share_requested_at__isnull=False) | Q(owner=staff, visibility=PRIVATE)
    where = requested & Q(suspended_at=None, retired_at=None)
    return _change(staff, voice, "shared", where, visibility=SHARED, share_requested_at=None, share_refusal="")


def refuse_sharing(staff: User, voice: VoiceProfile, reason: str) -> bool:
    """Refuse to share the voice. The owner sees the reason, and may ask again."""
    where = Q(share_requested_at__isnull=False)
    return _change(staff, voice, "share_refused", where, reason, share_requested_at=None, share_refusal=reason)


def unshare(actor: User, voice: VoiceProfile) -> bool:
    return _change(actor, voice, "unshared", Q(visibility=SHARED), visibility=PRIVATE)


def retire(actor: User, voice: VoiceProfile) -> bool:
    """Retire the voice: it generates no new speech. Its generations stay."""
    return _change(actor, voice, "retired", Q(retired_at=None), retired_at=timezone.now(), share_requested_at=None)


def bring_back(actor: User, voice: VoiceProfile) -> bool:
    return _change(actor, voice, "brought_back", Q(retired_at__isnull=False), retired_at=None)


def suspend(staff: User, voice: VoiceProfile, reason: str) -> bool:
    """Suspend the voice for everyone, and stop the jobs that use it. The owner sees the reason."""
    where = Q(suspended_at=None)
    with transaction.atomic():
        if done := _change(staff, voice, "suspended", where, reason, suspended_at=timezone.now(), suspension=reason):
            for extension in extensions:
                extension.on_suspend(voice)
    return done


def lift_suspension(staff: User, voice: VoiceProfile) -> bool:
    where = Q(suspended_at__isnull=False)
    return _change(staff, voice, "suspension_lifted", where, suspended_at=None, suspension="")


def correct(staff: User, voice: VoiceProfile, changes: dict[str, str], tags: list[str] | None = None) -> bool:
    """Set the fields in `changes` (name, description, language) and, unless None, the tags; log what differed.

    Return False if nothing differed. Raises Rejected if its owner has another voice of that name.
    """
    try:
        with transaction.atomic():
            locked = VoiceProfile.objects.select_for_update().filter(pk=voice.pk).first()
            if locked is None:
                return False
            new = {name: value for name, value in changes.items() if getattr(locked, name) != value}
            edits = [f"{name} “{getattr(locked, name)[:100]}” became “{value[:100]}”" for name, value in new.items()]
            if new:
                VoiceProfile.objects.filter(pk=voice.pk).update(**new)
            old_tags = [tag.name for tag in locked.tags.all()]
            if tags is not None and set(tags) != set(old_tags):
                set_tags(locked, tags)
                edits.append(f"tags “{', '.join(old_tags)}” became “{', '.join(tags)}”")
            if edits:
                record(staff, voice, "changed", "; ".join(edits))
            if "language" in new:
                mark_changed(voice.pk)
    except IntegrityError:
        raise Rejected("name_taken", "Its owner has another voice of this name. Choose another.") from None
    return bool(edits)


def add_to_collection(staff: User, voice: VoiceProfile, collection: Collection) -> bool:
    """Add the voice to a collection. Return False if it was in it."""
    with transaction.atomic():
        if new := not collection.voices.filter(pk=voice.pk).exists():
            collection.voices.add(voice)
            record(staff, voice, "collected", f"into “{collection}”")
    return new


def remove_from_collection(staff: User, voice: VoiceProfile, collection: Collection) -> bool:
    """Remove the voice from a collection. Return False if it was not in it."""
    with transaction.atomic():
        if was := collection.voices.filter(pk=voice.pk).exists():
            collection.voices.remove(voice)
            record(staff, voice, "collected", f"out of “{collection}”")
    return was


def delete(actor: User, voice: VoiceProfile) -> None:
    """Delete a voice with its clips. Its generations stay, and the audit log keeps its consent record."""
    with transaction.atomic():
        record(actor, voice, "deleted", voice.consent_record)
        delete_voice(voice)


# ---------------------------------------------------------------------------------------------------------------------
# Reports


def report(reporter: User, voice: VoiceProfile, reason: str) -> bool:
    """Report a voice to staff. Return False if an earlier report of this person is still open.

    Raises Rejected after MAX_REPORTS_PER_DAY.
    """
    recent = Report.objects.filter(reporter=reporter, created_at__gt=timezone.now() - timedelta(days=1))
    if recent.count() >= MAX_REPORTS_PER_DAY:
        message = f"You reported {MAX_REPORTS_PER_DAY} voices within a day. Staff will look at them; go on tomorrow."
        raise Rejected("busy", message, retry=24 * 3600)
    try:
        with transaction.atomic():
            Report.objects.create(voice=voice, reporter=reporter, reason=reason)
            record(reporter, voice, "reported", reason)
    except IntegrityError:
        return False
    return True


def answer_report(staff: User, report: Report, answer: str, *, suspend_it: bool) -> bool:
    """Close a report with an answer for its reporter; with `suspend_it`, suspend the voice for the same reason.

    A suspension closes all open reports of the voice. Return False if the report was already closed.
    """
    with transaction.atomic():
        open_reports = Report.objects.filter(closed_at=None)
        closed = {"closed_at": timezone.now(), "closed_by": staff, "answer": answer}
        if not open_reports.filter(pk=report.pk).update(**closed):
            return False
        record(staff, report.voice, "report_answered", f"{'suspended' if suspend_it else 'kept'}: {answer}")
        if suspend_it:
            suspend(staff, report.voice, answer)
            open_reports.filter(voice=report.voice).update(**closed)
    return True
