"""`manage.py serve`: a site ends with the run of the tests that started it, and with `--dev` it follows its code."""

import contextlib
import shutil
import ssl
import subprocess
import sys
import urllib.request

import pytest

from .copy import PASSWORD, ROOT, Copy, wait_for

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


@pytest.fixture
def source(tmp_path):
    """The code of a site, to be changed."""
    folder = tmp_path / "source"
    for name in ("voicesite", "voices", "synthesis", "templates", "static"):
        shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("manage.py", "pyproject.toml"):
        shutil.copy(ROOT / name, folder)
    return folder


@pytest.mark.parametrize("https", ["", "self"])
def test_while_it_is_developed_a_change_is_served_without_a_start(tmp_path, source, https):
    site = Copy(tmp_path / "data", source, PYTHONPATH=str(ROOT), **({"HTTPS": https} if https else {}))

    def document() -> bytes:
        trusted = ssl.create_default_context(cafile=site.folder / "https.pem") if https else None
        address = f"http{'s' if https else ''}://127.0.0.1:{site.port}/api/openapi.json"
        with contextlib.suppress(OSError), urllib.request.urlopen(address, timeout=20, context=trusted) as answer:
            return answer.read()
        return b""

    try:
        site.start("--dev")
        site.wait_until_ready()
        site.manage("create_user", "ada", "--password", PASSWORD)
        assert b'"title": "Voicesite"' in document()
        sweeper = site.find("sweeper").pid
        api = source / "voicesite" / "site" / "api.py"
        api.write_text(api.read_text().replace('title="Voicesite"', 'title="Changed"'))
        wait_for(lambda: b'"title": "Changed"' in document(), 60, site.log.read_text)
        wait_for(lambda: (found := site.find("sweeper")) and found.pid != sweeper, 60, site.log.read_text)
        assert site.process.poll() is None
    finally:
        site.stop()
    assert site.processes() == []
