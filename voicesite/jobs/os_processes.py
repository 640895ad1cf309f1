"""The processes of this copy of the site, among all of this machine: their environment names its data folder."""

import contextlib
import os
import time

import psutil
from django.conf import settings

MARK_VARIABLE = "VOICESITE_COPY"


def mark() -> dict[str, str]:
    """What the environment of a process says that belongs to this copy. Processes inherit it."""
    return {MARK_VARIABLE: str(settings.DATA_DIR)}


def ours() -> list[psutil.Process]:
    """Every process of this copy but the one that asks."""
    found = []
    for process in psutil.process_iter():
        with contextlib.suppress(psutil.Error, OSError):
            if process.pid != os.getpid() and process.environ().get(MARK_VARIABLE) == str(settings.DATA_DIR):
                found.append(process)
    return found


def is_alive(process: psutil.Process) -> bool:
    """Whether it runs: one that nobody has buried yet does not."""
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def end(processes: list[psutil.Process], patience: float = 5) -> None:
    """Ask them to end, and kill what still runs after `patience` seconds. A child is left to its parent while it has one."""
    asked: set[psutil.Process] = set()
    stop = time.monotonic() + patience
    while alive := {process.pid: process for process in processes if is_alive(process)}:
        for process in alive.values():
            with contextlib.suppress(psutil.NoSuchProcess):
                if time.monotonic() > stop:
                    process.kill()
                elif process not in asked and process.ppid() not in alive:
                    asked.add(process)
                    process.terminate()
        time.sleep(0.05)
