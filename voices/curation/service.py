"""Share, suspend, retire, correct, collect, delete and report voices.

Each function is one transaction: a conditional UPDATE, so that of two people who act at once only one does, and an entry
in the audit log. It returns whether it changed anything. Callers authorise. Raises Rejected with a message for people.
"""

from datetime import datetime, timedelta

from django.db import IntegrityError, transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from voices import mails
from voices.audit import record
from voices.clips import discarding
from voices.clips.service import delete_voice, mark_changed
from voices.extensions import extensions
from voices.models import NEWS, Collection, Report, VoiceProfile
from voicesite.models import User
from voicesite.texts import N_
from voicesite.web.rejection import Rejected

from .tags import set_tags

MAX_REPORTS_PER_DAY = 10  # of one person, against floods
MAX_ANONYMOUS_REPORTS = 5  # of a voice that are open at once: more would tell staff nothing new
OWN_VOICE = N_("This is about your own voice: another member of staff decides.")

PRIVATE, SHARED = VoiceProfile.Visibility.PRIVATE, VoiceProfile.Visibility.SHARED


def _change(actor: User, voice: VoiceProfile, act: str, where: Q, detail: str = "", **changes) -> bool:
    """Update the voice if it still matches `where`, and log the act. Return False if it doesn't match or is gone.

    What somebody else does with a voice is news for its owner.
    """
    changes["news"] = act if act in NEWS and actor.pk != voice.owner_id else ""
    with transaction.atomic():
        if not VoiceProfile.objects.filter(where, pk=voice.pk).update(**changes):
            return False
        for name, value in changes.items():
            setattr(voice, name, value)
        record(actor, voice, act, detail)
        if changes["news"]:
            mails.tell_decision(voice, act, detail)
    return True


def request_sharing(owner: User, voice: VoiceProfile) -> bool:
    """Ask staff to share the voice with everyone; staff share their own at once."""
    where = Q(visibility=PRIVATE, share_requested_at=None, suspended_at=None, retired_at=None)
    if owner.is_staff:
        return _change(owner, voice, "shared", where, "their own", visibility=SHARED, share_refusal="")
    with transaction.atomic():
        if done := _change(owner, voice, "share_asked", where, share_requested_at=timezone.now(), share_refusal=""):
            mails.tell_request(voice)
    return done


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
    """Make the voice private. A built-in one stays for everyone: there is nobody whose it could be."""
    return _change(actor, voice, "unshared", Q(visibility=SHARED, preset=""), visibility=PRIVATE)


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
    """End a suspension. Raises Rejected if the voice is their own and somebody else could decide."""
    others = User.objects.filter(is_staff=True, is_active=True).exclude(pk=staff.pk)
    if voice.owner_id == staff.pk and others.exists():
        raise Rejected("own_voice", OWN_VOICE)
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
        raise Rejected("name_taken", _("Its owner has another voice of this name. Choose another.")) from None
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
    """Delete a voice with its clips. Its generations stay, and the audit log keeps its consent record.

    Raises Rejected for a built-in voice, which would come back at the next start.
    """
    if voice.is_builtin:
        raise Rejected(
            "conflict", _("{name} is built in: retire it, or suspend it to hide it.").format(name=voice.name)
        )
    with transaction.atomic():
        record(actor, voice, "deleted", voice.consent_record)
        delete_voice(voice)


def discard(owner: User, voice: VoiceProfile) -> datetime | None:
    """Delete their own voice, as `discarding` does, for a minute in which `restore` brings it back; return the mark for that."""
    with transaction.atomic():
        record(owner, voice, "deleted", voice.consent_record)
        return discarding.discard_voice(voice)


def restore(owner: User, moment: datetime) -> VoiceProfile | None:
    """Bring back the voice that its owner deleted then; None if it is gone. Raises Rejected."""
    with transaction.atomic():
        if voice := discarding.restore_voice(owner, moment):
            record(owner, voice, "undeleted")
    return voice


# ---------------------------------------------------------------------------------------------------------------------
# Reports


def report(reporter: User, voice: VoiceProfile, reason: str) -> bool:
    """Report a voice to staff. Return False if an earlier report of this person is still open.

    Raises Rejected after MAX_REPORTS_PER_DAY, and for a built-in voice.
    """
    if voice.is_builtin:
        raise Rejected("conflict", _("This voice is built in: it is nobody’s."))
    recent = Report.objects.filter(reporter=reporter, created_at__gt=timezone.now() - timedelta(days=1))
    if recent.count() >= MAX_REPORTS_PER_DAY:
        message = _(
            "You reported {max_reports_per_day} voices today. Staff will look at them; you can report more tomorrow."
        ).format(max_reports_per_day=MAX_REPORTS_PER_DAY)
        raise Rejected("busy", message, retry=24 * 3600)
    try:
        with transaction.atomic():
            made = Report.objects.create(voice=voice, against=voice.owner, reporter=reporter, reason=reason)
            mails.tell_report(made)
            record(None, voice, "reported", reason)  # its owner may be staff, who read the log
    except IntegrityError:
        return False
    return True


def report_anonymously(voice: VoiceProfile, reason: str) -> bool:
    """Report a voice to staff for somebody who has no account. Return False if enough such reports of it are open."""
    with transaction.atomic():
        VoiceProfile.objects.select_for_update().get(pk=voice.pk)  # counted one after the other
        if Report.objects.open().filter(voice=voice, reporter=None).count() >= MAX_ANONYMOUS_REPORTS:
            return False
        mails.tell_report(Report.objects.create(voice=voice, against=voice.owner, reason=reason))
        record(None, voice, "reported", reason)
    return True


def answer_report(staff: User, report: Report, answer: str, *, suspend_it: bool) -> bool:
    """Close a report with an answer for its reporter; with `suspend_it`, suspend the voice for the same reason.

    A suspension closes all open reports of the voice. Return False if the report was already closed. Raises Rejected if
    it is against `staff` themselves and somebody else could answer it.
    """
    if report.is_against(staff) and not Report.objects.answerable_by(staff).filter(pk=report.pk).exists():
        raise Rejected("own_voice", OWN_VOICE)
    with transaction.atomic():
        open_reports = Report.objects.open()
        closed = {"closed_at": timezone.now(), "closed_by": staff, "answer": answer, "is_news": True}
        if not open_reports.filter(pk=report.pk).update(**closed):
            return False
        answered = [report]
        by_owner = " (by the owner, who is the only staff)" if report.is_against(staff) else ""
        record(staff, report.voice, "report_answered", f"{'suspended' if suspend_it else 'kept'}{by_owner}: {answer}")
        if suspend_it:
            suspend(staff, report.voice, answer)
            answered += open_reports.filter(voice=report.voice).select_related("voice", "reporter")
            open_reports.filter(voice=report.voice).update(**closed)
        for one in answered:
            mails.tell_answer(one, answer)
    return True
