"""The context processor of all templates."""

from django.conf import settings
from django.http import HttpRequest

from voicesite.resources import disk
from voicesite.site.installing import paper
from voicesite.web.appearance import theme


def site(request: HttpRequest) -> dict:
    return {
        "registration": settings.REGISTRATION,
        "oidc_name": settings.OIDC_NAME if settings.OIDC_URL else "",
        "staff_access": settings.STAFF_ACCESS,
        "lacks_room": disk().is_full,
        "theme": theme(request),
        "version": settings.VERSION,
        "paper": paper(),
        "csrf_cookie": settings.CSRF_COOKIE_NAME,
    }
