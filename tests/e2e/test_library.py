"""The library with a real browser: older texts come as one scrolls, each once, and by a link where no script runs."""

import re

import pytest
from playwright.sync_api import expect

from .conftest import open_page, sign_in
from .copy import PASSWORD

pytestmark = [pytest.mark.e2e, pytest.mark.xdist_group("pages")]

MANY, OF_A_PAGE = 45, 20
TEXTS = f"""
from synthesis.models import Generation
from voicesite.models import User
lena = User.objects.get(username="lena")
fields = {{"owner": lena, "voice_name": "Ada", "language": "en-us", "seed": 1, "state": "cancelled"}}
for number in range({MANY}):
    Generation.objects.create(title=f"Text {{number:02}}.", text="Text.", **fields)
"""
NEWEST_FIRST = [f"Text {number:02}." for number in reversed(range(MANY))]


@pytest.fixture(scope="module")
def lena(browser, address, site):
    site.manage("create_user", "lena", "--password", PASSWORD)
    site.manage("shell", "--verbosity", "0", "-c", TEXTS)
    page = open_page(browser, address)
    page.goto("/account/login/")
    sign_in(page, "lena")
    return page


def texts(page) -> list[str]:
    return [re.search(r"Text \d\d\.", row)[0] for row in page.locator(".rows > li").all_inner_texts()]


def test_older_texts_come_as_one_scrolls(lena):
    lena.goto("/generations/")
    rows = lena.locator(".rows > li")
    expect(rows).to_have_count(OF_A_PAGE)
    for seen in (2 * OF_A_PAGE, MANY):
        lena.mouse.move(600, 400)
        lena.mouse.wheel(0, 100_000)
        expect(rows).to_have_count(seen)
    assert texts(lena) == NEWEST_FIRST
    expect(lena.get_by_role("link", name="Older")).to_have_count(0)
    expect(lena.locator("h2.day")).to_have_text(["Today"])


def test_without_a_script_a_link_leads_to_older_texts(browser, address, lena):
    context = browser.new_context(
        base_url=address, java_script_enabled=False, storage_state=lena.context.storage_state()
    )
    plain = context.new_page()
    plain.goto("/generations/")
    found = texts(plain)
    for _ in range(2):
        plain.get_by_role("link", name="Older").click()
        found += texts(plain)
    assert found == NEWEST_FIRST
    expect(plain.get_by_role("link", name="Older")).to_have_count(0)
    plain.get_by_role("link", name="Newest").click()
    assert texts(plain) == NEWEST_FIRST[:OF_A_PAGE]
    context.close()
