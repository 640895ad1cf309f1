"""Request and response bodies of the speech API."""

from datetime import datetime
from typing import Literal
from uuid import UUID

from django.conf import settings
from django.urls import reverse
from ninja import Field, Schema
from pydantic import ConfigDict

from synthesis.delivery.encoding import FORMATS
from synthesis.generations.forms import ApiGenerationForm, PreviewForm
from synthesis.models import Generation, Rendition
from synthesis.speech.evaluation import why_unheard
from voices.schema_fields import form_field
from voicesite.jobs.job import State

CAST_WORDS = (
    "In a dialogue: a voice, by its id or name, for each speaker, whose lines begin with their name and a colon. The name "
    "is not read. null: it is no speaker’s, and read as it is written"
)
EXAMPLE_ID = "3f5c9a52-7b1e-4a57-8f0e-6f1f6e2d9c11"
Fidelity = Literal["zero-shot", "approximate"]


class GenerationOut(Schema):
    """A text, spoken in a voice: one take of it."""

    id: UUID
    status: State = Field(validation_alias="state", description="completed, failed and cancelled are ends")
    progress: int = Field(description="0 to 100", examples=[100])
    error: str = Field(description="Why it failed, in words", examples=[""])
    title: str = Field(description="How the text begins", examples=["Good morning to all of you."])
    text: str = Field(examples=["Good morning to all of you."])
    voice: UUID | None = Field(validation_alias="voice_id", description="null when it was deleted since")
    voice_name: str = Field(examples=["Grandmother"])
    language: str = Field(examples=["en-us"])
    engine: str = Field(examples=["kokoro"])
    model: str = Field(examples=["kokoro-82m-v1.0-int8"])
    speed: float = Field(examples=[1.0])
    seed: int = Field(description="The same seed gives the same speech again", examples=[1909269031])
    cast: dict[str, UUID | None] = Field(
        description="Who speaks in it, each with their voice; null where that was deleted since", examples=[{}]
    )
    takes: UUID = Field(validation_alias="take_group", description="Takes of one text have it in common")
    is_picked: bool = Field(description="Whether it stands for its takes in the library")
    seconds: float | None = Field(description="How long it is", examples=[2.1])
    audio: str | None = Field(
        description="Where to hear it: the last whole, while a change is spoken. null until there is one",
        examples=[f"/api/generations/{EXAMPLE_ID}/audio"],
    )
    loudness: float | None = Field(description="Integrated, in LUFS (ITU-R BS.1770)", examples=[-19.1])
    true_peak: float | None = Field(description="In dBTP (ITU-R BS.1770)", examples=[-1.1])
    similarity: float | None = Field(description="Of its speaker to the voice's clip, -1 to 1", examples=[0.86])
    word_error_rate: float | None = Field(description="Of what was heard in it; 0: every word", examples=[0.0])
    heard: str = Field(
        validation_alias="recognized_text",
        description="What a transcriber heard in it",
        examples=["Good morning to all of you."],
    )
    unheard: str = Field(description="Why nobody listened to what it says; empty where somebody does", examples=[""])
    compute_seconds: float | None = Field(description="That the engine took for it", examples=[1.0])
    first_audio_seconds: float | None = Field(description="From the request to the first sound", examples=[0.7])
    created_at: datetime
    started_at: datetime | None
    finished_at: datetime | None

    @staticmethod
    def resolve_audio(generation: Generation) -> str | None:
        return reverse("api:speech", args=[generation.pk]) if generation.is_heard else None

    @staticmethod
    def resolve_cast(generation: Generation) -> dict[str, UUID | None]:
        return {member.name: member.voice_id for member in generation.cast.all()}

    @staticmethod
    def resolve_unheard(generation: Generation) -> str:
        return why_unheard(generation)


