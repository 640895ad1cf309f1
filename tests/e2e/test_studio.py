"""The studio with a real browser: the voice picker, the marks in the text, its keys, undo, and what it weighs and moves."""

import re

import pytest
from playwright.sync_api import expect

from .conftest import open_page, sign_in
from .copy import CLIP

pytestmark = [pytest.mark.e2e, pytest.mark.xdist_group("pages")]

MOST_BYTES = 150_000  # that the page takes, as they are transferred
MOST_SHIFT = 0.02
SLOWED = 4  # times
SHIFTS = """
window.shifts = [];
new PerformanceObserver((list) => {
  for (const one of list.getEntries()) if (!one.hadRecentInput) shifts.push([one.value, one.startTime, one.sources.map((s) => s.node?.className)]);
}).observe({ type: "layout-shift", buffered: true });
"""


@pytest.fixture(scope="module")
def voices(site):
    for name in ("Odette", "Zacharias"):
        site.manage("create_voice", "--user", "ada", "--name", name, "--language", "en", str(CLIP))


@pytest.fixture
def studio(ada, voices):
    ada.goto("/")
    expect(ada.get_by_label("Text", exact=True)).to_be_focused()
    return ada


def chosen(page):
    return page.locator("#id_voice option:checked")


def row(page, name):
    return page.locator(".pickable", has_text=name)


def test_a_voice_is_picked_with_the_keyboard(studio):
    button, search = studio.locator("#pick-voice"), studio.get_by_role("combobox", name="Search voices")
    studio.keyboard.press("Control+k")
    expect(search).to_be_focused()
    expect(button).to_have_attribute("aria-expanded", "true")
    expect(studio.locator(".pickable").first).to_be_visible()
    search.press_sequentially("zach")
    search.press("Enter")  # before what is found is there
    expect(search).to_be_hidden()
    expect(chosen(studio)).to_have_text("Zacharias")
    expect(button).to_have_text(re.compile("Voice:\\s+Zacharias"))
    src = button.locator(".face").get_attribute("src")
    assert studio.locator("#id_voice").input_value() in src
    expect(studio.get_by_text("Saved")).to_be_visible()

    studio.locator("h1").click(force=True)
    button.press("ArrowDown")
    expect(row(studio, "Zacharias")).to_have_attribute("aria-selected", "true")
    active = lambda: studio.locator(f"[id='{search.get_attribute('aria-activedescendant')}']")  # noqa: E731
    expect(row(studio, "Zacharias")).to_have_class(re.compile("active"))
    search.press("Home")
    first = active().get_attribute("id")
    search.press("End")
    assert active().get_attribute("id") != first
    search.press("ArrowDown")
    assert active().get_attribute("id") == first, "round the end"
    search.press("ArrowRight")
    assert active().get_by_role("link").get_attribute("aria-label").startswith("Hear ")
    search.press("ArrowLeft")
    assert active().get_attribute("id") == first
    search.press("Escape")
    expect(search).to_be_hidden()
    expect(button).to_be_focused()
    expect(button).to_have_attribute("aria-expanded", "false")
    expect(chosen(studio)).to_have_text("Zacharias")


def test_a_voice_is_heard_starred_and_picked_with_a_pointer(studio):
    studio.locator("#pick-voice").click()
    hear = row(studio, "Odette").get_by_role("link", name="Hear Odette")
    with studio.expect_request(re.compile("/audio")):
        hear.click()
    expect(studio.get_by_role("combobox", name="Search voices")).to_be_focused()
    row(studio, "Odette").get_by_role("button", name="Favourite: Odette").click()
    expect(row(studio, "Odette").locator("[aria-pressed=true][title=Favourite]")).to_be_visible()
    row(studio, "Odette").locator("[data-pick]").click()
    expect(chosen(studio)).to_have_text("Odette")
    studio.locator("#pick-voice").click()
    favourites = studio.get_by_role("rowgroup", name="Favourites")
    expect(favourites.get_by_text("Odette")).to_be_visible()
    favourites.get_by_role("button", name="Favourite: Odette").click()
    expect(favourites.locator("[aria-pressed=false]")).to_be_visible()
    studio.get_by_role("button", name="Close").click()


