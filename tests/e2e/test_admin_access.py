"""The administration and the API's page for everybody: axe on each kind of page, in both themes, at a desk and on a phone."""

import re

import pytest

from .axe import violations, violations_at
from .conftest import open_page
from .test_access import KEYS

pytestmark = [pytest.mark.e2e, pytest.mark.xdist_group("pages")]

FEWEST_PAGES = 30  # kinds of pages that the administration of a filled site has
SLOW = 60_000  # ms
NO_PAGE = re.compile(r"/(logout|jsi18n|autocomplete)/|/open/$")


@pytest.fixture(scope="module")
def filled(site, ada):
    """An administration in which lists have rows, some of which failed."""
    site.speak("Good morning to all of you.")
    site.speak("This one fails. Do-fail")
    site.manage("create_user", "bo", "--password", "Anne-of-Green-7")
    return ada


def pages(page) -> list[str]:
    """One address of each kind of page of the administration that links lead to."""
    found, kinds, left = [], set(), ["/admin/"]
    while left:
        path = left.pop(0)
        kind = KEYS.sub("*", path.partition("?")[0])
        if kind in kinds or NO_PAGE.search(path) or not path.startswith("/admin/"):
            continue
        kinds.add(kind)
        if page.context.request.get(path, max_redirects=0).status != 200:
            continue
        found.append(path)
        page.goto(path)
        links = "[...document.querySelectorAll('a[href]')].filter((a) => a.host === location.host)"
        left += page.evaluate(f"{links}.map((a) => a.pathname + a.search)")
    return found


def unfold(page):
    page.evaluate("document.querySelectorAll('details').forEach((one) => (one.open = true))")


def test_every_page_of_the_administration_is_accessible(filled):
    found = pages(filled)
    assert len(found) >= FEWEST_PAGES, found
    assert not violations_at(filled, found, unfold)


WIDE = """() => [...document.querySelectorAll("main *")]
    .filter((one) => one.getBoundingClientRect().right > innerWidth).map((one) => one.outerHTML.slice(0, 120))"""


def test_no_page_of_the_administration_is_wider_than_a_phone(browser, address, filled):
    page = open_page(
        browser, address, viewport={"width": 390, "height": 800}, storage_state=filled.context.storage_state()
    )
    wide = []
    for path in pages(filled):
        page.goto(path)
        if page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth"):
            wide.append((path, page.evaluate(WIDE)))
    page.context.close()
    assert not wide


def test_the_page_of_the_api_is_accessible_while_it_is_tried_out(filled):
    def try_out(page):
        operations = page.locator(".opblock-summary-control")
        operations.nth(1).click(timeout=SLOW)  # a viewer of a whole API is slow to come
        page.locator(".try-out__btn").first.click(timeout=SLOW)
        page.locator(".execute").first.wait_for(timeout=SLOW)

    assert not violations_at(filled, ["/docs"], try_out)


def test_axe_finds_what_is_wrong(filled):
    filled.goto("/admin/")
    wrong = '<input><button aria-label="Other">Words that are seen</button>'
    filled.evaluate(f"document.querySelector('main').insertAdjacentHTML('beforeend', '{wrong}')")
    found = violations(filled)
    for rule in ("label ", "label-content-name-mismatch "):
        assert any(one.startswith(rule) for one in found), found
