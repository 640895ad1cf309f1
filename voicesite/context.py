"""The context processor of all templates."""

from django.conf import settings
from django.http import HttpRequest


def site(request: HttpRequest) -> dict:
    return {
        "registration": settings.REGISTRATION,
        "version": settings.VERSION,
        "csrf_cookie": settings.CSRF_COOKIE_NAME,
    }
