"""Every page for everybody: axe on each that somebody can open, and on the states that it can be in, in both themes and widths."""

import re
import time

import pytest
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value
from django.urls import URLResolver, get_resolver, resolve
from django.urls.exceptions import Resolver404
from playwright.sync_api import expect

from tests import FIXTURES

from .axe import violations_at, violations_everywhere
from .conftest import open_page, sign_in
from .copy import PASSWORD

pytestmark = [pytest.mark.e2e, pytest.mark.xdist_group("pages")]

ADDRESSES = re.compile(r'(?:href|action|src|hx-get)="(/[^"#]*)"')
OF_OTHERS = re.compile(r"^(admin|api|v1|static|docs|redoc|metrics|mcp)\b")  # see test_admin_access.py
STEP = "/account/second-step/"
SLOW = "One sentence that is Do-slow and goes on for a while. " * 200
TEXT = "Mr. Bird pays $20 to Nguyen. It is late. And it goes on."


def routes(patterns=None, prefix="") -> list[str]:
    """Every route of the site, as the URL conf has it."""
    found = []
    for one in get_resolver().url_patterns if patterns is None else patterns:
        route = f"{prefix}{one.pattern}"
        found += routes(one.url_patterns, route) if isinstance(one, URLResolver) else [route]
    return found


def pages(page, *begin: str) -> list[str]:
    """One address of each route that answers with a page: those without a key, and those that pages name."""
    left = [*begin, *(f"/{route}" for route in routes() if "<" not in route and not OF_OTHERS.match(route))]
    found, known = [], set()
    while left:
        address = left.pop(0).replace("&amp;", "&")
        try:
            route = resolve(address.partition("?")[0]).route
        except Resolver404:
            continue
        if route in known or OF_OTHERS.match(route):
            continue
        known.add(route)
        answer = page.context.request.get(address, max_redirects=0)
        if answer.status == 200 and "text/html" in answer.headers["content-type"]:
            body = answer.text()
            left += ADDRESSES.findall(body)
            if "<html" in body:
                found.append(address)
    return found


def clean(wrong: list[str]) -> None:
    assert not wrong, "\n".join(wrong)


@pytest.fixture(scope="module")
def key(site, ada):
    """A text that is ready, has two takes, a folder, a pronunciation and a listening link; and one that failed."""
    site.speak("This one fails. Do-fail")
    key = site.speak(TEXT)
    ada.goto(f"/generations/{key}/")
    ada.get_by_role("button", name="Another take").click()
    expect(ada.get_by_role("heading", name="Take 2")).to_be_visible()
    ada.goto(f"/generations/{key}/share/")
    ada.get_by_role("button", name="Create a link").click()
    expect(ada.get_by_label("Link", exact=True)).to_be_visible()
    ada.link = ada.get_by_label("Link", exact=True).input_value()
    ada.goto("/pronunciations/")
    ada.get_by_label("Word", exact=True).first.fill("Nguyen")
    ada.get_by_label("Say it like this").first.fill("win")
    ada.get_by_role("button", name="Add").first.click()
    expect(ada.locator("main").get_by_text("win", exact=True).first).to_be_visible()
    return key


def test_every_page_of_somebody_who_is_signed_in(ada, key):
    found = pages(ada, f"/generations/{key}/")
    assert len(found) >= 40, found
    clean(violations_at(ada, found))


def test_every_page_of_a_stranger(browser, address, ada, key):
    page = open_page(browser, address)
    found = pages(page, ada.link.removeprefix(address))
    assert len(found) >= 9, found
    wrong = violations_at(page, [*found, "/nothing/is/here/"])
    page.goto("/account/login/")
    page.get_by_label("Username").fill("ada")
    page.get_by_label("Password").fill("wrong")
    page.keyboard.press("Enter")
    expect(page.locator(".error").first).to_be_visible()
    clean([*wrong, *violations_everywhere(page, "a wrong password")])
    page.context.close()


