"""A real site, as `make run` starts it, used by a real browser: from nothing to a sentence in one's own voice."""

import contextlib
import io
import time
import urllib.request

import pytest
import soundfile
from playwright.sync_api import expect

from tests import FIXTURES
from tests.e2e.conftest import TRANSCRIPT, open_page, served, sign_in
from tests.e2e.copy import PASSWORD
from tests.listening import transcribe, word_errors

pytestmark = [pytest.mark.e2e, pytest.mark.xdist_group("pages")]  # one browser for all of them, one site for most

POLLS = "**/generations/live*"
AXE_MILLISECONDS = 1500  # ms: than what is polled each second stays silent
SENTENCE = "The harbour was silent except for the gulls above the water."


@pytest.fixture
def studio(ada):
    ada.goto("/")
    return ada


def test_from_setup_to_a_downloaded_mp3(browser, tmp_path):
    """With the engine that a new clone has: an account, a voice and a sentence in it, all in the browser."""
    with served(tmp_path, VOICESITE_ENGINE="auto", VOICESITE_STALL_SECONDS="120") as site:
        page = open_page(browser, f"http://127.0.0.1:{site.port}")
        set_up(page)
        make_jane(page)
        page.goto("/")
        data = speak_and_download(page)
        page.context.close()
    assert data.startswith(b"ID3")
    samples, rate = soundfile.read(io.BytesIO(data), dtype="float32")
    assert rate == 24_000 and samples.ndim == 1 and 2 < len(samples) / rate < 8
    errors, words = word_errors(SENTENCE, transcribe(samples, rate))
    assert errors <= 1 and words == 11


def set_up(page):
    page.goto("/")
    expect(page.get_by_role("heading", name="Welcome")).to_be_visible()
    page.get_by_label("Username").fill("ada")
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_label("Confirm password").fill(PASSWORD)
    page.get_by_role("button", name="Create account").click()


def make_jane(page):
    page.get_by_role("link", name="Create a voice").click()
    page.get_by_label("Choose a file").set_input_files(FIXTURES / "english_austen_1.wav")
    expect(page.get_by_text("of clear speech")).to_be_visible()
    page.get_by_label("Name").fill("Jane")
    page.get_by_role("checkbox").check()
    page.get_by_role("button", name="Create voice").click()
    expect(page.get_by_text("Jane can speak now.")).to_be_visible()


def speak_and_download(studio) -> bytes:
    expect(studio.get_by_text("A relative, not a twin")).to_be_visible()
    studio.get_by_label("Text", exact=True).fill(SENTENCE)
    studio.get_by_label("Text", exact=True).press("Control+Enter")
    row = studio.locator("#recent li").first
    expect(row.get_by_role("progressbar")).to_be_visible()
    seen = set()
    with contextlib.suppress(Exception):
        while row.get_by_role("progressbar").count():
            seen.add(float(row.get_by_role("progressbar").get_attribute("value", timeout=300) or 0))
            time.sleep(0.1)
    expect(row.get_by_role("button", name="Play The harbour")).to_be_visible(timeout=60_000)
    assert len(seen) > 1 and sorted(seen)[0] < 70
    assert studio.get_by_label("Text", exact=True).input_value() == SENTENCE, "what was written is still there"
    with studio.expect_download() as download:
        row.get_by_role("link", name="Download").click()
    name = download.value.suggested_filename
    assert name.startswith("jane-the-harbour") and name.endswith(".mp3")
    return download.value.path().read_bytes()


def test_the_player_plays_what_was_made(studio):
    name = f"Number {time.time_ns()}"  # no text of another test, nor of an earlier try
    studio.get_by_label("Text", exact=True).fill(f"{name}, go on for a while after you began." + " And on." * 20)
    studio.get_by_role("button", name="Speak").click()
    row = studio.locator("#recent li", has_text=name)
    expect(row.get_by_role("button", name="Play Number")).to_be_visible(timeout=60_000)
    row.get_by_role("button", name="Play Number").click()
    expect(row.get_by_role("button", name="Pause")).to_be_visible()
    end = time.monotonic() + 10
    while studio.evaluate("Sound.last.time") < 0.2 and time.monotonic() < end:
        time.sleep(0.05)
    row.get_by_role("button", name="Pause").click()
    assert studio.evaluate("Sound.last.time") >= 0.2
    row.locator("input[type=range]").fill("0.4")
    assert studio.evaluate("Sound.last.time") == pytest.approx(0.4, abs=0.05)


