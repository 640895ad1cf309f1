"""Users, invitations, API keys and what else belongs to accounts; and the tables of other rooms."""

import secrets
from datetime import timedelta
from typing import Self

from django.conf import settings
from django.contrib.auth.models import AbstractUser
from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from voicesite.hooks.models import Delivery, Webhook
from voicesite.privacy.models import KeepingRule, Takeout
from voicesite.provenance.models import MadeSound, SigningCertificate

__all__ = [
    "ApiKey",
    "Delivery",
    "Invitation",
    "KeepingRule",
    "MadeSound",
    "SigningCertificate",
    "Takeout",
    "User",
    "Webhook",
]


class User(AbstractUser):
    """A person who can sign in. `is_staff` curates voices in the admin; `is_superuser` also manages people."""

    # Two requests to /setup/ may both find no users; the constraint lets only one of them create the founder.
    is_founder = models.BooleanField(default=False, editable=False)
    leaves_at = models.DateTimeField(
        "deleted at",
        null=True,
        blank=True,
        editable=False,
        help_text="They asked for that: the account is locked until then, and is deleted at this moment",
    )
    takes_mails = models.BooleanField(default=True, help_text="What staff decide; to staff, what awaits their decision")
    ui_language = models.CharField(
        "language of the pages", max_length=10, blank=True, help_text="Empty: the one that their browser asks for"
    )

    # Limits of their own, in place of the site's: see voicesite.limits.
    requests_per_minute = models.PositiveIntegerField(
        null=True, blank=True, help_text="Of programs. Empty: the site’s limit; 0: none"
    )
    work_at_once = models.PositiveIntegerField(
        null=True,
        blank=True,
        help_text="Texts, transcriptions and imports that wait or are worked on. Empty: the site’s limit; 0: none",
    )
    speech_seconds_a_day = models.PositiveIntegerField(
        "seconds of speech a day", null=True, blank=True, help_text="Empty: the site’s limit; 0: none. Staff have none"
    )
    stored_megabytes = models.PositiveIntegerField(
        "MB stored",
        null=True,
        blank=True,
        help_text="Speech and recordings. Empty: the site’s limit; 0: none. Staff have none",
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["is_founder"], condition=Q(is_founder=True), name="one_founder"),
            models.UniqueConstraint(  # people sign in by it, and get a link to a new password
                Lower("email"),
                condition=~Q(email=""),
                name="email_unique",
                violation_error_message=_("Another account has this email address."),
            ),
        ]

    @property
    def language(self) -> str:
        """The language of what they are sent beside pages: what they chose, else the site's."""
        return self.ui_language if self.ui_language in dict(settings.LANGUAGES) else settings.LANGUAGE_CODE


def _token() -> str:
    return secrets.token_urlsafe(24)


def _in_two_weeks():
    return timezone.now() + timedelta(days=14)


class InvitationQuerySet(models.QuerySet):
    def valid(self) -> Self:
        return self.filter(used_by=None, expires_at__gt=timezone.now())


class Invitation(models.Model):
    """A single-use link to register with."""

    token = models.CharField(max_length=64, unique=True, default=_token, editable=False)
    note = models.CharField(max_length=100, blank=True, help_text="For whom it is")
    created_by = models.ForeignKey(User, on_delete=models.CASCADE, related_name="invitations_sent")
    created_at = models.DateTimeField(auto_now_add=True)
    expires_at = models.DateTimeField(default=_in_two_weeks)
    used_by = models.OneToOneField(
        User, null=True, blank=True, on_delete=models.CASCADE, related_name="invitation", editable=False
    )

    objects = InvitationQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at"]

    def __str__(self) -> str:
        return self.note or f"Invitation {self.pk}"


