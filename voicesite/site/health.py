"""GET /api/health: whether what people ask for will be done. Honest before all: a queue without workers is degraded."""

from datetime import timedelta
from typing import Literal

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.db import DatabaseError
from django.db.models import Count, Min, Q
from django.http import HttpRequest, JsonResponse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from ninja import Field, Schema

from synthesis.engines import EngineError
from synthesis.engines import choice as engine_choice
from synthesis.models import Cluster, Fitting, Generation
from voicesite.jobs.job import RUNNING, State

# The sweeper asks an idle cluster every 15 s whether it hears; a busy one is known by the leases it renews.
SILENT = timedelta(seconds=settings.DEAF_SECONDS + 15)
PATIENCE = 5  # seconds that work may wait while nobody is busy


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


@login_not_required
@never_cache
@require_safe
def health(request: HttpRequest) -> JsonResponse:
    """Public, for monitors: 200 with "ok", or 503 with "degraded" and the reasons in words. Three queries."""
    problems: list[str] = []
    report: dict = {"status": "ok", "version": settings.VERSION, "problems": problems}
    try:
        choice = engine_choice.current()
        report |= {"engine": choice.name, "model": choice.model}
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
    return JsonResponse(report, status=503 if problems else 200)


def queue_report(problems: list[str]) -> dict:
    """What waits, what is being spoken, and who answers; what is wrong with that is added to `problems`, in words."""
    now = timezone.now()
    live = Q(state__in=RUNNING, lease_expires_at__gte=now)
    waiting = Q(state=State.PENDING) | Q(state__in=RUNNING, lease_expires_at__lt=now)
    # Samples of voices wait until nobody does: that is no sign of trouble.
    asked = Generation.objects.moving().filter(is_sample=False)
    moving = asked.annotate(awaits_model=Generation.objects.all().awaits_model())
    queue = moving.aggregate(
        pending=Count("pk", filter=waiting),
        running=Count("pk", filter=live),
        # A download is work too, and shown as such: what waits for one is no sign of trouble.
        oldest=Min("created_at", filter=waiting & Q(awaits_model=False)),
    )
    oldest = (now - queue["oldest"]).total_seconds() if queue["oldest"] else 0.0
    alive = set(Cluster.objects.filter(seen_at__gt=now - SILENT).values_list("name", flat=True))
    if queue["running"]:
        alive.add("synthesis")
    for name, work in (("synthesis", "speaks"), ("default", "prepares voices")):
        if name not in alive and not (name == "default" and _fitting_lives(now)):
            problems.append(f"No worker {work}: the {name} cluster does not answer.")
    if queue["pending"] and not queue["running"] and oldest > PATIENCE:
        problems.append(f"Work has been waiting for {oldest:.0f} s, and no worker takes it.")
    return {
        "queue": {"pending": queue["pending"], "running": queue["running"], "oldest_seconds": round(oldest, 1)},
        "workers": settings.SYNTHESIS_WORKERS if "synthesis" in alive else 0,
    }


def _fitting_lives(now) -> bool:
    return Fitting.objects.running().filter(lease_expires_at__gte=now).exists()
