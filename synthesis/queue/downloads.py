"""Weights that are asked for and fetched, and the generations that wait for them.

A generation that needs a model which is not on this machine gives its turn back and asks for the download. While that
moves, the queue leaves the generation out (`Generation.objects.claimable`), and it shows the download's stage. When the
download has ended, the generation is spoken, or fails with the download's reason.
"""

import time
from contextlib import suppress
from datetime import timedelta

from django.conf import settings
from django.db import InterfaceError, OperationalError
from django.utils import timezone

from synthesis.engines import EngineError, Progress, engine_class
from synthesis.engines.client import EngineProcess
from synthesis.models import Download, Generation
from voicesite.jobs.attempts import Heartbeat, NotYet, retry_on_database_error
from voicesite.jobs.job import State
from voicesite.modelhost import weights
from voicesite.models import User

WAITING = "Waiting for the model to be downloaded"
fetcher = EngineProcess(settings.ENGINE_STALL_SECONDS, nice=15)
ELSEWHERE = timedelta(minutes=1)  # after a download, a machine without the model is one that it was not fetched to


def request(engine: str, model: str, user: User | None = None) -> Download:
    """The download of `model`: a new one, the one that moves, or the one that ended, begun anew. Rings no bell."""
    download, _ = Download.objects.get_or_create(model=model, defaults={"engine": engine, "requested_by": user})
    if download.retry():
        download.refresh_from_db()
    return download


def wait_for(generation: Generation) -> None:
    """Go on where the model of `generation` is here, or needs no download; else ask for it, and raise NotYet.

    Raises EngineError where the model was fetched a moment ago, but to another machine.
    """
    model = generation.model
    if not is_downloaded(generation.engine, model) or weights.find(model):
        return
    fetched = Download.objects.filter(model=model, state=State.COMPLETED, finished_at__gt=timezone.now() - ELSEWHERE)
    if fetched.exists():
        raise EngineError(
            f"{model} was downloaded, but not to the machine that speaks. Let VOICESITE_MODELS name a folder that all "
            f"machines of this site share, or call “manage.py models download {model}” on each.",
            permanent=True,
        )
    request(generation.engine, model)
    raise NotYet(WAITING)


def is_downloaded(engine: str, model: str) -> bool:
    """Whether `model` is one that comes from the hub, rather than with its engine, from a server or a folder."""
    sizes = {known.name: known.download for known in engine_class(engine).models}
    return any(sizes.values()) and sizes.get(model, 1) > 0 and not weights.is_path(model)


def inform(download: Download) -> None:
    """Tell what waits for `download` how it stands now."""
    with suppress(Download.DoesNotExist):
        download.refresh_from_db()
        download.inform()


def fetch(download: Download, heartbeat: Heartbeat) -> None:
    """Fetch the weights into the store, going on from what an earlier attempt left of them.

    In a process of its own, like all engines' work: this one is a fork, in which macOS lets nobody ask for addresses or
    proxies. Ending that process stops a download at once, whatever it waits for.
    """
    heartbeat.flush(stage="Asking the model hub", progress=0)
    told_at, size = 0.0, 0

    def on_progress(progress: Progress) -> None:
        nonlocal told_at, size
        size = progress.expected
        share = progress.done / progress.expected if progress.expected else 0.0
        heartbeat(
            state=State.GENERATING,
            progress=int(99 * share),
            stage=progress.stage[:200],
            bytes_done=progress.done,
            bytes_total=progress.expected,
        )
        if time.monotonic() - told_at > 1:
            told_at = time.monotonic()
            with suppress(OperationalError, InterfaceError):  # the heartbeat decides how long to do without a database
                download.inform()

    try:
        fetcher.download(download.model, on_progress, heartbeat)
    finally:
        fetcher.end()
    retry_on_database_error(lambda: download.finish(State.COMPLETED, bytes_done=size, bytes_total=size))
