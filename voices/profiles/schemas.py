"""What the API tells of voices, clips and the work on them, and what it is told."""

from collections.abc import Callable
from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from django.urls import reverse
from ninja import Field, Schema
from pydantic import AfterValidator, ConfigDict

from voices.archives.importing import proposals
from voices.languages import LANGUAGES
from voices.models import Clip, Recording, StretchSearch, Transcription, VoiceImport, VoiceProfile
from voicesite.jobs.job import State

Grade = Literal["poor", "fair", "good", "excellent"]


def told(**bounds: Any) -> Callable[[dict], None]:
    """For a field that a form judges: what the document tells of it. Its default is no value that could be sent."""

    def tell(schema: dict) -> None:
        schema.pop("default", None)
        schema.update(bounds)

    return tell


def known(code: str) -> str:
    if code and code not in LANGUAGES:
        raise ValueError("This site knows no such language.")
    return code


LANGUAGE = told(enum=[*LANGUAGES])
Language = Annotated[str, AfterValidator(known), Field(json_schema_extra=LANGUAGE)]


class Job(Schema):
    """Work that is done in the background, and how far it is."""

    status: State = Field(validation_alias="state", description="completed, failed and cancelled are ends")
    progress: int = Field(description="0 to 100", examples=[40])
    stage: str = Field(description="What is being done, in words", examples=["Listening"])
    error: str = Field(description="Why it failed, in words", examples=[""])
    created_at: datetime
    started_at: datetime | None
    finished_at: datetime | None


class Advice(Schema):
    level: str = Field(description="good, hint or warning", examples=["good"])
    text: str = Field(examples=["6.5 s of clear speech."])


class ClipOut(Schema):
    """A stretch of a recording, as reference audio, with the words that are said in it."""

    id: UUID
    recording: UUID = Field(validation_alias="recording_id", description="What it was cut out of")
    voice: UUID | None = Field(validation_alias="voice_id", description="Whose clip it is; null of a draft")
    rank: int | None = Field(
        description="Among the stretches that were proposed, 1 the best; null for others", examples=[1]
    )
    start: float = Field(description="Where in its recording it begins, in seconds", examples=[12.5])
    end: float = Field(description="Where in its recording it ends, in seconds", examples=[19.4])
    seconds: float = Field(description="How long the reference audio is", examples=[6.9])
    speech_seconds: float = Field(examples=[6.5])
    snr_db: float = Field(description="Signal to noise, dB", examples=[31.2])
    clipping: float = Field(description="Share of clipped samples in the upload, 0 to 1", examples=[0.0])
    loudness: float = Field(description="RMS of the speech in the upload, dBFS", examples=[-22.8])
    grade: Grade | None = Field(description="All measures in one; null where it was not judged", examples=["good"])
    quality: dict[str, Any] = Field(
        description="What else was measured, by name", examples=[{"mos": 3.4, "bandwidth_hz": 11000}]
    )
    advice: list[Advice] = Field(description="What the measures say, and what to do")
    language: str = Field(examples=["en-us"])
    transcript: str = Field(examples=["Good morning to all of you."])
    misfit: str = Field(description="Why the transcript can't be what is said in it; empty when it can", examples=[""])
    heard: str = Field(description="What a transcriber last heard in it", examples=["Good morning to all of you."])
    transcription: Job | None = Field(description="The work of writing down what is said; null where there was none")
    audio: str = Field(
        description="Where to hear it", examples=["/api/clips/9b1d6a52-40cf-4f6e-8c1c-0a3a9c1f6d11/audio"]
    )
    plain_audio: str | None = Field(description="Where to hear it before its clean-up; null where there was none")
    created_at: datetime

    @staticmethod
    def resolve_transcription(clip: Clip) -> Transcription | None:
        return getattr(clip, "transcription", None)

    @staticmethod
    def resolve_grade(clip: Clip) -> str | None:
        return Clip.Grade(clip.grade).label.lower() if clip.grade else None

    @staticmethod
    def resolve_advice(clip: Clip) -> list[dict]:
        return [{"level": level, "text": text} for level, text in clip.advice]

    @staticmethod
    def resolve_audio(clip: Clip) -> str:
        return reverse("api:clip_audio", args=[clip.pk])

    @staticmethod
    def resolve_plain_audio(clip: Clip) -> str | None:
        return reverse("api:plain_audio", args=[clip.pk]) if clip.plain_audio else None


class Word(Schema):
    text: str = Field(examples=["Good"])
    start: float = Field(description="Seconds of the recording", examples=[12.6])
    end: float = Field(examples=[12.9])
    confidence: float = Field(description="0 to 1: look at those below 0.5", examples=[0.97])


class ClipWithWords(ClipOut):
    """A clip, and when each of its words is said."""

    words: list[Word]

    @staticmethod
    def resolve_words(clip: Clip) -> list[dict]:
        return [dict(zip(("text", "start", "end", "confidence"), word, strict=True)) for word in clip.words]


