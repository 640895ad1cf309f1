"""The REST operation that says what somebody uses, and may."""

from datetime import datetime

from ninja import Field, Schema

from voicesite.models import ApiKey
from voicesite.people.requests import Request, key_of
from voicesite.web.rest import Router, authentication

from . import quotas, rates

router = Router(tags=["Usage"])


class RequestsOut(Schema):
    limit: int | None = Field(description="How many a minute; null: any number, and so in the others")
    remaining: int | None = Field(description="How many of this minute are left")
    reset: int | None = Field(description="In how many seconds the next minute begins")


class WorkOut(Schema):
    limit: int | None = Field(description="How much at once; null: any amount")
    active: int = Field(description="Texts, transcriptions and imports that wait or are worked on")


class UsageOut(Schema):
    speech_seconds_today: float = Field(description="Of speech that was finished today")
    speech_seconds_reserved: float = Field(description="Of speech that waits or is made, as estimated: they count too")
    speech_seconds_limit: int | None = Field(description="A day; null: none")
    stored_bytes: int = Field(description="Of speech, recordings, and archives until they are imported")
    stored_bytes_limit: int | None = Field(description="null: none")
    requests: RequestsOut = Field(description="Of your programs together; a key may have a limit of its own besides")
    work: WorkOut
    renews_at: datetime = Field(description="When the day ends, by the site’s time zone")
    warnings: list[str] = Field(description="What comes to an end, in words: from 80 % of a quota on")


@router.get("/usage", response=UsageOut, summary="Show your usage", auth=authentication(*ApiKey.Scope.values))
def get_usage(request: Request):
    """What you use today and store, with your limits. Any key may ask. Staff have no quotas, only the other limits."""
    used = quotas.usage(request.user)
    limits = [
        rates.look(limit) for limit in rates.limits_of(request.user, key_of(request)) if limit.policy == "default"
    ]
    now = limits[0] if limits else None
    return {
        **{name: getattr(used, name) for name in UsageOut.model_fields if hasattr(used, name)},
        "requests": {
            "limit": now and now.limit.most,
            "remaining": now and now.left,
            "reset": now and now.reset,
        },
        "work": {"limit": used.work_limit, "active": used.work_active},
    }