def test_what_once_did_not_come_is_asked_for_again(studio, site):
    pk = site.speak("Play me, and go on for a while after you began.")
    studio.goto(f"/generations/{pk}/")
    expect(studio.get_by_role("link", name="Download MP3")).to_be_visible()
    studio.reload()
    play = studio.locator("#progress .play")
    sound = "**/audio?*"
    studio.route(sound, lambda route: route.abort())
    play.click()
    expect(studio.locator("#progress .time")).to_contain_text("can’t be played")
    expect(studio.locator("#announcer")).to_have_text("This can’t be played right now. Press Play to try again.")
    studio.unroute(sound)
    play.click()
    expect(studio.get_by_role("button", name="Pause Play me")).to_be_visible()
    expect(studio.locator("#progress .time")).to_contain_text("0:01")


def test_what_was_deleted_meanwhile_is_not_tried_again(studio, site):
    pk = site.speak("One sentence. Another one.")
    studio.goto(f"/generations/{pk}/")
    expect(studio.get_by_role("link", name="Download MP3")).to_be_visible()
    studio.locator("#text [data-s]").first.click()
    studio.get_by_role("link", name="Edit sentence 1").click()
    studio.get_by_label("Words").fill("Written in vain.")
    other = studio.context.new_page()
    other.goto(f"/generations/{pk}/")
    other.get_by_role("button", name="Delete", exact=True).click()
    expect(other.get_by_text("Deleted “One sentence. Another one.”.")).to_be_visible()
    other.close()
    studio.get_by_role("button", name="Save").click()
    expect(studio.get_by_text("This was deleted. Your text is still on this page.")).to_be_visible()
    expect(studio.get_by_label("Words")).to_have_value("Written in vain.")


def test_cancel_leaves_what_is_being_written(studio):
    studio.get_by_label("Text", exact=True).fill("A long story, told Do-slow as tired people do. " * 40)
    studio.get_by_role("button", name="Speak").click()
    cancel = studio.get_by_role("button", name="Cancel A long story").first
    cancel.focus()
    studio.get_by_label("Text", exact=True).fill("Something else that I am writing")
    cancel.focus()
    with studio.expect_response(POLLS):
        pass
    with studio.expect_request(POLLS):  # what came before has been shown
        pass
    assert studio.evaluate("document.activeElement.id").startswith("cancel-"), "polling does not take the focus"
    studio.keyboard.press("Enter")
    expect(studio.locator("#recent li").first.get_by_text("Cancelled")).to_be_visible(timeout=15_000)
    expect(studio.get_by_label("Text", exact=True)).to_have_value("Something else that I am writing")
    assert studio.evaluate("document.getElementById('announcer').textContent").startswith("Cancelled")


def test_the_focus_stays_where_parts_of_the_page_are_shown_anew(studio, site):
    studio.get_by_label("Text", exact=True).fill("A long story, told Do-slow as tired people do. " * 40)
    speak = studio.get_by_role("button", name="Speak")
    speak.press("Enter")
    row = studio.locator("#recent li").first
    expect(row.get_by_role("progressbar")).to_be_visible()
    expect(speak).to_be_focused()
    title = row.get_by_role("link").first
    row.get_by_role("button", name="Cancel").press("Enter")
    expect(row.get_by_text("Cancelled")).to_be_visible(timeout=15_000)
    expect(title).to_be_focused()
    expect(studio.get_by_text("Saved")).to_be_visible()
    pk = site.speak("One sentence that is Do-slow " + "and goes on " * 20)
    studio.goto(f"/generations/{pk}/")
    studio.locator("#progress .growing .play").focus()
    expect(studio.get_by_role("link", name="Download MP3")).to_be_visible()
    expect(studio.locator("#progress .play")).to_be_focused()


def test_polling_ends_with_the_work_and_rests_in_a_hidden_tab(studio):
    polls = []
    studio.on("request", lambda request: "/generations/live" in request.url and polls.append(request.url))
    studio.get_by_label("Text", exact=True).fill("One sentence that is Do-slow and followed. " * 30)
    studio.get_by_role("button", name="Speak").click()
    expect(studio.locator("#recent li").first.get_by_role("progressbar")).to_be_visible()
    with studio.expect_request(POLLS):
        pass
    studio.evaluate("Object.defineProperty(document, 'hidden', {value: true, configurable: true})")
    studio.wait_for_timeout(300)
    polls.clear()
    studio.wait_for_timeout(2 * AXE_MILLISECONDS)
    assert len(polls) <= 1, "a hidden tab asks every five seconds"
    studio.evaluate("Object.defineProperty(document, 'hidden', {value: false, configurable: true})")
    studio.get_by_role("button", name="Cancel One sentence").first.click()
    expect(studio.locator("#recent li").first.get_by_text("Cancelled")).to_be_visible(timeout=15_000)
    expect(studio.locator("[name=watched]")).to_have_count(0, timeout=60_000)  # of other tests too
    studio.wait_for_timeout(300)
    polls.clear()
    studio.wait_for_timeout(AXE_MILLISECONDS)
    assert not polls, "286 ended it"


