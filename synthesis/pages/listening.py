"""A text while it is spoken: which sentences are ready, where they are in the sound, and their takes."""

from datetime import UTC, datetime

from django.core.files.storage import default_storage
from django.core.paginator import Paginator
from django.db.models import Count, F, Max, Q
from django.db.models.functions import Length
from django.http import Http404, HttpResponse, JsonResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_safe

from synthesis.delivery.word_times import word_times
from synthesis.generations.hearing import record_hearing
from synthesis.models import Generation, Segment, SegmentTake
from voicesite.people.requests import Request
from voicesite.web.media import file_name, sound_response

from .changes import changes_context

SENTENCES_OF_A_PAGE = 50


def mine(request: Request, pk) -> Generation:
    return get_object_or_404(Generation.objects.visible_to(request.user), pk=pk)


def player_id(generation: Generation) -> str:
    """Return the id of its player on a page."""
    return f"player-{generation.pk}"


def whole_address(generation: Generation) -> str:
    """Return the address of the whole. It changes with the file, as browsers keep what they got for ever."""
    version = _last(str(generation.audio)).partition(".")[0][:8]
    return f"{reverse('synthesis:audio', args=[generation.pk])}?version={version}"


def take_address(segment: Segment) -> str:
    """Return the address of the take that is heard of a segment. Its sound never changes."""
    return reverse("synthesis:take_audio", args=[segment.generation_id, segment.take_id])


def set_first_is_spoken(*generations: Generation) -> None:
    """Set `first_is_spoken` of each, if it has no whole yet: whether one can begin to listen. At most one query.

    The beginning of a sentence that is being spoken will do. When that attempt is rejected, whoever has heard it keeps the
    player, and hears the next attempt.
    """
    silent = [generation.pk for generation in generations if not generation.is_heard]
    active = [generation.pk for generation in generations if generation.is_active]
    begun_or_again = ~Q(parts=[]) | Q(tries__gt=0, state=Segment.State.GENERATING)
    can_be_heard = Q(take__isnull=False) | begun_or_again & Q(generation__in=active)
    first = Segment.objects.filter(can_be_heard, generation__in=silent, index=0)
    begun = set(first.values_list("generation", flat=True)) if silent else set()
    for generation in generations:
        generation.first_is_spoken = generation.pk in begun


@require_GET
def timeline(request: Request, pk) -> HttpResponse:
    """Return what has changed in the segments since `?since=`, the `cursor` of the last response; at first, all.

    Where a segment begins follows from the seconds of all before it, so that a change of one is a change of one only. When
    `revision` is another than before, all segments are there, and no others exist any more. Seconds are exact to the sample.
    """
    generation = get_object_or_404(Generation.objects.visible_to(request.user).defer("text", "peaks"), pk=pk)
    revision, _, changed_at = request.GET.get("since", "").partition("@")
    in_text = generation.segments.in_text()
    changed = in_text
    if revision == str(generation.revision) and (moment := _moment(changed_at)):
        changed = in_text.filter(changed_at__gte=moment)
    counted = in_text.aggregate(total=Count("pk"), spoken=Count("take"), last=Max("changed_at"))
    response = JsonResponse(
        {
            "state": generation.state,
            "ended": not generation.is_active,
            "progress": generation.progress,
            "revision": generation.revision,
            "cursor": f"{generation.revision}@{counted['last'].isoformat() if counted['last'] else ''}",
            "total": counted["total"],
            "spoken": counted["spoken"],
            "whole": {"audio": whole_address(generation), "seconds": generation.seconds}
            if generation.is_heard
            else None,
            "segments": [_entry(row) for row in changed.values(*_COLUMNS, **_COMPUTED)],
        }
    )
    response["Cache-Control"] = "no-store"
    return response


_COLUMNS = ("pk", "index", "state", "pause_before", "pause", "take", "take__seconds", "parts", "revision", "tries")
_COMPUTED = {
    "characters": Length("text"),
    "marked": F("take__is_marked"),
    "has_words": Q(take__words__isnull=False),
}


def _moment(written: str) -> datetime | None:
    try:
        moment = datetime.fromisoformat(written)
        return moment.astimezone(UTC) if moment.tzinfo else None
    except (ValueError, OverflowError):  # no time, or one at an end of the calendar
        return None


