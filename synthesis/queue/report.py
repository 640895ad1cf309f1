"""The state of the queue: what is pending and running, which clusters answer, and what is wrong."""

from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import Count, Min, Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from synthesis.models import Cluster, Fitting, Generation
from voicesite.jobs.job import RUNNING, State
from voicesite.modelhost.weights import in_words
from voicesite.resources import disk, lacking
from voicesite.storage import why_unreachable
from voicesite.templatetags.display import duration
from voicesite.texts import N_

# The sweeper rings for an idle cluster every 15 s; a busy one is known by the leases it renews.
CLUSTER_SILENCE = timedelta(seconds=settings.DEAF_SECONDS + 15)
ALL_IS_WELL = N_("Everything works; nothing waits.")
WAIT_SECONDS = 5  # a job may be pending so long while no worker is busy


def queue_report(problems: list[str]) -> dict:
    """Return the counts of jobs, the workers, and append what is wrong to `problems`, in words."""
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
    workers = _workers(active.filter(live) if queue["running"] else active.none())
    alive = {worker["name"] for worker in workers if worker["responds"]}
    if queue["running"]:
        alive.add("synthesis")
    if "default" not in alive and Fitting.objects.alive().exists():
        alive.add("default")
    silent = [name for name in ("synthesis", "default") if name not in alive]
    if "synthesis" in silent:
        problems.append(_("No worker speaks: the synthesis cluster is not responding."))
    if "default" in silent:
        problems.append(_("No worker prepares voices: the default cluster is not responding."))
    # Why is said by `manage.py check --deploy`: this is for anybody.
    lacks = "files" if why_unreachable() else lacking("disk")
    if lacks == "files":
        problems.append(_("The file storage is not responding. Work waits until it does."))
    elif lacks:
        problems.append(
            _("The disk of this site is full: {size} are free. Work waits until there is room.").format(
                size=in_words(disk().free)
            )
        )
    is_stuck = not lacks and bool(queue["pending"] and not queue["running"] and oldest > WAIT_SECONDS)
    if is_stuck:
        problems.append(
            _("Work has been waiting for {oldest} s, and no worker has taken it.").format(oldest=f"{oldest:.0f}")
        )
    return {
        "queue": {"pending": queue["pending"], "running": queue["running"], "oldest_seconds": round(oldest, 1)},
        "workers": workers,
        "lacks": lacks,
        "silent": silent,
        "is_stuck": is_stuck,
    }


def _workers(running: QuerySet[Generation]) -> list[dict]:
    """Return each cluster with its last word: an answer to a ring, or the renewal of a lease while it is busy.

    Machines are not named: this is for anybody. What is `running` says who is busy.
    """
    words: dict[tuple[str, str], datetime] = {
        (cluster.name, cluster.host): cluster.seen_at for cluster in Cluster.objects.order_by("name", "host")
    }
    for worker, expires_at in running.values_list("worker", "lease_expires_at"):
        busy = ("synthesis", worker.rpartition(":")[0])
        if busy in words and expires_at:
            words[busy] = max(words[busy], expires_at - timedelta(seconds=settings.LEASE_SECONDS))
    since = timezone.now() - CLUSTER_SILENCE
    return [{"name": name, "last_word_at": at, "responds": at > since} for (name, _), at in words.items()]


def in_one_line(report: dict, *, can_speak: bool) -> str:
    """Return a queue report for people, who want to know whether it works and how long it takes, not why.

    can_speak: whether an engine is there.
    """
    pending, running = report["queue"]["pending"], report["queue"]["running"]
    first = _("the first has waited for {time}").format(time=duration(report["queue"]["oldest_seconds"]))
    if not can_speak or "synthesis" in report["silent"]:
        return _("Nothing can be spoken right now. Your texts are safe; they are spoken once staff have fixed it.")
    if report["lacks"] == "files":
        return _("The file storage of this site is not responding. Your texts are safe; they are spoken once it does.")
    if report["lacks"]:
        return _("The disk of this site is full. Your texts are safe; they are spoken once there is room.")
    if report["is_stuck"]:
        return _("Texts wait longer than they should: {first}. Staff can see why on this page.").format(first=first)
    if "default" in report["silent"]:
        return _("Speaking works. New voices and transcriptions have to wait until staff have fixed something.")
    if pending:
        return _("Everything works. {texts} being spoken, {pending} waiting; {first}.").format(
            texts=_texts(running), pending=pending, first=first
        )
    return (
        _("Everything works. {texts} being spoken, nothing waits.").format(texts=_texts(running))
        if running
        else _(ALL_IS_WELL)
    )


def _texts(count: int) -> str:
    return ngettext("{count} text", "{count} texts", count).format(count=count) if count else _("No texts")