def test_pages_of_somebody_who_has_nothing_yet_and_the_second_step(browser, address, site):
    who = f"nia{time.time_ns()}"
    site.manage("create_user", who, "--password", PASSWORD)
    page = open_page(browser, address)
    page.goto("/account/login/")
    sign_in(page, who)
    wrong = violations_at(page, ["/", "/voices/", "/generations/", "/pronunciations/"])
    page.goto(f"{STEP}totp/activate/")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Confirm").click()
    secret = page.locator("#authenticator_secret").input_value()
    wrong += violations_everywhere(page, "a new second step")
    page.get_by_label(re.compile("code", re.I)).last.fill(format_hotp_value(hotp_value(secret, int(time.time()) // 30)))
    page.get_by_role("button", name="Set up").click()
    expect(page.locator("main code").first).to_be_visible()
    wrong += violations_at(page, [one for one in pages(page) if one.startswith(STEP)])
    page.goto("/account/logout/")
    page.locator("main").get_by_role("button", name="Sign out").click()
    page.get_by_label("Username").fill(who)
    page.get_by_label("Password").fill(PASSWORD)
    page.keyboard.press("Enter")
    expect(page.get_by_label("Code")).to_be_visible()
    clean([*wrong, *violations_everywhere(page, "the second step")])
    page.context.close()


# ---- states: where, and what brings the page there


def picker(page):
    page.locator("#pick-voice").click()
    expect(page.locator(".pickable").first).to_be_visible()


def keys(page):
    page.get_by_role("button", name="Keyboard shortcuts").click()


def preview(page):
    page.get_by_label("Text", exact=True).fill(TEXT)
    expect(page.locator("#reading").get_by_role("button").first).to_be_visible()


def say_differently(page):
    preview(page)
    page.locator("#reading").get_by_role("button").first.click()
    expect(page.get_by_role("dialog")).to_be_visible()


def menu(page):
    page.locator(".top .menu summary").click()


def recorder(page):
    page.get_by_role("button", name="Record", exact=True).click()
    expect(page.get_by_role("meter")).to_be_visible()


def recording(page):
    page.get_by_label("Choose a file").set_input_files(FIXTURES / "english_austen_1.wav")
    expect(page.get_by_label("Transcript")).not_to_be_empty()


def errors(page):
    page.locator("main form:has(:required)").first.evaluate("(form) => form.requestSubmit()")
    expect(page.locator("main [aria-invalid=true]").first).to_be_visible()


def sentence(page):
    page.locator("#text [data-s]").first.click()
    page.get_by_role("link", name="Edit sentence 1").click()
    expect(page.get_by_label("Words")).to_be_visible()


def share(page):
    page.get_by_role("link", name="Share").first.click()
    expect(page.get_by_role("dialog")).to_be_visible()


def selection(page):
    page.locator(".pick").first.check()


def undo(page):
    page.locator(".pick").last.check()  # the one that failed
    page.get_by_role("button", name="Delete").click()
    expect(page.get_by_role("button", name="Undo")).to_be_visible()


def bar(page):
    page.get_by_role("button", name="Play Mr. Bird").first.click()
    expect(page.locator("#bar")).to_be_visible()
    page.set_viewport_size({"width": 390, "height": 900})
    page.locator("#bar [data-expands]").click()


def queue(page):
    bar(page)
    page.locator("#bar [data-queue] summary").click()


def filters(page):
    page.set_viewport_size({"width": 390, "height": 900})
    for name in ("Filters", "Folders and tags"):
        page.locator("summary", has_text=name).click()


def unfold(page):
    page.evaluate("document.querySelectorAll('main details').forEach((one) => (one.open = true))")


STATES = [
    ("/", picker),
    ("/", keys),
    ("/", preview),
    ("/", say_differently),
    ("/", menu),
    ("/", unfold),
    ("/voices/new/", recorder),
    ("/voices/new/", recording),
    ("/voices/new/", errors),
    ("/pronunciations/", errors),
    ("/account/", unfold),
    ("/generations/{}/", sentence),
    ("/generations/{}/", share),
    ("/generations/{}/", unfold),
    ("/generations/", filters),
    ("/generations/", bar),
    ("/generations/", queue),
    ("/generations/", undo),
]


@pytest.mark.parametrize(("path", "prepare"), STATES, ids=[f"{prepare.__name__} {path}" for path, prepare in STATES])
def test_states(ada, key, path, prepare):
    ada.set_viewport_size({"width": 1280, "height": 900})
    ada.goto(path.format(key))
    prepare(ada)
    clean(violations_everywhere(ada, f"{path} {prepare.__name__}"))


def test_what_is_made_waits_and_failed(ada, site, key):
    first, second = site.speak(SLOW), site.speak(SLOW)
    ada.goto(f"/generations/{first}/")
    expect(ada.get_by_role("progressbar")).to_be_visible()
    wrong = violations_everywhere(ada, "what is being made")
    wrong += violations_at(ada, [f"/generations/{second}/", "/", "/generations/?state=failed"])
    for one in (second, first):
        ada.goto(f"/generations/{one}/")
        ada.get_by_role("button", name="Cancel").click()
        expect(ada.get_by_role("button", name="Try again")).to_be_visible()
    clean([*wrong, *violations_everywhere(ada, "what was cancelled")])
