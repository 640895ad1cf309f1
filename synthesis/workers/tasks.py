"""The doorbell: what django-q2 carries, and what it wakes. The only module that knows of django-q2."""

import logging
import os
import socket
import time
from contextlib import suppress
from functools import lru_cache

from django.conf import settings
from django.db import DatabaseError, IntegrityError, transaction
from django.db.models import F, QuerySet
from django.utils import timezone
from django_q.brokers import get_broker
from django_q.tasks import async_task
from redis.exceptions import RedisError

from synthesis.engines import EngineError, engine_class
from synthesis.engines import choice as engine_choice
from synthesis.generations import samples, takes
from synthesis.models import Check, Cluster, Device, Download, Fitting, Generation
from synthesis.queue import downloads, loaded_model, processes
from synthesis.queue import order as queue
from synthesis.speech import batch
from synthesis.speech.conditioning import best_clip
from voices.models import VoiceProfile
from voicesite.jobs.job import State
from voicesite.models import User

from . import lanes

logger = logging.getLogger(__name__)

BELLS = {"synthesis": "synthesis.workers.tasks.run_next", "default": "synthesis.workers.tasks.run_background"}


def ring(cluster: str) -> None:
    """Wake a worker of `cluster`. The message says nothing: losing or repeating it harms nothing.

    With the database as broker the message is part of the caller's transaction; Redis hears of it after the commit,
    and when it does not answer, the sweeper rings again.
    """
    if settings.REDIS_URL:
        transaction.on_commit(lambda: async_task(BELLS[cluster], broker=_broker(cluster)), robust=True)
    else:
        async_task(BELLS[cluster], broker=_broker(cluster))


def rings_unheard(cluster: str) -> int:
    """How many rings nobody has taken yet; 0 where that can't be learnt. One is enough to wake a worker."""
    try:
        return _broker(cluster).queue_size()
    except (DatabaseError, RedisError):
        return 0


@lru_cache
def _broker(cluster: str):
    return get_broker(cluster)


def submit(generation: Generation) -> None:
    """Save a new generation and ring, both or neither."""
    with transaction.atomic():
        generation.save(force_insert=True)
        ring("synthesis")


def silence(voice: VoiceProfile) -> None:
    """Cancel all that is being spoken in a voice, waits for it, or is done with it: the voice was suspended."""
    for sample in Generation.objects.moving().filter(voice=voice, is_sample=True):
        takes.delete(sample)  # another is made when the voice may speak again
    moving = Generation.objects.moving().filter(voice=voice)
    moving.update(error="Staff suspended its voice.")
    checks = Check.objects.moving().filter(generation__voice=voice)
    for job in (*moving, *Fitting.objects.moving().filter(voice=voice), *checks):
        job.request_cancel()


def run_next() -> None:
    """Speak the generation that should go next, if there is one, and others that fit into its batches."""
    answer("synthesis")
    generation = queue.claim_next()
    if generation is None:
        loaded_model.rest()
        warm_up()
        return
    spoken = batch.Turn(generation).speak(generation)
    loaded_model.used()
    loaded_model.rest()
    answer("synthesis")
    if not processes.stopping.value:
        for generation in spoken:
            if generation.state == State.PENDING:
                ring("synthesis")  # for the next attempt at it
        if lanes.is_waiting():
            ring("default")


def run_background() -> None:
    """Do the background job that should go next, if there is one."""
    answer("default")
    request_fittings()
    for generation in samples.orphans():
        takes.delete(generation)
    if samples.request():
        ring("synthesis")
    claimed = lanes.claim_next()
    if claimed is None:
        return
    kind, job = claimed
    processes.run(job, kind.work)
    if kind.ended:
        kind.ended(job)
    if isinstance(job, Download):
        ring("synthesis")  # for what waited for it
    answer("default")
    if not processes.stopping.value and lanes.is_waiting():
        ring("default")


def request_download(engine: str, model: str, user: User | None = None) -> Download:
    """Ask for the weights of `model`, and ring, both or neither."""
    with transaction.atomic():
        download = downloads.request(engine, model, user)
        ring("default")
    return download


def request_unload(device: Device) -> None:
    """Ask the worker of `device` to give its model's memory back, once it is done with what it speaks."""
    Device.objects.filter(pk=device.pk).update(unload_requested=True)
    for _ in range(settings.SYNTHESIS_WORKERS):  # any of them may hear a ring
        ring("synthesis")


def voices_to_fit() -> QuerySet[VoiceProfile]:
    """Voices without a fitting, and those that were changed since: another of their clips may be the best now."""
    return VoiceProfile.objects.exclude(fitting__as_of=F("updated_at"))


def request_fittings() -> None:
    """Make a Fitting for each voice without one, of the engine that can be fitted and its best clip for it.

    One of another clip is dropped, and an attempt at it that runs loses the row.
    """
    engine = engine_class(engine_choice.current().name)
    if not engine.refines:
        engine = engine_class("kokoro")  # in which every voice can speak, whatever else is there
    for voice in voices_to_fit().prefetch_related("clips")[:100]:
        clip = best_clip(voice, engine)
        with suppress(IntegrityError), transaction.atomic():  # it may be deleted meanwhile
            Fitting.objects.filter(voice=voice).exclude(clip=clip).delete()
            fitting = {"clip": clip, "engine": engine.name, "model": engine.models[0].name}
            looked = {"as_of": voice.updated_at}
            Fitting.objects.update_or_create(voice=voice, defaults=looked, create_defaults=fitting | looked)


def answer(name: str) -> None:
    """Note that this cluster answered a ring."""
    Cluster.objects.filter(name=name, host=socket.gethostname()).update(seen_at=timezone.now())


def enter_service(name: str) -> None:
    """Note which process group serves the cluster `name` on this machine, before it starts."""
    if name == "synthesis":
        loaded_model.forget_all()
    now = timezone.now()
    Cluster.objects.update_or_create(
        name=name,
        host=socket.gethostname(),
        defaults={"process_group": os.getpgid(0), "started_at": now, "seen_at": now},
    )


def warm_up() -> None:
    """Load the model while nobody waits, so that the first sentence does not wait for it."""
    if not loaded_model.is_cold():
        return
    answered_at = time.monotonic()

    def beat() -> None:
        nonlocal answered_at
        if processes.stopping.value:
            raise processes.ShuttingDown
        if time.monotonic() - answered_at > 5:  # a large model takes longer than a deaf cluster is given
            answered_at = time.monotonic()
            answer("synthesis")

    engine = engine_choice.current()
    try:
        loaded_model.load(engine.name, engine.model, beat)
    except processes.ShuttingDown:
        return
    except EngineError as error:
        logger.warning("The %s engine could not be loaded: %s", engine.name, error.message)
