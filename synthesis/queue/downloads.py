"""Downloads of weights, and the generations that wait for them.

A generation whose model is not on this machine goes back to the queue and enqueues the download. While that is active,
the queue leaves the generation out (`Generation.objects.claimable`), and it shows the download's stage. When the
download has ended, the generation is spoken, or fails with the download's reason.
"""

import time
from contextlib import suppress
from datetime import timedelta

from django.conf import settings
from django.db import InterfaceError, OperationalError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from synthesis.engines import EngineError, engine_class
from synthesis.engines.client import EngineProcess
from synthesis.models import Download, Generation
from voicesite.jobs.attempts import Heartbeat, NotYet, retry_on_database_error
from voicesite.jobs.doorbell import ring
from voicesite.jobs.job import State
from voicesite.modelhost import weights
from voicesite.modelhost.protocol import Progress
from voicesite.models import User
from voicesite.texts import N_

WAITING_STAGE = N_("Waiting for the model to be downloaded")
RECENT_DOWNLOAD_AGE = timedelta(minutes=1)  # if a model is missing so soon, it was downloaded to another machine

fetcher = EngineProcess(settings.ENGINE_STALL_SECONDS, nice=15)


def enqueue(engine: str, model: str, user: User | None = None) -> Download:
    """Return the download of `model`: a new one, the active one, or the ended one, restarted. Rings for it."""
    with transaction.atomic():
        download, is_new = Download.objects.get_or_create(
            model=model, defaults={"engine": engine, "requested_by": user}
        )
        if is_new:
            ring("default")
        elif download.retry():
            download.refresh_from_db()
    return download


def wait_for(generation: Generation) -> None:
    """Return if the model of `generation` is here or needs no download; else enqueue the download, and raise NotYet.

    Raises EngineError where the model was downloaded a moment ago, but to another machine.
    """
    model = generation.model
    if not engine_class(generation.engine).is_fetched(model) or weights.find(model):
        return
    since = timezone.now() - RECENT_DOWNLOAD_AGE
    if Download.objects.filter(model=model, state=State.COMPLETED, finished_at__gt=since).exists():
        raise EngineError(
            _(
                "{model} was downloaded, but not to the machine that speaks. Let VOICESITE_MODELS name a folder "
                "that all machines of this site share, or call “manage.py models download {model}” on each."
            ).format(model=model),
            permanent=True,
        )
    enqueue(generation.engine, model)
    raise NotYet(WAITING_STAGE)


def inform(download: Download) -> None:
    """Update the generations that wait for `download` after an attempt at it, and ring for them."""
    with suppress(Download.DoesNotExist):
        download.refresh_from_db()
        download.inform()
    ring("synthesis")


def fetch(download: Download, heartbeat: Heartbeat) -> None:
    """Download the weights into the store, resuming what an earlier attempt left of them.

    It runs in an engine host: a worker is a fork, in which macOS can't look up addresses or proxies. Killing the host
    stops a download at once, even one that is blocked.
    """
    heartbeat.flush(stage=_("Contacting the model hub"), progress=0)
    informed_at, size = 0.0, 0

    def on_progress(progress: Progress) -> None:
        nonlocal informed_at, size
        size = progress.expected
        heartbeat(
            state=State.GENERATING,
            progress=int(99 * progress.share),
            stage=progress.stage[:200],
            bytes_done=progress.done,
            bytes_total=progress.expected,
        )
        if time.monotonic() - informed_at > 1:
            informed_at = time.monotonic()
            with suppress(OperationalError, InterfaceError):  # the heartbeat decides how long a database may be gone
                download.inform()

    try:
        fetcher.download(download.model, on_progress, heartbeat)
    finally:
        fetcher.end()
    retry_on_database_error(lambda: download.finish(State.COMPLETED, bytes_done=size, bytes_total=size))
