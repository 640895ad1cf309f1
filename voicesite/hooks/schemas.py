"""The API's schemas of webhooks and deliveries."""

from datetime import datetime
from typing import Any
from uuid import UUID

from ninja import Field, Schema
from pydantic import ConfigDict

from voicesite.jobs.job import State

from .events import EVENTS
from .models import MAX_DESCRIPTION, MAX_URL

NAMES: dict[str, Any] = {"items": {"type": "string", "enum": [*EVENTS]}, "minItems": 1}
EXAMPLE = "https://example.org/hook"


class WebhookOut(Schema):
    """An address of a program of yours, and what it is told."""

    id: UUID
    url: str = Field(examples=[EXAMPLE])
    description: str = Field(examples=["The archive"])
    events: list[str] = Field(examples=[["generation.completed", "generation.failed"]])
    is_active: bool = Field(description="Whether it is told anything")
    off_reason: str = Field(description="Why the site turned it off, in words; else empty", examples=[""])
    failing_since: datetime | None = Field(description="When the first message failed since the last that got through")
    previous_secret_until: datetime | None = Field(
        description="Until when messages are signed with the replaced secret too; null or past: with one only"
    )
    created_at: datetime


class WebhookWithSecret(WebhookOut):
    """A webhook with its secret, which is shown only here."""

    secret: str = Field(examples=["whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"])


class DeliveryOut(Schema):
    """An event on its way to a webhook, or there."""

    id: UUID = Field(description="The `webhook-id` of the message, the same in each try")
    event: str = Field(examples=["generation.completed"])
    subject: str = Field(description="The id of what it happened to; empty for a test")
    status: State = Field(validation_alias="state", description="pending also while it waits for another try")
    tries: int = Field(description="How often it was sent since it was made or repeated", examples=[1])
    status_code: int | None = Field(description="Of the last answer; null if there was none", examples=[200])
    answer: str = Field(description="How that answer began: its first 1,024 bytes", examples=["ok"])
    error: str = Field(description="Why the last try failed, in words", examples=[""])
    next_try_at: datetime | None = Field(description="null unless it waits")
    created_at: datetime = Field(description="When it happened")
    started_at: datetime | None = Field(description="Of the last try")
    finished_at: datetime | None


# ---------------------------------------------------------------------------------------------------------------------
# Request bodies


class WebhookIn(Schema):
    model_config = ConfigDict(
        extra="forbid", strict=True, json_schema_extra={"example": {"url": EXAMPLE, "events": ["generation.completed"]}}
    )

    url: str = Field(json_schema_extra={"minLength": 1, "maxLength": MAX_URL}, description="http or https, and public")
    description: str = Field("", json_schema_extra={"maxLength": MAX_DESCRIPTION})
    events: list[str] = Field(
        default_factory=lambda: list(EVENTS), json_schema_extra=NAMES, description="All that there are by default"
    )


class WebhookChanges(Schema):
    """What is left out stays as it is."""

    model_config = ConfigDict(extra="forbid", strict=True, json_schema_extra={"example": {"is_active": True}})

    url: str | None = Field(None, json_schema_extra={"minLength": 1, "maxLength": MAX_URL})
    description: str | None = Field(None, json_schema_extra={"maxLength": MAX_DESCRIPTION})
    events: list[str] | None = Field(None, json_schema_extra=NAMES)
    is_active: bool | None = Field(None, description="Off, it is told nothing, and what waits for it is cancelled")
