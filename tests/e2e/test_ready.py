"""What somebody who is elsewhere is told when their text is ready."""

import pytest
from playwright.sync_api import expect

pytestmark = [pytest.mark.e2e, pytest.mark.xdist_group("pages")]

# A tab that is not seen, as a script can make it; and a stand-in for the desktop, which shows no notifications here.
ELSEWHERE = """() => {
  Object.defineProperty(document, "hidden", { configurable: true, get: () => true });
  document.hasFocus = () => false;
  window.told = [];
  window.Notification = class {
    static permission = "granted";
    static requestPermission = async () => "granted";
    constructor(title, options) { window.told.push([title, options.body]); }
  };
  const start = OscillatorNode.prototype.start;
  window.tones = 0;
  OscillatorNode.prototype.start = function (...when) { window.tones += 1; start.apply(this, when); };
}"""
BACK = """() => {
  delete document.hidden;
  document.hasFocus = () => true;
  window.dispatchEvent(new Event("focus"));
}"""


@pytest.fixture
def studio(ada):
    """The studio, where nothing is on its way that another test asked for."""
    ada.goto("/")
    cancel = ada.get_by_role("button", name="Cancel")
    while cancel.count():
        cancel.first.click()
        ada.wait_for_timeout(300)
    ada.reload()
    return ada


def speak(page, words):
    page.get_by_label("Text", exact=True).fill(words)
    page.evaluate(ELSEWHERE)
    page.get_by_role("button", name="Speak").click()


def test_the_title_says_ready_until_one_is_back_and_nothing_else_does(studio):
    speak(studio, "Good morning to all of you.")
    expect(studio).to_have_title("✓ Ready · Studio · Voicesite")
    assert studio.evaluate("[told.length, tones]") == [0, 0], "nobody asked for more"
    studio.evaluate(BACK)
    expect(studio).to_have_title("Studio · Voicesite")


def test_who_asked_for_it_gets_a_notification_and_a_sound(studio):
    studio.context.grant_permissions(["notifications", "microphone"])
    for way in ("Notification", "Sound"):
        studio.get_by_role("group", name="Tell me when it’s ready").get_by_label(way).check()
    studio.reload()
    expect(studio.get_by_label("Sound", exact=True)).to_be_checked()
    speak(studio, "Good evening to all of you.")
    expect(studio).to_have_title("✓ Ready · Studio · Voicesite")
    assert studio.evaluate("told") == [["Ready to hear", "Good evening to all of you."]]
    assert studio.evaluate("tones") == 2
    studio.evaluate(BACK)
    studio.get_by_label("Sound", exact=True).uncheck()
    speak(studio, "Good night to all of you.")
    expect(studio).to_have_title("✓ Ready · Studio · Voicesite")
    assert studio.evaluate("[told.length, tones]") == [1, 0]
