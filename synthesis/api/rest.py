"""The REST operations of generations, takes and models, by the same form and functions as the pages."""

from uuid import UUID

from asgiref.sync import sync_to_async
from django.db import transaction
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from ninja import Query, Status
from ninja.pagination import paginate

from synthesis.delivery import cues, renditions
from synthesis.delivery.encoding import FILE_FORMATS, FORMATS
from synthesis.delivery.renditions import NotReady
from synthesis.delivery.responses import sentences_response, speech_response, subtitle_response
from synthesis.engines import EngineError
from synthesis.engines import choice as engine_choice
from synthesis.generations import takes
from synthesis.generations.filters import filter_generations
from synthesis.generations.folders import PlaceForm
from synthesis.generations.forms import ApiGenerationForm
from synthesis.models import Generation, LoadedModel
from synthesis.queue.estimates import set_waits
from synthesis.speech import progress
from voicesite.jobs.job import State
from voicesite.limits import idempotency
from voicesite.people.requests import Request, key_of
from voicesite.prepared import Given, Prepared
from voicesite.web.events import about, itself
from voicesite.web.rejection import Rejected
from voicesite.web.rest import Pages, Router, authentication, rejection, whole_file_response

from . import wait
from .schemas import (
    AudioFormat,
    GenerationChange,
    GenerationFilters,
    GenerationIn,
    GenerationNowIn,
    GenerationOut,
    ModelsOut,
    RenditionOut,
    SentenceFormat,
    SubtitleFormat,
    TaskOut,
    TimesOut,
)

router = Router(tags=["Speech"])
GENERATION_PATH = "/generations/{uuid:generation_id}"
TASK_PATH = "/generations/tasks/{uuid:task_id}"
# Without what no answer has, and is long.
_TASK = Prepared(
    Generation.objects.asked_for_by(Given("owner", Generation))
    .filter(pk=Given("task_id", Generation, "id"), is_task=True)
    .defer("peaks", "differences")
    .order_by()
)


def visible(request: Request, generation_id: UUID) -> Generation:
    return get_object_or_404(Generation.objects.visible_to(request.user), pk=generation_id)


def task(request: Request, response: HttpResponse, generation_id: UUID) -> Status:
    """Return the 202 response of work that goes on: its task, with the address to poll as `Location`."""
    response["Location"] = reverse("api:get_task", args=[generation_id])
    found = get_task(request, generation_id)
    about(request, found)
    return Status(202, found)


def submit(request: Request, body: GenerationIn) -> Generation:
    """Enqueue and return the generation that was asked for, or the one that the same request made before. Raises Rejected."""
    if before := made_before(request):
        return before
    form = ApiGenerationForm(body.dict(exclude={"wait"}), user=request.user)
    if not form.is_valid():
        raise rejection(form)
    generation = form.generation()
    generation.api_key = key_of(request)
    submit_noted(request, generation)
    return generation


def submit_noted(request: Request, generation: Generation) -> None:
    """Enqueue a generation, and note that the request has made it. Raises Rejected."""
    idempotency.begin_work()
    with transaction.atomic():
        generation.submit()
        idempotency.note(request, generation=str(generation.pk))


def made_before(request: Request) -> Generation | None:
    """Return the generation that the same request made before, by its Idempotency-Key, unless nothing became of it."""
    before = idempotency.noted(request).get("generation")
    if before is None:
        return None
    mine = Generation.objects.visible_to(request.user).filter(cancel_requested=False)
    return mine.exclude(state__in=(State.FAILED, State.CANCELLED)).filter(pk=before).first()


@router.post("/generations", response={200: GenerationOut, 202: TaskOut}, summary="Speak", errors=[409])
async def speak(request: Request, response: HttpResponse, body: GenerationNowIn):
    """Return the finished speech; or its task (202), if it takes longer than `wait` seconds.

    Closing the connection cancels nothing. A failure is a 500 `generation_failed`, with the reason.
    """
    generation = await sync_to_async(submit)(request, body)
    await wait.until_ended(generation, body.wait)
    return await sync_to_async(_outcome)(request, response, generation.pk)


def _outcome(request: Request, response: HttpResponse, generation_id: UUID) -> Status:
    """Return the finished speech or its task, with all that the database has to say. Raises Rejected."""
    found = Generation.objects.visible_to(request.user).filter(pk=generation_id).first()
    if found is None or found.state == State.CANCELLED:
        raise Rejected("generation_cancelled", "It has been cancelled.")
    if found.state == State.FAILED:
        raise Rejected("generation_failed", found.error)
    if found.state == State.COMPLETED:
        return Status(200, GenerationOut.from_orm(found))
    return Status(202, TaskOut.from_orm(task(request, response, generation_id).value))


@router.post(
    "/generations/async", response={202: TaskOut}, summary="Speak in the background", errors=[409], takes_long=True
)
def speak_later(request: Request, response: HttpResponse, body: GenerationIn):
    """Enqueue the speech and return its task at once."""
    return task(request, response, submit(request, body).pk)


@router.get(TASK_PATH, response=TaskOut, summary="Show a task", auth=authentication("speak", is_poll=True), job=itself)
def get_task(request: Request, task_id: UUID):
    """Ask again after `Retry-After`, or wait for the next stage: neither counts as a request. A generation and its task
    have the same id."""
    generation = _TASK.first(owner=request.user.pk, task_id=task_id)
    if generation is None:
        raise Http404
    set_waits(generation)
    if generation.state == State.PENDING:
        generation.eta_seconds = generation.ready_in
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
    return generations.prefetch_related("cast", "tags")


