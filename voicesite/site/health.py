"""GET /api/health: whether the site can do what is requested."""

from typing import Literal

from django.conf import settings
from django.db import DatabaseError
from django.http import HttpRequest
from ninja import Field, Schema, Status

from synthesis.engines import EngineError
from synthesis.engines import choice as engine_choice
from synthesis.queue.report import queue_report
from voicesite.web.rest import Router

router = Router(tags=["Site"])


class Queue(Schema):
    pending: int = Field(description="Texts that wait", examples=[2])
    running: int = Field(description="Texts that are being spoken", examples=[1])
    oldest_seconds: float = Field(description="How long the one that waits longest has waited", examples=[3.2])


class Health(Schema):
    """Whether what people ask for will be done."""

    status: Literal["ok", "degraded"]
    problems: list[str] = Field(description="What is wrong, in words", examples=[[]])
    database: Literal["ok", "unreachable"]
    queue: Queue | None = Field(description="null where the database is unreachable")
    workers: int = Field(description="That speak", examples=[1])
    engine: str | None = Field(examples=["kokoro"])
    model: str | None = Field(examples=["kokoro-82m-v1.0-int8"])
    version: str = Field(examples=["0.1.0"])


@router.get(
    "/health",
    auth=None,
    response={200: Health, 503: Health},
    summary="Whether the site does its work",
    description="For monitors, and for anybody: it says nothing of anyone.",
    openapi_extra={"security": []},  # none is needed
)
def health(request: HttpRequest):
    """Return 200 with "ok", or 503 with "degraded" and the reasons. Takes three queries."""
    problems: list[str] = []
    report: dict = {"status": "ok", "version": settings.VERSION, "problems": problems}
    try:
        option = engine_choice.current()
        report |= {"engine": option.engine, "model": option.model}
    except EngineError as error:
        report |= {"engine": None, "model": None}
        problems.append(error.message)
    try:
        report |= {"database": "ok", **queue_report(problems)}
    except DatabaseError:
        report |= {"database": "unreachable", "queue": None, "workers": 0}
        problems.append("The database does not answer.")
    if problems:
        report["status"] = "degraded"
    return Status(503 if problems else 200, report)
