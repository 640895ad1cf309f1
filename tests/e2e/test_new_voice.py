"""The page of a new voice, by mouse, by touch and by keyboard: a recording, a name, consent, and it is made."""

import re

import numpy as np
import pytest
import soundfile
from playwright.sync_api import expect

from tests import FIXTURES
from tests.e2e.conftest import TRANSCRIPT
from tests.e2e.copy import wait_for
from tests.voices.files import speech
from tests.voices.sounds import noise, with_noise
from voices.text.passages import PASSAGES

pytestmark = [pytest.mark.e2e, pytest.mark.xdist_group("pages")]

AUSTEN = FIXTURES / "english_austen_1.wav"
INSECURE = "Object.defineProperty(window, 'isSecureContext', { get: () => false });"
REFUSED = "navigator.mediaDevices.getUserMedia = () => Promise.reject(new DOMException('', '{}'));"
SMALL = """() => [...document.querySelectorAll("#voice-form :is(button, a.button, summary, select, .way label, .check)")]
    .filter((one) => one.checkVisibility() && one.getBoundingClientRect().height < 44).map((one) => one.outerHTML)"""


@pytest.fixture
def new(ada):
    ada.goto("/voices/new/")
    return ada


def another(browser, address, ada, script="", **options):
    """The page of a new voice in another window of the same person."""
    context = browser.new_context(base_url=address, storage_state=ada.context.storage_state(), **options)
    context.set_default_timeout(20_000)
    context.add_init_script(script)
    page = context.new_page()
    page.goto("/voices/new/")
    return page


def test_a_file_a_tick_and_a_click_make_a_voice(new):
    with new.expect_file_chooser() as chooser:
        new.get_by_text("Choose a file").click()
    chooser.value.set_files(AUSTEN)
    expect(new.get_by_label("Name")).to_have_value(re.compile("English austen 1"))
    new.get_by_role("checkbox").check()
    new.get_by_role("button", name="Create voice").click()  # what is said need not be known
    expect(new.get_by_text("can speak now.")).to_be_visible()


def test_a_voice_is_deleted_by_one_press_and_back_by_another(ada, site):
    site.manage("create_voice", "--user", "ada", "--name", "Short-lived", "--language", "en", str(AUSTEN))
    ada.goto("/voices/")
    ada.get_by_role("link", name="Short-lived", exact=True).click()
    ada.get_by_role("button", name="Delete", exact=True).click()
    expect(ada.get_by_text("Deleted “Short-lived” and its recordings.")).to_be_visible()
    expect(ada.get_by_role("link", name="Short-lived", exact=True)).to_have_count(0)
    ada.get_by_role("button", name="Undo").click()
    expect(ada.get_by_text("“Short-lived” is back.")).to_be_visible()
    ada.get_by_role("link", name="Short-lived", exact=True).click()
    expect(ada.get_by_role("heading", name="Short-lived")).to_be_visible()


def test_nothing_is_called_deleted_while_the_form_is_on_its_way(new, tmp_path):
    """Its recording is the voice's by then, so what still asks for that finds nothing."""
    samples, rate = soundfile.read(AUSTEN)
    soundfile.write(tmp_path / "long.wav", np.tile(samples, 10), rate)
    asked = []
    new.route("**/search*", lambda route: asked.append(route))
    new.route("**/voices/new/", lambda route: route.fulfill(status=204))  # which leaves the page as it is
    new.locator("#id_recording").set_input_files(tmp_path / "long.wav")
    expect(new.locator("#search")).to_be_visible()
    new.get_by_role("checkbox").check()
    wait_for(lambda: new.wait_for_timeout(50) or asked, 10)
    new.get_by_role("button", name="Create voice").click()
    asked[0].fulfill(status=404, body="")
    new.wait_for_timeout(300)
    expect(new.get_by_text("This was deleted")).to_have_count(0)
    new.unroute_all()


def test_a_name_that_a_person_wrote_stays_and_another_follows_its_recording(new):
    file, name = new.locator("#id_recording"), new.get_by_label("Name")
    for path in (FIXTURES / "english_ivr.wav", FIXTURES / "spanish_ivr.wav"):
        file.set_input_files(path)
        expect(name).to_have_value(path.stem.replace("_", " ").capitalize())
    name.fill("Mine")
    file.set_input_files(FIXTURES / "english_ivr.wav")
    expect(new.locator(".taken")).to_contain_text("english_ivr.wav")
    expect(name).to_have_value("Mine")


