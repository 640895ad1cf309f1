"""Half a minute of `make chaos`: a site at work while its processes, its disk, its clock and its engine fail."""

import shutil
import sys

import pytest

from tests.chaos.__main__ import run

pytestmark = [
    pytest.mark.e2e,
    pytest.mark.skipif(sys.platform != "linux" or not shutil.which("cc"), reason="needs Linux and a C compiler"),
]


def test_nothing_is_lost_doubled_or_half_done(tmp_path):
    found = run(tmp_path / "site", seed=1, minutes=0.5, texts=30)
    assert not found.findings, str(found)
    assert found.figures["texts asked for"] == 30 and found.faults.total() >= 5
