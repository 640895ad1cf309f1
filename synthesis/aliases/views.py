"""The part of the account page where people choose what their programs mean by names of voices."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from voicesite.people.requests import Request

from .forms import AliasForm


def account_section(request: Request) -> str:
    """Return the part of the account page."""
    return render_to_string("synthesis/aliases/choose.html#form", {"form": AliasForm(user=request.user)}, request)


@require_http_methods(["GET", "POST"])
def choose(request: Request) -> HttpResponse:
    """Store what was chosen on the account page; show it again, by itself, where something of it is wrong."""
    form = AliasForm(request.POST or None, user=request.user)
    if request.method == "POST" and form.is_valid():
        form.save()
        messages.success(request, _("Saved."))
        return redirect(reverse("account") + "#voice-names")
    return render(request, "synthesis/aliases/choose.html", {"form": form}, status=422 if form.errors else 200)
