"""The REST operations of generations, takes and models, by the same form and functions as the pages."""

from contextlib import suppress
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from ninja import Query, Status
from ninja.pagination import paginate

from synthesis.delivery import renditions
from synthesis.delivery.encoding import FILE_FORMATS, FORMATS
from synthesis.delivery.renditions import NotReady
from synthesis.delivery.responses import sentences_response, speech_response, subtitle_response
from synthesis.delivery.subtitles import CONTENT_TYPES
from synthesis.engines import EngineError
from synthesis.engines import choice as engine_choice
from synthesis.generations import takes
from synthesis.generations.filters import filter_generations
from synthesis.generations.forms import ApiGenerationForm
from synthesis.models import Generation, LoadedModel
from synthesis.queue.estimates import seconds_until_ready
from synthesis.speech import progress
from voicesite.jobs.job import State
from voicesite.people.requests import Request
from voicesite.web.rejection import Rejected
from voicesite.web.rest import Pages, Router, rejection, whole_file_response

from . import wait
from .schemas import (
    AudioFormat,
    GenerationFilters,
    GenerationIn,
    GenerationNowIn,
    GenerationOut,
    ModelsOut,
    RenditionOut,
    SentenceFormat,
    SubtitleFormat,
    TaskOut,
)

router = Router(tags=["Speech"])
GENERATION_PATH = "/generations/{uuid:generation_id}"
TASK_PATH = "/generations/tasks/{uuid:task_id}"


def visible(request: Request, generation_id: UUID) -> Generation:
    return get_object_or_404(Generation.objects.visible_to(request.user), pk=generation_id)


def task(request: Request, response: HttpResponse, generation_id: UUID) -> Status:
    """Return the 202 response of work that goes on: its task, with the address to poll as `Location`."""
    response["Location"] = reverse("api:get_task", args=[generation_id])
    return Status(202, get_task(request, generation_id))


def submit(request: Request, body: GenerationIn) -> Generation:
    """Enqueue and return the generation that was asked for. Raises Rejected."""
    form = ApiGenerationForm(body.dict(exclude={"wait"}), user=request.user)
    if not form.is_valid():
        raise rejection(form)
    generation = form.generation()
    generation.submit()
    return generation


@router.post("/generations", response={200: GenerationOut, 202: TaskOut}, summary="Speak", errors=[409])
def speak(request: Request, response: HttpResponse, body: GenerationNowIn):
    """Return the finished speech; or its task (202), if it takes longer than `wait` seconds or too many requests wait.

    Closing the connection cancels nothing. A failure is a 500 `generation_failed`, with the reason.
    """
    generation = submit(request, body)
    with suppress(Rejected), wait.waiting.slot(request.user.pk):  # or without: its task is an answer too
        wait.wait_until_ended(generation, body.wait)
    found = Generation.objects.visible_to(request.user).filter(pk=generation.pk).first()
    if found is None or found.state == State.CANCELLED:
        raise Rejected("generation_cancelled", "It was cancelled meanwhile.")
    if found.state == State.FAILED:
        raise Rejected("generation_failed", found.error)
    return found if found.state == State.COMPLETED else task(request, response, generation.pk)


@router.post("/generations/async", response={202: TaskOut}, summary="Speak, and ask later", errors=[409])
def speak_later(request: Request, response: HttpResponse, body: GenerationIn):
    """Enqueue the speech and return its task at once."""
    return task(request, response, submit(request, body).pk)


@router.get(TASK_PATH, response=TaskOut, summary="How far a task is")
def get_task(request: Request, task_id: UUID):
    """Poll it every second or so. A generation and its task have the same id."""
    generation = get_object_or_404(Generation.objects.visible_to(request.user), pk=task_id, is_task=True)
    if generation.state == State.PENDING:
        generation.eta_seconds = seconds_until_ready(generation)
    return generation


@router.delete(TASK_PATH, summary="Cancel and forget a task")
def delete_task(request: Request, task_id: UUID):
    """Delete what is not completed. Finished speech stays among the generations; only its task is deleted."""
    takes.forget(get_task(request, task_id))


@router.get("/generations", response=list[GenerationOut], summary="List generations")
@paginate(Pages)
def list_generations(request: Request, filters: Query[GenerationFilters]):
    """Your own, with the picked take of each text."""
    params = {name: str(value or "") for name, value in filters.dict().items()}
    generations, _ = filter_generations(Generation.objects.visible_to(request.user).filter(is_picked=True), params)
    return generations.prefetch_related("cast")


@router.get(GENERATION_PATH, response=GenerationOut, summary="Show a generation")
def get_generation(request: Request, generation_id: UUID):
    """One of your own."""
    return visible(request, generation_id)


@router.delete(GENERATION_PATH, summary="Delete a generation")
def delete_generation(request: Request, generation_id: UUID):
    """Delete it with its file, and stop it if it is being spoken. Other takes of the text stay."""
    takes.delete(visible(request, generation_id))


