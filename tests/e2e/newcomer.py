"""A newcomer's walk: from the first page of a fresh site to a voice of one's own, a second person and an MP3 that is sent."""

import time
from collections.abc import Callable
from typing import NamedTuple

from playwright.sync_api import Browser, Locator, Page, expect

from tests import FIXTURES

from .copy import PASSWORD, Copy, wait_for

MOST_TABS = 80  # from one control to another, before it counts as out of reach
PHONE = {"viewport": {"width": 390, "height": 844}, "is_mobile": True, "has_touch": True}
# The share sheet is the system's: what it is given is kept instead.
SHARE_SHEET = """
navigator.canShare = (data) => Boolean(data?.files);
navigator.share = async (data) => { window.sent = data.files[0]; };
"""


class Mouse:
    """Presses with a mouse, and counts how often."""

    context: dict = {"viewport": {"width": 1280, "height": 800}}

    def __init__(self, page: Page):
        self.page = page
        self.presses = 0

    def act(self) -> None:
        """Count what is pressed, and do so when the page has come whole, as a person would."""
        self.presses += 1
        self.page.wait_for_load_state()

    def press(self, control: Locator) -> None:
        self.act()
        control.click()

    def write(self, field: Locator, words: str) -> None:
        field.fill(words)

    def choose(self, field: Locator, file) -> None:
        self.act()
        field.set_input_files(file)


class Touch(Mouse):
    """Taps, on a phone."""

    context = PHONE

    def press(self, control: Locator) -> None:
        self.act()
        control.tap()


class Keyboard(Mouse):
    """Goes from control to control by Tab, and presses what has the focus."""

    def press(self, control: Locator) -> None:
        self.act()
        self.reach(control)
        self.page.keyboard.press("Space" if control.get_attribute("type") == "checkbox" else "Enter")

    def write(self, field: Locator, words: str) -> None:
        self.reach(field)
        self.page.keyboard.type(words)

    def choose(self, field: Locator, file) -> None:
        self.act()
        self.reach(field)
        with self.page.expect_file_chooser() as chooser:
            self.page.keyboard.press("Space")
        chooser.value.set_files(file)

    def reach(self, control: Locator) -> None:
        for _ in range(MOST_TABS):
            if control.evaluate("(one) => one === document.activeElement"):
                return
            self.page.keyboard.press("Tab")
        raise AssertionError(f"{control} is not reached by Tab.")


class Step(NamedTuple):
    name: str
    presses: int
    seconds: float


def walk(browser: Browser, site: Copy, hand_class: type[Mouse], elsewhere: str, most_seconds: float = 60) -> list[Step]:
    """Walk through a fresh site; return what each step took. AssertionError where a newcomer would be stuck.

    elsewhere: the site's address for other devices.
    """
    context = browser.new_context(base_url=f"http://127.0.0.1:{site.port}", **hand_class.context)
    context.set_default_timeout(20_000)
    context.add_init_script(SHARE_SHEET)
    page = context.new_page()
    hand = hand_class(page)
    steps = []

    def step(name: str, go: Callable[[], None]) -> None:
        hand.presses, begun = 0, time.monotonic()
        go()
        steps.append(Step(name, hand.presses, time.monotonic() - begun))
        width = page.viewport_size["width"]
        assert page.evaluate("document.documentElement.scrollWidth") <= width, f"{name}: wider than the screen"

    def begin() -> None:
        page.goto("/")
        hand.write(page.get_by_label("Username"), "ada")
        hand.write(page.get_by_label("Password", exact=True), PASSWORD)
        hand.write(page.get_by_label("Confirm password"), PASSWORD)
        hand.press(page.get_by_role("button", name="Create account"))
        expect(page.get_by_label("Text", exact=True)).to_be_visible()

    def hear() -> None:
        hand.press(page.get_by_role("button", name="Hear an example"))
        is_heard(page, "#recent li:first-child")

    def make_a_voice() -> None:
        hand.press(page.get_by_role("link", name="Create a voice"))
        hand.choose(page.get_by_label("Choose a file"), FIXTURES / "english_austen_1.wav")
        expect(page.get_by_text("of clear speech")).to_be_visible(timeout=1000 * most_seconds)
        expect(page.get_by_label("Name")).to_have_value("English austen 1")
        hand.press(page.get_by_role("checkbox"))
        hand.press(page.get_by_role("button", name="Create voice"))
        expect(page.get_by_role("heading", name="English austen 1")).to_be_visible()

    def speak_in_it() -> None:
        hand.press(page.get_by_role("link", name="Use this voice"))
        text = page.get_by_label("Text", exact=True)
        text.focus()
        page.keyboard.press("Control+A")
        hand.write(text, "This is me, and I have never said this sentence before.")
        hand.press(page.get_by_role("button", name="Speak"))
        row = page.locator("#recent li").first
        hand.press(row.get_by_role("button", name="Play This is me"))
        is_heard(page, "#recent li:first-child")

    def invite() -> None:
        page.goto("/account/")
        hand.write(page.get_by_label("Who it’s for"), "Bo")
        hand.press(page.get_by_role("button", name="Create a link"))
        link = page.get_by_label("Bo until").input_value()
        assert link.startswith(f"{elsewhere}/join/"), link
        other = browser.new_context(**PHONE)
        there = other.new_page()
        there.goto(link)
        there.get_by_label("Username").fill("bo")
        there.get_by_label("Password", exact=True).fill(PASSWORD)
        there.get_by_label("Confirm password").fill(PASSWORD)
        there.get_by_role("button", name="Create account").tap()
        expect(there.get_by_label("Text", exact=True)).to_be_visible()
        expect(there.get_by_text("This is me")).to_have_count(0)
        other.close()

    def send() -> None:
        page.goto("/")
        row = page.locator("#recent li").first
        expect(row.get_by_role("link", name="Download MP3")).to_be_visible(timeout=1000 * most_seconds)
        hand.press(row.locator("[data-share]"))
        wait_for(lambda: page.evaluate("Boolean(window.sent)"), most_seconds)
        assert page.evaluate("sent.name").endswith(".mp3")
        assert (
            bytes(page.evaluate("sent.slice(0, 3).arrayBuffer().then((bytes) => [...new Uint8Array(bytes)])")) == b"ID3"
        )

    def is_heard(page: Page, row: str) -> None:
        place = page.locator(f"{row} [data-now]").first
        expect(place).not_to_have_text("0:00", timeout=1000 * most_seconds)

    for name, go in {
        "an account": begin,
        "the first sound": hear,
        "a voice of one's own": make_a_voice,
        "a sentence in it": speak_in_it,
        "a second person": invite,
        "an MP3 that is sent": send,
    }.items():
        step(name, go)
    context.close()
    return steps
