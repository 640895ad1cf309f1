"""The page of one's own speech from which it is sent: the file, and the listening link."""

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from synthesis.delivery import renditions
from synthesis.models import Generation, ListeningLink
from synthesis.sharing import service as sharing
from synthesis.sharing.forms import LinkForm
from voicesite.address.links import absolute_url
from voicesite.people.requests import Request
from voicesite.web.rejection import Rejected

from .listening import mine


@require_GET
def panel(request: Request, pk) -> HttpResponse:
    return _panel(request, mine(request, pk))


@require_POST
def make_link(request: Request, pk) -> HttpResponse:
    """Make the link, or change the one that there is."""
    generation = mine(request, pk)
    form = LinkForm(request.POST)
    if not form.is_valid():
        return _panel(request, generation, form=form, status=422)
    try:
        sharing.share(generation, **form.cleaned_data)
    except Rejected:  # the panel says why
        return _panel(request, generation, status=422)
    renditions.begin(request.user, generation, renditions.LISTENERS)
    return _panel(request, generation) if request.htmx else redirect("synthesis:share", pk)


@require_POST
def end_link(request: Request, pk) -> HttpResponse:
    generation = mine(request, pk)
    for link in generation.links.active():
        sharing.end(link, ListeningLink.Ending.OWNER, request.user)
    return _panel(request, generation) if request.htmx else redirect("synthesis:share", pk)


def link_address(request: Request, link: ListeningLink) -> str:
    """Return the address that others open."""
    return absolute_url(request, reverse("synthesis:listen", args=[link.token]))


def _panel(
    request: Request, generation: Generation, *, form: LinkForm | None = None, status: int = 200
) -> HttpResponse:
    link = generation.links.active().first()
    context = {
        "generation": generation,
        "link": link,
        "address": link_address(request, link) if link else "",
        "ended": None if link else generation.links.filter(ended_at__isnull=False).order_by("-ended_at").first(),
        "expired": None if link else generation.links.filter(ended_at=None, expires_at__lte=timezone.now()).first(),
        "why_not": sharing.why_not(generation),
        "form": form or LinkForm.of(link),
    }
    template = "synthesis/sharing/share.html" + ("#panel" if request.htmx else "")
    return render(request, template, context, status=status)
