"""What is done with several texts of the library at once: download them, delete them."""

from django.contrib import messages
from django.http import HttpResponse, QueryDict
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from synthesis.delivery.encoding import FORMATS
from synthesis.delivery.renditions import NotReady
from synthesis.delivery.responses import selection_response
from synthesis.delivery.selection import FORMATS as SELECTION_FORMATS
from synthesis.delivery.selection import MAX_SELECTED
from synthesis.generations import takes
from synthesis.generations.arranging import takes_of
from synthesis.models import Generation
from voicesite.people.requests import Request, as_uuid
from voicesite.web import undo
from voicesite.web.rejection import Rejected

MAX_ARRANGED = 500  # texts that are moved, tagged or deleted at once; an archive has fewer
MAX_QUERY_CHARACTERS = 2000  # of the address that the list had


@require_POST
def download(request: Request) -> HttpResponseBase:
    """Send the selected texts as an archive, in the format that `format` names."""
    audio_format = request.POST.get("format", "")
    audio_format = audio_format if audio_format in SELECTION_FORMATS else "mp3"
    if len(request.POST.getlist("selected")) > MAX_SELECTED:
        messages.error(request, _("Select %(most)d texts at most to download them at once.") % {"most": MAX_SELECTED})
        return back(request)
    selected = [one for one in selected_texts(request) if one.is_heard]
    if not selected:
        messages.error(request, _("Select texts that are ready first."))
        return back(request)
    try:
        return selection_response(request, selected, audio_format)
    except Rejected as rejected:
        messages.error(request, rejected.message)
    except NotReady:
        title = FORMATS[audio_format].title
        messages.info(
            request, _("The {title} files are being prepared. Download again in a minute.").format(title=title)
        )
    return back(request)


@require_POST
def delete(request: Request) -> HttpResponse:
    """Delete the selected texts with all their takes, so that it can be undone."""
    if not (selected := selected_texts(request)):
        messages.error(request, _("Select what to delete first."))
        return back(request)
    moment = takes.discard(*takes_of(selected).defer("text", "recognized_text"))
    count = len(selected)
    words = _("Deleted “%(name)s”.") if count == 1 else _("Deleted %(count)d texts.")
    undo.tell(request, words % {"name": selected[0].title, "count": count}, "texts", moment)
    return back(request, selected=False)


def selected_texts(request: Request, most: int = MAX_ARRANGED) -> list[Generation]:
    """Return the person's own texts that are selected, `most` at most."""
    keys = [key for key in map(as_uuid, request.POST.getlist("selected")[:most]) if key]
    mine = Generation.objects.visible_to(request.user).filter(pk__in=keys)
    return list(mine.picked().defer("text", "recognized_text"))


def back(request: Request, selected: bool = True) -> HttpResponse:
    """Return to the list as it was filtered, and with what is selected."""
    query = QueryDict(request.POST.get("query", "")[:MAX_QUERY_CHARACTERS], mutable=True)
    query.setlist("selected", request.POST.getlist("selected")[:MAX_SELECTED] if selected else [])
    address = reverse("synthesis:list")
    return redirect(f"{address}?{query.urlencode()}" if query.urlencode() else address)
