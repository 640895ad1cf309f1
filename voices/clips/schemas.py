"""Recordings, clips and transcriptions, as the API takes and shows them."""

from datetime import datetime
from typing import Any
from uuid import UUID

from django.urls import reverse
from ninja import Field, Schema

from voices.models import Clip, ExcerptSearch, Recording, Transcription
from voices.schema_fields import Body, Grade, Job, Language, example, form_field

from .forms import AnotherClipForm, ClipForm, RecordingForm


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
    misfit: str = Field(
        validation_alias="mismatch",
        description="Why the transcript can't be what is said in it; empty when it can",
        examples=[""],
    )
    heard: str = Field(
        validation_alias="recognized_text",
        description="What a transcriber last heard in it",
        examples=["Good morning to all of you."],
    )
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
        return reverse("api:plain_audio", args=[clip.pk]) if clip.original_audio else None


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
    def resolve_search(recording: Recording) -> ExcerptSearch | None:
        return getattr(recording, "search", None)

    @staticmethod
    def resolve_audio(recording: Recording) -> str:
        return reverse("api:recording_audio", args=[recording.pk])


class TranscriptionOut(Job):
    """How far the writing down of a clip is, and what came of it."""

    language: str = Field(description="What is spoken; empty: to be found out", examples=["en-us"])
    transcriber: str = Field(examples=["bundled"])
    clip: ClipWithWords


class RecordingDetails(Schema):
    """A recording's words, and the speaker's consent; `clip` names a draft in place of the file."""

    transcript: str = form_field(RecordingForm, "transcript", description="What is said in it, word for word")
    consent: bool = Field(False, description="That the speaker agrees to be cloned: without it nothing is made")
    clip: UUID | None = Field(None, description="A draft of yours that was sent before, in place of `audio`")


class RecordingIn(Schema):
    language: Language = Field("", description="What is spoken in it; found out where it can be, by default")


class ClipIn(RecordingDetails):
    language: str = form_field(AnotherClipForm, "language", description="What is spoken in it; the voice's by default")


class ClipChanges(Body):
    """What is left out stays as it is."""

    model_config = example(transcript="Good day to you all.")

    transcript: str | None = form_field(ClipForm, "transcript", None)
    language: str | None = form_field(ClipForm, "language", None)


class ExcerptIn(Body):
    """What is left out stays as it is."""

    model_config = example(start=1.5, end=5.0, cleanup=True)

    start: float | None = Field(None, allow_inf_nan=False, description="Seconds of the recording")
    end: float | None = Field(None, allow_inf_nan=False, description="Seconds of the recording")
    cleanup: bool | None = Field(None, description="Whether to take noise out of it")


class TranscriptionIn(Body):
    model_config = example(language="en-us")

    language: Language = Field("", description="What is spoken; as the clip says by default")
