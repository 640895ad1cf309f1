"""The page on which a person takes everything along, says how long things are kept, and deletes the account."""

from allauth.account.internal.flows.reauthentication import did_recently_reauthenticate
from django import forms
from django.contrib import messages
from django.contrib.auth import logout
from django.contrib.auth.decorators import login_not_required
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import cache_control, never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST, require_safe
from django_htmx.http import HttpResponseClientRefresh

from voicesite.address.links import absolute_url
from voicesite.models import Takeout
from voicesite.people.requests import Request
from voicesite.web.media import file_name
from voicesite.web.rejection import Rejected
from voicesite.wording import translated

from . import leaving, takeouts
from .confirmation import confirmed
from .keeping import KeepingForm, of_person
from .personal_data import personal_data


def account_section(request: Request) -> str:
    """Return the part of the account page that leads to this one."""
    return render_to_string("privacy/_privacy_of_account.html", {"kept": of_person(request.user)}, request)


@require_safe
@never_cache
def page(request: Request) -> HttpResponse:
    """Show what is being packed or is there to download, the choices, and the way out."""
    return _page(request)


def _page(request: Request, *, status: int = 200, **changed: forms.BaseForm) -> HttpResponse:
    """Render the page; `changed` are forms with errors, which replace the empty ones."""
    context: dict = {
        "takeout": Takeout.objects.visible_to(request.user).first(),
        "kept_days": takeouts.KEPT.days,
        "keeping": KeepingForm(None, request.user),
        "is_confirmed": did_recently_reauthenticate(request),
    }
    return render(request, "privacy/page.html", context | changed, status=status)


# ---------------------------------------------------------------------------------------------------------------------
# Everything that is mine


@require_POST
@confirmed
def ask(request: Request) -> HttpResponse:
    takeouts.ask(request.user)
    return redirect("privacy:page")


@require_GET
def progress(request: Request) -> HttpResponse:
    """Return the progress for htmx; reload the page when it has ended."""
    takeout = Takeout.objects.visible_to(request.user).first()
    if takeout is None or not takeout.is_active:
        return HttpResponseClientRefresh()
    return render(request, "privacy/page.html#progress", {"takeout": takeout})


@require_POST
def cancel(request: Request) -> HttpResponse:
    for takeout in Takeout.objects.visible_to(request.user).active():
        takeout.request_cancel()
    return redirect("privacy:page")


@require_safe
@confirmed
def unlock(request: Request) -> HttpResponse:
    """Show the page, on which the file may be downloaded now, for some minutes."""
    return redirect(reverse("privacy:page") + "#takeout")


@require_POST
@confirmed
@cache_control(no_store=True)
def download(request: Request) -> HttpResponseBase:
    takeout = Takeout.objects.visible_to(request.user).first()
    if takeout is None or not takeout.is_here:
        raise Http404
    try:
        content = takeout.file.open("rb")
    except FileNotFoundError:
        raise Http404 from None
    name = file_name("voicesite", request.user.username, f"{takeout.created_at:%Y-%m-%d}", extension="zip")
    return FileResponse(content, as_attachment=True, filename=name, content_type="application/zip")


# ---------------------------------------------------------------------------------------------------------------------
# How long things are kept


@require_POST
def keep(request: Request) -> HttpResponse:
    form = KeepingForm(request.POST, request.user)
    if not form.is_valid():
        return _page(request, keeping=form, status=422)
    form.save()
    messages.success(request, _("Saved. What has been kept long enough is deleted within the hour."))
    return redirect(reverse("privacy:page") + "#keeping")


# ---------------------------------------------------------------------------------------------------------------------
# Leaving


@require_http_methods(["GET", "POST"])
@never_cache
def leave(request: Request) -> HttpResponseBase:
    """Say what goes and what stays; lock the account, to be deleted after a day."""
    person = request.user
    if request.method == "POST":
        return _leave(request)
    context = {
        "why_not": leaving.why_not(person),
        "goes": [words for data in personal_data for words in data.goes(person)],
        "stays": [words for data in personal_data for words in data.stays(person)],
        "has_takeout": Takeout.objects.visible_to(person).exists(),
    }
    return render(request, "privacy/leave.html", context)


@confirmed
def _leave(request: Request) -> HttpResponse:
    try:
        token = leaving.ask(request.user)
    except Rejected as rejected:
        messages.error(request, translated(rejected.message))
        return redirect("privacy:leave")
    person, way_back = request.user, reverse("privacy:stay", args=[token])
    logout(request)
    for tell in leaving.on_asked:
        tell(person, absolute_url(request, way_back))
    return redirect(way_back)


@login_not_required
@require_http_methods(["GET", "POST"])
@never_cache
def stay(request: HttpRequest, token: str) -> HttpResponse:
    """Tell who asked to leave when the account will be deleted, and open it again if they want that."""
    person = leaving.leaving(token)
    if person is None:
        raise Http404
    if request.method == "POST":
        if not leaving.stay(person):
            raise Http404
        messages.success(request, _("Your account is open again, and nothing was deleted. Sign in to go on."))
        return redirect("account_login")
    hours = (person.leaves_at - timezone.now()).total_seconds() / 3600 if person.leaves_at else 0
    address = absolute_url(request, request.path)
    return render(request, "privacy/stay.html", {"person": person, "hours": round(hours), "address": address})
