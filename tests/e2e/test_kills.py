"""kill -9 of every kind of process, in turn, while it is at work: what was asked for comes, once, with no one's help."""

import contextlib
import signal
import sqlite3
import subprocess

import psutil
import pytest

from tests.voicesite.modelhost.test_download import NAME, TOTAL_BYTES, asked_for

from . import killing
from .copy import Copy, wait_for

pytestmark = [pytest.mark.e2e, pytest.mark.xdist_group("kills")]  # one site serves both


def test_whatever_is_killed_each_generation_completes_once(copy):
    outcomes = [killing.kill(copy, kind) for kind in killing.PROCESS_KINDS]
    expected = {outcome.row["seconds"] for outcome in outcomes}
    assert len(expected) == 1, "the same text is as long, whatever was killed"


def test_events_go_on_when_the_worker_is_killed_and_where_their_listener_left_off(copy):
    key = copy.manage("create_api_key", "ada", "--name", "Listener").split()[-1]
    killing.wait_until_whole(copy)
    pk = copy.speak("One two three. Do-slow " + "four five six seven eight. " * 8)
    heard = []
    with contextlib.closing(copy.hear(pk, key)) as events:
        for event in events:
            heard.append(event)
            if event[1]["status"] == "generating" and event[1]["progress"] > 30:
                break
        copy.find("synthesis worker").kill()
        assert copy.row(pk)["state"] == "generating", "it was over before the kill"
        heard.append(next(events))
    before = len(heard)
    heard.extend(copy.hear(pk, key, last_id=heard[-1][0]))
    ids, data = zip(*heard, strict=True)
    progress = [each["progress"] for each in data]
    assert progress == sorted(progress) and len(set(ids)) == len(ids)
    assert [each["status"] for each in data].count("completed") == 1 and data[-1]["status"] == "completed"
    assert progress[-1] == 100 and len(heard) > before and copy.row(pk)["attempts"] == 2


REQUEST_PROGRAM = f"""
from django.db import transaction
from synthesis.queue import downloads
from synthesis.models import Generation
from voices.models import VoiceProfile
voice = VoiceProfile.objects.get()
with transaction.atomic():
    downloads.enqueue("fake", "{NAME}")
    generation = Generation(owner=voice.owner, voice=voice, voice_name=voice.name, title="x", text="One two three.",
                            language="en-us", engine="fake", model="{NAME}", seed=7)
    generation.submit()
print(generation.pk)
"""


def download(copy: Copy) -> dict:
    with contextlib.closing(sqlite3.connect(copy.folder / "voicesite.sqlite3", timeout=20)) as database:
        database.row_factory = sqlite3.Row
        return dict(database.execute("SELECT * FROM synthesis_download").fetchone())


def test_a_download_goes_on_from_its_bytes_and_what_waits_for_it_is_spoken(copy, hub):
    pk = copy.manage("shell", "--verbosity", "0", "-c", REQUEST_PROGRAM).strip()
    wait_for(lambda: "Downloading the model: " in copy.open(f"/generations/{pk}/")[1], 60, lambda: download(copy))
    wait_for(lambda: download(copy)["bytes_done"] > 20_000, 30, lambda: download(copy))
    hub.rate = 500  # so that it is not over before the kill, however slow the rest is
    assert copy.row(pk)["state"] == "pending" and copy.health()[0] == 200
    other = copy.speak("Four five.")
    wait_for(lambda: copy.row(other)["state"] == "completed", 30, lambda: copy.row(other))
    worker = psutil.Process(int(download(copy)["worker"].rpartition(":")[2]))
    fetching = worker.children(recursive=True)
    worker.kill()
    assert download(copy)["bytes_done"] < TOTAL_BYTES, "it was over before the kill"
    assert psutil.wait_procs(fetching, 30)[1] == [], "what fetched ends with its worker"
    hub.rate = 0
    row = wait_for(lambda: copy.row(pk) if copy.row(pk)["audio"] else None, 60, lambda: download(copy))
    assert row["state"] == "completed" and row["attempts"] == 1
    ended = download(copy)
    assert (ended["state"], ended["bytes_done"], ended["attempts"]) == ("completed", TOTAL_BYTES, 2)
    first, second = asked_for(hub)
    assert first == "bytes=0-" and int(second[6:-1]) > 0
    assert "all files are as the hub has them" in copy.manage("models", "verify")


def lasting(copy: Copy) -> dict[str, int]:
    """The processes that last as long as the site does: hosts come with work, and go when there is none."""
    kinds = ("serve", *(kind for kind in killing.PROCESS_KINDS if kind != "engine host"), "background main")
    return {kind: wait_for(lambda kind=kind: copy.find(kind), 60, lambda kind=kind: f"no {kind}").pid for kind in kinds}


def test_two_copies_live_apart_and_each_comes_up_again_where_it_was(tmp_path, copy):
    one, other = Copy(tmp_path / "one"), copy
    try:
        one.start()
        one.wait_until_ready()
        one.settle_in()
        theirs = lasting(other)

        twice = subprocess.run(one.command("serve"), env=one.environment, capture_output=True, text=True, timeout=60)
        assert twice.returncode != 0 and "is already running" in twice.stderr

        pk = one.speak("Do-slow one two three four five six seven eight nine ten. Eleven.")
        wait_for(lambda: one.row(pk)["state"] == "generating", 20)
        one.stop(signal.SIGINT)
        assert one.processes() == [] and f"127.0.0.1:{one.port}" in one.log.read_text(), "the address is said"
        row = one.row(pk)
        assert (row["state"], row["attempts"]) == ("pending", 0), "a shutdown costs no attempt"
        assert lasting(other) == theirs, "none of them was ended from here"
        assert other.health()[0] == 200

        one.start()
        wait_for(lambda: one.row(pk)["state"] == "completed", 40, lambda: (one.row(pk), one.log.read_text()))

        one.process.kill()  # nobody could clean up behind it
        one.process.wait()
        assert one.processes() != []
        one.log.write_text("")
        one.start()
        one.wait_until_ready()
        assert one.row(pk)["state"] == "completed" and one.health()[0] == 200
        assert len([process for process in one.processes() if process.name() == "sweeper"]) == 1
        assert lasting(other) == theirs
    finally:
        one.stop(signal.SIGTERM)
    assert one.processes() == []
