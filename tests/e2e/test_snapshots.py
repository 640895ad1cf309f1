"""What a screen reader is told of each page: the tree of the browser is that of `snapshots/`, line by line.

`RENEW_SNAPSHOTS=1 python -m pytest tests/e2e/test_snapshots.py` writes it anew, for whoever meant to change a page to read
what has changed. Numbers, times and keys are no part of it.
"""

import os
import re
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests import fakes

from .conftest import open_page, served, sign_in
from .copy import wait_for

pytestmark = [pytest.mark.e2e, pytest.mark.xdist_group("snapshots")]  # a site of its own, which holds what it has made

FOLDER = Path(__file__).with_name("snapshots")
TEXT = "Mr. Bird pays $20 to Nguyen. It is late."
DIFFERS = {  # from one time to the next, and what stands for it
    r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}": "KEY",
    r"version=\w+": "version=KEY",
    r"(?<!level=)\d+": "0",
    r"\b(January|February|March|April|May|June|July|August|September|October|November|December)\b": "MONTH",
    r"\b(just now|0 (second|minute)s? ago)\b": "AGO",
    r"\b0 (second|minute)s?\b": "TIME",
}


@pytest.fixture(scope="module")
def own_site(tmp_path_factory):
    heard = {"VOICESITE_TRANSCRIBER": fakes.TRANSCRIBER, "VOICESITE_TRANSCRIBER_MODEL": TEXT}
    with served(tmp_path_factory.mktemp("snapshots"), **heard) as site:
        site.settle_in()
        site.key = site.speak(TEXT)
        wait_for(lambda: is_checked(site), 60, site.log.read_text)
        yield site


def is_checked(site) -> bool:
    """Whether the text is spoken, compared with what was written, and nothing else is left to do."""
    waiting = "SELECT count(*) FROM {} WHERE state NOT IN ('completed', 'failed')"
    tables = ("synthesis_generation", "synthesis_evaluation", "synthesis_fitting", "voices_transcription")
    checks = site.query("SELECT count(*) FROM synthesis_evaluation WHERE state = 'completed'")[0][0]
    return checks and not any(site.query(waiting.replace("{}", table))[0][0] for table in tables)


@pytest.fixture(scope="module")
def reader(browser, own_site):
    page = open_page(browser, f"http://127.0.0.1:{own_site.port}", reduced_motion="reduce")
    page.goto("/account/login/")
    sign_in(page)
    return page


PAGES = {
    "studio": "/",
    "library": "/generations/",
    "text": "/generations/{key}/",
    "share": "/generations/{key}/share/",
    "voices": "/voices/",
    "voice": "/voices/{voice}/",
    "new voice": "/voices/new/",
    "pronunciations": "/pronunciations/",
    "account": "/account/",
}


def tree(page) -> str:
    """What the browser tells a screen reader of the page, without what differs."""
    found = page.locator("body").aria_snapshot() + "\n"
    for pattern, name in DIFFERS.items():
        found = re.sub(pattern, name, found)
    return found


@pytest.mark.parametrize("name", PAGES)
def test_a_page_reads_as_it_did(reader, own_site, name):
    reader.goto(PAGES[name].format(key=own_site.key, voice=own_site.voice))
    expect(reader.get_by_role("heading", level=1)).to_be_visible()
    reader.wait_for_load_state("networkidle")
    file = FOLDER / f"{name.replace(' ', '-')}.yaml"
    if os.environ.get("RENEW_SNAPSHOTS"):
        FOLDER.mkdir(exist_ok=True)
        file.write_text(tree(reader))
    assert tree(reader) == file.read_text()
