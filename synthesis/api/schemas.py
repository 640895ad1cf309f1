"""Request and response bodies of the speech API."""

from datetime import date, datetime
from typing import Literal
from uuid import UUID

from django.conf import settings
from django.urls import reverse
from ninja import Field, Schema
from pydantic import ConfigDict

from synthesis.delivery.encoding import FORMATS
from synthesis.generations.forms import ApiGenerationForm, PreviewForm
from synthesis.models import MAX_TITLE, CastMember, Generation, Rendition, TextTag
from synthesis.models.listening_links import LINK_TITLE
from synthesis.sharing.forms import LinkForm
from synthesis.sharing.service import DAYS, DEFAULT_DAYS
from synthesis.speech.evaluation import why_unheard
from voices.schema_fields import Body, form_field
from voices.text.lengths import MAX_NAME, MAX_TAG
from voicesite.jobs.job import State
from voicesite.prepared import Given, Prepared

CAST_WORDS = (
    "In a dialogue: a voice, by its id or name, for each speaker, whose lines begin with their name and a colon. The name "
    "is not read. null: it is no speaker’s, and read as it is written"
)
EXAMPLE_ID = "3f5c9a52-7b1e-4a57-8f0e-6f1f6e2d9c11"
_CAST = Prepared(CastMember.objects.filter(generation=Given("generation", CastMember)))
_TAGS = Prepared(TextTag.objects.filter(generation=Given("generation", TextTag)))
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
        description="Address of the audio; of the last version while a change is being spoken. null until there is one",
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
    unheard: str = Field(description="Why the speech wasn't checked; empty where it was", examples=[""])
    compute_seconds: float | None = Field(description="Processing time of the engine", examples=[1.0])
    first_audio_seconds: float | None = Field(description="From the request to the first sound", examples=[0.7])
    folder: UUID | None = Field(validation_alias="folder_id", description="The folder that it is in, if any")
    tags: list[str] = Field(description="What it is found by; all takes have them in common", examples=[["chapter 1"]])
    starred: bool = Field(validation_alias="is_favourite", examples=[False])
    created_at: datetime
    started_at: datetime | None
    finished_at: datetime | None

    @staticmethod
    def resolve_audio(generation: Generation) -> str | None:
        return reverse("api:speech", args=[generation.pk]) if generation.is_heard else None

    @staticmethod
    def resolve_cast(generation: Generation) -> dict[str, UUID | None]:
        is_prefetched = "cast" in getattr(generation, "_prefetched_objects_cache", {})
        cast = generation.cast.all() if is_prefetched else _CAST.rows(generation=generation.pk)
        return {member.name: member.voice_id for member in cast}

    @staticmethod
    def resolve_tags(generation: Generation) -> list[str]:
        is_prefetched = "tags" in getattr(generation, "_prefetched_objects_cache", {})
        return [tag.name for tag in (generation.tags.all() if is_prefetched else _TAGS.rows(generation=generation.pk))]

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
    stage: str = Field(
        validation_alias="shown_stage", description="What is being done, in words", examples=["Speaking part 2 of 3"]
    )
    message: str = Field(description="Status in one sentence", examples=["Speaking part 2 of 3: 46%."])
    queue_position: int | None = Field(
        validation_alias="position", description="How many are ahead of it; null unless it is pending", examples=[None]
    )
    eta_seconds: float | None = Field(
        description="Seconds that are left, as estimated; of what is pending too, with what goes before it",
        examples=[3.5],
    )
    attempts: int = Field(examples=[1])
    error: str | None = Field(description="Why it failed; null if it didn't", examples=[None])
    result: GenerationOut | None = Field(description="The result; null until it is completed")
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
        stage = generation.shown_stage
        if generation.lacks:
            return f"{stage}."
        if generation.state == State.PENDING and not stage:
            before = generation.position or 0
            stage = (
                f"Waiting: {before} go before it" if before > 1 else "Waiting: one goes before it" if before else "Next"
            )
        return f"{stage or 'Starting'}: {generation.progress}%."


class RenditionOut(Schema):
    """A file in another format, and how far it is."""

    status: State = Field(
        validation_alias="state", description="completed, failed and cancelled are ends", examples=["generating"]
    )
    progress: int = Field(description="0 to 100", examples=[46])
    message: str = Field(description="Status in one sentence", examples=["Making the MP3 file: 46%."])

    @staticmethod
    def resolve_message(rendition: Rendition) -> str:
        match rendition.state:
            case State.COMPLETED:
                return "Ready."
            case State.FAILED:
                return rendition.error
            case State.CANCELLED:
                return "Cancelled."
        return f"{rendition.shown_stage or 'Waiting'}: {rendition.progress}%."


class LinkOut(Schema):
    """A link by which anybody hears a generation, without an account."""

    url: str = Field(description="What to send", examples=["https://voices.example.org/listen/jX4v…/"])
    title: str = Field(description="What listeners see", examples=[LINK_TITLE])
    show_text: bool
    show_voice: bool
    may_download: bool
    listens: int = Field(description="How often it was begun", examples=[0])
    created_at: datetime
    expires_at: datetime


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


