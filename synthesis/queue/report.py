"""The state of the queue: what is pending and running, which clusters answer, and what is wrong."""

from datetime import timedelta

from django.conf import settings
from django.db.models import Count, Min, Q
from django.utils import timezone

from synthesis.models import Cluster, Fitting, Generation
from voicesite.jobs.job import RUNNING, State

# The sweeper rings for an idle cluster every 15 s; a busy one is known by the leases it renews.
CLUSTER_SILENCE = timedelta(seconds=settings.DEAF_SECONDS + 15)
WAIT_SECONDS = 5  # a job may be pending so long while no worker is busy


def queue_report(problems: list[str]) -> dict:
    """Return the counts of jobs and workers, and append what is wrong to `problems`, in words."""
    now = timezone.now()
    live = Q(state__in=RUNNING, lease_expires_at__gte=now)
    waiting = Q(state=State.PENDING) | Q(state__in=RUNNING, lease_expires_at__lt=now)
    # Samples of voices wait until no other job does: that is no sign of trouble.
    requested = Generation.objects.active().filter(is_sample=False)
    active = requested.annotate(awaits_model=Generation.objects.all().awaits_model())
    queue = active.aggregate(
        pending=Count("pk", filter=waiting),
        running=Count("pk", filter=live),
        # Nor is a generation that waits for a download, which the page shows by itself.
        oldest=Min("created_at", filter=waiting & Q(awaits_model=False)),
    )
    oldest = (now - queue["oldest"]).total_seconds() if queue["oldest"] else 0.0
    alive = set(Cluster.objects.filter(seen_at__gt=now - CLUSTER_SILENCE).values_list("name", flat=True))
    if queue["running"]:
        alive.add("synthesis")
    if "default" not in alive and Fitting.objects.alive().exists():
        alive.add("default")
    for name, work in (("synthesis", "speaks"), ("default", "prepares voices")):
        if name not in alive:
            problems.append(f"No worker {work}: the {name} cluster does not answer.")
    if queue["pending"] and not queue["running"] and oldest > WAIT_SECONDS:
        problems.append(f"Work has been waiting for {oldest:.0f} s, and no worker takes it.")
    return {
        "queue": {"pending": queue["pending"], "running": queue["running"], "oldest_seconds": round(oldest, 1)},
        "workers": settings.SYNTHESIS_WORKERS if "synthesis" in alive else 0,
    }
