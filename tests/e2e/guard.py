"""Ends a site together with the run of the tests that started it: `python guard.py FOLDER PID …`.

Whatever ends one of the processes of the run (a time limit, kill -9, a crash), what then still runs of the site, in
whatever session and process group, is killed: every process whose environment names FOLDER.
"""

import contextlib
import sys
import time

import psutil

POLL_SECONDS = 0.25  # between two looks whether the run goes on
CALM_SECONDS = 0.5  # without a process of the site: those that start others have ended too


def processes(folder: str) -> list[psutil.Process]:
    """Return every live process of the site in `folder`."""
    found = []
    for process in psutil.process_iter():
        with contextlib.suppress(psutil.Error, OSError):
            if process.environ().get("VOICESITE_DATA") == folder and process.status() != psutil.STATUS_ZOMBIE:
                found.append(process)
    return found


def wait_for_end(run: list[int]) -> None:
    """Return once one of these processes has ended."""
    with contextlib.suppress(psutil.NoSuchProcess):
        watched = [psutil.Process(pid) for pid in run]
        while all(process.is_running() and process.status() != psutil.STATUS_ZOMBIE for process in watched):
            time.sleep(POLL_SECONDS)


def kill(folder: str) -> None:
    """Kill all of the site in `folder`, until nothing of it has run for CALM_SECONDS."""
    seen_at = time.monotonic()
    while time.monotonic() - seen_at < CALM_SECONDS:
        for process in processes(folder):
            seen_at = time.monotonic()
            with contextlib.suppress(psutil.Error):
                process.kill()
        time.sleep(0.05)


if __name__ == "__main__":
    wait_for_end([int(pid) for pid in sys.argv[2:]])
    kill(sys.argv[1])
