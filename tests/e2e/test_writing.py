"""Writing in the studio with a real browser: a dialogue gets its voices, and nothing that is typed is lost."""

import pytest
from playwright.sync_api import expect

from .copy import CLIP, PASSWORD

pytestmark = [pytest.mark.e2e, pytest.mark.xdist_group("pages")]

USE = "Use this voice"
DIALOGUE = "Anna: Did you hear that?\nBen: Only the wind.\nAnna: No. Listen."


def test_a_dialogue_asks_for_voices_and_is_spoken_in_them(ada, site):
    site.manage("create_voice", "--user", "ada", "--name", "Grandfather", "--language", "en", str(CLIP))
    ada.goto("/")
    ada.get_by_label("Text", exact=True).fill(DIALOGUE)
    anna, ben = ada.get_by_label("Anna"), ada.get_by_label("Ben")
    anna.select_option("Ada")
    ada.get_by_role("button", name="Speak").click()
    expect(ada.get_by_text("Ben has no voice").first).to_be_visible()
    expect(anna.locator("option:checked")).to_have_text("Ada")
    ben.select_option("Grandfather")
    ada.get_by_role("button", name="Speak").click()
    row = ada.locator("#recent li").filter(has_text="Did you hear that?").first
    expect(row.get_by_role("link", name="MP3")).to_be_visible()
    row.get_by_role("link").first.click()
    expect(ada.locator("#text")).to_contain_text("Only the wind.")
    pk = ada.url.rstrip("/").rsplit("/", 1)[-1]
    voices = site.query(
        "SELECT s.text, v.name FROM synthesis_segment s JOIN voices_voiceprofile v ON s.voice_id = v.id "
        'WHERE s.generation_id = {} ORDER BY s."index"',
        pk,
    )
    assert ("Did you hear that?", "Ada") in voices and ("Only the wind.", "Grandfather") in voices
    assert not any("Anna" in text or "Ben" in text for text, _ in voices)


def test_a_preview_that_comes_late_leaves_who_speaks(ada):
    ada.goto("/")
    ada.get_by_label("Text", exact=True).fill(DIALOGUE.replace("Anna", "Carla").replace("Ben", "Dan"))
    carla, held = ada.get_by_label("Carla", exact=True), []
    expect(carla).to_be_visible()
    ada.route("**/preview", lambda route: held.append(route))
    with ada.expect_request("**/preview"):
        carla.select_option("Ada")
    ada.get_by_role("button", name="Speak").click()
    expect(ada.get_by_text("Dan has no voice").first).to_be_visible()
    held[0].continue_()
    ada.wait_for_timeout(1000)  # for it, if anybody waits for it still
    expect(carla.locator("option:checked")).to_have_text("Ada")
    ada.unroute("**/preview")


def test_what_is_typed_on_while_it_is_sent_stays(ada):
    ada.goto("/")
    text = ada.get_by_label("Text", exact=True)
    text.fill("The first sentence.")
    held = []
    ada.route(ada.url, lambda route: held.append(route))
    with ada.expect_request(ada.url):
        text.press("Control+Enter")
    text.press_sequentially(" And more.")
    text.press("Home")
    held[0].continue_()
    expect(ada.locator("#recent li").first).to_contain_text("The first sentence.")
    expect(text).to_have_value("The first sentence. And more.")
    expect(text).to_be_focused()
    assert text.evaluate("text => text.selectionStart") == 0, "the cursor stays too"
    ada.unroute(ada.url)
    expect(ada.get_by_text("Saved")).to_be_visible()
    ada.reload()
    expect(text).to_have_value("The first sentence. And more.")


def test_what_is_typed_comes_back_after_a_crash_and_on_another_device(ada, browser, address):
    page = ada.context.new_page()
    page.goto("/")
    page.get_by_label("Text", exact=True).fill("Half a thought, and then")
    expect(page.get_by_text("Saved")).to_be_visible()
    page.close()
    other = browser.new_context(base_url=address).new_page()
    other.goto("/")
    other.get_by_label("Username").fill("ada")
    other.get_by_label("Password", exact=True).fill(PASSWORD)
    other.get_by_role("button", name="Sign in").click()
    expect(other.get_by_label("Text", exact=True)).to_have_value("Half a thought, and then")
    other.context.close()


def test_the_voice_that_one_comes_with_stays_chosen(ada, site):
    site.manage("create_voice", "--user", "ada", "--name", "Grandmother", "--language", "en", str(CLIP))
    ada.goto("/voices/")
    ada.locator("li.voice").filter(has_text="Grandmother").get_by_role("link", name=USE).click()
    text, voice = ada.get_by_label("Text", exact=True), ada.get_by_label("Voice", exact=True)
    expect(text).to_be_focused()
    text.fill("Once upon a time.")
    text.press("Control+Enter")
    expect(ada.locator("#recent li").first).to_contain_text("Once upon a time.")
    expect(voice.locator("option:checked")).to_have_text("Grandmother")
    ada.goto("/voices/")
    ada.goto("/")
    expect(voice.locator("option:checked")).to_have_text("Grandmother")
    expect(text).to_have_value("Once upon a time.")


def test_a_text_to_speak_again_gives_back_what_it_takes_the_place_of(ada, site):
    ada.goto("/")
    text = ada.get_by_label("Text", exact=True)
    text.fill("What I was writing.")
    expect(ada.get_by_text("Saved")).to_be_visible()
    pk = site.speak("An old text.")
    ada.goto(f"/?again={pk}")
    expect(text).to_have_value("An old text.")
    text.press("Control+End")
    text.press_sequentially(" And more.")
    expect(ada.get_by_text("Saved")).to_be_visible()
    ada.reload()
    expect(text).to_have_value("An old text. And more.")

    ada.goto(f"/?again={pk}")
    ada.get_by_role("button", name="Undo").click()
    expect(text).to_have_value("An old text. And more.")
    expect(ada.get_by_text("Saved")).to_be_visible()
    ada.reload()
    expect(text).to_have_value("An old text. And more.")
