"""API keys: how programs say on whose behalf they ask. Made and revoked on the account page, or from a terminal."""

import hashlib
import secrets
from datetime import timedelta

from django import forms
from django.db import transaction
from django.http import HttpRequest
from django.utils import timezone

from voicesite.models import ApiKey, User

MAX_KEYS = 50  # of one person, that are not revoked
LAST_USED_INTERVAL = timedelta(minutes=1)  # how often it is written down, at most, that a key was used


class TooMany(Exception):
    """Somebody has so many keys that one of them must be forgotten."""


def issue(owner: User, name: str, scopes: list[str]) -> tuple[ApiKey, str]:
    """A new key: its row, and what the program sends, which is kept nowhere. Raises IntegrityError where the owner has a
    key of this name, and TooMany."""
    if owner.api_keys.filter(revoked_at=None).count() >= MAX_KEYS:
        raise TooMany
    secret = f"vs_{secrets.token_urlsafe(30)}"
    with transaction.atomic():
        key = ApiKey.objects.create(owner=owner, name=name, scopes=scopes, hash=_hash(secret), last_four=secret[-4:])
    return key, secret


def find(secret: str) -> ApiKey | None:
    """The key that a program sent, with its owner; None where it is unknown or revoked, or its owner can't sign in."""
    keys = ApiKey.objects.filter(revoked_at=None, owner__is_active=True).select_related("owner")
    key = keys.filter(hash=_hash(secret)).first()
    now = timezone.now()
    if key and (key.last_used_at is None or key.last_used_at < now - LAST_USED_INTERVAL):
        ApiKey.objects.filter(pk=key.pk).update(last_used_at=now)
    return key


def _hash(secret: str) -> str:
    # Not a slow hash as of passwords: nobody guesses 240 random bits, and each request asks.
    return hashlib.sha256(secret.encode()).hexdigest()


class KeyForm(forms.Form):
    name = forms.CharField(max_length=80, help_text="What it is for: you recognise it by this later.")
    scopes = forms.MultipleChoiceField(
        label="What it may do",
        choices=ApiKey.Scope.choices,
        initial=[ApiKey.Scope.READ, ApiKey.Scope.SPEAK],
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": "Choose at least one thing that it may do."},
    )


def sent_by(request: HttpRequest) -> str | None:
    """What a program sent as `Authorization: Bearer …`; None where it sent no such header, "" where it is another kind."""
    header = request.headers.get("Authorization")
    if header is None:
        return None
    scheme, _, secret = header.strip().partition(" ")
    return secret.strip() if scheme.lower() == "bearer" else ""
