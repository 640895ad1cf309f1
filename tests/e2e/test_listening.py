"""A text is heard in a real browser while it is made, from any sentence, and without a script."""

import base64
import time

import numpy as np
import pytest
import soundfile
from playwright.sync_api import expect

from .copy import wait_for

pytestmark = [pytest.mark.e2e, pytest.mark.xdist_group("pages")]  # one site for all of them

BEGINNING = "First comes this. "
# Spoken side by side, while the first is heard: the words of a batch take 0.15 s each.
REST = "Then they all wait and talk Do-slow about it. " * 12
SOUND = """(() => {
    const sound = [...Sound.all.values()].findLast((each) => each.time || !each.paused);
    return sound && {time: sound.time, paused: sound.paused, live: Boolean(sound.live), ready: sound.ready};
})()"""


# Keeps what is given to the loudspeaker: at which sample of it, and the samples, as 16 bits.
SCHEDULED = """(() => {
    window.scheduled = [];
    const start = AudioBufferSourceNode.prototype.start;
    AudioBufferSourceNode.prototype.start = function (when, offset = 0) {
        const samples = this.buffer.getChannelData(0).slice(Math.round(offset * 24000)).map((x) => Math.round(x * 32768));
        const bytes = new Uint8Array(new Int16Array(samples).buffer);
        const written = Array.from(bytes, (byte) => String.fromCharCode(byte)).join("");
        window.scheduled.push([Math.round(when * 24000), btoa(written)]);
        return start.call(this, when, offset);
    };
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
    ada.get_by_label("Text", exact=True).fill(BEGINNING + REST)
    ada.get_by_role("button", name="Speak").click()
    row = ada.locator("#recent li").first
    expect(row.get_by_role("progressbar")).to_be_visible()
    row.get_by_role("button", name="Play First").click()
    assert row.get_by_role("progressbar").count(), "it is still being made"
    begun, _ = sound_of(ada, lambda sound: sound["time"] > 0.3)
    assert begun["live"]
    _, seen = sound_of(ada, lambda sound: not sound["live"])
    assert ada.evaluate("!Sound.last.audio.paused"), f"the whole goes on after {seen[-3:]}"
    times = [sound["time"] for sound in seen]
    steps = [after - before for before, after in zip(times, times[1:], strict=False)]
    assert min(steps) > -0.1 and max(steps) < 1.5, "without a jump"
    assert not any(sound["paused"] for sound in seen)
    row.get_by_role("button", name="Pause First").click()
    assert ada.evaluate("Sound.last.audio.paused")


# Shows the player anew, as an answer of the site does, while the whole file in it begins to play for the first time.
SHOWN_ANEW = """(() => {
    const play = HTMLMediaElement.prototype.play;
    let isFirst = true;
    HTMLMediaElement.prototype.play = function () {
        const begun = play.call(this);
        const player = document.querySelector("[data-player]");
        if (!isFirst || this.currentTime < 0.1) return begun;
        isFirst = false;
        player.replaceWith(player.cloneNode(true));
        document.dispatchEvent(new Event("htmx:afterSwap"));
        window.shownAnew = true;
        return begun;
    };
})()"""


def test_the_whole_goes_on_though_its_player_is_shown_anew_meanwhile(browser, address, ada, site):
    page = browser.new_context(base_url=address, storage_state=ada.context.storage_state()).new_page()
    page.add_init_script(SHOWN_ANEW)
    page.goto(f"/generations/{site.speak(BEGINNING + REST)}/")
    page.get_by_role("button", name="Play First").click()
    wait_for(lambda: page.evaluate("window.shownAnew"), 30)
    sound_of(page, lambda sound: not sound["live"])
    assert page.evaluate("!Sound.last.paused && !Sound.last.audio.paused")
    expect(page.locator("[data-player]")).to_contain_class("playing")
    page.context.close()


def test_a_sentence_is_heard_before_its_end(browser, address, ada, site):
    page = browser.new_context(base_url=address, storage_state=ada.context.storage_state()).new_page()
    page.add_init_script(SCHEDULED)
    pk = site.speak(f"This one is Do-slow to say {'and it goes on ' * 8}to its end.")
    page.goto(f"/generations/{pk}/")
    page.get_by_role("button", name="Play This one").click()
    begun, _ = sound_of(page, lambda sound: sound["time"] > 0.1)
    assert begun["live"] and site.takes(pk) == [], "it is still being spoken"
    expect(page.locator("[data-s]")).to_have_class("speaking heard")
    expect(page.get_by_role("link", name="Download MP3")).to_be_visible()
    whole = soundfile.read(site.folder / "media" / site.row(pk)["audio"], dtype="int16")[0]
    length = "scheduled.reduce((length, [, samples]) => length + atob(samples).length / 2, 0)"
    wait_for(lambda: page.evaluate(length) >= len(whole), 20)
    scheduled = [(at, np.frombuffer(base64.b64decode(each), np.int16)) for at, each in page.evaluate("scheduled")]
    assert len(scheduled) > 2 and np.array_equal(np.concatenate([each for _, each in scheduled]), whole)
    for (at, each), (following, _) in zip(scheduled, scheduled[1:], strict=False):
        assert following == at + len(each) or following - at - len(each) > 240, "without a gap, unless it had to wait"
    page.context.close()


def test_it_waits_for_what_is_not_there_and_goes_on_by_itself(ada, site):
    slower = REST.replace("about it", "about it and then again about all of it as they have always done")
    ada.goto(f"/generations/{site.speak(BEGINNING + slower)}/")
    ada.get_by_role("button", name="Play First").click()
    first = ada.locator("[data-s]").first
    expect(first).to_contain_class("heard")
    assert ada.locator("[data-s].waiting, [data-s].speaking").count() > 5
    ada.locator("[data-player] input").press("ArrowRight")  # by seconds, as far as there is something
    ada.locator("[data-player] input").press("ArrowRight")
    expect(ada.get_by_text("Waiting for what comes next…").first).to_be_visible()
    expect(ada.locator("[data-s]").nth(1)).to_contain_class("heard")
    expect(ada.locator("[data-player] [data-wait]")).to_have_text("")


def test_it_is_heard_from_any_sentence_by_mouse_and_keys(ada, site):
    ada.goto(f"/generations/{site.speak(BEGINNING + REST.replace('Do-slow', 'slowly'))}/")
    expect(ada.get_by_role("link", name="Download MP3")).to_be_visible()
    sentence = ada.locator("[data-s]")
    expect(sentence).to_have_count(13)
    sentence.nth(3).click()
    expect(sentence.nth(3)).to_contain_class("heard")
    expect(ada.locator(".heard[data-s]")).to_have_count(1)
    ada.keyboard.press("Space")
    expect(ada.get_by_role("button", name="Play First")).to_be_visible()
    ada.keyboard.press("End")
    expect(sentence.last).to_be_focused()
    assert ada.locator("[data-s][tabindex]").count() == 1, "the text is one tab stop"
    ada.keyboard.press("ArrowLeft")
    ada.keyboard.press("Enter")
    expect(sentence.nth(11)).to_contain_class("heard")
    ada.keyboard.press("Space")


def test_without_a_script_the_page_and_its_sentences_have_players(browser, address, ada, site):
    ada.goto(f"/generations/{site.speak(BEGINNING)}/")
    expect(ada.get_by_role("link", name="Download MP3")).to_be_visible()
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