class RecordingOut(Schema):
    """What was sent, and what can be cut out of it."""

    id: UUID
    name: str = Field(
        validation_alias="original_name", description="Of the file that was sent", examples=["interview.m4a"]
    )
    seconds: float = Field(examples=[412.0])
    search: Job | None = Field(description="The work of finding the best stretches; null where there is none to do")
    drafts: list[ClipOut] = Field(description="Clips that no voice uses yet, the best that were proposed first")
    audio: str = Field(
        description="Where to hear all of it", examples=["/api/recordings/5a0c7d0e-9f57-4d2c-9d43-2b1d1f6a7c22/audio"]
    )
    created_at: datetime

    @staticmethod
    def resolve_search(recording: Recording) -> StretchSearch | None:
        return getattr(recording, "search", None)

    @staticmethod
    def resolve_audio(recording: Recording) -> str:
        return reverse("api:recording_audio", args=[recording.pk])


class TranscriptionOut(Job):
    """How far the writing down of a clip is, and what came of it."""

    language: str = Field(description="What is spoken; empty: to be found out", examples=["en-us"])
    transcriber: str = Field(examples=["bundled"])
    clip: ClipWithWords


class ReportOut(Schema):
    """What you said against a voice, and what staff answered."""

    reason: str = Field(examples=["That is my voice."])
    answer: str = Field(examples=[""])
    created_at: datetime
    closed_at: datetime | None = Field(description="When staff answered")


class Consent(Schema):
    wording: str = Field(examples=["The person who speaks in this recording is me …"])
    by: str = Field(description="Who confirmed it", examples=["ada"])
    at: datetime


class VoiceOut(Schema):
    """A voice that can be made to speak."""

    id: UUID
    name: str = Field(examples=["Grandmother"])
    description: str = Field(examples=["Warm, slow, good for stories"])
    language: str = Field(description="What is spoken in its recording", examples=["en-us"])
    tags: list[str] = Field(examples=[["warm"]])
    owner: str = Field(examples=["ada"])
    is_mine: bool
    visibility: Literal["private", "shared"]
    is_usable: bool = Field(description="Whether it may speak: neither suspended nor retired")
    is_being_fitted: bool = Field(description="Whether an engine is at work on it, or soon")
    suspended_at: datetime | None
    suspension: str = Field(description="Why staff suspended it", examples=[""])
    retired_at: datetime | None
    share_requested_at: datetime | None = Field(description="When its owner asked to share it; null for others")
    share_refusal: str = Field(description="Why it was not shared; empty for others than its owner", examples=[""])
    consent: Consent | None = Field(description="Whose word there is for the speaker's consent; null for others")
    clip: ClipOut = Field(description="The clip that it is shown with")
    created_at: datetime
    updated_at: datetime

    @staticmethod
    def resolve_tags(voice: VoiceProfile) -> list[str]:
        return [tag.name for tag in voice.tags.all()]

    @staticmethod
    def resolve_owner(voice: VoiceProfile) -> str:
        return voice.owner.username

    @staticmethod
    def resolve_is_mine(voice: VoiceProfile, context) -> bool:
        return voice.owner_id == context["request"].user.pk

    @staticmethod
    def resolve_share_requested_at(voice: VoiceProfile, context) -> datetime | None:
        return voice.share_requested_at if VoiceOut.resolve_is_mine(voice, context) else None

    @staticmethod
    def resolve_share_refusal(voice: VoiceProfile, context) -> str:
        return voice.share_refusal if VoiceOut.resolve_is_mine(voice, context) else ""

    @staticmethod
    def resolve_consent(voice: VoiceProfile, context) -> dict | None:
        if not VoiceOut.resolve_is_mine(voice, context):
            return None
        return {"wording": voice.consent_wording, "by": voice.consented, "at": voice.consent_at}


class ArrivingVoice(Schema):
    """A voice in an archive."""

    name: str = Field(examples=["Grandmother"])
    description: str = Field(examples=[""])
    language: str = Field(examples=["en-us"])
    tags: list[str] = Field(examples=[["warm"]])
    clips: int = Field(description="How many it has", examples=[2])
    seconds: float = Field(description="How long they are in all", examples=[14.2])
    bytes: int = Field(examples=[697054])
    consent: dict[str, Any] | None = Field(description="What its archive says of the speaker's consent")
    problem: str = Field(description="Why it can't be taken in; empty when it can", examples=[""])
    proposed_name: str = Field(description="A name that is free", examples=["Grandmother (2)"])
    namesake: UUID | None = Field(description="Your voice that has its name now")


class ArrivedVoice(Schema):
    voice: UUID = Field(validation_alias="pk")
    name: str = Field(examples=["Grandmother"])
    replaced: bool = Field(description="Whether it took the place of another")