def test_the_list_behind_the_button_and_the_button_say_the_same(studio):
    studio.get_by_label("Voice", exact=True).select_option("Odette")
    expect(studio.locator("#pick-voice [data-name]")).to_have_text("Odette")
    studio.locator("label[for=id_voice]").click()
    expect(studio.locator("#pick-voice")).to_be_focused()


def test_each_speakers_voice_is_picked_too(studio):
    studio.get_by_label("Text", exact=True).fill("Iris: Is anybody there?\nJon: Nobody at all.")
    iris, jon = (studio.locator(".member", has_text=name).locator(".pick-voice") for name in ("Iris", "Jon"))
    expect(iris).to_have_text(re.compile("Voice of Iris:\\s+Choose a voice"))
    before = chosen(studio).inner_text()
    iris.click()
    row(studio, "Odette").locator("[data-pick]").click()
    expect(iris).to_have_text(re.compile("Voice of Iris:\\s+Odette"))
    expect(iris).to_be_focused()
    jon.press("ArrowDown")
    studio.locator("[data-no-speaker]").click()
    expect(jon).to_have_text(re.compile("Voice of Jon:\\s+Not a speaker"))
    voice = studio.get_by_label("Iris", exact=True).input_value()
    assert voice in iris.locator(".face").get_attribute("src") and jon.locator(".face").is_hidden()
    assert studio.get_by_label("Jon", exact=True).input_value() == "-" and chosen(studio).inner_text() == before
    studio.locator("#pick-voice").click()
    expect(row(studio, "Odette")).to_be_visible()
    expect(studio.locator("[data-no-speaker]")).to_be_hidden()
    studio.get_by_role("button", name="Close").click()


def test_sentences_are_marked_behind_the_text_and_stay_while_it_is_changed(studio):
    text, marks = studio.get_by_label("Text", exact=True), studio.locator("[data-marks]")
    text.fill("Mr. Bird sings. It is late.")
    expect(marks.locator("span")).to_have_text(["Mr. Bird sings.", "It is late."])
    expect(marks.locator("u")).to_have_text(["Mr."])
    boxes = [
        studio.locator(place).evaluate("one => [one.clientWidth, one.offsetHeight]")
        for place in ("#id_text", "[data-marks]")
    ]
    assert boxes[0] == boxes[1], "lines break at the same places"
    studio.route("**/preview", lambda route: route.abort())
    text.press("Control+Home")
    text.press_sequentially("Oh!")
    expect(marks.locator("span")).to_have_text(["Mr. Bird sings.", "It is late."])
    for _ in range(3):
        text.press("Backspace")
    text.press("End")
    text.press("ArrowLeft")
    text.press_sequentially("r")
    expect(marks.locator("span")).to_have_text(["Mr. Bird sings."])
    studio.unroute("**/preview")
    text.press("End")
    text.press_sequentially(" And it goes on and on.")
    expect(marks.locator("span").last).to_have_text("And it goes on and on.")


def test_its_keys_are_on_a_sheet_and_none_acts_while_one_writes(studio):
    text, sheet = studio.get_by_label("Text", exact=True), studio.get_by_role("dialog", name="Keyboard shortcuts")
    text.press_sequentially("Is it? s/t")
    expect(text).to_have_value("Is it? s/t")
    expect(studio.locator("dialog[open]")).to_have_count(0)
    text.blur()
    studio.keyboard.press("?")
    expect(sheet).to_be_visible()
    studio.keyboard.press("/")
    expect(studio.locator("#picker")).to_be_hidden()
    studio.keyboard.press("Escape")
    studio.get_by_role("button", name="Keyboard shortcuts").click()
    expect(sheet).to_be_visible()
    sheet.get_by_role("button", name="Close").click()
    studio.locator("h1").evaluate("() => document.activeElement.blur()")
    studio.keyboard.press("/")
    expect(studio.locator("#picker")).to_be_visible()
    studio.keyboard.press("Escape")
    studio.evaluate("document.activeElement.blur()")
    studio.keyboard.press("s")
    expect(studio.get_by_label("Seed")).to_be_visible()
    studio.evaluate("document.activeElement.blur()")
    studio.keyboard.press("t")
    expect(text).to_be_focused()


