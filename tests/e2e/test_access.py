"""Pages for everybody: on a narrow screen, for weak eyes, for those who hear a page or speak to it, and far from Greenwich."""

import re
import time
from pathlib import Path

import pytest
from playwright.sync_api import expect

from .conftest import open_page, sign_in
from .copy import CLIP, PASSWORD, wait_for

pytestmark = [pytest.mark.e2e, pytest.mark.xdist_group("pages")]

MEASURES = Path(__file__).with_name("access.js").read_text()
KEYS = re.compile(r"[0-9a-f]{8}-[0-9a-f-]{27}|(?<=/)\d+(?=/)")
NO_PAGE = re.compile(r"/(admin|api|docs|redoc)|/audio|/export/\?voice")
FEWEST_PAGES = 20  # that a filled site has


@pytest.fixture(scope="module")
def filled(site, ada):
    """A site on which each kind of page has something to show."""
    first = site.speak("One sentence. Another one, for a page of sentences.")
    site.speak("This one is called off. Do-slow " + "and goes on " * 40)
    ada.goto(f"/generations/{first}/")
    ada.get_by_role("button", name="Another take").click()
    expect(ada.get_by_role("heading", name="Take 2")).to_be_visible()
    return ada


def pages(page) -> list[str]:
    """One address of each kind of page that links lead to."""
    found, kinds, left = [], set(), ["/"]
    while left:
        path = left.pop(0)
        kind = KEYS.sub("*", path.partition("?")[0])
        if kind in kinds or NO_PAGE.search(path):
            continue
        kinds.add(kind)
        answer = page.context.request.get(path, max_redirects=0)
        if answer.status != 200 or "text/html" not in answer.headers["content-type"]:
            continue
        found.append(path)
        page.goto(path)
        links = "[...document.querySelectorAll('a[href]:not([download])')].filter((a) => a.host === location.host)"
        left += page.evaluate(f"{links}.map((a) => a.pathname + a.search)")
    return found


def test_every_page_fits_320_pixels_and_shows_its_fields_and_names(browser, address, filled):
    """320 px is a window of 1280 at 400 % (WCAG 1.4.10)."""
    found = pages(filled)
    assert len(found) >= FEWEST_PAGES, found
    assert not [*faults(browser, address, filled, found, "light"), *faults(browser, address, filled, found, "dark")]


def test_the_longest_names_of_somebody_who_is_no_staff_fit_too(browser, address, site):
    who, voice = "x" * 100, "Donaudampfschiffahrt" * 4
    site.manage("create_user", who, "--password", PASSWORD)
    site.manage("create_voice", "--user", who, "--name", voice, "--language", "en", str(CLIP))
    page = open_page(browser, address, viewport={"width": 320, "height": 640})
    page.goto("/account/login/")
    sign_in(page, who)
    page.get_by_label("Text", exact=True).fill("y" * 100)
    page.get_by_role("button", name="Speak").click()
    expect(page.locator("#recent audio")).to_have_count(1)
    found = pages(page)
    assert len(found) >= FEWEST_PAGES, found
    assert not [*faults(browser, address, page, found, "light")]
    page.context.close()


def faults(browser, address, filled, paths, scheme) -> list[tuple[str, str]]:
    state, wrong = filled.context.storage_state(), []
    context = browser.new_context(
        base_url=address, viewport={"width": 320, "height": 640}, color_scheme=scheme, storage_state=state
    )
    page = context.new_page()
    page.on("console", lambda message: message.type == "error" and wrong.append((page.url, message.text)))
    for path in paths:
        page.goto(path)
        page.evaluate("document.querySelectorAll('details:not(.menu)').forEach((one) => (one.open = true))")
        said = page.evaluate(f"(() => {{ {MEASURES}; return [...tooWide(), ...misnamed(), ...faint()]; }})()")
        wrong += [(path, words) for words in said]
    context.close()
    return wrong


