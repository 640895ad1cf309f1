"""What the API tells of voices, clips and the work on them, and what it is told."""

from datetime import datetime
from typing import Literal
from uuid import UUID

from ninja import Field, Schema

from voices.clips.schemas import ClipOut, RecordingDetails
from voices.curation.forms import ReportForm
from voices.extensions import is_being_fitted
from voices.models import VoiceProfile
from voices.schema_fields import Body, Grade, Language, example, form_field
from voices.text.lengths import MAX_TAG

from .forms import DetailsForm, VoiceForm


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
    def resolve_is_being_fitted(voice: VoiceProfile) -> bool:
        return is_being_fitted(voice)

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


# ---------------------------------------------------------------------------------------------------------------------
# What is sent. What a form judges has no bounds here, so that it says what is wrong; the document tells them.


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
    tags: list[str] | None = Field(None, max_length=50, description="All that it shall have: small letters, no commas")


class ReportIn(Body):
    model_config = example(reason="That is my voice.")

    reason: str = form_field(ReportForm, "reason")


class VoiceFilterParams(Schema):
    q: str = Field("", max_length=200, description="Words of the name, the description or the tags")
    language: Language = Field("", description="Only those that speak it")
    tag: str = Field("", max_length=MAX_TAG, description="Only those that have it")
    whose: Literal["", "mine", "shared"] = Field("", description="Your own, or those that others share")
    collection: int | None = Field(None, ge=1, lt=10**9, description="Only those that staff put into it")
    grade: Grade | None = Field(None, description="Only those whose clip is at least that good")
