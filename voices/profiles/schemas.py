"""The API's schemas of voices and reports."""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from ninja import Field, Schema
from pydantic import BeforeValidator

from voices.clips.schemas import ClipOut, RecordingDetails
from voices.curation.forms import ReportForm
from voices.extensions import is_being_fitted
from voices.models import VoiceProfile
from voices.schema_fields import Body, Grade, example, form_field
from voices.text.lengths import MAX_TAG
from voices.written_languages import LanguageOrAccent

from .forms import DetailsForm, VoiceForm


class ReportOut(Schema):
    """Your report of a voice, and the answer of staff."""

    reason: str = Field(examples=["That is my voice."])
    answer: str = Field(examples=[""])
    created_at: datetime
    closed_at: datetime | None = Field(description="When staff answered")


class Consent(Schema):
    wording: str = Field(examples=["The person who speaks in this recording is me …"])
    by: str = Field(description="Who confirmed it", examples=["ada"])
    at: datetime


class VoiceOut(Schema):
    """A cloned voice, or a built-in one."""

    id: UUID
    name: str = Field(examples=["Grandmother"])
    description: str = Field(examples=["Warm, slow, good for stories"])
    language: str = Field(description="What is spoken in its recording", examples=["en-us"])
    tags: list[Annotated[str, BeforeValidator(str)]] = Field(examples=[["warm"]])
    owner: str | None = Field(description="Null for a built-in voice", examples=["ada"])
    is_mine: bool
    is_builtin: bool = Field(description="Whether it came with the site, and was cloned from nobody")
    visibility: Literal["private", "shared"]
    is_usable: bool = Field(description="Whether it may speak: neither suspended nor retired")
    is_being_fitted: bool = Field(description="Whether an engine is being fitted to it, or will be soon")
    suspended_at: datetime | None
    suspension: str = Field(description="Why staff suspended it", examples=[""])
    retired_at: datetime | None
    share_requested_at: datetime | None = Field(
        description="When its owner asked to share it; null for others than its owner"
    )
    share_refusal: str = Field(description="Why it was not shared; empty for others than its owner", examples=[""])
    consent: Consent | None = Field(description="Who confirmed the speaker's consent; null for others than its owner")
    clip: ClipOut = Field(description="Its main clip")
    created_at: datetime
    updated_at: datetime

    @staticmethod
    def resolve_is_being_fitted(voice: VoiceProfile) -> bool:
        return is_being_fitted(voice)

    @staticmethod
    def resolve_owner(voice: VoiceProfile) -> str | None:
        return voice.owner.username if voice.owner else None

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


# ---------------------------------------------------------------------------------------------------------------------
# Request bodies


class VoiceIn(RecordingDetails):
    name: str = form_field(VoiceForm, "name", examples=["Grandmother"])
    language: str = form_field(VoiceForm, "language")
    description: str = form_field(VoiceForm, "description")


class VoiceChanges(Body):
    """What is left out stays as it is."""

    model_config = example(name="Grandmother")

    name: str | None = form_field(DetailsForm, "name", None)
    language: str | None = form_field(DetailsForm, "language", None)
    description: str | None = form_field(DetailsForm, "description", None)
    tags: list[str] | None = Field(None, max_length=50, description="All its tags: small letters, no commas")


class ReportIn(Body):
    model_config = example(reason="That is my voice.")

    reason: str = form_field(ReportForm, "reason")


class VoiceFilterParams(Schema):
    q: str = Field("", max_length=200, description="Words of the name, the description or the tags")
    language: LanguageOrAccent = Field(default_factory=str, description="Only voices that speak it")
    tag: str = Field("", max_length=MAX_TAG, description="Only voices that have it")
    whose: Literal["", "mine", "shared", "builtin"] = Field(
        "", description="Your own, those that others share, or those that are built in"
    )
    collection: int | None = Field(None, ge=1, lt=10**9, description="Only voices of this collection")
    grade: Grade | None = Field(None, description="Only voices whose main clip has this grade or a better one")
