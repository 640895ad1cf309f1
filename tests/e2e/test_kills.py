"""kill -9 of every kind of process, in turn, while it is at work: what was asked for comes, once, with no one's help."""

import contextlib
import sqlite3

import psutil
import pytest

from tests.engines.test_download import CONTENT, NAME, TOTAL, asked_for
from tests.engines.test_weights import write
from tests.hub import Hub

from . import killing
from .copy import Copy, wait_for

pytestmark = [pytest.mark.e2e, pytest.mark.xdist_group("kills")]  # one site serves both


@pytest.fixture(scope="module")
def hub(tmp_path_factory):
    with Hub({NAME: write(tmp_path_factory.mktemp("upstream"), CONTENT)}, rate=20_000) as hub:
        yield hub


@pytest.fixture(scope="module")
def copy(hub, tmp_path_factory):
    folder = tmp_path_factory.mktemp("site")
    copy = Copy(folder / "data", HF_ENDPOINT=hub.address, HF_HOME=str(folder / "hf"), NO_PROXY="127.0.0.1,localhost")
    copy.start()
    try:
        copy.wait_until_ready()
        copy.settle_in()
        yield copy
    finally:
        copy.stop()
    assert copy.processes() == [], "nothing is left behind"


def test_whatever_is_killed_each_generation_completes_once(copy):
    outcomes = [killing.kill(copy, kind) for kind in killing.KINDS]
    expected = {outcome.row["seconds"] for outcome in outcomes}
    assert len(expected) == 1, "the same text is as long, whatever was killed"
    assert [outcome.kind for outcome in outcomes if outcome.seconds > 30] == []


ASK = f"""
from django.db import transaction
from synthesis import tasks
from synthesis.models import Generation
from voices.models import VoiceProfile
voice = VoiceProfile.objects.get()
with transaction.atomic():
    tasks.request_download("fake", "{NAME}")
    generation = Generation(owner=voice.owner, voice=voice, voice_name=voice.name, title="x", text="One two three.",
                            language="en-us", engine="fake", model="{NAME}", seed=7)
    tasks.submit(generation)
print(generation.pk)
"""


def download(copy: Copy) -> dict:
    with contextlib.closing(sqlite3.connect(copy.folder / "voicesite.sqlite3", timeout=20)) as database:
        database.row_factory = sqlite3.Row
        return dict(database.execute("SELECT * FROM synthesis_download").fetchone())


def test_a_download_goes_on_from_its_bytes_and_what_waits_for_it_is_spoken(copy, hub):
    pk = copy.manage("shell", "--verbosity", "0", "-c", ASK).strip()
    wait_for(lambda: "Downloading the model: " in copy.open(f"/generations/{pk}/")[1], 60, lambda: download(copy))
    wait_for(lambda: download(copy)["bytes_done"] > 20_000, 30, lambda: download(copy))
    hub.rate = 500  # so that it is not over before the kill, however slow the rest is
    assert copy.row(pk)["state"] == "pending" and copy.health()[0] == 200
    other = copy.speak("Four five.")
    wait_for(lambda: copy.row(other)["state"] == "completed", 30, lambda: copy.row(other))
    worker = psutil.Process(int(download(copy)["worker"].rpartition(":")[2]))
    fetching = worker.children(recursive=True)
    worker.kill()
    assert download(copy)["bytes_done"] < TOTAL, "it was over before the kill"
    assert psutil.wait_procs(fetching, 30)[1] == [], "what fetched ends with its worker"
    hub.rate = 0
    row = wait_for(lambda: copy.row(pk) if copy.row(pk)["audio"] else None, 60, lambda: download(copy))
    assert row["state"] == "completed" and row["attempts"] == 1
    ended = download(copy)
    assert (ended["state"], ended["bytes_done"], ended["attempts"]) == ("completed", TOTAL, 2)
    first, second = asked_for(hub)
    assert first == "bytes=0-" and int(second[6:-1]) > 0
    assert "all files are as the hub has them" in copy.manage("models", "verify")