@pytest.mark.parametrize("width", [1280, 390])
def test_what_a_check_found_stands_under_its_verdict_and_buttons_in_a_line(browser, address, site, ada, width):
    pk = site.speak("Every one of these words is heard otherwise by the transcriber of the tests.")
    context = browser.new_context(
        base_url=address, viewport={"width": width, "height": 800}, storage_state=ada.context.storage_state()
    )
    page = context.new_page()
    page.goto(f"/generations/{pk}/")
    warning = page.locator(f"#inexact-{pk}")
    expect(warning).to_be_visible()
    verdict = page.locator(".evaluation .measures")
    assert warning.bounding_box()["y"] >= verdict.bounding_box()["y"] + verdict.bounding_box()["height"]
    assert warning.bounding_box()["width"] > 0.9 * page.locator("#progress .player").bounding_box()["width"]
    if width == 1280:
        first, second = (page.locator("#progress > .actions").get_by_role(role).first for role in ("link", "button"))
        assert first.bounding_box()["y"] == pytest.approx(second.bounding_box()["y"], abs=1)
    context.close()


def test_begun_and_ready_are_said_once(ada, site):
    ada.goto("/")
    hear(ada)
    name = f"Number {time.time_ns()}"  # no text of an earlier try
    ada.get_by_label("Text", exact=True).fill(f"{name} is said aloud, and Do-slow enough to be followed. " * 3)
    ada.get_by_role("button", name="Speak").click()
    row = ada.locator("#recent li", has_text=name)
    expect(row.locator("audio")).to_have_count(1)
    expect(ada.locator("#announcer")).to_have_text(re.compile(f"^Ready: {name}"))
    title = row.get_by_role("heading").inner_text()
    assert heard(ada).count(f"Speaking: {title}") == 1 and heard(ada).count(f"Ready: {title}") == 1
    for where, place in (("/generations/", "#row-{}"), ("/generations/{}/", "#progress")):
        pk = site.speak("Said again, and Do-slow enough to be followed. " * 4)
        ada.goto(where.format(pk))
        part = ada.locator(place.format(pk))
        part.get_by_role("button", name="Cancel").click()
        again = part.get_by_role("button", name="Try again")
        expect(again).to_be_visible()
        hear(ada)
        again.click()
        expect(ada.locator("#announcer")).to_have_text(re.compile("^Ready: Said again"))
        for words in ("Speaking: Said again", "Ready: Said again"):
            assert len([said for said in heard(ada) if said.startswith(words)]) == 1, (where, heard(ada))


def hear(page):
    page.evaluate("""() => {
        window.heard = [];
        const announcer = document.getElementById("announcer");
        new MutationObserver(() => window.heard.push(announcer.textContent)).observe(announcer, { childList: true });
    }""")


def heard(page) -> list[str]:
    return page.evaluate("window.heard")


def test_the_focus_stays_beside_what_was_cancelled_or_undone(ada, site):
    slow = "One sentence that is Do-slow " + "and goes on " * 40
    pk = site.speak(slow)
    ada.goto(f"/generations/{pk}/")
    ada.get_by_role("button", name="Cancel").press("Enter")
    expect(ada.get_by_role("button", name="Try again")).to_be_visible()
    wait_for(lambda: focus(ada).startswith(("play-", "retry")), 5, lambda: focus(ada))  # it comes once all is settled
    ada.get_by_role("button", name="Try again").press("Enter")
    expect(ada.get_by_role("button", name="Cancel")).to_be_visible()
    wait_for(lambda: focus(ada), 5)
    ada.get_by_role("button", name="Cancel").press("Enter")
    expect(ada.get_by_role("button", name="Try again")).to_be_visible()
    ada.goto("/generations/")
    first = ada.locator(".rows li").first
    first.get_by_role("button", name="Try again").press("Enter")
    first.get_by_role("button", name="Cancel").press("Enter")
    expect(first.get_by_role("button", name="Try again")).to_be_visible()
    wait_for(lambda: ada.evaluate("document.activeElement.closest('li')?.id") == f"row-{pk}", 5, lambda: focus(ada))


def test_the_focus_stays_though_another_answer_is_settling(ada, site):
    pk = site.speak("One sentence that is Do-slow " + "and goes on " * 40)
    ada.goto(f"/generations/{pk}/")
    ada.evaluate("""() => document.addEventListener("htmx:afterSwap", () => {
        const detail = { xhr: {}, serverResponse: "" };
        document.body.dispatchEvent(new CustomEvent("htmx:beforeSwap", { bubbles: true, detail }));
    }, { once: true })""")
    ada.get_by_role("button", name="Cancel").press("Enter")
    expect(ada.get_by_role("button", name="Try again")).to_be_visible()
    wait_for(lambda: focus(ada).startswith(("play-", "retry")), 5, lambda: focus(ada))


def focus(page) -> str:
    return page.evaluate("document.activeElement === document.body ? '' : document.activeElement.id")


