"""The processes of this installation, identified by an environment variable that holds its data folder."""

import contextlib
import os
import time
from pathlib import Path

import psutil
from django.conf import settings

MARK_VARIABLE = "VOICESITE_COPY"


def mark() -> dict[str, str]:
    """Return the environment variable that marks a process and its descendants."""
    return {MARK_VARIABLE: str(settings.DATA_DIR)}


def ours() -> list[psutil.Process]:
    """Return every process of this installation except the current one."""
    found = []
    for process in psutil.process_iter():
        with contextlib.suppress(psutil.Error, OSError):
            if process.pid != os.getpid() and process.environ().get(MARK_VARIABLE) == str(settings.DATA_DIR):
                found.append(process)
    return found


def call_me(name: str) -> None:
    """Name the current process for `ps` and the like, which show forks alike otherwise. Linux only."""
    with contextlib.suppress(OSError):
        Path("/proc/self/comm").write_text(name[:15])


def is_alive(process: psutil.Process) -> bool:
    """Return whether a process runs. A zombie does not."""
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def end(processes: list[psutil.Process], patience: float = 5) -> None:
    """Terminate processes, parents before their children, and kill those that still run after `patience` seconds."""
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
