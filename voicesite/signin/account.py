"""The part of the account page about signing in."""

from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount
from allauth.usersessions.models import UserSession
from django.conf import settings
from django.template.loader import render_to_string

from voicesite.people.requests import Request

SHOWN = 10  # failed sign-ins


def account_section(request: Request) -> str:
    """Return the person's address, password, second step and sessions, and who tried to sign in as them."""
    person = request.user
    kinds = list(Authenticator.objects.filter(user=person).values_list("type", flat=True))
    failed = person.failed_sign_ins.all()
    context = {
        "user": person,
        "has_app": Authenticator.Type.TOTP in kinds,
        "passkeys": kinds.count(Authenticator.Type.WEBAUTHN),
        "sessions": UserSession.objects.filter(user=person).count(),
        "provider": settings.OIDC_NAME if settings.OIDC_URL else "",
        "is_connected": bool(settings.OIDC_URL) and SocialAccount.objects.filter(user=person).exists(),
        "failed": list(failed[:SHOWN]),
        "failed_count": failed.count(),
    }
    return render_to_string("accounts/_signing_in.html", context)
