"""What people without an account see of a listening link: a page to hear it, its sound, and a form to report it.

Whoever has the address may listen, and nobody else finds it: no page of it is indexed, kept by a browser, or told to other
sites as where somebody came from. No cookie is set. A link that does not open says the same whatever the reason is.
"""

from collections.abc import Callable
from functools import wraps
from math import ceil

from django import forms
from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext_lazy
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_safe

from synthesis.delivery import renditions
from synthesis.delivery.renditions import NotReady
from synthesis.models import Generation, ListeningLink
from synthesis.sharing import service as sharing
from voices.text.lengths import MAX_REASON
from voicesite.web.media import file_name, sound_response
from voicesite.web.rejection import Rejected

from .listening import text_context

HEADERS = {
    "X-Robots-Tag": "noindex, nofollow, noarchive",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "private, no-store",
}
LinkView = Callable[[HttpRequest, ListeningLink], HttpResponseBase]


class ListenersReportForm(forms.Form):
    reason = forms.CharField(
        label=gettext_lazy("What is wrong with it"), max_length=MAX_REASON, widget=forms.Textarea(attrs={"rows": 4})
    )


def _of_link(view: LinkView) -> Callable[[HttpRequest, str], HttpResponseBase]:
    """Let a view of an open link answer to its token; any other token gets a 404."""

    @login_not_required
    @wraps(view)
    def answer(request: HttpRequest, token: str) -> HttpResponseBase:
        link = sharing.opened(token)
        response = view(request, link) if link else _closed(request)
        for name, value in HEADERS.items():
            response[name] = value
        return response

    return answer


def _closed(request: HttpRequest) -> HttpResponse:
    return _page(request, "closed", {}, status=404)


def _page(request: HttpRequest, name: str, context: dict, status: int = 200) -> HttpResponse:
    context |= {"site": settings.PUBLIC_NAME}
    return render(request, f"synthesis/sharing/{name}.html", context, status=status)


@require_safe
@_of_link
def listen(request: HttpRequest, link: ListeningLink) -> HttpResponse:
    """Show the player, with what the owner of the link chose to show."""
    generation = link.generation
    context = {
        "link": link,
        "generation": generation,
        "preparing": _rendition(generation) is None,
        "days_left": ceil((link.expires_at - timezone.now()).total_seconds() / 86_400),
    }
    if link.show_text:
        context |= text_context(generation)
    return _page(request, "listen", context)


@require_safe
@_of_link
def audio(request: HttpRequest, link: ListeningLink) -> HttpResponseBase:
    """Return the sound as an MP3 file, whole or in ranges."""
    if "download" in request.GET and not link.may_download:
        return _closed(request)
    rendition = _rendition(link.generation)
    if rendition is None:
        return HttpResponse(status=503, headers={"Retry-After": "5"})
    if _begins(request):
        sharing.count_listen(link)
    etag, name = str(rendition.file.name).rpartition("/")[-1], file_name(link.title, extension="mp3")
    return sound_response(request, rendition.file, etag=etag, name=name, content_type="audio/mpeg")


def _rendition(generation: Generation):
    """Return the file for listeners; None while it is still being made."""
    try:
        return renditions.ready(generation.owner, generation, renditions.LISTENERS)
    except (NotReady, Rejected):
        return None


def _begins(request: HttpRequest) -> bool:
    """Return whether it asks for the beginning. Safari first asks for two bytes, to see whether ranges are understood."""
    asked = request.headers.get("Range", "bytes=0-")
    return request.method == "GET" and asked.startswith("bytes=0-") and asked != "bytes=0-1"


@csrf_exempt  # nobody is signed in here, so there are no rights to misuse, and the page sets no cookie
@require_http_methods(["GET", "POST"])
@_of_link
def report(request: HttpRequest, link: ListeningLink) -> HttpResponse:
    """Tell staff what is wrong with it."""
    form = ListenersReportForm(request.POST or None)
    if form.is_bound and form.is_valid():
        sharing.report(link, form.cleaned_data["reason"])
        return _page(request, "reported", {"link": link})
    return _page(request, "report", {"link": link, "form": form}, status=422 if form.errors else 200)


@login_not_required
@require_safe
def robots(request: HttpRequest) -> HttpResponse:
    """Ask search engines not even to fetch a listening link that stands somewhere."""
    return HttpResponse("User-agent: *\nDisallow: /listen/\n", content_type="text/plain")