@router.get(GENERATION_PATH, response=GenerationOut, summary="Show a generation", job=itself, streams=False)
def get_generation(request: Request, generation_id: UUID):
    """One of your own."""
    return visible(request, generation_id)


@router.patch(GENERATION_PATH, response=GenerationOut, summary="Change how a text is kept")
def change_generation(request: Request, generation_id: UUID, body: GenerationChange):
    """Its title, star, folder and tags: of all of its takes."""
    generation = visible(request, generation_id)
    changes = body.dict(exclude_unset=True)
    if "\0" in changes.get("title", ""):
        raise Rejected("invalid", "A title has no null characters.").about("title")
    before = dict(PlaceForm.of(generation, request.user).initial)
    form = PlaceForm({**before, **{name: changes[name] for name in before if name in changes}}, user=request.user)
    if not form.is_valid():
        raise rejection(form)
    form.save(generation)
    if "title" in changes:
        takes.rename(generation, " ".join(changes["title"].split()) or takes.title_of(generation.text))
    if "starred" in changes:
        takes.set_favourite(generation, changes["starred"])
    return visible(request, generation_id)


@router.delete(GENERATION_PATH, summary="Delete a generation")
def delete_generation(request: Request, generation_id: UUID):
    """Delete it, and stop it if it is being spoken. It is gone at once; its files go a minute later. Other takes stay."""
    takes.discard(visible(request, generation_id))


@router.get(
    f"{GENERATION_PATH}/audio",
    summary="Download a generation’s audio",
    response={200: None, 202: RenditionOut},
    file_types=sorted({audio_format.content_type for audio_format in FORMATS.values()}),
)
def speech(request: Request, response: HttpResponse, generation_id: UUID, query: Query[AudioFormat]):
    """The file, tagged as AI-generated. `?download` saves it under a name. A 404 until the generation is completed.

    More than ten minutes of speech in another format than wav are encoded in the background: until the file is there,
    the answer is a 202 that says how far it is. Ask again after `Retry-After` seconds, or follow the address in `Location`.
    """
    try:
        return speech_response(request, visible(request, generation_id), query.format)
    except NotReady as not_ready:
        about(request, not_ready.rendition)
        response["Location"] = reverse("api:get_file", args=[generation_id, query.format])
        return Status(202, not_ready.rendition)


@router.get(
    f"{GENERATION_PATH}/files/{{audio_format}}",
    response=RenditionOut,
    summary="Show how far a file is",
    auth=authentication("speak", is_poll=True),
    job=itself,
)
def get_file(request: Request, generation_id: UUID, audio_format: str):
    """A file in another format than wav, once it was asked for. When it is completed, `/audio` sends it at once."""
    files = visible(request, generation_id).renditions.filter(audio_format__in=FILE_FORMATS)
    return get_object_or_404(files, audio_format=audio_format)


@router.delete(f"{GENERATION_PATH}/audio", summary="Cancel a file", errors=[409])
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
    response={200: TimesOut},
    summary="Subtitles of a generation",
    errors=[409],
    openapi_extra={"responses": whole_file_response(cues.CONTENT_TYPES.values())},
)
def get_subtitles(request: Request, generation_id: UUID, query: Query[SubtitleFormat]):
    """Sentences are exact to the sample; words are as they were heard, or estimated where nobody listened.

    A 409 until the generation is ready, a 404 where its sentences are no longer kept.
    """
    return subtitle_response(request, visible(request, generation_id), query.format, query.level)


@router.get(
    f"{GENERATION_PATH}/segments.zip",
    response={200: None},
    summary="Download its sentences as files",
    errors=[409],
    openapi_extra={"responses": whole_file_response(["application/zip"])},
)
def get_sentences(request: Request, generation_id: UUID, query: Query[SentenceFormat]):
    """A zip archive of the sentences without the pauses between them: `0001-the-ferry-left.flac` and so on."""
    return sentences_response(request, visible(request, generation_id), query.format)


@router.post(f"{GENERATION_PATH}/takes", response={202: TaskOut}, summary="Make another take", errors=[409])
def speak_again(request: Request, response: HttpResponse, generation_id: UUID):
    """Speak the same text in the same voice with another seed. This take stays."""
    generation = visible(request, generation_id)
    if why := takes.why_no_other_take(request.user, generation):
        raise Rejected("conflict", why)
    another = takes.another(generation)
    another.api_key = key_of(request)
    another.submit()
    return task(request, response, another.pk)


@router.get(f"{GENERATION_PATH}/takes", response=list[GenerationOut], summary="List takes")
def list_takes(request: Request, generation_id: UUID):
    """All takes of its text, the oldest first."""
    return takes.of_text(visible(request, generation_id)).order_by("created_at", "pk").prefetch_related("cast", "tags")


@router.post(f"{GENERATION_PATH}/pick", response=GenerationOut, summary="Pick a take", errors=[409])
def pick_take(request: Request, generation_id: UUID):
    """Make this take the one that the library shows for its text."""
    if not takes.pick(visible(request, generation_id)):
        raise Rejected("conflict", "Only a finished take can be picked.")
    return visible(request, generation_id)


@router.post(f"{GENERATION_PATH}/retry", response={202: TaskOut}, summary="Try again", errors=[409])
def retry_generation(request: Request, response: HttpResponse, generation_id: UUID):
    """Retry what failed or was cancelled. It resumes from the parts that are finished."""
    generation = visible(request, generation_id)
    if why := takes.why_not_speak(request.user, generation):
        raise Rejected("conflict", why)
    if not generation.retry():
        raise Rejected("conflict", "Only failed or cancelled generations can be retried.")
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
