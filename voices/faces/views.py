"""The face of a voice as a picture, and whose favourite a voice is."""

import hashlib
from uuid import UUID

from django.http import HttpResponse, HttpResponseNotModified
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST, require_safe

from voices.models import VoiceProfile
from voicesite.people.requests import Request

from .drawing import NEUTRAL, draw

NO_VOICE = UUID(int=0)  # nobody's: its face is the neutral one
FRESH_SECONDS = 3600  # within which a browser asks for no face again: it changes with the voice's main recording alone


@require_safe
def face(request: Request, pk) -> HttpResponse:
    """Return the face of a voice. The answer about one that is not there, or is not this person's to see, is neutral, too.

    Rows of speech stay when their voice goes, and would show a broken picture.
    """
    if pk == NO_VOICE:
        return _picture(NEUTRAL, f"private, max-age={FRESH_SECONDS}")
    found = VoiceProfile.objects.visible_to(request.user).filter(pk=pk).values_list("clip__face", flat=True)
    if not found:
        return _picture(NEUTRAL, "private, no-store", status=404)
    drawn = draw(found[0])
    etag = f'"{hashlib.sha256(drawn.encode()).hexdigest()[:20]}"'
    caching = f"private, max-age={FRESH_SECONDS if found[0] else 0}"
    if request.headers.get("If-None-Match") == etag:
        return HttpResponseNotModified(headers={"ETag": etag, "Cache-Control": caching})
    response = _picture(drawn, caching)
    response["ETag"] = etag
    return response


def _picture(drawn: str, caching: str, status: int = 200) -> HttpResponse:
    return HttpResponse(drawn, content_type="image/svg+xml", status=status, headers={"Cache-Control": caching})


@require_POST
def favourite(request: Request, pk) -> HttpResponse:
    """Make a voice one of this person's favourites, or with `on=0` no longer."""
    voice = get_object_or_404(VoiceProfile.objects.visible_to(request.user), pk=pk)
    is_favourite = request.POST.get("on") == "1"
    if is_favourite:
        voice.favoured_by.add(request.user)
    else:
        voice.favoured_by.remove(request.user)
    if request.htmx:
        shown = {"voice": voice, "is_favourite": is_favourite, "in_grid": "in_grid" in request.POST}
        return render(request, "voices/faces/_favourite.html", shown)
    return redirect("voices:detail", voice.pk)
