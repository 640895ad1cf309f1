"""kill -9 of every kind of process, in turn, while a generation runs: it completes, once, with no one's help."""

import pytest

from . import killing
from .copy import Copy

pytestmark = pytest.mark.e2e


def test_whatever_is_killed_each_generation_completes_once_and_nothing_is_left_behind(tmp_path):
    copy = Copy(tmp_path / "data")
    copy.start()
    try:
        copy.wait_until_ready()
        copy.settle_in()
        outcomes = [killing.kill(copy, kind) for kind in killing.KINDS]
        expected = {outcome.row["seconds"] for outcome in outcomes}
        assert len(expected) == 1, "the same text is as long, whatever was killed"
        assert [outcome.kind for outcome in outcomes if outcome.seconds > 30] == []
    finally:
        copy.stop()
    assert copy.processes() == []
