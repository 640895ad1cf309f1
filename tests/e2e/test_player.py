"""One player for the whole site: it goes on while one moves about, and is driven by keys, lists and the lock screen."""

import pytest
from playwright.sync_api import expect

from .conftest import open_page, sign_in
from .copy import wait_for

pytestmark = [pytest.mark.e2e, pytest.mark.xdist_group("pages")]  # one site for all of them

TEXT = "Here begins a long tale. " + "It goes on and on about this and that for quite a while. " * 12
SHORT = "This one is soon over."
PAGES = ["Studio", "Voices", "Library", "Status", "Voices", "Studio", "Library", "Voices", "Status", "Library"]
# Compares the place of the sound with the clock twenty times a second, and keeps what it lagged at the most.
WATCH = """() => {
    const { audio } = Sound.last;
    window.lag = { most: 0, paused: 0, checks: 0 };
    const [begun, from] = [performance.now(), audio.currentTime];
    for (const name of ["pause", "waiting", "stalled", "emptied"]) audio.addEventListener(name, () => (lag.paused += 1));
    setInterval(() => {
        lag.most = Math.max(lag.most, Math.abs((performance.now() - begun) / 1000 - (audio.currentTime - from)));
        lag.checks += 1;
    }, 50);
}"""
# Keeps what a page offers to keyboards, headphones and the lock screen.
SESSION = """() => {
    window.offered = {};
    const set = navigator.mediaSession.setActionHandler.bind(navigator.mediaSession);
    navigator.mediaSession.setActionHandler = (name, act) => {
        offered[name] = act;
        set(name, act);
    };
    const place = navigator.mediaSession.setPositionState.bind(navigator.mediaSession);
    navigator.mediaSession.setPositionState = (state) => {
        window.place = state;
        place(state);
    };
}"""


@pytest.fixture
def tale(site):
    """A text that is spoken: its key."""
    return spoken(site, TEXT)


def spoken(site, text):
    pk = site.speak(text)
    wait_for(lambda: site.row(pk)["state"] == "completed", 60)
    return pk


@pytest.fixture
def page(browser, address, site):
    page = open_page(browser, address)
    page.goto("/account/login/")
    sign_in(page)
    page.evaluate("window.isTheSame = true")
    yield page
    assert page.failures == []
    page.context.close()


def go(page, name):
    page.get_by_role("navigation", name="Main").get_by_role("link", name=name, exact=True).click()
    expect(page).to_have_title(f"{name} · Voicesite")


def play(page, pk):
    go(page, "Library")
    page.locator(f"#player-{pk} .play").click()
    wait_for(lambda: sound(page)["time"] > 0.1, 20)
    return page.get_by_role("region", name="Player", exact=True)


def sound(page):
    return page.evaluate("({ time: Sound.last.time, paused: Sound.last.paused, id: Sound.last.audio?.src })")


def test_it_goes_on_without_a_gap_over_ten_pages(page, tale):
    bar = play(page, tale)
    page.evaluate(WATCH)
    for name in PAGES:
        go(page, name)
        expect(bar).to_be_visible()
    page.go_back()
    expect(page).to_have_title("Status · Voicesite")
    page.go_forward()
    expect(page).to_have_title("Library · Voicesite")
    lag = page.evaluate("lag")
    assert lag["checks"] > 20 and lag["paused"] == 0 and lag["most"] < 0.1, lag
    assert page.evaluate("isTheSame")
    row = page.locator(f"#player-{tale}")
    expect(row).to_contain_class("playing")
    row.locator(".play").click()
    expect(bar.get_by_role("button", name="Play", exact=True)).to_be_visible()
    expect(row).not_to_contain_class("playing")
    at = sound(page)["time"]
    bar.get_by_role("button", name="Play", exact=True).click()
    expect(row).to_contain_class("playing")
    assert sound(page)["time"] >= at > 0.5


def test_what_is_still_being_made_is_heard_on_other_pages(page, site):
    pk = site.speak("First comes this. " + "Then they all wait and talk Do-slow about it. " * 12)
    page.goto(f"/generations/{pk}/")
    page.get_by_role("button", name="Play First").click()
    wait_for(lambda: sound(page)["time"] > 0.2, 20)
    go(page, "Voices")
    before = sound(page)["time"]
    wait_for(
        lambda: page.evaluate("!Sound.last.paused && !Sound.last.waiting") and sound(page)["time"] > before + 0.3, 40
    )
    go(page, "Library")
    expect(
        page.get_by_role("region", name="Player", exact=True).get_by_role("link", name="First comes this.")
    ).to_be_visible()


def test_space_plays_and_pauses_but_not_where_it_is_written_with(page, tale):
    play(page, tale)
    go(page, "Studio")
    page.locator("#id_text").press("Space")
    assert not sound(page)["paused"]
    page.locator("#id_text").fill("")
    go(page, "Voices")
    page.keyboard.press("Space")
    wait_for(lambda: sound(page)["paused"], 5)
    page.keyboard.press("Space")
    wait_for(lambda: not sound(page)["paused"], 5)


