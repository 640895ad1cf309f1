"""Kill a process of a running site while it speaks, and see that what was asked for comes all the same."""

import re
import time
from dataclasses import dataclass
from pathlib import Path

from .copy import Copy, wait_for

PROCESS_KINDS = (
    "engine host",
    "synthesis worker",
    "synthesis sentinel",
    "synthesis main",
    "synthesis pusher",
    "synthesis monitor",
    "sweeper",
    "web",
    "supervisor",
)
# These end an attempt; the death of any other is none of its business, or lets it give the row back.
INTERRUPTING_KINDS = ("engine host", "synthesis worker", "synthesis sentinel", "synthesis main", "supervisor", "serve")
TEXT = "One two three. Do-slow four five six seven. Ten eleven twelve."


@dataclass(frozen=True)
class Outcome:
    kind: str
    seconds: float  # from the kill to the finished speech
    row: dict
    lies: list[str]  # what the page said that was not so

    @property
    def once(self) -> bool:
        return self.row["state"] == "completed"


def wait_until_whole(copy: Copy) -> None:
    """Return when all is up again after the last kill."""
    for needed in ("engine host", "synthesis pusher", "web", "sweeper"):
        wait_for(lambda needed=needed: copy.find(needed), 60, lambda needed=needed: f"no {needed}")
    wait_for(lambda: copy.health()[0] == 200, 60, copy.health)


def kill(copy: Copy, kind: str, text: str = TEXT) -> Outcome:
    """Kill the process `kind` in the middle of `text`; returns once the speech is there, and is the only one.

    Raises AssertionError when it never comes, when the page says what is not so, or when anything is left of an
    attempt that lost.
    """
    wait_until_whole(copy)
    pk = copy.speak(text)
    wait_for(lambda: copy.row(pk)["state"] == "generating" and copy.row(pk)["progress"] > 30, 60, lambda: copy.row(pk))
    victim = wait_for(lambda: copy.find(kind), 10, lambda: f"no {kind}")
    assert copy.row(pk)["state"] == "generating", f"{kind}: it was over before the kill"
    victim.kill()
    killed, lies, ended = time.monotonic(), [], 0.0
    while time.monotonic() - killed < 120:  # seconds: a busy machine starts a whole site slowly
        before = copy.row(pk)["state"]
        status, body, _ = copy.open(f"/generations/{pk}/progress")
        after = copy.row(pk)["state"]
        if after == "completed" and not ended:
            ended = time.monotonic() - killed
        # A page may be a moment old, but never ahead of the row, and never of a state that the row was not in.
        if status == 286 and after != "completed":
            lies.append(f"the page says that it ended, and it is {after}")
        if status == 200 and before == "completed":
            lies.append("the page says that it moves, and it is completed")
        if status == 200 and re.search(r"Failed|Cancelled", body):
            lies.append(body)
        if after == "completed" and status == 286:
            break
        time.sleep(0.05)
    row = copy.row(pk)
    assert row["state"] == "completed", f"after the {kind} was killed: {row}\n{copy.log.read_text()[-3000:]}"
    interrupts = kind in INTERRUPTING_KINDS
    assert row["claim_token"] is None and (row["attempts"] == 1 or interrupts and row["attempts"] == 2), row
    wait_for(lambda: len(copy.sounds(pk)) == 1, 5, lambda: copy.sounds(pk))
    sounds = copy.sounds(pk)
    assert row["audio"] == f"generations/{pk}/{next(iter(sounds))}", "the file that the row names"
    takes = copy.takes(pk)
    assert [number for _, number, _ in takes] == [1] * len(takes), "each sentence is spoken once"
    assert {Path(audio).name for *_, audio in takes} == set(copy.sounds(pk, "segments")), (
        "and nothing is left of others"
    )
    assert not lies, lies
    return Outcome(kind, ended, row, lies)
