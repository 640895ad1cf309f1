"""API schemas of archives of voices."""

from typing import Any, Literal
from uuid import UUID

from ninja import Field, Schema

from voices.archives.importing import proposals
from voices.models import VoiceImport
from voices.schema_fields import Body, Job, example


class ArrivingVoice(Schema):
    """A voice in an archive."""

    name: str = Field(examples=["Grandmother"])
    description: str = Field(examples=[""])
    language: str = Field(examples=["en-us"])
    tags: list[str] = Field(examples=[["warm"]])
    clips: int = Field(description="How many clips it has", examples=[2])
    seconds: float = Field(description="Total length of its clips", examples=[14.2])
    bytes: int = Field(examples=[697054])
    consent: dict[str, Any] | None = Field(description="The speaker's consent as its archive records it")
    problem: str = Field(description="Why it can't be imported; empty if it can", examples=[""])
    proposed_name: str = Field(description="A free name", examples=["Grandmother (2)"])
    namesake: UUID | None = Field(description="Your voice that already has its name")


class ArrivedVoice(Schema):
    voice: UUID = Field(validation_alias="pk")
    name: str = Field(examples=["Grandmother"])
    replaced: bool = Field(description="Whether it replaced another")


class ImportSummary(Job):
    """An archive of voices that you sent."""

    id: UUID
    name: str = Field(
        validation_alias="original_name", description="Name of the uploaded file", examples=["voices.zip"]
    )
    is_answerable: bool = Field(description="Whether it waits for your choices")


class ImportOut(ImportSummary):
    """An archive of voices that you sent, its voices, and the imported ones."""

    made_by: str = Field(
        validation_alias="preview.made_by",
        description="The site or the program that the archive comes from",
        examples=["voices.example.org"],
    )
    voices: list[ArrivingVoice]
    result: list[ArrivedVoice] = Field(description="The imported voices")

    @staticmethod
    def resolve_voices(voice_import: VoiceImport) -> list[dict]:
        pairs = zip(voice_import.preview["voices"], proposals(voice_import), strict=True)
        return [voice | {"proposed_name": name, "namesake": own and own.pk} for voice, (name, own) in pairs]


class ImportChoice(Body):
    act: Literal["new", "replace", "skip"] = Field(description="Import it, replace its namesake, or leave it out")
    name: str | None = Field(None, description="Name of a new voice; the proposed one by default")


class ImportChoices(Body):
    """What to do with each voice of an archive, in the order of the archive."""

    model_config = example(consent=True, voices=[{"act": "new", "name": "Grandmother"}])

    consent: bool = Field(False, description="That the speakers of all imported voices agree to be cloned")
    voices: list[ImportChoice]


class VoiceIds(Schema):
    voice: list[UUID] = Field(min_length=1, max_length=90, description="Which voices; repeat it for each")