class GenerationIn(Body):
    """What to say, and how."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {"voice": "Grandmother", "text": "Good morning to all of you."},
            "required": ["voice", "text"],
        },
    )

    voice: str = form_field(ApiGenerationForm, "voice", description="Id or name of a voice you may use")
    text: str = form_field(ApiGenerationForm, "text", maxLength=settings.TEXT_LIMIT)
    cast: dict[str, str | None] = Field(default_factory=dict, description=CAST_WORDS)
    language: str = form_field(ApiGenerationForm, "language", description="The voice's by default")
    engine: str = form_field(ApiGenerationForm, "engine", description="The site's default engine, if empty")
    model: str = form_field(ApiGenerationForm, "model", description="An id of `/api/models`, or a model's name")
    speed: float = form_field(ApiGenerationForm, "speed", 1.0, "1.25 is a quarter faster")
    seed: int | None = form_field(ApiGenerationForm, "seed", None, "By default another each time")


class GenerationNowIn(GenerationIn):
    wait: float = Field(30.0, ge=0, le=60, description="Seconds to wait for the speech, at most")


class GenerationChange(Body):
    """What to change of a text: what is left out stays."""

    title: str = Field("", max_length=MAX_TITLE, description="Empty: its beginning again")
    starred: bool = False
    folder: str | None = Field(None, description="Its id; null: in none")
    tags: list[str] = Field(default_factory=list, description="All of them", examples=[["chapter 1", "draft"]])


class FolderIn(Body):
    name: str = Field(max_length=MAX_NAME, examples=["Audiobook"])


class FolderOut(Schema):
    """A folder of your library."""

    id: UUID
    name: str = Field(examples=["Audiobook"])
    texts: int = Field(validation_alias="text_count", description="How many are in it", examples=[12])
    created_at: datetime


class LinkIn(Body):
    """What listeners see, and how long the link works."""

    title: str = form_field(LinkForm, "title", LINK_TITLE)
    days: Literal[*DAYS] = Field(DEFAULT_DAYS, description="From now on")  # type: ignore[valid-type]
    show_text: bool = Field(False, description="Whether listeners see the text")
    show_voice: bool = Field(False, description="Whether they see the name of the voice")
    may_download: bool = Field(False, description="Whether they are offered the file")


class TextPreviewIn(Body):
    """A text to see how it will be read."""

    model_config = ConfigDict(
        json_schema_extra={"example": {"text": "Dr. Wu is 3 km away.", "language": "en-us"}, "required": ["text"]}
    )

    text: str = form_field(PreviewForm, "text", maxLength=settings.TEXT_LIMIT)
    language: str = form_field(
        PreviewForm, "language", description="The voice's by default; without one, the first that the model speaks"
    )
    voice: str = form_field(PreviewForm, "voice", description="Id or name of a voice you may use")
    cast: dict[str, str | None] = Field(default_factory=dict, description=CAST_WORDS)
    engine: str = form_field(PreviewForm, "engine", description="The site's default engine, if empty")
    model: str = form_field(PreviewForm, "model", description="An id of `/api/models`, or a model's name")


class ScriptSegmentOut(Schema):
    """A part of a text that is spoken at once."""

    text: str = Field(description="As written, without marks", examples=["Dr. Wu is 3 km away."])
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
    estimate: EstimateOut | None = Field(description="null until its model has been used here")
    warnings: list[str] = Field(description="About the text as a whole", examples=[["This looks like Spanish."]])


class GenerationFilters(Schema):
    """Which generations to list."""

    q: str = Field("", max_length=200, description="Words of the text, or of the voice's name")
    state: Literal["", "moving"] | State = Field("", description="`moving` are all that have not ended")
    voice: UUID | None = Field(None, description="Only in this voice")
    language: str = Field("", max_length=8, description="Only in this language")
    folder: UUID | Literal["", "none"] = Field("", description="Only in this folder; none: those in no folder")
    tag: str = Field("", max_length=MAX_TAG, description="Only with this tag")
    starred: bool = Field(False, description="Only starred ones")
    since: date | None = Field(None, description="Made on this day or later, in UTC")
    until: date | None = Field(None, description="Made on this day or before, in UTC")
    order: Literal["", "similarity", "accuracy"] = Field("", description="The newest first, by default")


class SubtitleFormat(Schema):
    """How subtitles are written."""

    format: Literal["srt", "vtt", "json"] = Field("srt", description="json has all words with their times")
    level: Literal["sentence", "word"] = Field(
        "sentence", description="word: vtt marks each word in its line, srt has a cue for each"
    )


class TimedWordOut(Schema):
    """A word as it is heard; times are seconds in the whole."""

    text: str
    start: float
    end: float
    estimated: bool = Field(description="Nobody listened: its times are by the lengths of words")


class TimedSegmentOut(Schema):
    """A sentence, with its words."""

    index: int
    start: float
    end: float
    speaker: str = Field(description="Whose line it is; empty where nobody’s", examples=[""])
    text: str
    words: list[TimedWordOut]


class TimesOut(Schema):
    """All sentences and words of a generation, with their times."""

    language: str
    seconds: float
    segments: list[TimedSegmentOut]


class SentenceFormat(Schema):
    """The audio format of separate sentences."""

    format: Literal["flac", "wav"] = "flac"


class AudioFormat(Schema):
    """The audio format of a response."""

    format: Literal[*FORMATS] = Field(  # type: ignore[valid-type]
        "wav", description="All but wav and pcm are made when they are first asked for, and kept"
    )
