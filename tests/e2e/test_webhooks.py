"""A worker that is killed while it delivers: the receiver hears of the event once, or again under the same id."""

import contextlib
import html
import re
import signal
import sqlite3

import psutil
import pytest
import standardwebhooks

from tests.receiver import receiving

from .copy import DATABASE, Copy, wait_for

pytestmark = pytest.mark.e2e


def deliveries(copy: Copy) -> list[tuple]:
    with contextlib.closing(sqlite3.connect(copy.folder / DATABASE, timeout=20)) as database:
        return database.execute("SELECT state, worker, status_code FROM voicesite_delivery").fetchall()


def test_a_worker_killed_in_mid_delivery_loses_nothing(tmp_path):
    copy = Copy(tmp_path / "site", VOICESITE_WEBHOOK_ALLOW="127.0.0.0/8")
    with receiving() as receiver:
        try:
            copy.start()
            copy.wait_until_ready()
            copy.settle_in()
            _, shown, _ = copy.open("/account/webhooks/new/", url=receiver.url, events="generation.completed")
            secret = html.unescape(re.search(r'value="(whsec_[^"]+)"', shown)[1])
            receiver.seconds = 4.0  # less than a delivery waits for, and long enough to be killed in
            pk = copy.speak("One two three.")
            wait_for(lambda: receiver.messages, 40, copy.log.read_text)
            (row,) = deliveries(copy)
            assert row[0] == "processing", "it is under way"
            psutil.Process(int(row[1].rpartition(":")[2])).send_signal(signal.SIGKILL)
            receiver.seconds = 0.0
            wait_for(lambda: deliveries(copy)[0][0] == "completed", 60, copy.log.read_text)
        finally:
            copy.stop(signal.SIGTERM)
    assert len(deliveries(copy)) == 1 and len({message.id for message in receiver.messages}) == 1
    assert len(receiver.messages) == 2, "the first was never acknowledged"
    for message in receiver.messages:
        event = standardwebhooks.Webhook(secret).verify(message.body, message.headers)
        assert (event["type"], event["data"]["id"], event["data"]["status"]) == (
            "generation.completed",
            pk,
            "completed",
        )
