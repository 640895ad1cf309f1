"""The REST operations of jobs that speech waits for: downloads of models, and fittings of engines to voices."""

from uuid import UUID

from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from ninja import Field
from ninja.pagination import paginate

from synthesis.models import Download, Fitting
from voices.models import VoiceProfile
from voices.schema_fields import Job
from voicesite.people.requests import Request
from voicesite.web.events import itself
from voicesite.web.rest import Pages, Router, authentication

router = Router(tags=["Speech"])
watching = authentication("speak", is_poll=True)


class DownloadOut(Job):
    """The job of fetching a model."""

    id: int
    engine: str = Field(examples=["torch"])
    model: str = Field(examples=["Qwen/Qwen3-TTS-12Hz-0.6B-Base"])
    bytes_done: int = Field(examples=[734003200])
    bytes_total: int = Field(description="0 until it is known", examples=[2516582400])


class FittingOut(Job):
    """The job of fitting an engine to a voice."""

    engine: str = Field(examples=["kokoro"])
    model: str = Field(examples=["kokoro-82m-v1.0-int8"])
    similarity: float | None = Field(
        description="Of the fitted voice to its recording, -1 to 1; null until it was measured", examples=[0.86]
    )


def visible(request: Request) -> QuerySet[Download]:
    """Return the downloads for staff, who see and fetch models; none for others."""
    return Download.objects.order_by("-created_at") if request.user.is_staff else Download.objects.none()


@router.get("/models/downloads", response=list[DownloadOut], summary="List downloads of models")
@paginate(Pages)
def list_downloads(request: Request):
    """For staff; newest first. Others see in a task that it waits for one."""
    return visible(request)


@router.get(
    "/models/downloads/{int:download_id}",
    response=DownloadOut,
    summary="Show a download of a model",
    auth=watching,
    job=itself,
)
def get_download(request: Request, download_id: int):
    """For staff."""
    return get_object_or_404(visible(request), pk=download_id)


@router.get(
    "/voices/{uuid:voice_id}/fitting", response=FittingOut, summary="Show a voice’s fitting", auth=watching, job=itself
)
def get_fitting(request: Request, voice_id: UUID):
    """How far an engine is with a voice that you may hear: it can speak soon, and better when the job has ended.

    A 404 while there is none: `is_being_fitted` of the voice tells whether one will come.
    """
    voices = VoiceProfile.objects.visible_to(request.user)
    return get_object_or_404(Fitting.objects.filter(voice__in=voices).select_related("voice"), voice=voice_id)
