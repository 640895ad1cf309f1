"""The REST API of spoken consents: a sentence to read aloud, and the recording of it."""

from datetime import datetime
from uuid import UUID

from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from ninja import Field, File, Form, Schema, UploadedFile

from voices.analysis.reference_audio import AudioRejected
from voices.models import Clip, Recording, SpokenConsent
from voices.schema_fields import Body, Job, example
from voices.written_languages import Language
from voicesite.people.requests import Request
from voicesite.web.events import itself
from voicesite.web.rejection import Rejected
from voicesite.web.rest import Router, authentication

from . import service

router = Router(tags=["Voices"])


class SentenceIn(Body):
    model_config = example(language="en-us")

    language: Language = Field(description="In which the speaker reads")


class SpokenIn(Schema):
    clip: UUID | None = Field(None, description="The draft that is to become a voice, whose speaker reads")
    recording: UUID | None = Field(None, description="Or its recording")


class SpokenConsentOut(Job):
    """A sentence, and what was heard when it was read aloud."""

    id: UUID
    sentence: str = Field(examples=["I agree that my voice is cloned here. My words today are …"])
    language: str = Field(examples=["en-us"])
    expires_at: datetime = Field(description="Until when a voice may be made with it")
    is_good: bool = Field(description="Whether the words were heard, in the voice of the clip")
    problem: str = Field(description="Why it does not count", examples=[""])
    heard: str = Field(description="What was heard in it", examples=[""])
    similarity: float | None = Field(description="Of the two voices, -1 to 1")


def own(request: Request, consent_id: UUID) -> SpokenConsent:
    return get_object_or_404(service.unused(request.user), pk=consent_id, asker=service.asker_of(request))


@router.post(
    "/voices/consent", response={201: SpokenConsentOut}, summary="Ask for a sentence to read aloud", errors=[409]
)
def ask_sentence(request: Request, response: HttpResponse, body: SentenceIn):
    """A speaker reads it aloud to agree, where the site asks for that. It is good for this key, once, and 15 minutes."""
    if not service.is_asked():
        raise Rejected("conflict", "This site asks for no spoken consent.")
    made = service.ask(request.user, service.asker_of(request), body.language)
    response["Location"] = reverse("api:get_spoken_consent", args=[made.pk])
    return made


@router.post(
    "/voices/consent/{uuid:consent_id}/audio",
    response={202: SpokenConsentOut},
    summary="Send the sentence as it was read",
    errors=[409, 413, 429],
    takes_long=True,
)
def send_sentence(request: Request, consent_id: UUID, said: Form[SpokenIn], audio: File[UploadedFile]):
    """It is listened to in the background: are its words heard, and is it the voice of the draft? Poll it for the answer.

    Then send its id as `spoken_consent` when you make the voice.
    """
    consent = own(request, consent_id)
    if service.find(request.user, consent.asker, consent.pk) is None:
        raise Rejected("conflict", "This sentence is too old. Ask for another one.")
    mine = Recording.objects.kept().filter(owner=request.user)
    recording = mine.filter(pk=said.recording).first() if said.recording else None
    if said.clip:
        clip = Clip.objects.filter(owner=request.user, pk=said.clip).select_related("recording").first()
        recording = clip.recording if clip else None
    if recording is None:
        if said.clip or said.recording:
            raise Http404
        raise Rejected("invalid", "Say whose voice it is: send the draft as `clip`.").about("clip")
    try:
        service.take(consent, audio, recording)
    except AudioRejected as error:
        raise error.about("audio") from None
    return consent


@router.get(
    "/voices/consent/{uuid:consent_id}",
    response=SpokenConsentOut,
    summary="Show a spoken consent",
    auth=authentication("voices", is_poll=True),
    job=itself,
)
def get_spoken_consent(request: Request, consent_id: UUID):
    """What was heard in it, until a voice was made with it."""
    return own(request, consent_id)