class ApiKey(models.Model):
    """A token with which a program acts as its owner, stored as a hash: see voicesite.people.keys."""

    class Scope(models.TextChoices):
        READ = "read", _("See voices and speech, and change nothing")
        SPEAK = "speak", _("Speak and transcribe; see and delete what was spoken; change pronunciations and webhooks")
        VOICES = "voices", _("See, make, change and delete voices")

    owner = models.ForeignKey(User, on_delete=models.CASCADE, related_name="api_keys")
    name = models.CharField(max_length=80)
    hash = models.CharField(max_length=64, unique=True, editable=False, help_text="SHA-256 of the key")
    last_four = models.CharField(max_length=4, editable=False)
    scopes = models.JSONField(default=list, help_text="Of Scope: what it may do")
    requests_per_minute = models.PositiveIntegerField(null=True, blank=True, help_text="Of this key; empty: any number")
    work_at_once = models.PositiveIntegerField(
        null=True, blank=True, help_text="Asked for with this key, and not done; empty: any number"
    )
    created_at = models.DateTimeField(auto_now_add=True)
    last_used_at = models.DateTimeField(null=True, blank=True, editable=False)
    expires_at = models.DateTimeField(null=True, blank=True, editable=False, help_text="Empty: never")
    revoked_at = models.DateTimeField(null=True, blank=True, editable=False)

    class Meta:
        ordering = ["-created_at"]
        constraints = [
            models.UniqueConstraint(
                fields=["owner", "name"], condition=Q(revoked_at=None), name="api_key_name_unique_for_owner"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name} (…{self.last_four})"

    def allows(self, scope: str, method: str) -> bool:
        """Return whether the key has `scope`, or may read and the HTTP method changes nothing."""
        return scope in self.scopes or (method in ("GET", "HEAD") and self.Scope.READ in self.scopes)

    @property
    def is_expired(self) -> bool:
        return self.expires_at is not None and self.expires_at <= timezone.now()

    @property
    def may(self) -> list[str]:
        """Return the labels of its scopes."""
        return [str(scope.label) for scope in self.Scope if scope in self.scopes]


class FailedSignIn(models.Model):
    """A wrong password, which is shown to the person whose name was given: see voicesite.signin.guesses."""

    person = models.ForeignKey(User, null=True, on_delete=models.CASCADE, related_name="failed_sign_ins")
    address = models.GenericIPAddressField(help_text="Or what stands in for it")
    at = models.DateTimeField(auto_now_add=True, db_index=True)

    class Meta:
        ordering = ["-at"]

    def __str__(self) -> str:
        return f"{self.address} at {self.at}"


class IdempotencyKey(models.Model):
    """A request that a program may repeat without doing it twice: see voicesite.limits.idempotency."""

    owner = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+")
    key = models.CharField(max_length=255)
    fingerprint = models.CharField(max_length=64, help_text="SHA-256 of what was asked")
    claim = models.UUIDField(help_text="Of the request that answers it")
    lease_expires_at = models.DateTimeField(help_text="Until when that request surely lives")
    status = models.PositiveSmallIntegerField(null=True, help_text="Empty while it is being answered")
    headers = models.JSONField(default=dict)
    body = models.BinaryField(null=True, help_text="Empty for what is streamed")
    made = models.JSONField(default=dict, help_text="What it has made, where the answer comes later")
    created_at = models.DateTimeField(auto_now_add=True, db_index=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["owner", "key"], name="one_request_for_a_key")]

    def __str__(self) -> str:
        return self.key


class RequestCount(models.Model):
    """How many requests somebody made in the last minute in which they made any: see voicesite.limits.rates."""

    asker = models.CharField(max_length=80, primary_key=True, help_text="As in person:12, key:3 or address:192.0.2.1")
    minute = models.BigIntegerField(db_index=True, help_text="Since 1970")
    requests = models.PositiveBigIntegerField()

    def __str__(self) -> str:
        return f"{self.asker}: {self.requests}"


class UsageDay(models.Model):
    """What a person used on a day, by the site's TIME_ZONE: see voicesite.limits.quotas."""

    person = models.ForeignKey(User, on_delete=models.CASCADE, related_name="usage_days")
    day = models.DateField()
    speech_seconds = models.FloatField(default=0.0, help_text="Of speech that was made")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["person", "day"], name="usage_day_unique")]

    def __str__(self) -> str:
        return f"{self.person_id} on {self.day}"