def test_places_are_found_by_seconds_sentences_and_in_the_text(page, tale):
    bar = play(page, tale)
    page.keyboard.press("Space")
    page.evaluate("Sound.last.seek(0)")
    bar.get_by_role("button", name="On 10 seconds").click()
    ten = sound(page)["time"]
    assert ten == pytest.approx(min(10, page.evaluate("Sound.last.length")), abs=0.3)
    bar.get_by_role("button", name="Back 10 seconds").click()
    assert sound(page)["time"] == pytest.approx(0, abs=0.05)
    starts = page.evaluate(f"Timeline.of('/generations/{tale}/timeline').segments.map(({{ begin }}) => begin / RATE)")
    for start in starts[1:3]:
        bar.get_by_role("button", name="Next sentence").click()
        assert sound(page)["time"] == pytest.approx(start, abs=0.05)
    bar.get_by_role("button", name="Previous sentence").click()
    assert sound(page)["time"] == pytest.approx(starts[1], abs=0.05)
    bar.get_by_role("button", name="Read along").click()
    text = bar.get_by_role("region", name="Text that is playing")
    expect(text.locator(".heard")).to_have_text("It goes on and on about this and that for quite a while.")
    text.locator("[data-s]").nth(5).click()
    expect(text.locator("[data-s]").nth(5)).to_contain_class("heard")
    assert starts[5] <= sound(page)["time"] < starts[6] + 0.5
    go(page, "Voices")
    expect(text.locator(".heard")).to_have_count(1)


def test_the_speed_is_remembered_and_the_pitch_stays(page, tale):
    bar = play(page, tale)
    bar.get_by_label("Playback speed").select_option("1.5")
    assert page.evaluate("[Sound.last.audio.playbackRate, Sound.last.audio.preservesPitch]") == [1.5, True]
    page.reload()
    bar = play(page, tale)
    expect(bar.get_by_label("Playback speed")).to_have_value("1.5")
    assert page.evaluate("Sound.last.audio.playbackRate") == 1.5


def test_the_queue_goes_on_to_what_was_asked_for_and_then_down_the_list(page, site, tale):
    asked, short = spoken(site, "A text that was asked for."), spoken(site, SHORT)
    bar = play(page, short)  # the newest: the other two follow it in the list
    page.keyboard.press("Space")
    page.locator(f"#player-{tale}").get_by_role("button", name="Play next").click()
    bar.get_by_label("Queue").click()
    assert bar.locator("[data-go]").all_text_contents()[:2] == [
        page.locator(f"#row-{tale} h3").inner_text(),
        "A text that was asked for.",
    ]
    page.locator(f"#player-{asked}")
    bar.get_by_role("button", name="Remove: Here begins").first.click()
    expect(bar.locator("[data-go]").first).to_have_text("A text that was asked for.")
    page.keyboard.press("Escape")
    go(page, "Voices")
    page.evaluate("Sound.last.seek(Sound.last.length - 0.2); Sound.last.play()")
    expect(bar.get_by_role("link", name="A text that was asked for.")).to_be_visible()
    wait_for(lambda: not sound(page)["paused"] and sound(page)["time"] > 0, 20)


def test_headphones_and_the_lock_screen_drive_it(page, tale):
    page.evaluate(SESSION)
    play(page, tale)
    assert page.evaluate("navigator.mediaSession.metadata.title").startswith("Here begins")
    assert (
        page.evaluate("navigator.mediaSession.metadata.artist")
        and page.evaluate("navigator.mediaSession.playbackState") == "playing"
    )
    page.evaluate("offered.pause({})")
    wait_for(lambda: sound(page)["paused"], 5)
    for act, time in [
        ("seekto({ seekTime: 3 })", 3),
        ("seekforward({ seekOffset: 2 })", 5),
        ("seekbackward({ seekOffset: 4 })", 1),
    ]:
        page.evaluate(f"offered.{act}")
        assert sound(page)["time"] == pytest.approx(time, abs=0.05)
    assert page.evaluate("[place.position, place.playbackRate]") == [pytest.approx(1, abs=0.05), 1]
    assert page.evaluate("place.duration") == pytest.approx(page.evaluate("Sound.last.length"))
    page.evaluate("offered.play({})")
    wait_for(lambda: not sound(page)["paused"], 5)
    page.evaluate("offered.previoustrack({})")
    wait_for(lambda: sound(page)["time"] < 1, 5)


def test_each_format_can_be_downloaded_from_it(page, tale):
    bar = play(page, tale)
    page.keyboard.press("Space")
    bar.get_by_label("Download", exact=True).click()
    for name, ending in [("WAV", ".wav"), ("Subtitles SRT", ".srt")]:
        with page.expect_download() as download:
            bar.get_by_role("link", name=name).click()
        assert download.value.suggested_filename.endswith(ending)
        bar.get_by_label("Download", exact=True).click() if not bar.locator("[data-formats][open]").count() else None
    assert page.evaluate("isTheSame")


def test_it_goes_away_with_what_was_deleted_and_at_the_end(page, site):
    pk = spoken(site, SHORT)
    bar = play(page, pk)
    page.keyboard.press("Space")
    page.locator(f"#row-{pk} h3 a").click()
    page.get_by_role("button", name="Delete", exact=True).click()
    expect(bar).to_be_hidden()
    assert sound(page)["paused"]


def test_who_signs_out_takes_it_along_in_all_tabs(page, tale):
    play(page, tale)
    other = page.context.new_page()
    other.goto("/")
    other.get_by_label("Account of ada").click()
    other.get_by_role("button", name="Sign out").click()
    wait_for(lambda: sound(page)["paused"], 10)
    expect(page.locator("#bar")).to_be_hidden()
    assert other.locator("#bar").count() == 0


def test_without_a_script_there_is_none(browser, address, page):
    context = browser.new_context(
        base_url=address, java_script_enabled=False, storage_state=page.context.storage_state()
    )
    plain = context.new_page()
    plain.goto("/generations/")
    expect(plain.locator("#bar")).to_be_hidden()
    expect(plain.locator(".later")).to_have_count(plain.locator(".later:not(:visible)").count())
    context.close()