def test_a_row_that_has_left_the_page_is_no_error(ada, site):
    complaints = []
    ada.on("console", lambda message: message.type == "error" and complaints.append(message.text))
    pk = site.speak("One sentence that is Do-slow " + "and goes on " * 40)
    ada.goto("/generations/")
    row = ada.locator(f"#row-{pk}")
    expect(row.get_by_role("progressbar")).to_be_visible()
    row.evaluate("""(row) => {
        document.addEventListener("htmx:beforeSwap", () => row.remove(), { capture: true, once: true });
    }""")
    expect(row).to_have_count(0)
    ada.wait_for_timeout(300)
    assert complaints == []


def test_times_are_in_the_zone_of_the_browser_on_the_first_page_too(browser, address, site, ada):
    """The sign-in page tells the zone; a browser that came past it, with a session, is right all the same."""
    pk = site.speak("Good morning to all of you.")
    context = browser.new_context(
        base_url=address, timezone_id="Asia/Kathmandu", storage_state=ada.context.storage_state()
    )
    page = context.new_page()
    page.clock.set_fixed_time("2031-03-04T05:06:07Z")
    page.context.clear_cookies(name="timezone")
    page.goto(f"/generations/{pk}/")
    made = page.locator("main time").first
    shown = made.evaluate("(time) => new Date(time.dateTime).toLocaleTimeString('en-GB', { timeStyle: 'short' })")
    expect(made).to_have_text(re.compile(rf"\d+ \w+ 20\d\d, {shown}"))
    page.goto("/account/")
    assert {cookie["name"]: cookie["value"] for cookie in context.cookies()}["timezone"] == "Asia/Katmandu", (
        "as browsers call it"
    )
    context.close()


def test_a_voice_and_its_original_are_compared_by_keyboard(ada):
    ada.goto("/voices/")
    ada.locator(".voice").get_by_role("link", name="Ada", exact=True).click()
    original = ada.get_by_role("button", name="Original", exact=True)
    original.press("Enter")
    expect(ada.get_by_role("button", name="Pause the original of Ada")).to_be_visible()
    expect(original).to_have_attribute("aria-pressed", "true")
    ada.get_by_role("button", name="Voice", exact=True).press("Enter")
    expect(ada.get_by_role("button", name="Pause Ada")).to_be_visible()
    expect(ada.get_by_role("button", name="Pause the original of Ada")).to_have_count(0)


def test_the_list_and_its_address_follow_the_search_and_what_is_selected_is_counted(ada, site):
    site.speak("A zebra crossed the road.")
    ada.goto("/generations/")
    ada.get_by_label("Search texts and voices").press_sequentially("zebra", delay=20)
    expect(ada).to_have_url(re.compile(r"/generations/\?q=zebra$"))
    expect(ada.locator(".rows li")).to_have_count(1)
    expect(ada.get_by_label("Search texts and voices")).to_be_focused()
    expect(ada.get_by_role("button", name="Delete")).to_have_count(0)
    ada.get_by_label("Select A zebra crossed the road.").check()
    expect(ada.get_by_text("1 selected")).to_be_visible()
    ada.get_by_role("button", name="Delete").click()
    expect(ada.get_by_text("Deleted “A zebra crossed the road.”.")).to_be_visible()
    expect(ada.locator(".rows li")).to_have_count(0)
    ada.get_by_role("button", name="Undo").click()
    expect(ada.get_by_text("“A zebra crossed the road.” is back.")).to_be_visible()
    expect(ada).to_have_url(re.compile(r"/generations/\?q=zebra$"))
    expect(ada.locator(".rows li")).to_have_count(1)


def test_what_is_missing_is_said_beside_its_field_and_not_in_a_bubble(ada):
    ada.goto("/pronunciations/")
    word = ada.get_by_label("Word", exact=True).first
    word.locator("xpath=ancestor::form").evaluate("(form) => form.requestSubmit()")
    line = word.locator("xpath=ancestor::*[contains(@class, 'field')]").get_by_role("alert")
    expect(line).to_have_text("This field is required.")
    expect(word).to_be_focused()
    expect(word).to_have_attribute("aria-invalid", "true")
    assert line.get_attribute("id") in word.get_attribute("aria-describedby")
    word.press_sequentially("Nike")
    expect(line).to_have_count(0)
    expect(word).not_to_have_attribute("aria-invalid", "true")
