"""What is kept of a person beside what they make: the account, keys, webhooks, invitations, choices."""

import math
from collections.abc import Iterator
from typing import ClassVar

from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount
from allauth.usersessions.models import UserSession
from django.conf import settings
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from voicesite.models import Delivery, MadeSound, User

from . import takeouts
from .personal_data import Document, PersonalData, Sound, as_dict


class AccountData(PersonalData):
    contents: ClassVar = {
        "profile.json": "your account: name, e-mail address, settings and limits",
        "sign-ins.json": "where you are signed in and by what, and who failed to sign in as you",
        "keys.json": "your API keys by name, and when each was last used",
        "webhooks.json": "your webhooks, and what they were told in the last days",
        "usage.json": "how much speech you made on which day",
        "made-sounds.json": "by which digests this site knows again the sounds that you made",
        "settings.json": "for how long your things are kept, where you or staff chose that",
        "invitations.json": "whom you invited, and when",
    }

    def collect(self, person: User) -> Iterator[Document | Sound]:
        yield Document("profile.json", as_dict(person, "password", "is_founder"))
        ways = Authenticator.objects.filter(user=person), SocialAccount.objects.filter(user=person)
        sessions = UserSession.objects.filter(user=person)
        sign_ins = {
            "sessions": [as_dict(one, "user", "session_key", "data") for one in sessions],
            "second_steps": [as_dict(one, "user", "data") for one in ways[0]],
            "other_sites": [as_dict(one, "user") for one in ways[1]],
            "failed": [as_dict(one, "person") for one in person.failed_sign_ins.all()],
        }
        yield Document("sign-ins.json", sign_ins)
        yield Document("keys.json", [as_dict(key, "hash", "owner") for key in person.api_keys.all()])
        deliveries: dict = {}
        for delivery in Delivery.objects.filter(webhook__owner=person).order_by("created_at"):
            deliveries.setdefault(delivery.webhook_id, []).append(as_dict(delivery, "webhook"))
        secrets = ("owner", "secret", "previous_secret", "previous_secret_until")
        webhooks = [
            as_dict(one, *secrets) | {"deliveries": deliveries.get(one.pk, [])} for one in person.webhooks.all()
        ]
        yield Document("webhooks.json", webhooks)
        yield Document("usage.json", [as_dict(day, "id", "person") for day in person.usage_days.order_by("day")])
        made = MadeSound.objects.filter(owner=person).order_by("made_at")
        yield Document("made-sounds.json", [as_dict(sound, "id", "owner") for sound in made])
        yield Document("settings.json", [as_dict(rule, "id", "person") for rule in person.keeping_rules.all()])
        invitations = [as_dict(one, "token", "created_by", "used_by") for one in person.invitations_sent.all()]
        yield Document("invitations.json", invitations)

    def goes(self, person: User) -> list[str]:
        return [_("your account, your API keys and webhooks, and what answers to your programs were kept for repeats")]

    def stays(self, person: User) -> list[str]:
        return [
            _(
                "digests of sounds that you made, without your name: by them this site says of a file that it was made here"
            ),
            _backups(),
            _("lines of the server’s own logs, for as long as these are kept"),
        ]

    def delete_some(self, person: User, most: int) -> int:
        return takeouts.delete_all(person)


def _backups() -> str:
    """Return how long copies stay in backups, as far as the site knows."""
    if not settings.BACKUP:
        return _("copies in backups, if whoever runs this site makes any: ask them for how long they keep them")
    days = math.ceil(settings.BACKUP_HOURS * settings.BACKUPS_KEPT / 24)
    return ngettext(
        "copies in backups, for {days} day: then the site has deleted the last that has them",
        "copies in backups, for {days} days: then the site has deleted the last that has them",
        days,
    ).format(days=days)
