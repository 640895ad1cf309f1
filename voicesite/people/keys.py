"""API keys, with which programs authenticate as a person. Made on the account page or by `create_api_key`."""

import hashlib
import secrets
from datetime import timedelta

from django import forms
from django.db import transaction
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from voicesite.models import ApiKey, User
from voicesite.prepared import Given, Prepared
from voicesite.resources import unless_refused

MAX_KEYS = 50  # of one person, without revoked ones
DEFAULT_SCOPES = [ApiKey.Scope.READ, ApiKey.Scope.SPEAK]
LIFETIMES = {
    30: _("In 30 days"),
    90: _("In 90 days"),
    365: _("In a year"),
}  # by days; a key may also work until it is revoked
_MOST = 1_000_000  # of a limit of a key
LAST_USED_INTERVAL = timedelta(minutes=1)  # between two updates of last_used_at, at least


class TooManyKeys(Exception):
    """The person has MAX_KEYS keys already."""


def issue(
    owner: User, name: str, scopes: list[str], days: int | None = None, **limits: int | None
) -> tuple[ApiKey, str]:
    """Make a key that works for `days`, or until it is revoked. Return its row and its secret, which is stored nowhere.

    limits: `requests_per_minute` and `work_at_once` of the key itself, if any.
    Raises TooManyKeys, and IntegrityError if the owner already has a key of this name.
    """
    if owner.api_keys.filter(revoked_at=None).count() >= MAX_KEYS:
        raise TooManyKeys
    secret = f"vs_{secrets.token_urlsafe(30)}"
    expires_at = timezone.now() + timedelta(days=days) if days else None
    with transaction.atomic():
        key = ApiKey.objects.create(
            owner=owner,
            name=name,
            scopes=scopes,
            hash=_hash(secret),
            last_four=secret[-4:],
            expires_at=expires_at,
            **limits,
        )
    return key, secret


def find(secret: str) -> ApiKey | None:
    """Return the key of this secret, with its owner; None if it is unknown, revoked or expired, or its owner inactive."""
    key = _unrevoked(secret)
    if key is None or key.is_expired:
        return None
    now = timezone.now()
    if key.last_used_at is None or key.last_used_at < now - LAST_USED_INTERVAL:
        with unless_refused():
            ApiKey.objects.filter(pk=key.pk).update(last_used_at=now)
    return key


def expired(secret: str) -> ApiKey | None:
    """Return the key of this secret where it worked until it expired."""
    key = _unrevoked(secret)
    return key if key and key.is_expired else None


_UNREVOKED = Prepared(
    ApiKey.objects.filter(revoked_at=None, owner__is_active=True, hash=Given("hash", ApiKey)).select_related("owner")
)


def _unrevoked(secret: str) -> ApiKey | None:
    return _UNREVOKED.first(hash=_hash(secret))


def _hash(secret: str) -> str:
    # Not a slow hash as for passwords: 240 random bits can't be guessed, and each request computes it.
    return hashlib.sha256(secret.encode()).hexdigest()


class KeyForm(forms.Form):
    name = forms.CharField(
        label=_("Name"), max_length=80, help_text=_("What it’s for, so you can tell keys apart later.")
    )
    scopes = forms.MultipleChoiceField(
        label=_("What it can do"),
        choices=ApiKey.Scope.choices,
        initial=DEFAULT_SCOPES,
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": _("Choose at least one permission.")},
    )
    days = forms.TypedChoiceField(
        label=_("Expires"),
        choices=[("", _("Never")), *((str(days), words) for days, words in LIFETIMES.items())],
        coerce=int,
        empty_value=None,
        required=False,
    )
    requests_per_minute = forms.IntegerField(label=_("Requests a minute"), required=False, min_value=1, max_value=_MOST)
    work_at_once = forms.IntegerField(
        label=_("At once"),
        required=False,
        min_value=1,
        max_value=_MOST,
        help_text=_("How many texts and transcriptions may wait that were asked for with it."),
    )


def sent_secret(request: HttpRequest) -> str | None:
    """Return the key that a request sends: as a bearer token, or else as X-API-Key.

    None where it sends neither header, "" where Authorization has another scheme and there is no X-API-Key.
    """
    authorization, plain = request.headers.get("Authorization"), request.headers.get("X-API-Key")
    scheme, _, secret = (authorization or "").strip().partition(" ")
    if scheme.lower() == "bearer":
        return secret.strip()
    return plain.strip() if plain is not None else None if authorization is None else ""
