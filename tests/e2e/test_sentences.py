"""A sentence is changed in a real browser, on a real site: only it is spoken anew, and it is undone."""

import io
import re

import pytest
import soundfile
from playwright.sync_api import expect

pytestmark = [pytest.mark.e2e, pytest.mark.xdist_group("pages")]

TEXT = "The ferry left at dawn. Nobody had slept. A gull cried twice."


def test_a_sentence_is_changed_by_keyboard_and_heard_and_the_change_undone(ada, site):
    pk = site.speak(TEXT)
    ada.goto(f"/generations/{pk}/")
    ada.evaluate(
        """() => {
            window.aloud = [];
            const announcer = document.getElementById("announcer");
            new MutationObserver(() => aloud.push(announcer.textContent)).observe(announcer, { childList: true });
        }"""
    )
    expect(ada.get_by_role("link", name="Download MP3")).to_be_visible()
    whole, takes = Whole(ada), others(site, pk)
    sentence, words = ada.locator("#text [data-s]").nth(1), ada.get_by_label("Words")
    ada.locator("#text [data-s]").first.press("ArrowRight")
    sentence.press("e")
    expect(words).to_be_focused()
    ada.evaluate("aloud.length = 0")
    words.fill("Nobody on board had slept at all.")
    ada.get_by_role("button", name="Save").press("Enter")
    told = ada.locator("#told")
    expect(told).to_have_text("Sentence 2 is ready.")
    expect(ada.locator("#progress audio")).not_to_have_attribute("src", whole.address)
    changed = Whole(ada)
    assert changed.seconds > whole.seconds + 0.5, "seven words instead of three, 0.2 s each"
    assert others(site, pk) == takes, "only it was spoken"
    expect(sentence).to_have_text("Nobody on board had slept at all.")
    expect(ada.locator("#sentence-takes li")).to_have_count(2)
    of_whole = ("Ready: ", "Some words", "This take")  # its new title, and what a check found
    of_it = [words for words in ada.evaluate("aloud") if not words.startswith(of_whole)]
    assert of_it == ["Sentence 2 is being spoken again.", "Sentence 2 is ready."]
    words.press("Escape")
    expect(sentence).to_be_focused()
    ada.reload()
    ada.get_by_role("button", name="Undo: sentence 2, other words").click()
    expect(told).to_have_text("Undone: sentence 2, other words.")
    expect(sentence).to_have_text("Nobody had slept.")
    expect(ada.locator("#progress audio")).not_to_have_attribute("src", changed.address)
    assert Whole(ada).sound == whole.sound, "as it was before"


def open_second_sentence(page, site):
    """Open the panel of the second sentence of TEXT, once all of it is spoken."""
    page.goto(f"/generations/{site.speak(TEXT)}/")
    expect(page.get_by_role("link", name="Download MP3")).to_be_visible()
    page.locator("#text [data-s]").nth(1).click()
    page.get_by_role("link", name="Edit sentence 2").click()


def test_what_is_wrong_is_said_and_what_was_written_is_not_lost(ada, site):
    open_second_sentence(ada, site)
    ada.get_by_label("Words").fill("Nobody at all.")
    ada.get_by_label("Pause after it").fill("11")
    ada.get_by_label("Pause after it").press("Enter")
    expect(ada.get_by_text("A pause goes from 0 to 10 seconds.")).to_be_visible()
    expect(ada.get_by_label("Words")).to_have_value("Nobody at all.")
    expect(ada.get_by_label("Pause after it")).to_be_focused()
    ada.locator("#text [data-s]").nth(2).click()
    ada.get_by_role("link", name="Edit sentence 3").click()
    expect(ada.locator("#announcer")).to_have_text("Save this sentence first, or close it.")
    expect(ada.get_by_label("Words")).to_have_value("Nobody at all.")


def test_what_is_written_and_not_saved_stays(ada, site):
    open_second_sentence(ada, site)
    words, told, held = ada.get_by_label("Words"), ada.locator("#told"), []
    words.fill("Nobody at all.")
    ada.route("**/sentences/1/", lambda route: held.append(route))
    with ada.expect_request("**/sentences/1/"):
        ada.get_by_role("button", name="Save").click()
    words.press("End")
    words.press_sequentially(" Not one.")
    held[0].continue_()
    expect(told).to_have_text("Sentence 2 is ready.")
    expect(words).to_have_value("Nobody at all. Not one.")
    expect(words).to_be_focused()
    ada.get_by_role("button", name="Undo: sentence 2, other words").click()
    expect(told).to_have_text("Undone: sentence 2, other words.")
    expect(words).to_have_value("Nobody at all. Not one.")
    ada.unroute("**/sentences/1/")
    ada.get_by_role("link", name="Library").first.click(no_wait_after=True)
    expect(ada.locator("[data-leaves]")).to_be_visible()
    expect(words).to_have_value("Nobody at all. Not one.")
    ada.get_by_role("button", name="Save").click()
    expect(ada.locator("#text")).to_contain_text("Nobody at all. Not one.")


class Whole:
    """What is heard on the page of a generation now."""

    def __init__(self, page):
        self.address = page.locator("#progress audio").get_attribute("src")
        sound, rate = soundfile.read(io.BytesIO(page.request.get(self.address).body()), dtype="int16")
        self.sound, self.seconds = sound.tobytes(), len(sound) / rate


def others(site, pk):
    return [take for take in site.takes(pk) if take[0] != 1]


def test_who_leaves_what_is_not_saved_is_told_on_the_page(ada, site):
    open_second_sentence(ada, site)
    ada.get_by_label("Words").fill("Nobody at all.")
    ada.get_by_role("link", name="Voices", exact=True).click()
    expect(ada.get_by_text("This sentence isn’t saved. Save it before you leave, or close it.")).to_be_visible()
    expect(ada.get_by_role("button", name="Save", exact=True)).to_be_focused()
    expect(ada.get_by_label("Words")).to_have_value("Nobody at all.")
    ada.get_by_role("button", name="Close", exact=True).click()
    ada.get_by_role("link", name="Voices", exact=True).click()
    expect(ada).to_have_url(re.compile("/voices/$"))


def test_words_that_a_new_transcript_took_the_place_of_come_back(ada, site):
    ada.goto("/voices/")
    ada.get_by_role("link", name="Ada", exact=True).click()
    ada.get_by_role(
        "link", name=re.compile("Edit clip|Add a transcript")
    ).first.click()  # a test may have added another
    words = ada.locator("#id_transcript")
    words.fill("What I corrected.")
    ada.get_by_role("button", name="Save").click()
    ada.get_by_role("link", name="Edit clip").first.click()
    expect(words).to_have_value("What I corrected.")
    ada.evaluate(
        """() => {
            document.querySelector("[data-transcript]").dataset.transcript = "What was heard now.";
            document.dispatchEvent(new Event("htmx:load"));
        }"""
    )
    expect(words).to_have_value("What was heard now.")
    ada.evaluate("document.dispatchEvent(new Event('htmx:load'))")  # as every second, while anything is made
    expect(ada.get_by_text("The new transcript took the place of yours.")).to_be_visible()
    ada.get_by_role("button", name="Undo", exact=True).click()
    expect(words).to_have_value("What I corrected.")
    expect(ada.get_by_text("The new transcript took the place of yours.")).to_be_hidden()
