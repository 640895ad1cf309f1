"""GET /metrics, for Prometheus: what this web server answered, and how the whole site is doing.

Requests are counted here, by each process, and summed over those of this server. All else is read from the database when
it is asked for, so that it is the same whichever server is asked, and whichever machine has the workers. What is over is
told of the last hour or day: rows are deleted by their owners, and a counter of them could not go on.
"""

import hmac
import os
import re
import statistics
from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import timedelta
from itertools import chain

import prometheus_client
import psutil
from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.db import DatabaseError
from django.db.models import Count, Min, Q
from django.http import Http404, HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_safe
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.multiprocess import MultiProcessCollector

from synthesis.models import Cluster, Generation, LoadedModel
from synthesis.workers.sweeper import JOBS_BY_CLUSTER
from voicesite import resources
from voicesite.jobs import os_processes
from voicesite.jobs.job import RUNNING, Job, State

MOST_LOOKED_AT = 1000  # of the latest generations, and of the failures of a kind
OF_OTHERS = "other"  # methods, by which a stranger could make any number of series
METHODS = {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"}

_registry = prometheus_client.CollectorRegistry()
_answers = prometheus_client.Histogram(
    "voicesite_http_request_duration_seconds",
    "Until an answer began",
    ["method", "route", "status"],
    buckets=(0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60),
    registry=_registry,
)

# Why something failed, by the words for its owner: labels must be few, and words may quote a text.
REASONS = {
    "disk": r"disk of this site is full",
    "memory": r"too little memory|out of memory|was killed",
    "hung": r"said nothing for",
    "crashed": r"crashed|stopped unexpectedly",
    "model missing": r"could not be downloaded|download of its model",
    "interrupted": r"was interrupted",
    "spoken badly": r"couldn’t be spoken well",
    "bug": r"has been logged|failed unexpectedly",
}


def count_request(method: str, route: str, status: int, seconds: float) -> None:
    _answers.labels(method if method in METHODS else OF_OTHERS, route, str(status)).observe(seconds)


@login_not_required
@require_safe
def metrics(request: HttpRequest) -> HttpResponse:
    """Answer whoever sends the token, or is signed in as staff; to others there is nothing here."""
    sent = request.headers.get("Authorization", "").removeprefix("Bearer ")
    token = settings.METRICS_TOKEN
    if not (token and hmac.compare_digest(sent.encode(), token.encode())) and not request.user.is_staff:
        raise Http404
    registry = _registry
    if "PROMETHEUS_MULTIPROC_DIR" in os.environ:  # by `manage.py web`, which has several processes
        registry = prometheus_client.CollectorRegistry()
        MultiProcessCollector(registry)
    site = prometheus_client.CollectorRegistry(auto_describe=False)
    site.register(Site())
    body = prometheus_client.generate_latest(registry) + prometheus_client.generate_latest(site)
    return HttpResponse(body, content_type=prometheus_client.CONTENT_TYPE_LATEST)


class Site:
    """What is true of the site now, as Prometheus wants it."""

    def collect(self) -> Iterator[Metric]:
        yield _one("voicesite_info", "The version that answers", {"version": settings.VERSION}, 1)
        yield from self._machine()
        is_up = _one("voicesite_database_up", "Whether the database responds", {}, 1)
        try:
            rows = [*self._queue(), *self._speech(), *self._failures(), *self._workers()]
        except DatabaseError:
            is_up, rows = _one("voicesite_database_up", "Whether the database responds", {}, 0), []
        yield is_up
        yield from rows

    def _machine(self) -> Iterator[Metric]:
        disk = resources.disk()
        sizes = (({"of": "total"}, disk.total), ({"of": "free"}, disk.free))
        yield _many("voicesite_disk_bytes", "Of the disk with the site’s data; of two, the fuller one", sizes)
        memory = psutil.virtual_memory()
        sizes = (({"of": "total"}, memory.total), ({"of": "available"}, memory.available))
        yield _many("voicesite_machine_memory_bytes", "Of this machine", sizes)
        resident: Counter[str] = Counter()
        number: Counter[str] = Counter()
        for process in [psutil.Process(), *os_processes.ours()]:
            try:
                name, size = role(process.cmdline(), process.name()), process.memory_info().rss
            except psutil.Error:  # it has just ended
                continue
            resident[name] += size
            number[name] += 1
        by_role = (({"process": name}, size) for name, size in resident.items())
        yield _many("voicesite_process_memory_bytes", "Resident, of the site’s processes on this machine", by_role)
        yield _many("voicesite_processes", "On this machine", (({"process": name}, n) for name, n in number.items()))

    def _queue(self) -> Iterator[Metric]:
        now = timezone.now()
        running = Q(state__in=RUNNING, lease_expires_at__gte=now)
        states, ages = [], []
        for kind in _kinds():
            found = kind.objects.active().aggregate(
                running=Count("pk", filter=running), all=Count("pk"), oldest=Min("created_at", filter=~running)
            )
            name = {"kind": kind._meta.model_name or ""}
            states += [({**name, "state": "running"}, found["running"])]
            states += [({**name, "state": "waiting"}, found["all"] - found["running"])]
            ages += [(name, (now - found["oldest"]).total_seconds() if found["oldest"] else 0.0)]
        yield _many("voicesite_jobs", "That wait, or that a worker is at", states)
        yield _many("voicesite_jobs_oldest_seconds", "How long the one that waits longest has waited", ages)

    def _speech(self) -> Iterator[Metric]:
        hour = timezone.now() - timedelta(hours=1)
        columns = ("engine", "model", "created_at", "started_at", "engine_started_at", "engine_finished_at")
        rows = Generation.objects.filter(state=State.COMPLETED, attempts=1, revision=0, created_at__gte=hour)
        latest = rows.order_by("-created_at").values_list(*columns, "seconds", "first_audio_seconds")[:MOST_LOOKED_AT]
        waits, first = [], []
        speaking: Counter[tuple[str, str]] = Counter()
        speech: Counter[tuple[str, str]] = Counter()
        for engine, model, created, started, begun, ended, seconds, heard in latest:
            if started:
                waits.append(max((started - created).total_seconds(), 0.0))
            if heard is not None:
                first.append(heard)
            if begun and ended and seconds:
                speaking[engine, model] += (ended - begun).total_seconds()
                speech[engine, model] += seconds
        yield _quantiles("voicesite_wait_seconds", "From asking to a worker, of texts of the last hour", waits)
        yield _quantiles("voicesite_first_sound_seconds", "From asking to the first sound, likewise", first)
        labelled = [({"engine": engine, "model": model}, (engine, model)) for engine, model in speech]
        factors = [(labels, speaking[key] / speech[key]) for labels, key in labelled]
        yield _many("voicesite_real_time_factor", "Seconds of work for a second of speech, in the last hour", factors)
        made = [(labels, speech[key]) for labels, key in labelled]
        yield _many("voicesite_speech_seconds", "Of speech that was made in the last hour", made)

    def _failures(self) -> Iterator[Metric]:
        day = timezone.now() - timedelta(days=1)
        counted: Counter[tuple[str, str]] = Counter()
        for kind in _kinds():
            failed = kind.objects.filter(state=State.FAILED, finished_at__gte=day)
            for error in failed.values_list("error", flat=True)[:MOST_LOOKED_AT]:
                counted[kind._meta.model_name or "", reason(error)] += 1
        numbers = (({"kind": kind, "reason": why}, n) for (kind, why), n in counted.items())
        yield _many("voicesite_failures", "Of the last day", numbers)

    def _workers(self) -> Iterator[Metric]:
        now = timezone.now()
        silence = (
            ({"cluster": cluster.name, "host": cluster.host}, max((now - cluster.seen_at).total_seconds(), 0.0))
            for cluster in Cluster.objects.all()
        )
        yield _many("voicesite_worker_silence_seconds", "Since workers last answered a ring", silence)
        held = (
            ({"worker": one.worker, "engine": one.engine, "model": one.model}, one.memory)
            for one in LoadedModel.objects.exclude(model="")
        )
        yield _many("voicesite_model_memory_bytes", "Of models that are loaded, on the card too", held)


def reason(error: str) -> str:
    return next((name for name, words in REASONS.items() if re.search(words, error)), "other")


def role(command: list[str], name: str = "") -> str:
    """Return what a process of the site is for, by its command line; a fork of the supervisor by its name, which tells it."""
    words = " ".join(command)
    if " supervise" in words:
        return name if name in ("web", "synthesis", "background", "sweeper", "wyoming") else "supervisor"
    for name, sign in {
        "engine host": "synthesis.engines.host",
        "listener host": "voices.transcription.host",
        "intake": "voices.intake.process",
        "unpacking": "voices.archives.process",
        "synthesis": " work synthesis",
        "background": " work default",
        "sweeper": " sweep",
        "serve": "voicesite.standby",
        "wyoming": " wyoming",
        "web": " web",
    }.items():
        if sign in words:
            return name
    return "web" if "multiprocessing" in words else "other"  # those of WEB_WORKERS


def _kinds() -> Iterable[type[Job]]:
    return dict.fromkeys(chain.from_iterable(JOBS_BY_CLUSTER.values()))


def _one(name: str, words: str, labels: dict[str, str], value: float) -> GaugeMetricFamily:
    return _many(name, words, [(labels, value)])


def _many(name: str, words: str, values: Iterable[tuple[dict[str, str], float]]) -> GaugeMetricFamily:
    family = GaugeMetricFamily(name, words)
    for labels, value in values:
        family.add_sample(name, labels, value)
    return family


def _quantiles(name: str, words: str, values: list[float]) -> GaugeMetricFamily:
    """Return the half and the nine tenths, which `values` do not exceed; nothing where there are none."""
    if not values:
        return _many(name, words, [])
    tenths = statistics.quantiles(values, n=10, method="inclusive") if len(values) > 1 else values * 9
    return _many(name, words, (({"quantile": "0.5"}, tenths[4]), ({"quantile": "0.9"}, tenths[8])))
