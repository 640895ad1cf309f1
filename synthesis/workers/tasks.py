"""The functions that a worker runs when it receives a ring, and functions that ring."""

import logging
import os
import socket
import time

from django.conf import settings
from django.utils import timezone

from synthesis.engines import EngineError
from synthesis.engines import choice as engine_choice
from synthesis.generations import samples
from synthesis.models import Cluster, LoadedModel
from synthesis.queue import loaded_model
from synthesis.queue import order as queue
from synthesis.speech import batch
from voicesite.jobs import attempts
from voicesite.jobs.doorbell import ring
from voicesite.jobs.job import State

from . import lanes
from .fittings import request_fittings

logger = logging.getLogger(__name__)


def run_next() -> None:
    """Speak the next generation, with others of its model that fit into its batches; without any, load the model ahead."""
    touch_cluster("synthesis")
    generation = queue.claim_next()
    if generation is None:
        loaded_model.unload_if_idle()
        warm_up()
        return
    spoken = batch.BatchRun(generation).speak()
    loaded_model.mark_used()
    loaded_model.unload_if_idle()
    touch_cluster("synthesis")
    if not attempts.stopping.value:
        for generation in spoken:
            if generation.state == State.PENDING:
                ring("synthesis")  # for the next attempt at it
        if lanes.is_waiting():
            ring("default")


def run_background() -> None:
    """Run the next background job, if any, and enqueue the fittings and samples that voices lack."""
    touch_cluster("default")
    request_fittings()
    if samples.enqueue():
        ring("synthesis")
    claimed = lanes.claim_next()
    if claimed is None:
        return
    kind, job = claimed
    attempts.run(job, kind.work)
    if kind.ended:
        kind.ended(job)
    touch_cluster("default")
    if not attempts.stopping.value and lanes.is_waiting():
        ring("default")


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
    if not loaded_model.is_cold():
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
    except attempts.ShuttingDown:
        return
    except EngineError as error:
        logger.warning("The %s engine could not be loaded: %s", option.engine, error.message)
