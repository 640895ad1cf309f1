"""Test the errors of `manage.py serve` about settings that can't work."""

import socket
import subprocess

import pytest
from django.core.management import CommandError, call_command

from tests.e2e.copy import Copy
from voicesite.address import links
from voicesite.management.commands import serve


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
    [("PORT", 70_000, "PORT is 70000"), ("HOST", "no.such.host.invalid", "not an address of this machine")],
)
def test_what_cannot_work_is_refused_in_words(refused, variable, value, words):
    assert words in refused(**{variable: value})


@pytest.mark.processes
@pytest.mark.parametrize(
    ("variable", "value", "words"),
    [
        ("PORT", "abc", "PORT=abc is not a whole number"),
        ("DATABASE_URL", "postgres://nobody@127.0.0.1:9/none", "database isn't responding"),
    ],
)
def test_a_terminal_shows_the_words_alone(tmp_path, variable, value, words):
    copy = Copy(tmp_path / "data", **{variable: value})
    done = subprocess.run(copy.command("serve"), env=copy.environment, capture_output=True, text=True, timeout=60)
    assert done.returncode != 0 and words in done.stderr and "Traceback" not in done.stderr
    assert copy.processes() == []


@pytest.fixture
def announced(settings, monkeypatch):
    """Return a function that gives what is printed for a HOST, with HTTPS where there is a fingerprint."""

    def announced(host: str, fingerprint: str = "") -> str:
        settings.HOST, settings.PORT, settings.HTTPS_SELF = host, 8000, bool(fingerprint)
        monkeypatch.setattr(links, "lan_addresses", lambda: ["192.168.1.5", "10.0.0.7"])
        return serve.announcement(is_new=False, fingerprint=fingerprint)

    return announced


def test_the_address_is_announced_with_the_way_to_others(announced):
    said = announced("127.0.0.1")
    assert "  http://127.0.0.1:8000\n" in said and "only on this computer" in said and "make run HTTPS=self" in said
    said = announced("0.0.0.0")
    assert "  http://127.0.0.1:8000\n" in said and "http://192.168.1.5:8000  for other devices" in said
    assert "only on this computer" not in said
    assert "  http://192.168.1.5:8000\n" in announced("192.168.1.5")


def test_with_a_certificate_of_its_own_it_says_what_browsers_will_ask(announced):
    fingerprint = ":".join(["AB"] * 16 + ["CD"] * 16)
    said = announced("0.0.0.0", fingerprint)
    assert "  https://127.0.0.1:8000\n" in said and "https://10.0.0.7:8000" in said and "http://" not in said
    for words in ("Advanced → Proceed", "Show Details → visit this website", "AB:AB\n", "    CD:CD"):
        assert words in said, words


def test_phones_get_a_code_in_the_terminal_where_there_is_a_network(settings, monkeypatch):
    monkeypatch.setattr(links, "lan_addresses", lambda: ["192.168.1.5"])
    lines = serve.code_for_phones().splitlines()
    assert len(lines) > 10 and all(line.startswith("  \033[97;40m") and line.endswith("\033[0m") for line in lines)
    monkeypatch.setattr(links, "lan_addresses", list)
    assert serve.code_for_phones() == ""
