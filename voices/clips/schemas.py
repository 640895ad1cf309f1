"""The API's schemas of recordings, clips and transcriptions."""

from datetime import datetime
from typing import Any
from uuid import UUID

from django.urls import reverse
from ninja import Field, Schema

from voices.models import Clip, ExcerptSearch, Recording, Transcription
from voices.schema_fields import Body, Grade, Job, example, form_field
from voices.written_languages import Language

from .forms import AnotherClipForm, ClipForm, RecordingForm


class Advice(Schema):
    level: str = Field(description="good, hint or warning", examples=["good"])
    text: str = Field(examples=["6.5 s of clear speech."])
    remedy: str = Field(
        description="What helps: record (again), excerpt (choose another) or denoise; empty if nothing does",
        examples=[""],
    )


class ClipOut(Schema):
    """An excerpt of a recording as reference audio, with its transcript."""

    id: UUID
    recording: UUID = Field(validation_alias="recording_id", description="The recording that it was cut from")
    voice: UUID | None = Field(
        validation_alias="voice_id", description="The voice that it belongs to; null for a draft"
    )
    rank: int | None = Field(description="Among the excerpts that were found, 1 is the best; else null", examples=[1])
    start: float = Field(description="Where it begins, in seconds of the recording", examples=[12.5])
    end: float = Field(description="Where it ends, in seconds of the recording", examples=[19.4])
    seconds: float = Field(description="Length of the reference audio", examples=[6.9])
    speech_seconds: float = Field(examples=[6.5])
    snr_db: float = Field(description="Signal-to-noise ratio, dB", examples=[31.2])
    clipping: float = Field(description="Share of clipped samples in the upload, 0 to 1", examples=[0.0])
    loudness: float = Field(description="RMS of the speech in the upload, dBFS", examples=[-22.8])
    grade: Grade | None = Field(description="All measures in one; null if it was not graded", examples=["good"])
    quality: dict[str, Any] = Field(description="Other measures", examples=[{"mos": 3.4, "bandwidth_hz": 11000}])
    advice: list[Advice] = Field(description="What the measures mean, and what to do about it")
    language: str = Field(examples=["en-us"])
    transcript: str = Field(examples=["Good morning to all of you."])
    misfit: str = Field(
        validation_alias="mismatch",
        description="Why the transcript can't be what is said in it; empty if it can",
        examples=[""],
    )
    heard: str = Field(
        validation_alias="recognized_text",
        description="What a transcriber recognized in it last",
        examples=["Good morning to all of you."],
    )
    transcription: Job | None = Field(description="The job of transcribing it; null if there was none")
    audio: str = Field(examples=["/api/clips/9b1d6a52-40cf-4f6e-8c1c-0a3a9c1f6d11/audio"])
    plain_audio: str | None = Field(description="Its audio before noise was removed; null if none was")
    created_at: datetime

    @staticmethod
    def resolve_transcription(clip: Clip) -> Transcription | None:
        return getattr(clip, "transcription", None)

    @staticmethod
    def resolve_grade(clip: Clip) -> str | None:
        return Clip.Grade(clip.grade).label.lower() if clip.grade else None

    @staticmethod
    def resolve_advice(clip: Clip) -> list[dict]:
        return [{"level": level, "text": text, "remedy": remedy} for level, text, remedy in clip.advice]

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
    """A clip with the times of its words."""

    words: list[Word]

    @staticmethod
    def resolve_words(clip: Clip) -> list[dict]:
        return [dict(zip(("text", "start", "end", "confidence"), word, strict=True)) for word in clip.words]


class RecordingOut(Schema):
    """An upload, and the drafts cut from it."""

    id: UUID
    name: str = Field(validation_alias="original_name", description="Of the upload", examples=["interview.m4a"])
    seconds: float = Field(examples=[412.0])
    search: Job | None = Field(description="The job of finding the best excerpts; null if there is none")
    drafts: list[ClipOut] = Field(description="Its clips without a voice, ordered by rank")
    audio: str = Field(examples=["/api/recordings/5a0c7d0e-9f57-4d2c-9d43-2b1d1f6a7c22/audio"])
    created_at: datetime

    @staticmethod
    def resolve_search(recording: Recording) -> ExcerptSearch | None:
        return getattr(recording, "search", None)

    @staticmethod
    def resolve_audio(recording: Recording) -> str:
        return reverse("api:recording_audio", args=[recording.pk])


class TranscriptionOut(Job):
    """The job of transcribing a clip, and the clip."""

    language: str = Field(description="What is spoken; empty to detect it", examples=["en-us"])
    transcriber: str = Field(examples=["bundled"])
    clip: ClipWithWords


class RecordingDetails(Schema):
    """The transcript of a recording, and the speaker's consent; `clip` names a draft instead of an upload."""

    transcript: str = form_field(RecordingForm, "transcript", description="What is said in it, word for word")
    consent: bool = Field(False, description="Whether the speaker agrees to be cloned: without it nothing is made")
    clip: UUID | None = Field(None, description="A draft of yours, instead of `audio`")
    spoken_consent: UUID | None = Field(
        None, description="A sentence that the speaker has read aloud, where the site asks for that"
    )


class RecordingIn(Schema):
    language: Language = Field(default_factory=str, description="What is spoken in it; detected by default")


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
    cleanup: bool | None = Field(None, description="Whether to remove noise")


class TranscriptionIn(Body):
    model_config = example(language="en-us")

    language: Language = Field(default_factory=str, description="What is spoken; as the clip says by default")
