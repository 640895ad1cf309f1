"""`manage.py models`, against a hub of the tests' own."""

import io
import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from tests.fakes.engine import FakeEngine
from tests.hub import Hub
from tests.voicesite.modelhost.test_download import CONTENT, LARGE_FILE, NAME, TOTAL_BYTES, part, wait_until
from tests.voicesite.modelhost.test_weights import FILES, cache, write
from voicesite.modelhost import hub, weights
from voicesite.modelhost.catalogue import Model

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(autouse=True)
def _environment(tmp_path, monkeypatch):
    monkeypatch.setenv("VOICESITE_MODELS", str(tmp_path / "models"))
    monkeypatch.setenv("HF_HOME", str(tmp_path / "huggingface"))
    monkeypatch.setenv("NO_PROXY", "127.0.0.1,localhost")
    monkeypatch.setattr(hub, "FIRST_RETRY_SECONDS", 0.01)
    monkeypatch.setattr(FakeEngine, "models", (Model("tone", "A tone"), Model(NAME, "Tiny", download=2_500_000_000)))


@pytest.fixture
def server(tmp_path, monkeypatch):
    with Hub({NAME: write(tmp_path / "upstream", CONTENT)}) as server:
        monkeypatch.setenv("HF_ENDPOINT", server.address)
        yield server


def models(*arguments: str, screen: io.StringIO | None = None) -> str:
    out = io.StringIO()
    call_command("models", *arguments, stdout=out, stderr=screen or io.StringIO())
    return out.getvalue()


def row(name: str) -> list[str]:
    (line,) = [line for line in models().splitlines() if f" {name} " in line]
    return [cell.strip() for cell in line.split("  ") if cell]


def test_the_list_says_of_each_what_it_costs_and_where_it_is(server, tmp_path):
    assert row("tone")[0] == "*" and row("tone")[-1] == "with its engine"
    assert [cell for cell in row(NAME) if cell] == ["fake", NAME, "Tiny", "2.5 GB", "not here"]
    cache(tmp_path / "huggingface" / "hub")
    assert row(NAME)[-1] == str(weights.find(NAME))
    write(weights.store() / "Example" / "Half", {"config.json": b"{}"})
    assert row("Example/Half")[-1] == "not complete"


def test_download_verify_and_remove(server):
    said = models("download", NAME)
    assert "whole and verified" in said and str(weights.folder(NAME)) in said
    assert row(NAME)[-1] == str(weights.folder(NAME))
    assert models("verify") == models("verify", NAME) == f"{NAME}: all files are as the hub has them.\n"
    assert models("remove", NAME) == f"{NAME} was removed, freeing {weights.in_words(TOTAL_BYTES)}.\n"
    assert weights.find(NAME) is None


def test_it_shows_how_far_it_is_where_a_person_watches(server):
    class Screen(io.StringIO):
        def isatty(self):
            return True

    server.rate = 200_000
    screen = Screen()
    models("download", NAME, screen=screen)
    lines = screen.getvalue().split("\r")
    assert lines[1].startswith(f"[{'.' * 30}]   0% ")
    assert lines[-1].startswith(f"[{'#' * 30}] 100% Downloading the model: 201 of 201 kB") and lines[-1][-1] == "\n"
    assert len({line for line in lines if "Downloading" in line}) > 1


def test_damage_is_told_with_its_cure_which_cures_it(server):
    place = weights.find(NAME) or Path(models("download", NAME).split()[-1])
    (place / LARGE_FILE).write_bytes(CONTENT[LARGE_FILE][:-1] + b"?")
    with pytest.raises(CommandError, match=f"models download {NAME}"):
        models("verify")
    models("download", NAME)
    models("verify")


def test_what_is_in_the_shared_cache_is_not_fetched_again_unless_it_is_damaged(server, tmp_path):
    snapshot = cache(tmp_path / "huggingface" / "hub")
    assert "here already" in models("download", NAME) and not server.requests
    blob = (snapshot / LARGE_FILE).resolve()
    damaged = blob.with_name("0" * 64)
    blob.rename(damaged)
    (snapshot / LARGE_FILE).unlink()
    (snapshot / LARGE_FILE).symlink_to(damaged)
    with pytest.raises(CommandError):
        models("verify", NAME)
    models("download", NAME)
    assert weights.find(NAME) == weights.folder(NAME)


def test_a_folder_of_ones_own_is_verified_for_what_it_lacks(tmp_path):
    own = write(tmp_path / "own", FILES)
    assert "no file is missing" in models("verify", str(own))
    (own / "config.json").unlink()
    with pytest.raises(CommandError, match="Copy it there again"):
        models("verify", str(own))
    shutil.rmtree(own)
    with pytest.raises(CommandError, match="holds no complete model"):
        models("verify", str(own))


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("download", "Example/Nothing"), "no model called Example/Nothing"),
        (("download", "tone"), "not a name on the model hub"),
        (("download", "/srv/model"), "is a folder"),
        (("remove", NAME), "not on this machine"),
        (("remove", "../.."), "folder of your own"),
        (("verify", NAME), "not on this machine"),
    ],
)
def test_what_cannot_be_is_said_in_words(server, arguments, words):
    with pytest.raises(CommandError, match=words):
        models(*arguments)


@pytest.mark.e2e
def test_ctrl_c_keeps_what_was_fetched_and_exits_as_a_failure(server, tmp_path):
    """As a person calls it, on a machine where no site ever ran."""
    server.rate = 5_000  # forty seconds: long enough for the signal, however slow the machine is
    command = [sys.executable, "manage.py", "models", "download", NAME]
    environment = {**os.environ, "VOICESITE_DATA": str(tmp_path / "data")}
    process = subprocess.Popen(
        command,
        cwd=ROOT,
        env=environment,
        stderr=subprocess.PIPE,
        text=True,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),  # a shell's background jobs ignore it
    )
    wait_until(lambda: part() and part().stat().st_size > 2_000)
    process.send_signal(signal.SIGINT)
    _, said = process.communicate(timeout=20)
    assert process.returncode == 1 and "What was downloaded is kept" in said and "Traceback" not in said
    there = part().stat().st_size
    server.rate = 0
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=30)
    assert done.returncode == 0 and weights.verify(NAME) == [], done.stderr
    assert server.requests[-1].headers["range"] == f"bytes={there}-"
