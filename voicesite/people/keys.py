"""API keys, with which programs authenticate as a person. Made on the account page or by `create_api_key`."""

import hashlib
import secrets
from datetime import timedelta

from django import forms
from django.db import transaction
from django.http import HttpRequest
from django.utils import timezone

from voicesite.models import ApiKey, User

MAX_KEYS = 50  # of one person, without revoked ones
LAST_USED_INTERVAL = timedelta(minutes=1)  # between two updates of last_used_at, at least


class TooManyKeys(Exception):
    """The person has MAX_KEYS keys already."""


def issue(owner: User, name: str, scopes: list[str]) -> tuple[ApiKey, str]:
    """Make a key, and return its row and its secret, which is stored nowhere.

    Raises TooManyKeys, and IntegrityError if the owner already has a key of this name.
    """
    if owner.api_keys.filter(revoked_at=None).count() >= MAX_KEYS:
        raise TooManyKeys
    secret = f"vs_{secrets.token_urlsafe(30)}"
    with transaction.atomic():
        key = ApiKey.objects.create(owner=owner, name=name, scopes=scopes, hash=_hash(secret), last_four=secret[-4:])
    return key, secret


def find(secret: str) -> ApiKey | None:
    """Return the key of this secret, with its owner; None if it is unknown or revoked, or its owner inactive."""
    keys = ApiKey.objects.filter(revoked_at=None, owner__is_active=True).select_related("owner")
    key = keys.filter(hash=_hash(secret)).first()
    now = timezone.now()
    if key and (key.last_used_at is None or key.last_used_at < now - LAST_USED_INTERVAL):
        ApiKey.objects.filter(pk=key.pk).update(last_used_at=now)
    return key


def _hash(secret: str) -> str:
    # Not a slow hash as for passwords: 240 random bits can't be guessed, and each request computes it.
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


def bearer_token(request: HttpRequest) -> str | None:
    """Return the bearer token of the Authorization header: None without the header, "" with another scheme."""
    header = request.headers.get("Authorization")
    if header is None:
        return None
    scheme, _, secret = header.strip().partition(" ")
    return secret.strip() if scheme.lower() == "bearer" else ""