class ImportSummary(Job):
    """An archive of voices that you sent."""

    id: UUID
    name: str = Field(
        validation_alias="original_name", description="Of the file that was sent", examples=["voices.zip"]
    )
    is_answerable: bool = Field(description="Whether it waits for you to say what to do with each voice")


class ImportOut(ImportSummary):
    """An archive of voices that you sent, what is in it, and what came of it."""

    made_by: str = Field(
        description="The site or the program that the archive comes from", examples=["voices.example.org"]
    )
    voices: list[ArrivingVoice]
    result: list[ArrivedVoice] = Field(description="The voices that were taken in")

    @staticmethod
    def resolve_made_by(voice_import: VoiceImport) -> str:
        return voice_import.preview.get("made_by") or ""

    @staticmethod
    def resolve_voices(voice_import: VoiceImport) -> list[dict]:
        pairs = zip(voice_import.preview["voices"], proposals(voice_import), strict=True)
        return [voice | {"proposed_name": name, "namesake": mine and mine.pk} for voice, (name, mine) in pairs]


# ---------------------------------------------------------------------------------------------------------------------
# What is sent. What a form judges has no bounds here, so that it says what is wrong; the document tells them.


class Said(Schema):
    """A recording's words, and the speaker's consent; `clip` names a draft in place of the file."""

    transcript: str = Field("", description="What is said in it, word for word", json_schema_extra=told(maxLength=2000))
    consent: bool = Field(False, description="That the speaker agrees to be cloned: without it nothing is made")
    clip: UUID | None = Field(None, description="A draft of yours that was sent before, in place of `audio`")


class RecordingIn(Schema):
    language: Language = Field("", description="What is spoken in it; found out where it can be, by default")


class VoiceIn(Said):
    name: str = Field("", json_schema_extra=told(maxLength=80, examples=["Grandmother"]))
    language: str = Field("", description="What is spoken in the recording", json_schema_extra=LANGUAGE)
    description: str = Field("", json_schema_extra=told(maxLength=500))


class ClipIn(Said):
    language: str = Field("", description="What is spoken in it; the voice's by default", json_schema_extra=LANGUAGE)


class Body(Schema):
    """JSON: a number is no text, and a field that nobody knows is a mistake."""

    model_config = ConfigDict(extra="forbid", strict=True)


def example(**fields: Any) -> ConfigDict:
    return ConfigDict(json_schema_extra={"example": fields})


class VoiceChanges(Body):
    """What is left out stays as it is."""

    model_config = example(name="Grandmother")

    name: str | None = Field(None, json_schema_extra=told(maxLength=80))
    language: str | None = Field(None, json_schema_extra=LANGUAGE)
    description: str | None = Field(None, json_schema_extra=told(maxLength=500))
    tags: list[str] | None = Field(None, max_length=50, description="All that it shall have: small letters, no commas")


class Reason(Body):
    model_config = example(reason="That is my voice.")

    reason: str = Field("", json_schema_extra=told(maxLength=1000))


class ClipChanges(Body):
    """What is left out stays as it is."""

    model_config = example(transcript="Good day to you all.")

    transcript: str | None = Field(None, json_schema_extra=told(maxLength=2000))
    language: str | None = Field(None, json_schema_extra=LANGUAGE)


class Stretch(Body):
    """What is left out stays as it is."""

    model_config = example(start=1.5, end=5.0, cleanup=True)

    start: float | None = Field(None, allow_inf_nan=False, description="Seconds of the recording")
    end: float | None = Field(None, allow_inf_nan=False, description="Seconds of the recording")
    cleanup: bool | None = Field(None, description="Whether to take noise out of it")


class Spoken(Body):
    model_config = example(language="en-us")

    language: Language = Field("", description="What is spoken; as the clip says by default")


class Choice(Body):
    act: Literal["new", "replace", "skip"] = Field(description="Take it in, in place of its namesake, or leave it out")
    name: str | None = Field(None, description="Of a new one; the proposed name by default")


class Choices(Body):
    """What to do with each voice of an archive, in its order."""

    model_config = example(consent=True, voices=[{"act": "new", "name": "Grandmother"}])

    consent: bool = Field(False, description="That the speakers of all that are taken in agree to be cloned")
    voices: list[Choice]


class Chosen(Schema):
    voice: list[UUID] = Field(min_length=1, max_length=90, description="Which ones: once for each")


class Wanted(Schema):
    q: str = Field("", max_length=200, description="Words of the name, the description or the tags")
    language: Language = Field("", description="Only those that speak it")
    tag: str = Field("", max_length=40, description="Only those that have it")
    whose: Literal["", "mine", "shared"] = Field("", description="Your own, or those that others share")
    collection: int | None = Field(None, ge=1, lt=10**9, description="Only those that staff put into it")
    grade: Grade | None = Field(None, description="Only those whose clip is at least that good")
