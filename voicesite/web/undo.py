"""Deletion that is undone, for pages: the message that says so, with its button, and what the button does."""

from collections.abc import Callable
from datetime import datetime

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from voicesite.models import User
from voicesite.people.requests import Request

from .moments import from_microseconds, to_microseconds
from .rejection import Rejected

# By a word in the address: brings back what a person deleted at a moment (`voicesite.deleted`), and returns in words that it
# did; nothing if there is nothing left of it. It may raise Rejected. Apps add theirs in `AppConfig.ready`.
restorers: dict[str, Callable[[User, datetime], str]] = {}


def tell(request: Request, words: str, kind: str, moment: datetime | None) -> None:
    """Say on the next page that something was deleted, with a button that undoes it; without one, if nothing undoes it."""
    address = reverse("undo", args=[kind, to_microseconds(moment)]) if moment else ""
    messages.success(request, words, extra_tags=address)


@require_POST
def undo(request: Request, kind: str, moment: int) -> HttpResponse:
    """Bring back what the person deleted at that moment, and say so on the page where the button was."""
    restore = restorers.get(kind)
    if restore is None:
        raise Http404
    try:
        if words := restore(request.user, from_microseconds(moment)):
            messages.success(request, words)
        else:
            messages.error(request, _("It is too late to undo this: it is deleted for good."))
    except Rejected as rejected:
        messages.error(request, rejected.message)
    page = request.POST.get("next", "")
    is_ours = page.startswith("/") and url_has_allowed_host_and_scheme(page, None)
    return redirect(page if is_ours else "/")
