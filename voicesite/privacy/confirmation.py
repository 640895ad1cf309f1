"""Ask people to confirm who they are before what whoever finds a browser signed in should not be able to do."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from allauth.account.adapter import get_adapter
from allauth.account.decorators import reauthentication_required
from django.contrib import messages
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from voicesite.people.requests import Request


def confirmed(view: Callable[..., HttpResponseBase]) -> Callable[..., HttpResponseBase]:
    """Ask for the password or the second step, unless that was some minutes ago, and then go on with the request.

    Who has neither, as they sign in by another site, sets a password first: there is nothing else to ask for.
    """
    asking: Any = reauthentication_required(view)

    @wraps(view)
    def wrapped(request: Request, *args: object, **kwargs: object) -> HttpResponseBase:
        if not get_adapter().get_reauthentication_methods(request.user):
            messages.error(request, _("Set a password first, so that we can ask whether it is you."))
            return redirect("account_set_password")
        return asking(request, *args, **kwargs)

    return wrapped
