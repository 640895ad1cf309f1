"""The REST API of folders of the library."""

from uuid import UUID

from django.http import HttpRequest
from django.shortcuts import get_object_or_404
from ninja import Status

from synthesis.generations import arranging
from synthesis.generations.folders import FolderForm
from synthesis.models import Folder
from voicesite.people.requests import Request
from voicesite.web.rest import Router, save_form

from .schemas import FolderIn, FolderOut

router = Router(tags=["Speech"])
FOLDER_PATH = "/folders/{uuid:folder_id}"


@router.get("/folders", response=list[FolderOut], summary="List folders")
def list_folders(request: Request):
    """All of your folders, by name."""
    return Folder.objects.visible_to(request.user).counted()


@router.post("/folders", response={201: FolderOut}, summary="Make a folder", errors=[409])
def make_folder(request: Request, body: FolderIn):
    """Each of your folders has a name of its own; case makes no difference."""
    made = save_form(FolderForm(body.dict(), instance=Folder(owner=request.user)))
    return Status(201, _folder(request, made.pk))


@router.patch(FOLDER_PATH, response=FolderOut, summary="Rename a folder", errors=[409])
def rename_folder(request: Request, folder_id: UUID, body: FolderIn):
    """Its texts stay in it."""
    save_form(FolderForm(body.dict(), instance=_folder(request, folder_id)))
    return _folder(request, folder_id)


@router.delete(FOLDER_PATH, summary="Delete a folder")
def delete_folder(request: Request, folder_id: UUID):
    """The texts in it stay, in no folder."""
    arranging.discard(_folder(request, folder_id))


def _folder(request: HttpRequest, folder_id: UUID) -> Folder:
    return get_object_or_404(Folder.objects.visible_to(request.user).counted(), pk=folder_id)
