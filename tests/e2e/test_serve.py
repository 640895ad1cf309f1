"""A site that is started belongs to who started it: it ends with the run of the tests, whatever ends that."""

import subprocess
import sys

import pytest

from .copy import ROOT, Copy, wait_for

pytestmark = [pytest.mark.e2e, pytest.mark.xdist_group("serve")]

SITE_PROGRAM = """
import sys, time
from pathlib import Path
from tests.e2e.copy import Copy
site = Copy(Path(sys.argv[1]))
site.start()
site.wait_until_ready()
print("ready", flush=True)
time.sleep(600)
"""


def test_a_site_ends_with_the_run_that_started_it(tmp_path):
    site = Copy(tmp_path / "data")
    run = subprocess.Popen(
        [sys.executable, "-c", SITE_PROGRAM, str(site.folder)],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    try:
        assert run.stdout.readline() == "ready\n"
        assert len(site.processes()) > 10
    finally:
        run.kill()
        run.communicate()
    wait_for(lambda: site.processes() == [], 10, site.processes)