def test_the_text_to_read_is_in_the_language_that_is_chosen(new):
    for code in ("de", "ja", "en-gb"):
        new.get_by_label("Spoken language").select_option(code)
        expect(new.locator(".passage:visible")).to_have_text(PASSAGES[code][0])


def test_the_words_to_check_are_marked_in_their_place_until_they_are_changed(new):
    new.locator("#id_recording").set_input_files(AUSTEN)
    expect(new.locator("#words-to-check")).to_be_visible()
    expect(new.locator("#transcription")).to_contain_text("Optional: you can continue as it is.")
    editor, marks = new.get_by_label("Transcript"), new.locator("[data-marks] mark")
    expect(editor, "nobody has to look at it").to_be_hidden()
    new.get_by_role("button", name="Listen to “one?”").press("Enter")
    expect(editor).to_be_focused()
    assert editor.evaluate("(one) => one.value.slice(one.selectionStart, one.selectionEnd)") == "one?"
    described = editor.get_attribute("aria-describedby").split()
    assert "1 word to check: one?" in " ".join(new.locator(f"#{described[-1]}").inner_text().split())
    editor.press("Control+Home")  # Home alone goes to the start of a wrapped line
    editor.press_sequentially("Well. ")
    expect(editor).to_have_value(f"Well. {TRANSCRIPT}")
    expect(marks).to_have_text(["one?"])
    box = "(one) => { const { x, width } = one.getBoundingClientRect(); return [x, width]; }"
    assert editor.evaluate(box) == new.locator("[data-marks]").evaluate(box), "each mark is behind its word"
    new.get_by_role("button", name="Listen to “one?”").press("Enter")
    new.keyboard.type("a")
    expect(editor).to_have_value(f"Well. {TRANSCRIPT.replace('one?', 'a')}")
    expect(marks).to_have_count(0)
    expect(new.get_by_role("button", name="Listen to “one?”")).to_have_class("checked")


def test_a_recording_in_another_language_is_asked_about_and_answered_at_once(new):
    language = new.get_by_label("Spoken language")
    language.select_option("es")
    new.locator("#id_recording").set_input_files(AUSTEN)
    expect(new.locator("#transcription")).to_contain_text("This sounds like English, but Spanish is chosen.")
    expect(new.locator("#announcer")).to_have_text("This sounds like English, but Spanish is chosen. Which is it?")
    expect(language).to_have_value("es")
    new.get_by_role("button", name="It’s English").press("Enter")
    expect(new.locator("#words-to-check")).to_be_visible()
    expect(language).to_have_value("en-us")
    expect(new.locator(".passage:visible")).to_have_text(PASSAGES["en-us"][0])
    language.select_option("es")  # which writes it down anew
    expect(new.locator("#words-to-check")).to_be_visible()
    expect(new.get_by_role("button", name="It’s English")).to_have_count(0)


def test_beside_what_is_wrong_is_the_button_that_helps(new, tmp_path):
    wave = speech("english_austen_1", 24_000)
    soundfile.write(tmp_path / "kitchen.wav", with_noise(wave, noise(wave), 12), 24_000)
    new.locator("#id_recording").set_input_files(tmp_path / "kitchen.wav")
    advice = new.locator(".advice .warning")
    expect(advice).to_contain_text("noise")
    advice.get_by_role("button", name="Clean up").click()
    expect(new.get_by_role("radio")).to_have_count(2)
    expect(new.get_by_role("radio").last).to_be_checked()
    expect(new.locator("#chosen .advice")).not_to_contain_text("music or noise")
    new.locator("#id_recording").set_input_files(FIXTURES / "english_austen_short.wav")
    new.get_by_role("button", name="Choose another stretch").or_(new.locator("[data-record-again]")).first.wait_for()
    expect(new.get_by_label("Name")).to_have_value("English austen short")