def test_a_cleared_text_comes_back_with_the_key_that_undoes(studio):
    text = studio.get_by_label("Text", exact=True)
    text.fill("What I was writing.")
    studio.get_by_role("button", name="Start over").click()
    expect(text).to_have_value("")
    text.press("Control+z")
    expect(text).to_have_value("What I was writing.")
    text.press("Control+z")
    expect(text).to_have_value("")
    text.press_sequentially("New words")
    text.press("Control+z")
    expect(text).not_to_have_value("What I was writing.")


@pytest.mark.parametrize(("width", "height"), [(1280, 800), (390, 844)])
def test_it_is_light_and_nothing_jumps(browser, address, voices, width, height):
    page = open_page(browser, address, viewport={"width": width, "height": height})
    page.goto("/account/login/")
    sign_in(page)
    page.get_by_label("Text", exact=True).fill("It cost $3 in May. Do not tell Mr. Bird.")
    expect(page.get_by_text("Saved")).to_be_visible()
    devices = page.context.new_cdp_session(page)
    devices.send("Network.enable")
    devices.send("Network.clearBrowserCache")
    devices.send("Emulation.setCPUThrottlingRate", {"rate": SLOWED})
    sizes = []
    devices.on("Network.loadingFinished", lambda one: sizes.append(one["encodedDataLength"]))
    page.add_init_script(SHIFTS)
    page.goto("/")
    expect(page.locator("[data-marks] span").first).to_be_attached()
    page.wait_for_timeout(1500)
    assert len(sizes) > 10 and sum(sizes) < MOST_BYTES
    assert sum(value for value, *_ in page.evaluate("shifts")) <= MOST_SHIFT, page.evaluate("shifts")
    page.evaluate("shifts.length = 0")
    page.get_by_role("button", name="Speak").click()
    expect(page.locator("#recent li").first.get_by_role("link", name="MP3")).to_be_visible()
    page.wait_for_timeout(500)
    assert sum(value for value, *_ in page.evaluate("shifts")) <= MOST_SHIFT, page.evaluate("shifts")
    page.context.close()


@pytest.mark.parametrize(("width", "height"), [(1280, 800), (390, 844)])
def test_nothing_jumps_in_the_library_while_a_text_is_spoken(browser, address, site, width, height):
    for number in range(3):
        site.speak(f"Text {number} of those below it.")
    page = open_page(browser, address, viewport={"width": width, "height": height})
    page.goto("/account/login/")
    sign_in(page)
    page.context.new_cdp_session(page).send("Emulation.setCPUThrottlingRate", {"rate": SLOWED})
    page.add_init_script(SHIFTS)
    pk = site.speak("Every word is Do-slow here. " * 12)
    page.goto("/generations/")
    row = page.locator(f"#row-{pk}")
    expect(row.locator(".growing.ready")).to_be_visible()
    expect(row.get_by_role("link", name="MP3")).to_be_visible()
    expect(row.get_by_text("Checking…")).to_have_count(0)
    page.wait_for_timeout(500)
    shifts = page.evaluate("shifts")
    assert most_at_once(shifts) <= MOST_SHIFT, shifts
    page.context.close()


def most_at_once(shifts) -> float:
    """The layout shift as Web Vitals count it: what follows within a second, and within five, is one."""
    most = window = 0.0
    began = last = float("-inf")
    for value, at, _ in shifts:
        if at - last >= 1000 or at - began >= 5000:
            window, began = 0.0, at
        window, last = window + value, at
        most = max(most, window)
    return most


def test_text_and_sound_are_side_by_side_where_there_is_room(browser, address, ada, voices):
    state = ada.context.storage_state()
    for width, beside in ((1099, False), (1100, True), (1920, True)):
        page = browser.new_page(base_url=address, viewport={"width": width, "height": 900}, storage_state=state)
        page.goto("/")
        text, sound = (page.locator(place).bounding_box() for place in (".desk-text", ".desk-sound"))
        assert (sound["x"] >= text["x"] + text["width"]) is beside, width
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        page.close()
