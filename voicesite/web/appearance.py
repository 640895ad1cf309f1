"""Light, dark, or as the system has it: a choice of each browser, kept in a cookie so that no page flashes."""

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse, HttpResponseBadRequest, HttpResponseRedirect
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST

COOKIE = "voicesite_theme"
THEMES = ("light", "dark")
_YEAR = 365 * 24 * 3600


def theme(request: HttpRequest) -> str:
    """Return the theme that this browser has chosen, or "" for the system's."""
    chosen = request.COOKIES.get(COOKIE, "")
    return chosen if chosen in THEMES else ""


@login_not_required
@require_POST
def choose(request: HttpRequest) -> HttpResponse:
    """Keep the choice, and go back to the page where it was made. A script shows it at once and needs no page (204)."""
    chosen = request.POST.get("theme", "")
    if chosen not in ("", *THEMES):
        return HttpResponseBadRequest("The theme is “light”, “dark”, or empty for the system’s.")
    back = request.POST.get("next", "")
    if not url_has_allowed_host_and_scheme(back, allowed_hosts={request.get_host()}, require_https=request.is_secure()):
        back = "/"
    response = HttpResponse(status=204) if request.headers.get("HX-Request") else HttpResponseRedirect(back)
    if chosen:
        response.set_cookie(COOKIE, chosen, max_age=_YEAR, samesite="Lax", secure=settings.HTTPS, httponly=True)
    else:
        response.delete_cookie(COOKIE)
    return response