def _entry(row: dict) -> dict:
    """Return a segment as the timeline has it. Its audio is relative to the timeline's own address: it is short so.

    Without a take, it may have parts: its beginning. A take of the same `attempt` begins with exactly these samples.
    """
    entry = {name: row[name] for name in ("index", "state", "pause_before", "pause", "characters")}
    entry["attempt"] = f"{row['revision']}.{row['tries']}"
    if row["take"]:
        entry["audio"] = f"segment-takes/{row['take']}/audio"
        entry["seconds"] = row["take__seconds"]
        entry["marked"] = row["marked"]
        if row["has_words"]:
            entry["words"] = f"segment-takes/{row['take']}/words"
    elif row["parts"]:
        where = f"segments/{row['pk']}/parts"
        entry["parts"] = [{"audio": f"{where}/{_last(name)}", "samples": samples} for name, samples in row["parts"]]
    return entry


def _last(path: str) -> str:
    return path.rpartition("/")[-1]


@require_safe
def take_audio(request: Request, pk, take: int) -> HttpResponseBase:
    """Return one take of a segment, as FLAC, which never changes."""
    found = _take(request, pk, take)
    name = file_name(found.segment.generation.title, str((found.segment.index or 0) + 1), extension="flac")
    etag = _last(str(found.audio))
    return sound_response(request, found.audio, etag=etag, name=name, content_type="audio/flac")


@require_safe
def part_audio(request: Request, pk, segment: int, name: str) -> HttpResponseBase:
    """Return a part of a segment that is being spoken, as FLAC: no other bytes ever have its name. 404 once there is a take."""
    mine = Generation.objects.visible_to(request.user)
    found = get_object_or_404(Segment.objects.filter(generation__in=mine), pk=segment, generation=pk)
    path = next((path for path, _ in found.parts if _last(path) == name), None)
    if path is None:
        raise Http404(_("This part no longer exists."))
    try:
        file = default_storage.open(path)
    except FileNotFoundError:
        raise Http404(_("The file is gone.")) from None
    return sound_response(request, file, etag=name, name=name, content_type="audio/flac")


@require_GET
def take_words(request: Request, pk, take: int) -> HttpResponse:
    """Return when each word of a take is heard: [start, end, offset, length], in seconds, and in the text as JavaScript
    counts it, in UTF-16 code units. Empty where the segment's text is not what was spoken."""
    found = _take(request, pk, take)
    if found.text != found.segment.text:
        return JsonResponse({"words": []})
    words, at = [], 0
    for word in word_times(found, found.segment.generation.language):
        shown = word.text.lstrip()
        offset = at + _code_units(word.text) - _code_units(shown)
        words.append([word.start, word.end, offset, _code_units(shown)])
        at += _code_units(word.text)
    return JsonResponse({"words": words})


def _code_units(text: str) -> int:
    return len(text.encode("utf-16-le")) // 2


def _take(request: Request, pk, take: int) -> SegmentTake:
    heard = Generation.objects.audible_by(request.user)
    takes = SegmentTake.objects.select_related("segment__generation__voice")
    found = get_object_or_404(takes.filter(segment__generation__in=heard), pk=take, segment__generation=pk)
    record_hearing(request.user, found.segment.generation)
    return found


@require_GET
def text(request: Request, pk) -> HttpResponse:
    """Show the text as it is spoken: the part of a page that is shown anew when sentences are split or changed."""
    return render(request, "synthesis/library/_text.html", text_context(mine(request, pk)))


def text_context(generation: Generation) -> dict:
    """Return the context of the text: the paragraphs of its segments, or none where it has no segments. One query."""
    paragraphs: list[list] = []
    # Models would take several times as long.
    columns = ("text", "speaker", "starts_paragraph", "state", "take__is_marked")
    for sentence in generation.segments.in_text().values_list(*columns, named=True):
        if sentence.starts_paragraph or not paragraphs:
            paragraphs.append([])
        paragraphs[-1].append(sentence)
    return {"generation": generation, "paragraphs": paragraphs, "between": _between(generation.language)}


def _between(language: str) -> str:
    """Return what is written between two sentences."""
    return "" if language.startswith(("ja", "zh")) else " "


@require_GET
def sentences(request: Request, pk) -> HttpResponse:
    """List the sentences, each with its own player: a page that needs no script."""
    generation = mine(request, pk)
    page = Paginator(generation.segments.in_text().select_related("take", "voice"), SENTENCES_OF_A_PAGE)
    context = {"generation": generation, "page": page.get_page(request.GET.get("page"))}
    context |= changes_context(generation)
    return render(request, "synthesis/library/sentences.html", context)
