"""The REST operations of a generation's sentences, by the same form and functions as the pages."""

from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404
from ninja import Query, Status
from ninja.pagination import paginate

from synthesis.models import Generation, Segment, SegmentTake
from synthesis.segments import editing, edits
from synthesis.segments.forms import SegmentForm
from synthesis.segments.listing import listed, set_starts
from voicesite.people.requests import Request
from voicesite.web.media import file_name, sound_response
from voicesite.web.rejection import Rejected
from voicesite.web.rest import Pages, Router, rejection

from .rest import GENERATION_PATH, task, visible
from .schemas import TaskOut
from .segment_schemas import SegmentIn, SegmentOut, SegmentTakeOut, SplitIn, TakeNumber

router = Router(tags=["Speech"])
SEGMENTS_PATH = f"{GENERATION_PATH}/segments"
SEGMENT_PATH = f"{SEGMENTS_PATH}/{{int:index}}"
FLAC = "audio/flac"


class SegmentPages(Pages):
    """Pages of segments, each with its place in the whole, which those before it decide."""

    def paginate_queryset(self, queryset: QuerySet, pagination: Any, request: HttpRequest, **params: Any) -> Any:
        page = super().paginate_queryset(queryset, pagination, request, **params)
        page["results"] = list(page["results"])
        set_starts(page["results"])
        return page


def segment_of(request: Request, generation_id: UUID, index: int) -> Segment:
    segments = visible(request, generation_id).segments.in_text().select_related("take", "generation")
    return get_object_or_404(segments, index=index)


def changed(request: Request, response: HttpResponse, generation: Generation) -> Status:
    """Return the 202 response of a change: the generation is a task again until it is spoken and joined."""
    Generation.objects.filter(pk=generation.pk).update(is_task=True)
    return task(request, response, generation.pk)


def sound(request: Request, take: SegmentTake) -> HttpResponseBase:
    name = file_name(take.text, extension="flac")
    return sound_response(request, take.audio, etag=f"take-{take.pk}", name=name, content_type=FLAC)


@router.get(SEGMENTS_PATH, response=list[SegmentOut], summary="List sentences")
@paginate(SegmentPages)
def list_segments(request: Request, generation_id: UUID):
    """What is spoken at once each time, in order, also while others are made. Empty while it waits for the first time."""
    return listed(visible(request, generation_id))


@router.get(f"{SEGMENT_PATH}/audio", summary="Download a sentence’s audio", file_types=[FLAC])
def segment_audio(request: Request, generation_id: UUID, index: int, query: Query[TakeNumber]) -> HttpResponseBase:
    """The one that is there now: `audio` of a sentence is an address that stays the same. A 404 until it is spoken."""
    segment = segment_of(request, generation_id, index)
    take = segment.takes.filter(number=query.take).first() if query.take else segment.take
    if take is None:
        raise Http404
    response = sound(request, take)
    response.headers["Cache-Control"] = "private, no-cache"
    return response


@router.get(f"{SEGMENTS_PATH}/takes/{{int:take_id}}/audio", summary="Download a take of a sentence", file_types=[FLAC])
def segment_take_audio(request: Request, generation_id: UUID, take_id: int) -> HttpResponseBase:
    """The file, which never changes."""
    takes = SegmentTake.objects.filter(segment__generation=visible(request, generation_id))
    return sound(request, get_object_or_404(takes, pk=take_id))


@router.patch(SEGMENT_PATH, response={202: TaskOut}, summary="Change a sentence", errors=[409])
def change_segment(request: Request, response: HttpResponse, generation_id: UUID, index: int, body: SegmentIn):
    """Give it other words, another voice or another pause. Only it is spoken again; the old sound stays until then.

    Words that make several sentences replace the one; those after it move.
    """
    generation = visible(request, generation_id)
    if not (given := body.given()):
        raise Rejected("invalid", "Say what to change of it: `text`, `voice` or `pause`.")
    form = SegmentForm(given, user=request.user)
    if not form.is_valid():
        raise rejection(form)
    form.change(generation, index)
    return changed(request, response, generation)


@router.delete(SEGMENT_PATH, response={202: TaskOut}, summary="Delete a sentence", errors=[409])
def delete_segment(request: Request, response: HttpResponse, generation_id: UUID, index: int):
    """Take it out of the text. Those after it move; the last one that is left can't be deleted."""
    generation = visible(request, generation_id)
    editing.remove(generation, index)
    return changed(request, response, generation)


@router.post(f"{SEGMENT_PATH}/split", response={202: TaskOut}, summary="Split a sentence", errors=[409])
def split_segment(request: Request, response: HttpResponse, generation_id: UUID, index: int, body: SplitIn):
    """Make two of it. Both are spoken again; those after it move."""
    generation = visible(request, generation_id)
    editing.split(generation, index, body.at)
    return changed(request, response, generation)


@router.post(f"{SEGMENT_PATH}/join", response={202: TaskOut}, summary="Join a sentence with the next", errors=[409])
def join_segment(request: Request, response: HttpResponse, generation_id: UUID, index: int):
    """Make one of it and the next, which is spoken again as one; those after it move."""
    generation = visible(request, generation_id)
    editing.join(generation, index)
    return changed(request, response, generation)


@router.post(f"{SEGMENT_PATH}/takes", response={202: TaskOut}, summary="Make another take of a sentence", errors=[409])
def speak_segment_again(request: Request, response: HttpResponse, generation_id: UUID, index: int):
    """Speak another take of it, which is heard then. The others are kept: pick one to go back."""
    generation = visible(request, generation_id)
    editing.speak_again(generation, index)
    return changed(request, response, generation)


@router.get(f"{SEGMENT_PATH}/takes", response=list[SegmentTakeOut], summary="List the takes of a sentence")
@paginate(Pages)
def list_segment_takes(request: Request, generation_id: UUID, index: int):
    """All that were spoken, with the words that it had then, the oldest first."""
    return segment_of(request, generation_id, index).takes.select_related("segment").order_by("number")


@router.post(
    f"{SEGMENT_PATH}/takes/{{int:number}}/pick",
    response={202: TaskOut},
    summary="Pick a take of a sentence",
    errors=[409],
)
def pick_segment_take(request: Request, response: HttpResponse, generation_id: UUID, index: int, number: int):
    """Hear this take, with the words and the voice that it has. Nothing is spoken."""
    generation = visible(request, generation_id)
    editing.pick(generation, index, number)
    return changed(request, response, generation)


@router.post(
    f"{SEGMENTS_PATH}/marked/takes", response={202: TaskOut}, summary="Speak marked sentences again", errors=[409]
)
def speak_marked_again(request: Request, response: HttpResponse, generation_id: UUID):
    """Speak another take of each sentence in which other words than its own were heard, of 500 at once at most."""
    generation = visible(request, generation_id)
    editing.speak_marked_again(generation)
    return changed(request, response, generation)


@router.post(f"{GENERATION_PATH}/undo", response={202: TaskOut}, summary="Undo a change", errors=[409])
def undo_change(request: Request, response: HttpResponse, generation_id: UUID):
    """Undo the last change of its sentences; ask again for the one before. What was heard before is heard again."""
    generation = visible(request, generation_id)
    edits.undo(generation)
    return changed(request, response, generation)
