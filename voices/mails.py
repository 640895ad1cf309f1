"""Mails: to owners and reporters of voices what staff decided, to staff what awaits them, and of webhooks that are off.

None is sent in a request: each is a job of the background workers, and one that the server does not take is given up after
some attempts, with the reason in its row. People turn them off on their account page.
"""

from collections.abc import Iterable
from smtplib import SMTPException

from django.conf import settings
from django.core.mail import send_mail
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _

from voicesite.hooks.models import Webhook
from voicesite.jobs.attempts import Heartbeat
from voicesite.jobs.job import State
from voicesite.modelhost.protocol import ModelError
from voicesite.models import User
from voicesite.texts import N_
from voicesite.web.moments import written
from voicesite.web.names import one_line
from voicesite.wording import translated

from .models import Mail, Report, VoiceProfile

# To the owner, by the act in the audit log: the subject, and what it says.
DECISIONS = {
    "shared": (
        N_("“{voice}” is shared"),
        N_("staff listened to your voice “{voice}” and shared it with everyone here. Thank you!"),
    ),
    "share_refused": (
        N_("“{voice}” was not shared"),
        N_(
            "staff did not share your voice “{voice}”. They wrote:\n\n{reason}\n\n"
            "You can change the voice and ask again."
        ),
    ),
    "suspended": (
        N_("“{voice}” is suspended"),
        N_(
            "staff suspended your voice “{voice}”. They wrote:\n\n{reason}\n\n"
            "Until they lift the suspension, nobody can use it. Existing speech stays."
        ),
    ),
    "suspension_lifted": (
        N_("“{voice}” can be used again"),
        N_("staff lifted the suspension of your voice “{voice}”: it can be used again."),
    ),
}


def tell_decision(voice: VoiceProfile, act: str, reason: str) -> None:
    """Tell the owner of a voice what staff decided; of an act that DECISIONS lacks, nothing."""
    if act in DECISIONS and voice.owner:
        values = {"voice": voice.name, "reason": reason}
        _enqueue([voice.owner], *DECISIONS[act], values, reverse("voices:detail", args=[voice.pk]))


def tell_request(voice: VoiceProfile) -> None:
    """Tell staff that the owner of a voice asks to share it."""
    _enqueue(
        _staff_but(voice.owner_id),
        N_("{owner} wants to share “{voice}”"),
        N_("{owner} wants to share the voice “{voice}” with everyone. Please listen to it and decide."),
        {"owner": voice.owner, "voice": voice.name},
        reverse("admin:voices_voiceprofile_review"),
    )


def tell_report(report: Report) -> None:
    """Tell staff of a report, but not those whom it is against; nobody is told who sent it."""
    voice = report.voice
    _enqueue(
        _staff_but(voice.owner_id, report.against_id),
        N_("“{voice}” was reported"),
        N_("someone reported the voice “{voice}”. They wrote:\n\n{reason}\n\nPlease listen to it and answer."),
        {"voice": voice.name, "reason": report.reason},
        reverse("admin:voices_report_change", args=[report.pk]),
    )


def tell_answer(report: Report, answer: str) -> None:
    """Tell the reporter what staff answered."""
    if report.reporter:
        _enqueue(
            [report.reporter],
            N_("Your report of “{voice}”"),
            N_("thank you for your report of the voice “{voice}”. Staff answered:\n\n{answer}"),
            {"voice": report.voice.name, "answer": answer},
            reverse("voices:list"),
        )


def tell_webhook_off(webhook: Webhook) -> None:
    """Tell the owner of a webhook that the site turned it off."""
    _enqueue(
        [webhook.owner],
        N_("A webhook was turned off"),
        N_(
            "your webhook {url} is told nothing any more: it was turned off. {reason}\n\n"
            "When the program at that address works again, turn it on again."
        ),
        {"url": webhook.url, "reason": webhook.off_reason},
        reverse("webhooks:detail", args=[webhook.pk]),
    )


def tell_leaving(person: User, address: str) -> None:
    """Tell somebody who asked to delete the account until when it is locked, and how to come back, whatever mails they take."""
    if settings.SENDS_MAIL and person.email and person.leaves_at:
        with translation.override(person.language):
            text = _(
                "Hello {name},\n\n"
                "you asked to delete your account. It is locked now, and will be deleted on {moment}.\n\n"
                "If you want to keep it, or it was not you who asked, open this page before then:\n\n{address}\n"
            ).format(name=_name(person), moment=written(person.leaves_at), address=address)
            Mail(recipient=person, subject=_("Your account will be deleted"), text=text).submit()


def _staff_but(*keys: int | None) -> Iterable[User]:
    return User.objects.filter(is_staff=True).exclude(pk__in=[key for key in keys if key])


def _name(person: User) -> str:
    return person.first_name or person.username


def _enqueue(people: Iterable[User], subject: str, text: str, values: dict, path: str) -> None:
    """Enqueue a mail to each of `people` who takes mails, in the language of each, with a link to `path`.

    `subject` and `text` are English, with places for `values`. VOICESITE_URL says what the link begins with.
    """
    if not settings.SENDS_MAIL:
        return
    link = f"\n\n{settings.SITE_URL}{path}" if settings.SITE_URL else ""
    account = f": {settings.SITE_URL}{reverse('account')}" if settings.SITE_URL else "."
    for person in people:
        if person.email and person.takes_mails and person.is_active:
            with translation.override(person.language):
                said = {name: translated(value) if name == "reason" else value for name, value in values.items()}
                hello = _("Hello {name},").format(name=_name(person))
                footer = _("You can turn off these emails on your account page{address}").format(address=account)
                body = f"{hello}\n\n{_(text).format(**said)}{link}\n\n-- \n{footer}\n"
                Mail(recipient=person, subject=one_line(_(subject).format(**said))[:200], text=body).submit()


def send(mail: Mail, heartbeat: Heartbeat) -> None:
    """Send a mail. Raises ModelError where the server does not take it."""
    heartbeat.flush(state=State.PROCESSING, progress=80)
    try:
        send_mail(mail.subject, mail.text, None, [mail.recipient.email])
    except (OSError, SMTPException) as error:
        raise ModelError(_("The mail server refused it: {error}").format(error=error)) from error
    mail.finish(State.COMPLETED)
