"""From sign-in to a download without a mouse: what has the focus is always seen, and the focus goes where one goes on."""

import re

import pytest
from playwright.sync_api import Locator, Page, expect

from .conftest import open_page
from .copy import PASSWORD, wait_for
from .newcomer import MOST_TABS, Keyboard

pytestmark = [pytest.mark.e2e, pytest.mark.xdist_group("pages")]

TEXT = "Said from the keyboard, all of it. And nothing was pressed."
# What is wrong with how the focus is shown: "" where an outline stands around it, or what is around it, and is in sight.
UNSEEN = """() => {
    const one = document.activeElement;
    if (one === document.body || !one.matches(":focus")) return ""; // a part that the browser itself made of a field
    const outlined = [one, one.closest(".wave, .way, .place, .edges"), one.nextElementSibling].filter(Boolean);
    const isOutlined = (place) => {
        const { outlineStyle, outlineWidth } = getComputedStyle(place);
        return outlineStyle !== "none" && parseFloat(outlineWidth) >= 2;
    };
    const { left, top, right, bottom } = one.getBoundingClientRect();
    const isInSight = bottom > 0 && right > 0 && top < innerHeight && left < innerWidth;
    if (outlined.some(isOutlined) && isInSight) return "";
    return `${one.outerHTML.slice(0, 160)}: ${isInSight ? "no outline" : "out of sight"}`;
}"""


class Seen(Keyboard):
    """Who looks where the focus is, at each step."""

    def look(self) -> None:
        assert self.page.evaluate(UNSEEN) == ""

    def reach(self, control: Locator, key: str = "Tab") -> None:
        for _ in range(MOST_TABS):
            if control.evaluate("(one) => one === document.activeElement"):
                return self.look()
            self.page.keyboard.press(key)
            self.look()
        raise AssertionError(f"{control} is not reached by {key}.")


@pytest.fixture
def page(browser, address):
    page = open_page(browser, address, viewport={"width": 1280, "height": 800})
    yield page
    assert page.failures == []
    page.context.close()


@pytest.fixture
def hand(page):
    return Seen(page)


def sign_in(page: Page, hand: Seen) -> None:
    page.goto("/account/login/")
    hand.write(page.get_by_label("Username"), "ada")
    hand.write(page.get_by_label("Password"), PASSWORD)
    page.keyboard.press("Enter")
    expect(page.get_by_label("Text", exact=True)).to_be_focused()


def test_from_sign_in_to_a_download(page, hand):
    sign_in(page, hand)
    page.keyboard.press("Control+k")
    expect(page.get_by_role("combobox", name="Search voices")).to_be_focused()
    page.keyboard.type("ada")
    expect(page.locator(".pickable.active")).to_contain_text("Ada")
    page.keyboard.press("Enter")
    text = page.get_by_label("Text", exact=True)
    expect(text, "a dialog gives the focus back").to_be_focused()
    hand.write(text, TEXT)
    speak = page.get_by_role("button", name="Speak", exact=True)
    hand.press(speak)
    row = page.locator("#recent li").first
    expect(row).to_contain_text("Said from the keyboard")
    play = row.get_by_role("button", name="Play Said")
    expect(play).to_be_visible()
    expect(speak, "while parts of the page are shown anew").to_be_focused()
    hand.press(play)
    pause = row.get_by_role("button", name="Pause Said")
    expect(pause).to_be_focused()
    page.keyboard.press("Enter")
    with page.expect_download() as download:
        hand.press(row.get_by_role("link", name="Download MP3"))
    assert download.value.path().read_bytes().startswith(b"ID3")


def test_the_focus_goes_on_in_pages_lists_menus_and_dialogs(page, hand, site):
    pk = site.speak(TEXT)
    sign_in(page, hand)
    hand.reach(page.get_by_role("navigation", name="Main").get_by_role("link", name="Library"), "Shift+Tab")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Library", level=1)).to_be_visible()
    expect(page.locator("#main"), "another page begins at its beginning").to_be_focused()
    search = page.get_by_label("Search texts and voices")
    hand.write(search, "keyboard")
    expect(page).to_have_url(re.compile("q=keyboard"))
    expect(search, "though the list was shown anew").to_be_focused()
    hand.press(page.locator(f"#row-{pk}").get_by_role("heading").get_by_role("link"))
    expect(page.locator("#main")).to_be_focused()
    share = page.get_by_role("link", name=re.compile("^Share"))
    expect(share).to_be_visible()
    hand.press(share)
    dialog = page.get_by_role("dialog")
    expect(dialog).to_be_visible()
    wait_for(lambda: dialog.evaluate("(one) => one.contains(document.activeElement)"), 5)
    page.keyboard.press("Escape")
    expect(dialog).to_have_count(0)
    expect(share).to_be_focused()
    menu = page.locator(".top .menu summary")
    hand.reach(menu, "Shift+Tab")
    page.keyboard.press("Enter")
    hand.reach(page.get_by_role("link", name="Pronunciations"))
    page.keyboard.press("Escape")
    expect(menu).to_be_focused()
    hand.press(page.get_by_role("button", name="Delete", exact=True))
    expect(page.get_by_role("heading", name="Library", level=1)).to_be_visible()
    hand.press(page.get_by_role("button", name="Undo"))
    expect(page.get_by_text("is back")).to_be_visible()
    wait_for(lambda: page.evaluate("document.activeElement !== document.body"), 5)


@pytest.mark.parametrize("path", ["/", "/voices/", "/voices/new/", "/generations/", "/account/"])
def test_nothing_holds_the_focus(page, hand, path):
    sign_in(page, hand)
    page.goto(path)
    page.evaluate("document.activeElement.blur()")
    at = "document.activeElement === document.body ? '' : (document.activeElement.dataset.at ??= String(Math.random()))"
    met, here = [], None
    for _ in range(400):
        page.keyboard.press("Tab")
        last, here = here, page.evaluate(at)
        hand.look()
        if here == last and page.evaluate("document.activeElement.type") == "date":  # has a place for each of its parts
            continue
        if not here or here in met:
            break
        met.append(here)
    assert len(met) > 10 and here in ("", met[0]), "it goes round all of them"
