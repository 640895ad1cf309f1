"""What this worker's engine holds: loaded when it is needed, unloaded when it rests, and told to the status page."""

import logging
import socket
import time

from django.conf import settings
from django.utils import timezone

from synthesis.models import LoadedModel
from voicesite.jobs.job import worker_name

from .processes import synthesis_process

logger = logging.getLogger(__name__)

_rested = False  # the model was unloaded because nobody needed it: it is not loaded ahead again
_used_at = time.monotonic()


def load(engine: str, model: str, beat) -> None:
    """Make `model` ready on this worker's device. Raises EngineError, and what `beat` raises."""
    global _rested
    before = synthesis_process.memory()
    if synthesis_process.load(engine, model, beat):
        _rested = False
        _note(
            engine=engine,
            model=model,
            runs_on=synthesis_process.runs_on[:100],
            memory_before=before,
            changed_at=timezone.now(),
        )
    _touch()


def used() -> None:
    """Note that it has just spoken."""
    _touch()
    LoadedModel.objects.filter(worker=worker_name()).update(used_at=timezone.now(), memory=synthesis_process.memory())


def rest() -> None:
    """Unload the model when it was asked for, or when nobody needed it for settings.IDLE_SECONDS."""
    asked = LoadedModel.objects.filter(worker=worker_name(), unload_requested=True).exists()
    idle = settings.IDLE_SECONDS and time.monotonic() - _used_at > settings.IDLE_SECONDS
    if asked or (idle and synthesis_process.lives):
        unload()


def unload() -> None:
    global _rested
    before = synthesis_process.memory()
    synthesis_process.end()
    _rested = True
    _note(engine="", model="", runs_on="", memory_before=before, changed_at=timezone.now())
    logger.info("The model was unloaded: %.1f GB are free again", before / 1e9)


def is_cold() -> bool:
    """Whether loading a model ahead would spare the next request time."""
    return synthesis_process.is_cold and not _rested


def forget_all() -> None:
    """Delete the rows of this machine: its workers are being started anew."""
    LoadedModel.objects.filter(worker__startswith=f"{socket.gethostname()}:").delete()


def _note(**changes) -> None:
    changes |= {"memory": synthesis_process.memory(), "unload_requested": False}
    LoadedModel.objects.update_or_create(worker=worker_name(), defaults=changes)


def _touch() -> None:
    global _used_at
    _used_at = time.monotonic()
