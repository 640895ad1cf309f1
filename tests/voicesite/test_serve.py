"""Test the errors of `manage.py serve` about settings that can't work."""

import socket
import subprocess

import pytest
from django.core.management import CommandError, call_command

from tests.e2e.copy import Copy


@pytest.fixture
def refused(settings, tmp_path):
    """Return a function that runs `serve` with other settings, and returns its error."""

    def refused(**changes) -> str:
        settings.DATA_DIR = tmp_path
        for name, value in changes.items():
            setattr(settings, name, value)
        with pytest.raises(CommandError) as caught:
            call_command("serve", skip_checks=False)
        return str(caught.value)

    return refused


def test_a_taken_port_is_said_at_once(refused):
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        said = refused(PORT=port)
    assert f"Port {port} is taken" in said and "make run PORT=" in said


@pytest.mark.parametrize(
    ("variable", "value", "words"),
    [("PORT", 70_000, "PORT is 70000"), ("HOST", "no.such.host.invalid", "no address of this machine")],
)
def test_what_cannot_work_is_refused_in_words(refused, variable, value, words):
    assert words in refused(**{variable: value})


@pytest.mark.parametrize(
    ("variable", "value", "words"),
    [
        ("PORT", "abc", "PORT=abc is not a whole number"),
        ("DATABASE_URL", "postgres://nobody@127.0.0.1:9/none", "database does not answer"),
    ],
)
def test_a_terminal_shows_the_words_alone(tmp_path, variable, value, words):
    copy = Copy(tmp_path / "data", **{variable: value})
    done = subprocess.run(copy.command("serve"), env=copy.environment, capture_output=True, text=True, timeout=60)
    assert done.returncode != 0 and words in done.stderr and "Traceback" not in done.stderr
    assert copy.processes() == []