def test_what_is_read_otherwise_is_shown_as_one_types_and_changed_by_keyboard(studio):
    text, reading = studio.get_by_label("Text", exact=True), studio.locator("#reading")
    text.fill("")  # other tests leave a draft
    studio.locator("#id_language").select_option("en-us")
    expect(reading.get_by_role("button")).to_have_count(0)
    studio.wait_for_timeout(700)
    asked = []
    studio.on("request", lambda request: request.url.endswith("/preview") and asked.append(request))
    text.press_sequentially("We were 20 at Nguyen's place, and we all stayed.", delay=10)
    expect(reading.get_by_role("button", name="twenty")).to_be_visible()
    assert len(asked) == 1, "not for each key"
    reading.get_by_role("button", name="twenty").press("Enter")
    dialog = studio.get_by_role("dialog", name="Say it differently")
    expect(dialog.get_by_label("Word")).to_have_value("20")
    expect(dialog.get_by_label("Say it like this")).to_be_focused()
    studio.keyboard.type("a score")
    dialog.get_by_role("button", name="Only in this text").press("Enter")
    expect(dialog).to_be_hidden()
    expect(text).to_have_value("We were {20|a score} at Nguyen's place, and we all stayed.")
    expect(text).to_be_focused()
    text.evaluate("text => text.setSelectionRange(text.value.indexOf('Nguyen'), text.value.indexOf(\"'s\"))")
    studio.get_by_role("button", name="Say “Nguyen” differently").click()
    dialog.get_by_label("Say it like this").fill("win")
    dialog.get_by_role("button", name="Save").click()
    expect(dialog).to_be_hidden()
    expect(reading.get_by_role("button", name="win")).to_be_visible()


def test_a_text_in_another_language_is_pointed_at_and_the_language_changed_at_once(studio):
    studio.get_by_label("Text", exact=True).fill(
        "El tren sale a las nueve y media, así que llegue usted al andén con tiempo."
    )
    expect(studio.locator("#announcer")).to_contain_text("This looks like Spanish.")
    studio.get_by_role("button", name="Switch to Spanish").click()
    expect(studio.locator("#id_language")).to_have_value("es")
    expect(studio.get_by_text("Reads as written.")).to_be_visible()


def test_a_session_that_ended_is_said_and_nothing_is_lost(studio):
    studio.get_by_label("Text", exact=True).fill("What I wrote before I was signed out.")
    cookies = studio.context.cookies()
    studio.context.clear_cookies()
    studio.get_by_role("button", name="Speak").click()
    expect(studio.get_by_text("You are signed out.")).to_be_visible()
    expect(studio.get_by_label("Text", exact=True)).to_have_value("What I wrote before I was signed out.")
    other = studio.context.new_page()
    other.goto("/account/login/")
    sign_in(other)
    other.close()
    assert studio.context.cookies() != cookies
    studio.get_by_role("button", name="Speak").click()
    expect(studio.locator("#recent li").first).to_contain_text("What I wrote before")


def test_a_voice_is_recorded_in_the_page(ada):
    ada.goto("/voices/new/")
    ada.get_by_role("button", name="Record", exact=True).click()
    ada.get_by_role("button", name="Start now").click()
    ada.wait_for_timeout(3500)
    ada.get_by_role("button", name="Stop").click()
    ada.get_by_role("button", name="Use this recording").click()
    expect(ada.locator(".taken")).to_contain_text("Your recording, ", timeout=15_000)
    expect(ada.get_by_label("Name")).to_have_value("Ada (2)")
    ada.get_by_label("Name").fill("Recorded")
    ada.get_by_role("button", name="Create voice").click()
    expect(ada.get_by_text("only with the consent")).to_be_visible()
    expect(ada.locator(".taken"), "nobody records twice for a forgotten tick").to_contain_text("Your recording, ")
    expect(ada.get_by_label("Name")).to_have_value("Recorded")
    ada.get_by_role("checkbox").check()
    ada.get_by_role("button", name="Create voice").click()
    expect(ada.get_by_text("Recorded can speak now.")).to_be_visible()


def test_what_is_said_is_written_down_and_a_stretch_of_it_chosen_by_keyboard(ada):
    ada.goto("/voices/new/")
    ada.get_by_label("Choose a file").set_input_files(FIXTURES / "english_austen_1.wav")
    editor = ada.get_by_label("Transcript")
    expect(editor).to_have_value(TRANSCRIPT)
    expect(ada.get_by_role("button", name="Listen to “one?”")).to_be_visible()
    ada.get_by_text("Adjust the stretch").press("Enter")
    edge = ada.get_by_label("End of the stretch")
    for _ in range(60):
        edge.press("ArrowLeft")
    end = float(ada.locator("#id_end").input_value())
    assert 3 < end < 5, "steps of 0.05 s from 7.1"
    ada.get_by_role("button", name="Use this stretch").press("Enter")
    expect(ada.get_by_role("radio")).to_have_count(2)
    expect(editor).not_to_have_value(TRANSCRIPT)
    assert TRANSCRIPT.startswith(editor.input_value()) and editor.input_value().startswith("This is what")
    ada.locator("#words > summary").click()
    editor.fill("What I write myself.")
    ada.get_by_role("radio").first.check()
    expect(editor).to_have_value(TRANSCRIPT)
    ada.get_by_role("radio").last.check()
    expect(editor, "it is kept with the stretch that it was written for").to_have_value("What I write myself.")


