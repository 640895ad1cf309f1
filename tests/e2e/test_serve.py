"""What `make run` starts: it says what is wrong, comes up again with nothing lost, and leaves no process behind."""

import os
import socket
import subprocess
import sys

import pytest

from .copy import ROOT, Copy

# In one group, which begins early: the longest of them would be last otherwise, and leave a processor idle.
pytestmark = [pytest.mark.e2e, pytest.mark.xdist_group("serve")]


def refused(tmp_path, **environment) -> str:
    """What `serve` says when it will not."""
    copy = Copy(tmp_path / "data", **environment)
    done = subprocess.run(copy.command("serve"), env=copy.environment, capture_output=True, text=True, timeout=60)
    assert done.returncode != 0 and "Traceback" not in done.stderr and copy.processes() == []
    return done.stderr


def test_a_taken_port_is_said_at_once(tmp_path):
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        said = refused(tmp_path, PORT=str(port))
    assert f"Port {port} is taken" in said and "make run PORT=" in said


@pytest.mark.parametrize(
    ("variable", "value", "words"),
    [
        ("PORT", "abc", "PORT=abc is not a whole number"),
        ("PORT", "70000", "PORT is 70000"),
        ("HOST", "no.such.host.invalid", "no address of this machine"),
        ("DATABASE_URL", "nonsense", "DATABASE_URL"),
        ("DATABASE_URL", "postgres://nobody@127.0.0.1:9/none", "database does not answer"),
    ],
)
def test_what_cannot_work_is_refused_in_words(tmp_path, variable, value, words):
    assert words in refused(tmp_path, **{variable: value})


def install(tmp_path, *python: str, **environment) -> subprocess.CompletedProcess:
    command = [*(python or (sys.executable,)), str(ROOT / "scripts" / "install.py"), str(tmp_path / "venv")]
    return subprocess.run(command, capture_output=True, text=True, env={**os.environ, **environment}, timeout=120)


def test_a_python_that_is_too_old_is_named(tmp_path):
    old = (
        "import sys, runpy; sys.version_info = (3, 9, 6); sys.version = '3.9.6 (old)'; sys.argv = sys.argv[1:]; "
        "runpy.run_path(sys.argv[0], run_name='__main__')"
    )
    done = install(tmp_path, sys.executable, "-c", old, PATH=str(tmp_path))
    assert done.returncode != 0 and "needs Python 3.11" in done.stderr and "is 3.9.6" in done.stderr


def test_a_download_that_fails_is_said_and_the_next_run_goes_on(tmp_path):
    nowhere = {"PIP_INDEX_URL": "http://127.0.0.1:9/", "PIP_RETRIES": "0", "PIP_NO_CACHE_DIR": "1", "PIP_NO_INPUT": "1"}
    done = install(tmp_path, **nowhere, PIP_EXTRA_INDEX_URL="", PIP_FIND_LINKS="")
    assert done.returncode != 0 and "Traceback" not in done.stderr
    assert "could not be downloaded" in done.stderr and "repeat the command" in done.stderr
    assert not (tmp_path / "venv" / "installed").exists()
    again = install(tmp_path, **nowhere)
    assert "Making the virtual environment" not in again.stdout, "what is there is used"
