"""Request and response bodies of the API of segments."""

from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from django.urls import reverse
from ninja import Field, Schema

from synthesis.models import Segment, SegmentTake
from synthesis.segments.forms import SegmentForm
from voices.schema_fields import Body, example, form_field
from voices.text.alignment import text_of

from .schemas import EXAMPLE_ID

EXAMPLE_AUDIO = f"/api/generations/{EXAMPLE_ID}/segments/takes/7/audio"


def audio_of(take: SegmentTake | None, generation_id: UUID) -> str | None:
    return reverse("api:segment_take_audio", args=[generation_id, take.pk]) if take else None


class SegmentOut(Schema):
    """A sentence of a generation: what is spoken at once."""

    index: int = Field(description="Its place in the text, from 0", examples=[0])
    text: str = Field(description="As written, without marks", examples=["Dr. Wu is 3 km away."])
    spoken: str = Field(description="As it is read", examples=["Doctor Wu is three kilometers away."])
    voice: UUID | None = Field(validation_alias="voice_id", description="null when it was deleted since")
    speaker: str = Field(description="Whose line it is, in a dialogue", examples=[""])
    start: float | None = Field(
        description="Seconds from the beginning of the whole; null while one before it is not spoken", examples=[0.0]
    )
    seconds: float | None = Field(description="How long it is; null until it is spoken", examples=[2.1])
    pause: float = Field(description="Seconds of silence after it", examples=[0.2])
    pause_before: float = Field(description="Seconds of silence before it, mostly of the first", examples=[0.0])
    starts_paragraph: bool = Field(description="Whether it begins a line of the text", examples=[True])
    state: Literal["pending", "generating", "completed"] = Field(
        description="pending while it, or a change of it, waits to be spoken", examples=["completed"]
    )
    audio: str | None = Field(
        description="Where to hear it: what it was before, while a change is spoken. It changes only with the take, so "
        "keep what you got from it for ever. null until it is spoken",
        examples=[EXAMPLE_AUDIO],
    )
    takes: int = Field(validation_alias="take_count", description="How many there are", examples=[1])
    take: int | None = Field(description="The number of the one that is heard", examples=[1])
    tries: int = Field(description="Attempts at it that were rejected, or asked for", examples=[0])
    marked: bool = Field(description="Whether other words than its own were heard in it")

    @staticmethod
    def resolve_seconds(segment: Segment) -> float | None:
        return segment.take.seconds if segment.take else None

    @staticmethod
    def resolve_state(segment: Segment) -> str:
        generation = segment.generation
        if segment.state == Segment.State.GENERATING and (not generation.is_running or generation.is_interrupted):
            return Segment.State.PENDING
        return segment.state

    @staticmethod
    def resolve_audio(segment: Segment) -> str | None:
        return audio_of(segment.take, segment.generation_id)

    @staticmethod
    def resolve_take(segment: Segment) -> int | None:
        return segment.take.number if segment.take else None

    @staticmethod
    def resolve_marked(segment: Segment) -> bool:
        return bool(segment.take and segment.take.is_marked)


class SegmentTakeOut(Schema):
    """A sentence as it was spoken once."""

    number: int = Field(examples=[1])
    text: str = Field(description="Its words at that time", examples=["Dr. Wu is 3 km away."])
    spoken: str = Field(examples=["Doctor Wu is three kilometers away."])
    voice: UUID | None = Field(validation_alias="voice_id", description="null when it was deleted since")
    seconds: float = Field(examples=[2.1])
    marked: bool = Field(validation_alias="is_marked", description="Whether other words than its own were heard in it")
    heard: str | None = Field(
        description="What a transcriber heard in it; null until it was checked", examples=["Dr. Wu is 3 km away."]
    )
    is_picked: bool = Field(description="Whether it is the one that is heard")
    audio: str = Field(examples=[EXAMPLE_AUDIO])
    created_at: datetime

    @staticmethod
    def resolve_heard(take: SegmentTake) -> str | None:
        return None if take.words is None else text_of(take.words)

    @staticmethod
    def resolve_is_picked(take: SegmentTake) -> bool:
        return take.segment.take_id == take.pk

    @staticmethod
    def resolve_audio(take: SegmentTake) -> str | None:
        return audio_of(take, take.segment.generation_id)


class SegmentIn(Body):
    """What to change of a sentence; what is left out stays as it is."""

    model_config = example(text="Dr. Wu is 5 km away.", pause=0.5)

    text: str | None = form_field(SegmentForm, "text", None, "Other words, with marks as in any text")
    voice: str | None = form_field(SegmentForm, "voice", None, "Id or name of a voice you may use")
    pause: float | None = form_field(SegmentForm, "pause", None)

    def given(self) -> dict[str, Any]:
        given = {name: value for name, value in self.dict().items() if value is not None}
        return {name: value for name, value in given.items() if name != "voice" or value}


class SplitIn(Body):
    """Where to split a sentence."""

    model_config = example(at=12)

    at: int = Field(ge=0, le=1_000_000, description="A place in its text: the end of the word nearest to it is taken")


class TakeNumber(Schema):
    """Which take of a sentence."""

    take: int | None = Field(None, ge=1, description="Its number; by default, the one that is heard")
