"""The sentence that a speaker reads aloud to agree: recorded in the page, heard, checked, refused and read out."""

import re

import pytest
from playwright.sync_api import expect

from tests import FIXTURES, fakes
from tests.e2e.conftest import open_page, served, sign_in

pytestmark = [pytest.mark.e2e, pytest.mark.xdist_group("consent")]

HEARD = "[slow] I agree that my voice is cloned here. My words today are none of those."
SAID = """() => {
    window.said = [];
    const announcer = document.getElementById("announcer");
    const note = () => window.said.push(announcer.textContent);
    new MutationObserver(note).observe(announcer, { childList: true, characterData: true, subtree: true });
}"""


@pytest.fixture(scope="module")
def asking(tmp_path_factory):
    """A site that requires a spoken consent, and hears always the same."""
    environment = {
        "VOICESITE_CONSENT": "required",
        "VOICESITE_TRANSCRIBER": fakes.TRANSCRIBER,
        "VOICESITE_TRANSCRIBER_MODEL": HEARD,
    }
    with served(tmp_path_factory.mktemp("asking"), **environment) as site:
        site.settle_in()
        yield site


def test_a_sentence_is_recorded_heard_and_checked_and_the_answer_read_out(browser, asking):
    page = open_page(browser, f"http://127.0.0.1:{asking.port}")
    page.goto("/account/login/")
    sign_in(page)
    page.goto("/voices/new/")
    page.evaluate(SAID)
    page.locator("#id_recording").set_input_files(FIXTURES / "english_austen_2.wav")
    expect(page.locator(".taken")).to_be_visible()
    spoken = page.locator("#spoken")
    sentence = spoken.locator(".passage").inner_text()

    spoken.get_by_role("button", name="Check the sentence").click()
    expect(spoken.get_by_role("alert")).to_have_text("First record the sentence, or choose a recording of it.")
    record(page, spoken)
    expect(spoken.get_by_role("button", name="Listen")).to_be_visible()
    record(page, spoken, "Take again", 1500)
    spoken.get_by_role("button", name="Check the sentence").click()
    spoken.get_by_role("button", name="Cancel the check").click()
    expect(spoken).to_contain_text("Cancelled. The sentence was not checked.")

    spoken.get_by_role("button", name="Read a new sentence").press("Enter")
    expect(spoken.locator(".passage")).not_to_have_text(sentence)
    expect(spoken.get_by_role("button", name="Record", exact=True)).to_be_focused()
    record(page, spoken, milliseconds=2500)
    spoken.get_by_role("button", name="Check the sentence").press("Enter")
    expect(spoken).to_contain_text("None of the words was heard. Read a new sentence, closer to the microphone.")
    expect(spoken).to_contain_text("What was heard: I agree that my voice is cloned here.")
    expect(page.locator("#announcer")).to_have_text(re.compile("^None of the words was heard."))
    said = page.evaluate("window.said")
    for words in ("Recording.", "Listening", "Cancelled. The sentence was not checked."):
        assert any(words in one for one in said), said
    assert any(one.startswith("Read aloud: I agree that my voice") for one in said), said
    page.get_by_role("checkbox").check()
    page.get_by_role("button", name="Create voice").click()
    expect(page.locator("#spoken")).to_contain_text("None of the words was heard.")
    assert page.failures == []
    page.context.close()


def record(page, spoken, label="Record", milliseconds=1200):
    """Record the beeps of the browser's microphone. Each time for another while: what was sent before is refused."""
    spoken.get_by_role("button", name=label, exact=True).click()
    spoken.get_by_role("button", name="Start now").click()
    expect(spoken.get_by_role("meter", name="Microphone level")).to_be_visible()
    page.wait_for_timeout(milliseconds)
    spoken.get_by_role("button", name="Stop").click()
    expect(spoken.locator("[data-take-name]")).to_contain_text("Your recording")
