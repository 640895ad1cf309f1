"""GET /api/health: whether the site can do what is requested."""

from datetime import datetime
from typing import Literal

from django.conf import settings
from django.db import DatabaseError
from django.http import HttpRequest
from ninja import Field, Schema, Status

from synthesis.engines import EngineError
from synthesis.engines import choice as engine_choice
from synthesis.queue.report import queue_report
from voicesite.resources import disk
from voicesite.storage import why_unreachable
from voicesite.web.rest import Router

router = Router(tags=["Site"])


class Queue(Schema):
    pending: int = Field(description="Texts that wait", examples=[2])
    running: int = Field(description="Texts that are being spoken", examples=[1])
    oldest_seconds: float = Field(description="How long the one that waits longest has waited", examples=[3.2])


class Disk(Schema):
    free: int = Field(description="Bytes", examples=[74_000_000_000])
    total: int = Field(examples=[250_000_000_000])
    reserve: int = Field(description="Kept for the database: with less, work waits", examples=[200_000_000])
    state: Literal["ok", "full"]


class Worker(Schema):
    name: Literal["synthesis", "default"] = Field(description="What speaks, and what does the rest")
    last_word_at: datetime = Field(description="When it was last heard of")
    responds: bool


class Health(Schema):
    """Whether what people ask for will be done."""

    status: Literal["ok", "degraded"]
    problems: list[str] = Field(description="What is wrong, in words", examples=[[]])
    database: Literal["ok", "unreachable"]
    files: Literal["ok", "unreachable"] = Field(description="The storage of recordings and speech")
    queue: Queue | None = Field(description="null where the database is unreachable")
    workers: list[Worker]
    disk: Disk
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
    report: dict = {"status": "ok", "version": settings.VERSION, "problems": problems, "disk": _disk()}
    try:
        option = engine_choice.current()
        report |= {"engine": option.engine, "model": option.model}
    except EngineError as error:
        report |= {"engine": None, "model": None}
        problems.append(error.message)
    try:
        report |= {"database": "ok", **queue_report(problems)}
    except DatabaseError:
        report |= {"database": "unreachable", "queue": None, "workers": []}
        problems.append("The database is not responding.")
    report["files"] = "unreachable" if why_unreachable() else "ok"
    if problems:
        report["status"] = "degraded"
    return Status(503 if problems else 200, report)


def _disk() -> dict:
    now = disk()
    return {"free": now.free, "total": now.total, "reserve": now.reserve, "state": "full" if now.is_full else "ok"}
