"""The REST operations of listening links, by the same form and functions as the pages."""

from typing import Any
from uuid import UUID

from django.http import Http404
from django.urls import reverse

from synthesis.delivery import renditions
from synthesis.models import ListeningLink
from synthesis.sharing import service as sharing
from synthesis.sharing.forms import LinkForm
from voicesite.address.links import absolute_url
from voicesite.people.requests import Request
from voicesite.web.rest import Router, rejection

from .rest import GENERATION_PATH, visible
from .schemas import LinkIn, LinkOut

router = Router(tags=["Speech"])
LINK_PATH = f"{GENERATION_PATH}/link"


def shown(request: Request, link: ListeningLink) -> dict[str, Any]:
    return vars(link) | {"url": absolute_url(request, reverse("synthesis:listen", args=[link.token]))}


def active_link(request: Request, generation_id: UUID) -> ListeningLink:
    link = visible(request, generation_id).links.active().first()
    if link is None:
        raise Http404
    return link


@router.post(LINK_PATH, response=LinkOut, summary="Make a listening link", errors=[409])
def make_link(request: Request, generation_id: UUID, body: LinkIn):
    """Make the link by which anybody can listen, or change the one that there is: its address stays the same.

    A 409 where it must not be shared, with the reason.
    """
    generation = visible(request, generation_id)
    form = LinkForm(body.dict())
    if not form.is_valid():
        raise rejection(form)
    link = sharing.share(generation, **form.cleaned_data)
    renditions.begin(request.user, generation, renditions.LISTENERS)
    return shown(request, link)


@router.get(LINK_PATH, response=LinkOut, summary="Show its listening link")
def get_link(request: Request, generation_id: UUID):
    """A 404 where there is none that works."""
    return shown(request, active_link(request, generation_id))


@router.delete(LINK_PATH, summary="End its listening link")
def end_link(request: Request, generation_id: UUID):
    """Nobody hears it by the link any more, and the next link has another address."""
    sharing.end(active_link(request, generation_id), ListeningLink.Ending.OWNER, request.user)
