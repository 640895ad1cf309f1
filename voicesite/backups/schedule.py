"""Backups that the site makes by itself, each in a process of its own: the sweeper, which asks, has a second for a turn."""

import logging
import subprocess
import sys
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import psutil
from django.conf import settings

from . import repository

logger = logging.getLogger(__name__)

LOOK_SECONDS = 60.0
RETRY_SECONDS = 3600.0  # after one that failed


class Schedule:
    """Starts `manage.py backup` when one is due. What was made is in the folder: nothing else remembers it."""

    def __init__(self) -> None:
        self.process: subprocess.Popen | None = None
        self.next_look = 0.0

    def turn(self) -> None:
        if self.process:
            if self.process.poll() is None:
                return
            if self.process.returncode:
                logger.error("The backup to %s failed; it is tried again in an hour", settings.BACKUP)
                self.next_look = time.monotonic() + RETRY_SECONDS
            self.process = None
        if settings.BACKUP and time.monotonic() >= self.next_look:
            self.next_look = time.monotonic() + LOOK_SECONDS
            if is_due():
                self.process = subprocess.Popen([sys.executable, str(settings.BASE_DIR / "manage.py"), "backup"])
                psutil.Process(self.process.pid).nice(10)  # people's work goes first


def is_due() -> bool:
    """Return whether the latest backup is older than BACKUP_HOURS, or there is none."""
    made = latest()
    return made is None or datetime.now(UTC) - made >= timedelta(hours=settings.BACKUP_HOURS)


def latest() -> datetime | None:
    """Return when the latest backup in BACKUP was made, None where there is none or the folder can't be read."""
    if not settings.BACKUP:
        return None
    return repository.latest(Path(settings.BACKUP).expanduser())
