"""The functions that a worker runs when it receives a ring, and functions that ring."""

import logging
import os
import socket
import time
from contextlib import suppress

from django.conf import settings
from django.utils import timezone

from synthesis.engines import EngineError
from synthesis.engines import choice as engine_choice
from synthesis.generations import samples
from synthesis.models import Cluster, Generation, LoadedModel
from synthesis.queue import loaded_model
from synthesis.queue import order as queue
from synthesis.queue.processes import synthesis_process
from synthesis.speech import batch
from voices.faces import missing as faces
from voicesite.jobs import attempts
from voicesite.jobs.doorbell import ring
from voicesite.jobs.job import State
from voicesite.resources import lacking

from . import lanes
from .fittings import request_fittings

logger = logging.getLogger(__name__)


def run_next() -> None:
    """Speak the next generation, with others of its model that share its batches; without any, load the model ahead.

    Where they make way for others, these are next: no ring is awaited between two turns.
    """
    touch_cluster("synthesis")
    generation = _claim_next()
    if generation is None:
        loaded_model.unload_if_idle()
        warm_up()
        return
    while generation is not None:
        turn = batch.BatchRun(generation)
        spoken = turn.speak()
        loaded_model.mark_used()
        loaded_model.unload_if_idle()
        touch_cluster("synthesis")
        if attempts.stopping.value:
            return
        if lacking("disk") or (lacking("memory") and not synthesis_process.lives):
            return  # the sweeper rings again, every other second
        for generation in spoken:
            if generation.state == State.PENDING:
                ring("synthesis")  # for the next attempt at it
        if lanes.is_waiting():
            ring("default")
        generation = _claim_next() if turn.passed_on else None


def _claim_next() -> Generation | None:
    """Claim the next generation, unless there is no room for it: it waits in the queue then, at no cost of attempts."""
    return None if lacking(*Generation.needs) else queue.claim_next()


def run_background() -> None:
    """Run the next background job, and enqueue the fittings and samples that voices lack; without any, measure faces."""
    touch_cluster("default")
    if not lacking("disk"):
        request_fittings()
        if samples.enqueue():
            ring("synthesis")
    claimed = lanes.claim_next()
    if claimed is None:
        with suppress(attempts.ShuttingDown):
            faces.measure(_go_on)
        return
    kind, job = claimed
    attempts.run(job, kind.work)
    if kind.ended:
        kind.ended(job)
    touch_cluster("default")
    if not attempts.stopping.value and lanes.is_waiting():
        ring("default")


def _go_on() -> None:
    """Raise ShuttingDown where this worker is told to stop."""
    if attempts.stopping.value:
        raise attempts.ShuttingDown


def answer() -> None:
    """Show that the background cluster hears."""
    touch_cluster("default")


def request_unload(device: LoadedModel) -> None:
    """Ask the worker of `device` to unload its model after the current batch."""
    LoadedModel.objects.filter(pk=device.pk).update(unload_requested=True)
    for _ in range(settings.SYNTHESIS_WORKERS):  # any of them may receive a ring
        ring("synthesis")


def touch_cluster(name: str) -> None:
    """Record that this cluster answered a ring."""
    Cluster.objects.filter(name=name, host=socket.gethostname()).update(seen_at=timezone.now())


def register_cluster(name: str) -> None:
    """Record which process group serves the cluster `name` on this machine, before it starts."""
    if name == "synthesis":
        loaded_model.forget_all()
    now = timezone.now()
    Cluster.objects.update_or_create(
        name=name,
        host=socket.gethostname(),
        defaults={"process_group": os.getpgid(0), "started_at": now, "seen_at": now},
    )


def warm_up() -> None:
    """Load the default model ahead of the first request."""
    if not loaded_model.is_cold() or lacking("disk"):
        return
    answered_at = time.monotonic()

    def beat() -> None:
        nonlocal answered_at
        if attempts.stopping.value:
            raise attempts.ShuttingDown
        if time.monotonic() - answered_at > 5:  # loading a large model takes longer than DEAF_SECONDS
            answered_at = time.monotonic()
            touch_cluster("synthesis")

    option = engine_choice.current()
    try:
        loaded_model.load(option.engine, option.model, beat)
    except (attempts.ShuttingDown, attempts.NotYet):
        return
    except EngineError as error:
        logger.warning("The %s engine could not be loaded: %s", option.engine, error.message)
