"""The REST API of pronunciations."""

from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from ninja import File, Form, Query, UploadedFile
from ninja.pagination import paginate

from voicesite.limits import idempotency
from voicesite.people.requests import Request
from voicesite.web.rejection import Rejected
from voicesite.web.rest import Pages, Router, rejection, save_form

from . import csv_files, importing, service, views
from .forms import EntryForm, ImportForm, NewEntryForm
from .models import PronunciationEntry
from .schemas import (
    ImportIn,
    ImportReport,
    PronunciationChanges,
    PronunciationFilters,
    PronunciationIn,
    PronunciationOut,
    Whose,
)

router = Router(tags=["Pronunciations"])
PRONUNCIATION_PATH = "/pronunciations/{uuid:pronunciation_id}"
CSV_RESPONSE = {"content": {"text/csv": {"schema": {"type": "string"}}}}


def editable(request: Request, pronunciation_id: UUID) -> PronunciationEntry:
    return get_object_or_404(PronunciationEntry.objects.editable_by(request.user), pk=pronunciation_id)


def check_site(request: Request, site: bool) -> None:
    """Raise Rejected where somebody else than staff changes what is for everyone."""
    if site and not request.user.is_staff:
        raise Rejected("invalid", "Only staff change the pronunciations of the site.").about("site")


@router.get("/pronunciations", response=list[PronunciationOut], summary="List pronunciations")
@paginate(Pages)
def list_pronunciations(request: Request, wanted: Query[PronunciationFilters]):
    """Your own and the site's, by word. Yours go before the site's, an accent's before its language's."""
    return service.matching(request.user, wanted.q, wanted.language, wanted.whose)


@router.post("/pronunciations", response={201: PronunciationOut}, summary="Add a pronunciation", errors=[409])
def add_pronunciation(request: Request, response: HttpResponse, entry: PronunciationIn):
    """It applies to what is spoken from now on, by any page or program."""
    check_site(request, entry.site)
    made = save_form(NewEntryForm(entry.dict(), instance=PronunciationEntry(), user=request.user))
    response["Location"] = reverse("api:get_pronunciation", args=[made.pk])
    return made


@router.get(
    "/pronunciations/export",
    response={200: None},
    summary="Export pronunciations",
    openapi_extra={"responses": {200: CSV_RESPONSE}},
)
def pronunciations_csv(request: Request, wanted: Query[Whose]) -> HttpResponse:
    """As a CSV file with the columns word, said, language and match_case."""
    return views.csv_response(request, wanted.whose)


@router.post(
    "/pronunciations/import", response=ImportReport, summary="Import pronunciations", errors=[409], takes_long=True
)
def import_pronunciations(request: Request, wanted: Form[ImportIn], file: File[UploadedFile]):
    """From a CSV file as they are exported. Words that are there are changed; lines that are wrong are left out."""
    check_site(request, wanted.site)
    form = ImportForm({}, {"file": file}, user=request.user)
    if not form.is_valid():
        raise rejection(form)
    try:
        rows = csv_files.read(csv_files.decode(form.cleaned_data["file"]))
    except Rejected as rejected:
        raise rejected.about("file") from None
    idempotency.begin_work()
    plan = importing.plan(None if wanted.site else request.user, rows)
    if not wanted.preview:
        plan.apply()
    refused = [line._asdict() for line in plan.refused]
    return {"new": len(plan.new), "changed": len(plan.changed), "same": plan.same, "refused": refused}


@router.get(PRONUNCIATION_PATH, response=PronunciationOut, summary="Show a pronunciation")
def get_pronunciation(request: Request, pronunciation_id: UUID):
    """One of your own, or of the site."""
    return get_object_or_404(PronunciationEntry.objects.visible_to(request.user), pk=pronunciation_id)


@router.patch(PRONUNCIATION_PATH, response=PronunciationOut, summary="Change a pronunciation", errors=[409])
def change_pronunciation(request: Request, pronunciation_id: UUID, changes: PronunciationChanges):
    """One of your own; staff, those of the site too."""
    entry = editable(request, pronunciation_id)
    before = EntryForm(instance=entry).initial
    return save_form(EntryForm({**before, **changes.dict(exclude_none=True)}, instance=entry))


@router.delete(PRONUNCIATION_PATH, summary="Delete a pronunciation")
def delete_pronunciation(request: Request, pronunciation_id: UUID):
    """The word is read as it is written again. What was spoken stays as it is."""
    service.discard(editable(request, pronunciation_id))
