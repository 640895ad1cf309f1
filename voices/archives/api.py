"""API: export voices as an archive, and import one."""

from collections.abc import Iterable
from uuid import UUID

from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404
from django.urls import reverse
from ninja import File, Query, UploadedFile
from ninja.pagination import paginate

from voices.models import VoiceImport, VoiceProfile
from voicesite.people.requests import Request, key_of
from voicesite.web.events import itself
from voicesite.web.rejection import Rejected
from voicesite.web.rest import Pages, Router, authentication, problems

from . import importing
from .exporting import Export, exportable_by
from .forms import ImportForm
from .schemas import ImportChoices, ImportOut, ImportSummary, VoiceIds
from .views import own_import, send

router = Router(tags=["Archives"])

ZIP_RESPONSE = {"content": {"application/zip": {"schema": {"type": "string", "format": "binary"}}}}


# No HEAD: each request is an export, which the audit log records.
@router.api_operation(
    ["GET"],
    "/voices/export",
    response={200: None},
    summary="Export voices",
    openapi_extra={"responses": {200: ZIP_RESPONSE}},
    errors=[404, 413, 429],
)
def export_voices(request: Request, chosen: Query[VoiceIds]) -> HttpResponseBase:
    """Several of your own voices as one archive, which another site can import."""
    return _export(request, chosen.voice)


@router.api_operation(
    ["GET"],
    "/voices/{uuid:voice_id}/export",
    response={200: None},
    summary="Export a voice",
    openapi_extra={"responses": {200: ZIP_RESPONSE}},
    errors=[409, 413, 422, 429],
)
def export_voice(request: Request, voice_id: UUID) -> HttpResponseBase:
    """A voice of your own as an archive, which another site can import: recordings, clips, transcripts and consent."""
    return _export(request, [voice_id])


def _export(request: Request, chosen: Iterable[UUID]) -> HttpResponseBase:
    wanted, voices = set(chosen), exportable_by(request.user)
    found = voices.filter(pk__in=wanted)
    for missing in wanted - set(found.values_list("pk", flat=True)):
        get_object_or_404(VoiceProfile.objects.editable_by(request.user), pk=missing)
        raise Rejected("conflict", "A voice that is suspended can't be exported.")
    return send(Export(request.user, found, request.get_host()))


@router.get("/voices/import", response=list[ImportSummary], summary="List your archives")
@paginate(Pages)
def list_imports(request: Request):
    """Newest first."""
    return VoiceImport.objects.visible_to(request.user)


@router.post(
    "/voices/import",
    response={201: ImportOut},
    summary="Upload an archive of voices",
    errors=[413, 429],
    takes_long=True,
)
def import_voices(request: Request, response: HttpResponse, archive: File[UploadedFile]):
    """An archive of this program or of voicebox. No voice is imported before you choose what to do with each."""
    received = importing.receive_upload(request.user, archive)
    response["Location"] = reverse("api:get_import", args=[received.pk])
    return received


@router.get(
    "/voices/import/{uuid:import_id}",
    response=ImportOut,
    summary="Show one of your archives",
    auth=authentication("voices", is_poll=True),
    job=itself,
)
def get_import(request: Request, import_id: UUID):
    """Its voices, the progress of the import, and the imported voices."""
    return own_import(request, import_id)


@router.post(
    "/voices/import/{uuid:import_id}",
    response={202: ImportOut},
    summary="Import voices of an archive",
    errors=[409],
    job=itself,
)
def confirm_import(request: Request, response: HttpResponse, import_id: UUID, choices: ImportChoices):
    """In the background: all voices that you choose, or none if one fails."""
    voice_import = own_import(request, import_id)
    if not voice_import.is_answerable:
        raise Rejected("conflict", "This import is already running or done.")
    proposed = importing.proposals(voice_import)
    if len(choices.voices) != len(proposed):
        words = f"The archive has {len(proposed)} voices: say what to do with each."
        raise Rejected("invalid", fields={"voices": [words]})
    data: dict = {"consent": choices.consent}
    for number, (choice, (name, _)) in enumerate(zip(choices.voices, proposed, strict=True)):
        data |= {f"{number}-act": choice.act, f"{number}-name": name if choice.name is None else choice.name}
    form = ImportForm(data, voice_import)
    if not form.is_valid():
        fields = problems(form)
        for number, voice in enumerate(form.voices):
            fields |= {f"voices.{number}.{name}": texts for name, texts in problems(voice).items()}
        raise Rejected("invalid", next(iter(fields.values()))[0], fields)
    if not importing.confirm(voice_import, form.choices(), key_of(request)):
        raise Rejected("conflict", "This import is already running or done.")
    response["Location"] = reverse("api:get_import", args=[import_id])
    return own_import(request, import_id)


@router.post(
    "/voices/import/{uuid:import_id}/cancel",
    response=ImportOut,
    summary="Cancel an import of voices",
    errors=[409],
    job=itself,
)
def cancel_import(request: Request, import_id: UUID):
    """None of its voices is imported then. The archive stays, so you can choose again."""
    voice_import = own_import(request, import_id)
    if not voice_import.is_under_way or not voice_import.request_cancel():
        raise Rejected("conflict", "This import isn’t running.")
    return own_import(request, import_id)


@router.delete("/voices/import/{uuid:import_id}", summary="Delete one of your archives")
def discard_import(request: Request, import_id: UUID):
    """An import that is running stops. Imported voices stay."""
    importing.discard(own_import(request, import_id))
