"""What needs somebody of the staff: each with its count, why, and the one place where it is decided."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from django.conf import settings
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from synthesis.models import Download, Fitting, Generation
from synthesis.queue.report import queue_report
from voices.models import Report, Transcription, VoiceProfile
from voicesite import resources
from voicesite.backups import schedule
from voicesite.jobs.job import State
from voicesite.modelhost.weights import in_words
from voicesite.models import User

FAILED_DAYS = 7  # for which failed work is worth another try
SOON = timedelta(days=30)  # before a certificate expires


@dataclass(frozen=True)
class Decision:
    """Something to decide. words: continue the count, where there is one; urgent: the site doesn't work until it is."""

    words: str
    address: str
    act: str  # what is done there
    count: int | None = None
    urgent: bool = False


def decisions(staff: User) -> list[Decision]:
    """Return what needs a decision of `staff` now, what keeps the site from working first. 12 queries at most."""
    return [*_troubles(), *_about_voices(staff), *_failed_work(), *_of_the_operator()]


def _troubles() -> Iterator[Decision]:
    status, problems = reverse("synthesis:status"), list[str]()
    queue_report(problems)
    for problem in problems:
        yield Decision(problem, status, _("See the status"), urgent=True)
    disk = resources.disk()
    if not disk.is_full and disk.free < max(2 * disk.reserve, disk.total // 20):
        words = _("The disk is nearly full: %(free)s are free.") % {"free": in_words(disk.free)}
        yield Decision(words, status, _("See the status"))


def _about_voices(staff: User) -> Iterator[Decision]:
    if count := VoiceProfile.objects.to_review().count():
        words = ngettext("voice waiting for review", "voices waiting for review", count)
        yield Decision(words, reverse("admin:voices_voiceprofile_review"), _("Review"), count)
    if count := Report.objects.answerable_by(staff).count():
        words = ngettext("unanswered report", "unanswered reports", count)
        yield Decision(words, reverse("admin:voices_report_changelist"), _("Answer"), count)


def _failed_work() -> Iterator[Decision]:
    since = timezone.now() - timedelta(days=FAILED_DAYS)
    kinds = (
        (Generation, lambda n: ngettext("text failed this week", "texts failed this week", n)),
        (Fitting, lambda n: ngettext("voice could not be fitted", "voices could not be fitted", n)),
        (Transcription, lambda n: ngettext("transcription failed", "transcriptions failed", n)),
        (Download, lambda n: ngettext("download of a model failed", "downloads of models failed", n)),
    )
    for kind, words in kinds:
        if count := kind.objects.filter(state=State.FAILED, created_at__gte=since).count():
            page = reverse(f"admin:{kind._meta.label_lower.replace('.', '_')}_changelist")
            chosen = urlencode({"state__exact": State.FAILED.value, "created_at__gte": since.isoformat()})
            yield Decision(words(count), f"{page}?{chosen}", _("Look, and try again"), count)


def _of_the_operator() -> Iterator[Decision]:
    """Say what only who runs the machine can mend."""
    status = reverse("synthesis:status")
    if settings.BACKUP:
        made, patience = schedule.latest(), timedelta(hours=2 * settings.BACKUP_HOURS)
        if made is None or datetime.now(UTC) - made > patience:
            yield Decision(_("The last backup is older than it should be."), status, _("See the status"))
    if settings.C2PA_CERT and (expires := _expiry(Path(settings.C2PA_CERT))) and expires - datetime.now(UTC) < SOON:
        words = _("The certificate that signs speech expires on %(day)s.") % {"day": f"{expires:%Y-%m-%d}"}
        yield Decision(words, reverse("synthesis:provenance"), _("See the signature"))


def _expiry(certificate: Path) -> datetime | None:
    """Return when the operator's certificate expires; None where it can't be read, which a system check says."""
    try:
        return x509.load_pem_x509_certificates(certificate.read_bytes())[0].not_valid_after_utc
    except (OSError, ValueError, IndexError):
        return None