def test_a_file_is_dropped_onto_the_page(ada):
    ada.goto("/voices/new/")
    bytes_ = list((FIXTURES / "english_austen_short.wav").read_bytes())
    dropped = ada.evaluate_handle(
        """(bytes) => {
            const files = new DataTransfer();
            files.items.add(new File([new Uint8Array(bytes)], "dropped.wav", { type: "audio/wav" }));
            return files;
        }""",
        bytes_,
    )
    ada.dispatch_event("[data-drop]", "drop", {"dataTransfer": dropped})
    expect(ada.locator(".taken")).to_contain_text("dropped.wav", timeout=15_000)
    expect(ada.get_by_text("6 s or more is much better")).to_be_visible()


def test_a_file_that_was_chosen_before_the_scripts_came_is_taken_too(ada):
    held = []
    ada.route("**/*.js", lambda route: held.append(route))
    ada.goto("/voices/new/", wait_until="commit")
    ada.locator("#id_recording").set_input_files(FIXTURES / "english_austen_short.wav")
    for route in held:
        route.continue_()
    ada.unroute("**/*.js")
    expect(ada.locator(".taken")).to_contain_text("english_austen_short.wav")


def test_what_is_no_recording_is_refused_where_it_was_chosen(ada, tmp_path):
    picture = tmp_path / "holiday.png"
    picture.write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(100))
    ada.goto("/voices/new/")
    ada.get_by_label("Name").fill("Kept")
    ada.get_by_label("Choose a file").set_input_files(picture)
    expect(ada.get_by_text("This is a picture")).to_be_visible()
    expect(ada.get_by_label("Name")).to_have_value("Kept")


def test_it_works_without_javascript(browser, address, ada):
    context = browser.new_context(
        base_url=address, java_script_enabled=False, storage_state=ada.context.storage_state()
    )
    page = context.new_page()
    page.goto("/")
    page.get_by_label("Text", exact=True).fill("Said without a script, to 20.")
    page.get_by_role("button", name="Preview").click()
    expect(page.get_by_text("Said without a script, to twenty")).to_be_visible()
    page.get_by_label("Text", exact=True).fill("Said without a Do-slow script.")
    page.get_by_role("button", name="Speak").click()
    end = time.monotonic() + 60
    while page.get_by_role("link", name="Reload").count() and time.monotonic() < end:
        page.get_by_role("link", name="Reload").click()
        time.sleep(0.3)
    source = page.locator("audio").get_attribute("src")
    assert page.context.request.get(source, headers={"Range": "bytes=0-3"}).body() == b"RIFF"
    context.close()


def test_pages_fit_a_phone_and_say_nothing_wrong_to_the_console(browser, address, ada):
    context = browser.new_context(
        base_url=address, viewport={"width": 390, "height": 844}, storage_state=ada.context.storage_state()
    )
    page, complaints = context.new_page(), []
    # A page that is left ends what it was asking for, and htmx says so in two lines.
    ended = ("htmx:sendAbort", "htmx:afterRequest")
    page.on(
        "console",
        lambda message: (
            message.type == "error" and not message.text.startswith(ended) and complaints.append(message.text)
        ),
    )
    page.on("pageerror", lambda error: complaints.append(str(error)))
    for path in (
        "/",
        "/voices/",
        "/voices/new/",
        "/generations/",
        "/pronunciations/",
        "/pronunciations/import/",
        "/status/",
        "/account/",
        "/account/password/",
        "/licences/",
    ):
        page.goto(path)
        page.wait_for_timeout(200)
        assert page.evaluate("document.documentElement.scrollWidth") <= 390, path
    page.goto("/")
    page.get_by_label("Text", exact=True).fill("Averyveryverylongwordwithoutanyplacetobreakitinto" * 3)
    page.get_by_role("button", name="Speak").click()
    page.locator("h3 a", has_text="Averyvery").first.click()
    expect(page.locator("#text [data-s]")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    page.goto(f"{page.url}sentences/0/")
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    assert complaints == []
    context.close()


def test_health_is_public(address):
    with urllib.request.urlopen(f"{address}/api/health") as response:
        assert b'"status": "ok"' in response.read()