class TaskOut(Schema):
    """A generation as a job, with its progress."""

    task_id: UUID = Field(validation_alias="pk")
    status: State = Field(validation_alias="state", description="completed, failed and cancelled are ends")
    progress: int = Field(
        description="0 pending, 10 to 20 initializing, 30 to 70 generating, 80 to 90 processing, 100 completed",
        examples=[46],
    )
    stage: str = Field(description="What is being done, in words", examples=["Speaking part 2 of 3"])
    message: str = Field(description="How it stands, in a sentence", examples=["Speaking part 2 of 3: 46 %."])
    queue_position: int | None = Field(
        validation_alias="position", description="How many go before it; null unless it is pending", examples=[None]
    )
    eta_seconds: float | None = Field(
        description="Seconds that are left, as estimated; of what is pending too, with what goes before it",
        examples=[3.5],
    )
    attempts: int = Field(examples=[1])
    error: str | None = Field(description="Why it failed, in words; null where it did not", examples=[None])
    result: GenerationOut | None = Field(description="What came of it; null until it is completed")
    created_at: datetime
    started_at: datetime | None
    finished_at: datetime | None

    @staticmethod
    def resolve_error(generation: Generation) -> str | None:
        return generation.error or None

    @staticmethod
    def resolve_result(generation: Generation) -> Generation | None:
        return generation if generation.state == State.COMPLETED else None

    @staticmethod
    def resolve_message(generation: Generation) -> str:
        match generation.state:
            case State.COMPLETED:
                return f"Ready: {generation.seconds:.1f} s of speech."
            case State.FAILED:
                return generation.error
            case State.CANCELLED:
                return "Cancelled."
        stage = generation.stage
        if generation.state == State.PENDING and not stage:
            before = generation.position or 0
            stage = (
                f"Waiting: {before} go before it" if before > 1 else "Waiting: one goes before it" if before else "Next"
            )
        return f"{stage or 'Beginning'}: {generation.progress} %."


class RenditionOut(Schema):
    """A file in another format that is being made."""

    status: State = Field(
        validation_alias="state", description="pending, or what is being done", examples=["generating"]
    )
    progress: int = Field(description="0 to 100", examples=[46])
    message: str = Field(description="How it stands, in a sentence", examples=["Making the MP3 file: 46 %."])

    @staticmethod
    def resolve_message(rendition: Rendition) -> str:
        return f"{rendition.stage or 'Waiting'}: {rendition.progress} %."


class ModelOut(Schema):
    """A model that can be chosen."""

    id: str = Field(
        validation_alias="key", description="As `model` of a request", examples=["kokoro/kokoro-82m-v1.0-int8"]
    )
    engine: str = Field(examples=["kokoro"])
    model: str = Field(examples=["kokoro-82m-v1.0-int8"])
    title: str = Field(examples=["Kokoro 82M"])
    fidelity: Fidelity = Field(description="zero-shot: it clones the recording; approximate: it comes near")
    languages: list[str] = Field(examples=[["en-us", "en-gb", "es"]])
    is_default: bool = Field(description="Whether it speaks where no model is named")
    is_here: bool = Field(description="Whether it speaks at once; others are downloaded first, for staff")
    is_loaded: bool = Field(description="Whether a worker holds it in memory now")
    download_bytes: int = Field(validation_alias="download", description="About what there is to fetch", examples=[0])
    real_time_factor: float | None = Field(
        validation_alias="speed", description="Seconds of compute a second of speech, as measured here", examples=[0.5]
    )


class ModelsOut(Schema):
    """The models of this site."""

    models: list[ModelOut] = Field(description="Preferred ones first")
    unavailable: dict[str, str] = Field(description="Engines that can't run here, and why", examples=[{"mlx": "…"}])


# ---------------------------------------------------------------------------------------------------------------------
# Requests. The form validates, so that its messages say what is wrong; the OpenAPI document states its bounds.


