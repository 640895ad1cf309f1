"""Where a person is signed in: noted as they use the site, listed, and ended."""

import time

from allauth.usersessions.models import UserSession
from django.contrib import messages
from django.contrib.auth import SESSION_KEY
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from voicesite.people.requests import Request
from voicesite.resources import unless_refused

from . import devices

SEEN = "seen"  # in a session: when it was last noted
INTERVAL = 10 * 60  # seconds between two notes: allauth's own middleware writes at each request


class SeenMiddleware:
    """Note that a session is used, from which address and by which browser."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        # After the view, which may have signed somebody in or out. A key of the API signs in nobody.
        if SESSION_KEY in request.session and request.session.get(SEEN, 0) < time.time() - INTERVAL:
            with unless_refused():
                if request.user.is_authenticated:  # the account may have been closed since
                    UserSession.objects.create_from_request(request)
                    devices.remember(request, response)
                request.session[SEEN] = int(time.time())
        return response


@require_safe
def sessions(request: Request) -> HttpResponse:
    """List where one is signed in."""
    found = UserSession.objects.purge_and_list(request.user)
    found.sort(key=lambda session: (session.is_current(), session.last_seen_at), reverse=True)
    return render(request, "accounts/sessions.html", {"sessions": found})


@require_POST
def end_session(request: Request, pk: int) -> HttpResponse:
    """End one of one's other sessions."""
    session = get_object_or_404(UserSession, pk=pk, user=request.user)
    if not session.is_current():
        session.end()
        messages.success(request, _("That device is signed out."))
    return redirect("sessions")


@require_POST
def end_other_sessions(request: Request) -> HttpResponse:
    """End all of one's sessions but this one."""
    for session in UserSession.objects.filter(user=request.user):
        if not session.is_current():
            session.end()
    messages.success(request, _("All other devices are signed out."))
    return redirect("sessions")
