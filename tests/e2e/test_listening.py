"""A text is heard in a real browser while it is made, from any sentence, and without a script."""

import time

import pytest
from playwright.sync_api import expect

pytestmark = [pytest.mark.e2e, pytest.mark.xdist_group("pages")]  # one site for all of them

BEGINNING = "First comes this. "
# Spoken side by side, while the first is heard: the words of a batch take 0.15 s each.
REST = "Then they all wait and talk Do-slow about it. " * 12
SOUND = """(() => {
    const sound = [...Sound.all.values()].findLast((each) => each.time || !each.paused);
    return sound && {time: sound.time, paused: sound.paused, live: Boolean(sound.live), ready: sound.ready};
})()"""


def sound_of(page, condition, seconds=20):
    """Return the sound that is heard once it meets a condition, and all that it was until then."""
    seen, end = [], time.monotonic() + seconds
    while time.monotonic() < end:
        if sound := page.evaluate(SOUND):
            seen.append(sound)
            if condition(sound):
                return sound, seen
        time.sleep(0.05)
    raise AssertionError(f"Not within {seconds} s: {seen[-1:]}")


def test_a_text_is_heard_while_it_is_made_and_goes_on_as_the_whole(ada):
    ada.goto("/")
    ada.get_by_label("Text").fill(BEGINNING + REST)
    ada.get_by_role("button", name="Speak").click()
    row = ada.locator("#recent li").first
    row.get_by_role("button", name="Play First").click()
    assert row.get_by_role("progressbar").count(), "it is still being made"
    begun, _ = sound_of(ada, lambda sound: sound["time"] > 0.3)
    assert begun["live"]
    _, seen = sound_of(ada, lambda sound: not sound["live"])
    assert row.locator("audio").evaluate("audio => !audio.paused"), "the whole goes on"
    times = [sound["time"] for sound in seen]
    steps = [after - before for before, after in zip(times, times[1:], strict=False)]
    assert min(steps) > -0.1 and max(steps) < 1.5, "without a jump"
    assert not any(sound["paused"] for sound in seen)
    row.get_by_role("button", name="Pause First").click()
    assert row.locator("audio").evaluate("audio => audio.paused")


def test_it_waits_for_what_is_not_there_and_goes_on_by_itself(ada, site):
    ada.goto(f"/generations/{site.speak(BEGINNING + REST)}/")
    ada.get_by_role("button", name="Play First").click()
    first = ada.locator("[data-s]").first
    expect(first).to_have_class("heard")
    assert ada.locator("[data-s].waiting, [data-s].speaking").count() > 5
    ada.locator("[data-player] input").press("ArrowRight")  # by seconds, as far as there is something
    ada.locator("[data-player] input").press("ArrowRight")
    expect(ada.get_by_text("Waiting for the next sentence…").first).to_be_visible()
    expect(ada.locator("[data-s]").nth(1)).to_have_class("heard")
    expect(ada.locator("[data-wait]")).to_have_text("")


def test_it_is_heard_from_any_sentence_by_mouse_and_keys(ada, site):
    ada.goto(f"/generations/{site.speak(BEGINNING + REST.replace('Do-slow', 'slowly'))}/")
    expect(ada.get_by_role("link", name="Download WAV")).to_be_visible()
    sentence = ada.locator("[data-s]")
    expect(sentence).to_have_count(13)
    sentence.nth(3).click()
    expect(sentence.nth(3)).to_have_class("heard")
    expect(ada.locator(".heard[data-s]")).to_have_count(1)
    ada.keyboard.press("Space")
    expect(ada.get_by_role("button", name="Play First")).to_be_visible()
    ada.keyboard.press("End")
    expect(sentence.last).to_be_focused()
    assert ada.locator("[data-s][tabindex]").count() == 1, "the text is one tab stop"
    ada.keyboard.press("ArrowLeft")
    ada.keyboard.press("Enter")
    expect(sentence.nth(11)).to_have_class("heard")
    ada.keyboard.press("Space")


def test_without_a_script_the_page_and_its_sentences_have_players(browser, address, ada, site):
    ada.goto(f"/generations/{site.speak(BEGINNING)}/")
    expect(ada.get_by_role("link", name="Download WAV")).to_be_visible()
    where = ada.url
    context = browser.new_context(
        base_url=address, java_script_enabled=False, storage_state=ada.context.storage_state()
    )
    page = context.new_page()
    page.goto(where)
    expect(page.locator("audio")).to_be_visible()
    page.get_by_role("link", name="Sentences").click()
    expect(page.get_by_role("heading", name="Sentences")).to_be_visible()
    expect(page.locator("audio")).to_be_visible()
    assert page.context.request.get(page.locator("audio").get_attribute("src")).body()[:4] == b"fLaC"
    context.close()