@router.get(
    f"{GENERATION_PATH}/audio",
    summary="Hear a generation",
    response={200: None, 202: RenditionOut},
    file_types=sorted({audio_format.content_type for audio_format in FORMATS.values()}),
)
def speech(request: Request, response: HttpResponse, generation_id: UUID, query: Query[AudioFormat]):
    """The file, tagged as AI-generated. `?download` saves it under a name. A 404 until the generation is completed.

    More than ten minutes of speech in another format than wav are encoded in the background: until the file is there,
    the answer is a 202 that says how far it is. Ask again after `Retry-After` seconds.
    """
    try:
        return speech_response(request, visible(request, generation_id), query.format)
    except NotReady as not_ready:
        response["Retry-After"] = "1"
        return Status(202, not_ready.rendition)


@router.delete(f"{GENERATION_PATH}/audio", summary="Stop making a file", errors=[409])
def forget_audio(request: Request, generation_id: UUID, query: Query[AudioFormat]):
    """Stop making the speech in another format than wav, or delete that file. The speech stays, and can be asked for again."""
    generation = visible(request, generation_id)
    if query.format not in FILE_FORMATS:
        raise Rejected(
            "conflict", "Name a format that is made of it. The speech itself is deleted with its generation."
        )
    rendition = get_object_or_404(generation.renditions, audio_format=query.format)
    if not rendition.request_cancel():
        renditions.delete(rendition)


@router.get(
    f"{GENERATION_PATH}/subtitles",
    response={200: None},
    summary="Subtitles of a generation",
    errors=[409],
    openapi_extra={"responses": whole_file_response(CONTENT_TYPES.values())},
)
def get_subtitles(request: Request, generation_id: UUID, query: Query[SubtitleFormat]):
    """Sentences are exact to the sample; words are as they were heard, or estimated where nobody listened.

    A 409 until the generation is ready, a 404 where its sentences are no longer kept.
    """
    return subtitle_response(request, visible(request, generation_id), query.format, query.level)


@router.get(
    f"{GENERATION_PATH}/segments.zip",
    response={200: None},
    summary="Its sentences as files",
    errors=[409],
    openapi_extra={"responses": whole_file_response(["application/zip"])},
)
def get_sentences(request: Request, generation_id: UUID, query: Query[SentenceFormat]):
    """A zip archive of the sentences without the pauses between them: `0001-the-ferry-left.flac` and so on."""
    return sentences_response(request, visible(request, generation_id), query.format)


@router.post(f"{GENERATION_PATH}/takes", response={202: TaskOut}, summary="Speak it once more", errors=[409])
def speak_again(request: Request, response: HttpResponse, generation_id: UUID):
    """Speak the same text in the same voice with another seed. This take stays."""
    generation = visible(request, generation_id)
    if why := takes.why_no_other_take(request.user, generation):
        raise Rejected("conflict", why)
    another = takes.another(generation)
    another.submit()
    return task(request, response, another.pk)


@router.get(f"{GENERATION_PATH}/takes", response=list[GenerationOut], summary="List its takes")
def list_takes(request: Request, generation_id: UUID):
    """All takes of its text, the oldest first."""
    return takes.of_text(visible(request, generation_id)).order_by("created_at", "pk").prefetch_related("cast")


@router.post(f"{GENERATION_PATH}/pick", response=GenerationOut, summary="Pick a take", errors=[409])
def pick_take(request: Request, generation_id: UUID):
    """Make this take the one that the library shows for its text."""
    if not takes.pick(visible(request, generation_id)):
        raise Rejected("conflict", "Only a take that is ready can be picked.")
    return visible(request, generation_id)


@router.post(f"{GENERATION_PATH}/retry", response={202: TaskOut}, summary="Try again", errors=[409])
def retry_generation(request: Request, response: HttpResponse, generation_id: UUID):
    """Retry what failed or was cancelled. It resumes from the parts that are finished."""
    generation = visible(request, generation_id)
    if why := takes.why_not_speak(request.user, generation):
        raise Rejected("conflict", why)
    if not generation.retry():
        raise Rejected("conflict", "Only what failed or was cancelled can be tried again.")
    Generation.objects.filter(pk=generation.pk).update(is_task=True)
    return task(request, response, generation.pk)


@router.get("/models", response=ModelsOut, summary="List models")
def list_models(request: Request):
    """The models of this site, and the engines that cannot run on it."""
    try:
        options = engine_choice.options(progress.real_time_factors())
    except EngineError:
        options = []
    loaded = set(LoadedModel.objects.exclude(model="").values_list("engine", "model"))
    models = [vars(option) | {"is_loaded": (option.engine, option.model) in loaded} for option in options]
    return {"models": models, "unavailable": engine_choice.unavailable()}
