"""The supervisor of a site's programs: in a process of its own, since it forks and answers signals."""

import os
import signal
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

import psutil
import pytest

from tests.e2e.copy import wait_for
from voicesite import supervision
from voicesite.supervision import Program

pytestmark = pytest.mark.processes

PROGRAM = """
import os, signal, sys, time
from pathlib import Path
from voicesite.supervision import Program, Supervisor

folder = Path(sys.argv[1])

def run(program):
    (folder / program.name).write_text(f"{os.getpid()} {os.getpgid(0)}")
    if program.name == "deaf":
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
    if program.name == "brief":
        with (folder / "starts").open("a") as file:
            file.write(f"{time.monotonic()}\\n")
        raise SystemExit(3)
    (folder / f"{program.name} runs").touch()
    time.sleep(600)

Supervisor([Program(name, (), patience=1) for name in sys.argv[2:]], run).supervise()
"""


@pytest.fixture
def start(tmp_path):
    """Return a function that starts a supervisor of programs with these names, and returns it."""
    started = []

    def start(*names: str) -> subprocess.Popen:
        environment = {**os.environ, "VOICESITE_DATA": str(tmp_path), "DJANGO_SETTINGS_MODULE": "voicesite.settings"}
        command = [sys.executable, "-c", PROGRAM, str(tmp_path), *names]
        started.append(subprocess.Popen(command, env=environment, start_new_session=True))
        return started[-1]

    yield start
    for supervisor in started:
        with suppress(psutil.NoSuchProcess):
            for process in [*psutil.Process(supervisor.pid).children(recursive=True), supervisor]:
                process.kill()
        supervisor.wait()


def pid(folder: Path, name: str) -> int:
    wait_for((folder / f"{name} runs").exists, 60)
    return int((folder / name).read_text().split()[0])


def test_what_dies_is_started_anew_and_the_others_go_on(start, tmp_path):
    supervisor = start("one", "other")
    first, other = pid(tmp_path, "one"), pid(tmp_path, "other")
    assert (tmp_path / "one").read_text() == f"{first} {first}", "in a group of its own"
    if sys.platform == "linux":
        assert psutil.Process(first).name() == "one"
    (tmp_path / "one runs").unlink()
    os.kill(first, signal.SIGKILL)
    assert pid(tmp_path, "one") != first and pid(tmp_path, "other") == other
    assert psutil.pid_exists(other) and supervisor.poll() is None


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_a_signal_ends_all_and_kills_what_does_not_listen(start, tmp_path, number):
    supervisor = start("one", "deaf")
    pids = [pid(tmp_path, "one"), pid(tmp_path, "deaf")]
    supervisor.send_signal(number)
    assert supervisor.wait(30) == 0
    assert not any(map(psutil.pid_exists, pids))


def test_what_dies_at_once_is_started_ever_later(start, tmp_path):
    start("brief")
    moments = wait_for(lambda: (found := (tmp_path / "starts")).exists() and len(found.read_text().split()) > 2, 60)
    moments = [float(moment) for moment in (tmp_path / "starts").read_text().split()]
    assert moments[1] - moments[0] > 0.9 and moments[2] - moments[1] > 1.9


def test_what_ran_for_long_is_started_at_once():
    program = Program("web", ("web",), pid=7, started_at=time.monotonic() - supervision.STEADY_SECONDS - 1, delay=4)
    program.died()
    assert program.start_at <= time.monotonic() and not program.pid
    program.started_at = time.monotonic()
    for _ in range(50):
        program.died()
    assert program.start_at <= time.monotonic() + supervision.MOST_SECONDS