@pytest.mark.parametrize("width", [390, 320])
def test_over_plain_http_a_phone_is_told_why_and_uses_its_own_recorder(browser, address, ada, width):
    phone = {"viewport": {"width": width, "height": 844}, "has_touch": True, "is_mobile": True}
    page = another(browser, address, ada, INSECURE, **phone)
    expect(page.get_by_text("Browsers let a page record only over HTTPS")).to_be_visible()
    expect(page.get_by_text("make run HTTPS=self")).to_be_visible()
    expect(page.locator(".passage:visible")).to_have_count(1)
    recorder = page.get_by_label("Open the phone’s recorder")
    assert recorder.get_attribute("capture") and recorder.get_attribute("accept") == "audio/*"
    recorder.set_input_files(AUSTEN)
    expect(page.locator(".taken")).to_contain_text("english_austen_1.wav")
    expect(page.locator("#words-to-check")).to_be_visible()
    page.locator("#words > summary").tap()
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert page.evaluate(SMALL) == []
    page.get_by_role("checkbox").tap()
    page.get_by_role("button", name="Create voice").tap()
    expect(page.get_by_text("can speak now.")).to_be_visible()
    page.context.close()


def test_on_a_computer_over_plain_http_no_phone_is_offered(browser, address, ada):
    page = another(browser, address, ada, INSECURE)
    expect(page.get_by_text("record with another program, and choose the file.").first).to_be_visible()
    expect(page.get_by_text("Open the phone’s recorder")).to_be_hidden()
    expect(page.get_by_role("button", name="Record")).to_be_hidden()
    page.context.close()


@pytest.mark.parametrize(
    ("error", "words"),
    [("NotAllowedError", "Microphone access is blocked."), ("NotFoundError", "No microphone was found.")],
)
def test_a_microphone_that_cannot_be_used_is_said(browser, address, ada, error, words):
    page = another(browser, address, ada, REFUSED.format(error))
    page.get_by_role("button", name="Record").click()
    expect(page.get_by_role("alert")).to_contain_text(words)
    page.context.close()


def test_it_is_made_by_keyboard_alone(new):
    new.get_by_role("button", name="Record", exact=True).focus()
    new.keyboard.press("Tab")
    expect(new.locator("#id_recording")).to_be_focused()
    new.locator("#id_recording").set_input_files(AUSTEN)
    expect(new.locator("#words-to-check")).to_be_visible()
    expect(new.locator("#id_recording")).to_be_focused()
    met = []
    while "Create voice" not in met and len(met) < 20:
        new.keyboard.press("Tab")
        met.append(new.evaluate("(({ id, textContent }) => id || textContent.trim())(document.activeElement)"))
        if met[-1] == "id_consent":
            new.keyboard.press("Space")
    places = [met.index(one) for one in ("id_language", "one?", "id_name", "id_consent", "Create voice")]
    assert places == sorted(places), met
    new.keyboard.press("Enter")
    expect(new.get_by_text("can speak now.")).to_be_visible()


def test_another_clip_of_a_voice_is_taken_by_the_same_page(ada, site):
    ada.goto(f"/voices/{site.voice}/clips/new/")
    expect(ada.locator(".passage:visible")).to_have_text(PASSAGES["en-us"][0])
    ada.locator("#id_recording").set_input_files(AUSTEN)
    expect(ada.locator("#words-to-check")).to_be_visible()
    ada.get_by_role("button", name="Add clip").click()
    expect(ada.get_by_text("only with the consent")).to_be_visible()
    expect(ada.locator(".taken"), "nothing is lost").to_contain_text("english_austen_1.wav")
    ada.get_by_role("checkbox").check()
    ada.get_by_role("button", name="Add clip").click()
    expect(ada.get_by_text("has a new clip.")).to_be_visible()


def test_nothing_moves_while_the_page_comes(ada):
    ada.set_viewport_size({"width": 390, "height": 900})
    ada.add_init_script("""
        window.shifts = 0;
        const add = (list) => list.getEntries().forEach((shift) => (window.shifts += shift.value));
        new PerformanceObserver(add).observe({ type: "layout-shift", buffered: true });
    """)
    for _ in range(3):
        ada.goto("/voices/new/")
        ada.get_by_role("button", name="Record").wait_for()
        ada.wait_for_timeout(300)
        assert ada.evaluate("window.shifts") < 0.01
