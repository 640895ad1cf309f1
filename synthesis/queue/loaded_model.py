"""The model that this worker's engine holds: loaded on demand, unloaded when idle, shown on the status page."""

import logging
import socket
import time

from django.conf import settings
from django.utils import timezone

from synthesis.models import LoadedModel
from voicesite.jobs.attempts import Lacking
from voicesite.jobs.job import worker_name
from voicesite.resources import free_memory

from .processes import synthesis_process

logger = logging.getLogger(__name__)

_was_unloaded = False  # when idle or on request: it is then not loaded ahead again
_used_at = time.monotonic()
load_seconds = 0.0  # that loading the model took which is loaded now


def load(engine: str, model: str, beat) -> None:
    """Make `model` ready on this worker's device. Raises EngineError, Lacking memory, and what `beat` raises."""
    global _was_unloaded, _used_at, load_seconds
    before, begun = synthesis_process.memory(), time.monotonic()
    # What another model holds is free before this one is loaded.
    if not synthesis_process.holds(engine, model) and free_memory() + before < settings.MEMORY_RESERVE_BYTES:
        raise Lacking("memory")
    if synthesis_process.load(engine, model, beat):
        _was_unloaded, load_seconds = False, time.monotonic() - begun
        _record_change(before, engine=engine, model=model, runs_on=synthesis_process.runs_on[:100])
    _used_at = time.monotonic()


def mark_used() -> None:
    """Record that the model has just spoken."""
    global _used_at
    _used_at = time.monotonic()
    LoadedModel.objects.filter(worker=worker_name()).update(used_at=timezone.now(), memory=synthesis_process.memory())


def unload_if_idle() -> None:
    """Unload the model on request, or when it was not used for settings.IDLE_SECONDS."""
    global _was_unloaded
    requested = LoadedModel.objects.filter(worker=worker_name(), unload_requested=True).exists()
    idle = settings.IDLE_SECONDS and time.monotonic() - _used_at > settings.IDLE_SECONDS
    if not (requested or (idle and synthesis_process.lives)):
        return
    before = synthesis_process.memory()
    synthesis_process.end()
    _was_unloaded = True
    _record_change(before, engine="", model="", runs_on="")
    logger.info("The model was unloaded: %.1f GB are free again", before / 1e9)


def is_cold() -> bool:
    """Return whether loading a model ahead would save the next request time."""
    return synthesis_process.is_cold and not _was_unloaded


def forget_all() -> None:
    """Delete the rows of this machine: its workers are being restarted."""
    LoadedModel.objects.filter(worker__startswith=f"{socket.gethostname()}:").delete()


def _record_change(memory_before: int, **loaded: str) -> None:
    """Write to this worker's row what its engine holds now; memory_before in bytes."""
    changes = {"memory": synthesis_process.memory(), "memory_before": memory_before, "changed_at": timezone.now()}
    defaults = loaded | changes | {"unload_requested": False}
    LoadedModel.objects.update_or_create(worker=worker_name(), defaults=defaults)