class GenerationIn(Schema):
    """What to say, and how."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {"voice": "Grandmother", "text": "Good morning to all of you."},
            "required": ["voice", "text"],
        }
    )

    voice: str = form_field(ApiGenerationForm, "voice", description="The id of a voice that you may use, or its name")
    text: str = form_field(ApiGenerationForm, "text", maxLength=settings.TEXT_LIMIT)
    cast: dict[str, str | None] = Field(default_factory=dict, description=CAST_WORDS)
    language: str = form_field(ApiGenerationForm, "language", description="The voice's by default")
    engine: str = form_field(ApiGenerationForm, "engine", description="The one that speaks by itself here, by default")
    model: str = form_field(ApiGenerationForm, "model", description="An id of `/api/models`, or a model's name")
    speed: float = form_field(ApiGenerationForm, "speed", 1.0, "1.25 is a quarter faster")
    seed: int | None = form_field(ApiGenerationForm, "seed", None, "By default another each time")


class GenerationNowIn(GenerationIn):
    wait: float = Field(30.0, ge=0, le=60, description="Seconds to wait for the speech, at most")


class TextPreviewIn(Schema):
    """A text to see how it will be read."""

    model_config = ConfigDict(
        json_schema_extra={"example": {"text": "Dr. Wu is 3 km away.", "language": "en-us"}, "required": ["text"]}
    )

    text: str = form_field(PreviewForm, "text", maxLength=settings.TEXT_LIMIT)
    language: str = form_field(
        PreviewForm, "language", description="The voice's by default; without one, the first that the model speaks"
    )
    voice: str = form_field(PreviewForm, "voice", description="The id of a voice that you may use, or its name")
    cast: dict[str, str | None] = Field(default_factory=dict, description=CAST_WORDS)
    engine: str = form_field(PreviewForm, "engine", description="The one that speaks by itself here, by default")
    model: str = form_field(PreviewForm, "model", description="An id of `/api/models`, or a model's name")


class ScriptSegmentOut(Schema):
    """A part of a text that is spoken at once."""

    text: str = Field(description="As it is written, without marks", examples=["Dr. Wu is 3 km away."])
    spoken: str = Field(description="As it is read", examples=["Doctor Wu is three kilometers away."])
    speaker: str = Field(description="Whose line it is: a name of the cast; empty where nobody’s", examples=[""])
    voice: UUID | None = Field(description="The speaker’s, else the one that was named; or null", examples=[None])
    pause: float = Field(description="Seconds of silence after it", examples=[0.2])
    pause_before: float = Field(description="Seconds of silence before the first; 0 for the others", examples=[0.0])
    notes: list[str] = Field(description="What its author should know, such as what is not read", examples=[[]])


class EstimateOut(Schema):
    """How long a text will take, if nothing else is asked for meanwhile."""

    seconds: float = Field(
        validation_alias="seconds_until_ready",
        description="Until it is ready, if it is asked for now",
        examples=[240.0],
    )
    speech_seconds: float = Field(
        validation_alias="seconds_of_speech", description="How long the speech will be", examples=[720.0]
    )
    texts_before: int = Field(description="That must be ready before its turn comes", examples=[3])


class TextPreviewOut(Schema):
    """How a text will be read."""

    segments: list[ScriptSegmentOut]
    estimate: EstimateOut | None = Field(description="null while its model has not spoken here yet")
    warnings: list[str] = Field(description="About the text as a whole", examples=[["This looks like Spanish."]])


class GenerationFilters(Schema):
    """Which generations to list."""

    q: str = Field("", max_length=200, description="Words of the text, or of the voice's name")
    state: Literal["", "moving"] | State = Field("", description="`moving` are all that have not ended")
    voice: UUID | None = Field(None, description="Only in this voice")
    order: Literal["", "similarity", "accuracy"] = Field("", description="The newest first, by default")


class SubtitleFormat(Schema):
    """How subtitles are written."""

    format: Literal["srt", "vtt", "json"] = Field("srt", description="json has all words with their times")
    level: Literal["sentence", "word"] = Field(
        "sentence", description="word: vtt marks each word in its line, srt has a cue for each"
    )


class SentenceFormat(Schema):
    """The audio format of separate sentences."""

    format: Literal["flac", "wav"] = "flac"


class AudioFormat(Schema):
    """The audio format of a response."""

    format: Literal[*FORMATS] = Field(  # type: ignore[valid-type]
        "wav", description="All but wav and pcm are made when they are first asked for, and kept"
    )
