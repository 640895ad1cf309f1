"""Where Voicesite departs from django-allauth, by the hooks that it offers."""

import base64
import hashlib
import logging
from concurrent.futures import ThreadPoolExecutor
from smtplib import SMTPException
from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.core import context as current
from allauth.core.exceptions import ImmediateHttpResponse
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.totp.internal.auth import generate_totp_secret
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from cryptography.fernet import Fernet, InvalidToken
from django.conf import settings
from django.contrib.auth import authenticate
from django.core.mail import EmailMessage
from django.db import transaction
from django.http import HttpRequest
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from voicesite.address.links import site_url
from voicesite.models import Invitation, User
from voicesite.web import moments

from . import guesses
from .address import address_of
from .backend import find

logger = logging.getLogger(__name__)

INVITATION = "invitation"  # its token, in the session of somebody who came by a link and goes on by single sign-on

# Mails are sent beside the request: it takes as long whether or not there is an account to send one to.
_post = ThreadPoolExecutor(1, "mail")


class AccountAdapter(DefaultAccountAdapter):
    error_messages = DefaultAccountAdapter.error_messages | {
        "username_password_mismatch": gettext_lazy("This username or password is not right. Capital letters matter."),
        "email_password_mismatch": gettext_lazy("This username or password is not right. Capital letters matter."),
        "incorrect_password": gettext_lazy("This is not your password."),
        "enter_current_password": gettext_lazy("This is not your password."),
        "incorrect_code": gettext_lazy("This code is not right. Codes change every 30 seconds, and each works once."),
        "too_many_login_attempts": gettext_lazy("Too many wrong codes. Try again in 5 minutes."),
        "name_has_at": gettext_lazy("A name has no @, so that nobody takes it for an email address."),
    }

    def get_client_ip(self, request: HttpRequest) -> str:
        return address_of(request)  # the web server has put there what a trusted proxy says

    def authenticate(self, request: HttpRequest, **credentials: Any) -> User | None:
        """Check a password that somebody gives to sign in, or to confirm who they are."""
        name = credentials["username"]
        guess = guesses.Guess(request, name, find(name))
        with guesses.hashing(request):
            person: Any = authenticate(request, **credentials)
        if person:
            guess.was_right()
        else:
            guess.was_wrong()
        return person

    def clean_username(self, username: str, shallow: bool = False) -> str:
        if "@" in username:
            raise self.validation_error("name_has_at")
        return super().clean_username(username, shallow)

    def get_reset_password_from_key_url(self, key: str) -> str:
        person, _, token = key.partition("-")
        return site_url(self.request) + reverse("account_reset_password_from_key", args=[person, token])

    def get_reauthentication_methods(self, user: Any) -> list[dict[str, Any]]:
        words = {"mfa_reauthenticate": _("Use a code"), "mfa_reauthenticate:webauthn": _("Use a passkey")}
        ways = super().get_reauthentication_methods(user)
        return [way | {"description": words.get(way["id"], way["description"])} for way in ways]

    def get_password_change_redirect_url(self, request: HttpRequest) -> str:
        return reverse("account")

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        request = current.request
        known = {"request": request, "email": email, "site_url": site_url(request), "site_name": settings.PUBLIC_NAME}
        # Who chose no language most likely reads that of the page: it is them who asked for the mail.
        language = getattr(context.get("user"), "ui_language", "") or translation.get_language()
        with translation.override(language):
            message = self.render_mail(template_prefix, email, known | context)
        _post.submit(_send, message)

    def send_notification_mail(self, template_prefix: str, user: Any, context: Any = None, email: Any = None) -> None:
        """Tell a person of a change of their account, where mail is sent. allauth would take the address from its own table."""
        address = email or user.email
        if settings.SENDS_MAIL and address:
            from_where = {
                "address": address_of(current.request),
                "at": moments.written(timezone.now()),
                "user": user,
            }
            self.send_mail(template_prefix, address, from_where | (context or {}))


def _send(message: EmailMessage) -> None:
    try:
        message.send()
    except (OSError, SMTPException) as error:
        logger.error("A mail about an account could not be sent: %s", error)


class SecondFactorAdapter(DefaultMFAAdapter):
    error_messages = DefaultMFAAdapter.error_messages | {
        "incorrect_code": AccountAdapter.error_messages["incorrect_code"],
    }

    def get_totp_issuer(self) -> str:
        return settings.PUBLIC_NAME

    def get_totp_label(self, user: Any) -> str:
        return user.username

    def get_public_key_credential_rp_entity(self) -> dict[str, str]:
        return super().get_public_key_credential_rp_entity() | {"name": settings.PUBLIC_NAME}

    def encrypt(self, text: str) -> str:
        """Keep secrets so that a copy of the database alone opens no account."""
        return _fernet().encrypt(text.encode()).decode()

    def decrypt(self, encrypted_text: str) -> str:
        try:
            return _fernet().decrypt(encrypted_text.encode()).decode()
        except InvalidToken:  # SECRET_KEY is another: no code is right then
            return generate_totp_secret()

    def generate_authenticator_name(self, user: Any, type: Any) -> str:
        count = user.authenticator_set.filter(type=type).count()
        return _("Passkey {count}").format(count=count + 1) if count else _("Passkey")


def _fernet() -> Fernet:
    digest = hashlib.sha256(b"voicesite second factors" + settings.SECRET_KEY.encode()).digest()
    return Fernet(base64.urlsafe_b64encode(digest))


class SingleSignOnAdapter(DefaultSocialAccountAdapter):
    """People of the one OpenID Connect provider that settings name. They register by the same rules as others."""

    def is_open_for_signup(self, request: HttpRequest, sociallogin: Any) -> bool:
        return settings.REGISTRATION == "open" or _invitation(request) is not None

    def pre_social_login(self, request: HttpRequest, sociallogin: Any) -> None:
        """Keep an address only if the provider vouches for it. Whose it is already shows that they are that by a password."""
        verified = [one.email.lower() for one in sociallogin.email_addresses if one.verified]
        sociallogin.email_addresses = []  # allauth's table of addresses stays empty: User.email is the one
        if sociallogin.is_existing:
            return
        sociallogin.user.email = verified[0] if verified else ""
        is_connecting = sociallogin.state.get("process") == "connect"
        if verified and not is_connecting and User.objects.filter(email__iexact=verified[0]).exists():
            page = render(request, "accounts/connect_first.html", {"provider": settings.OIDC_NAME}, status=409)
            raise ImmediateHttpResponse(page)

    def save_user(self, request: HttpRequest, sociallogin: Any, form: Any = None) -> Any:
        with transaction.atomic():
            person = super().save_user(request, sociallogin, form)
            if settings.REGISTRATION != "open":
                token = request.session.pop(INVITATION, "")
                if not Invitation.objects.valid().filter(token=token).update(used_by=person):
                    page = render(request, "accounts/invitation_spent.html", status=404)
                    transaction.set_rollback(True)
                    raise ImmediateHttpResponse(page)
        return person

    def get_connect_redirect_url(self, request: HttpRequest, socialaccount: Any) -> str:
        return reverse("account")


def _invitation(request: HttpRequest) -> Invitation | None:
    if settings.REGISTRATION != "invite":
        return None
    return Invitation.objects.valid().filter(token=request.session.get(INVITATION, "")).first()
