"""Users, invitations and API keys."""

import secrets
from datetime import timedelta
from typing import Self

from django.contrib.auth.models import AbstractUser
from django.db import models
from django.db.models import Q
from django.utils import timezone


class User(AbstractUser):
    """A person who can sign in. `is_staff` curates voices in the admin; `is_superuser` also manages people."""

    # Two requests to /setup/ may both find no users; the constraint lets only one of them create the founder.
    is_founder = models.BooleanField(default=False, editable=False)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["is_founder"], condition=Q(is_founder=True), name="one_founder")]


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
        READ = "read", "See voices and speech, and change nothing"
        SPEAK = "speak", "Speak and transcribe; see and delete what was spoken; change pronunciations"
        VOICES = "voices", "See, make, change and delete voices"

    owner = models.ForeignKey(User, on_delete=models.CASCADE, related_name="api_keys")
    name = models.CharField(max_length=80)
    hash = models.CharField(max_length=64, unique=True, editable=False, help_text="SHA-256 of the key")
    last_four = models.CharField(max_length=4, editable=False)
    scopes = models.JSONField(default=list, help_text="Of Scope: what it may do")
    created_at = models.DateTimeField(auto_now_add=True)
    last_used_at = models.DateTimeField(null=True, blank=True, editable=False)
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
    def may(self) -> list[str]:
        """Return the labels of its scopes."""
        return [scope.label for scope in self.Scope if scope in self.scopes]
