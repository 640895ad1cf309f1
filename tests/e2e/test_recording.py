"""Recording in the page: what the room, the meter and the takes say, what is kept, and what arrives."""

import base64
import io
import re

import numpy as np
import pytest
import soundfile
import soxr
from playwright.sync_api import Page, expect

from tests import FIXTURES
from tests.e2e.conftest import CHROMIUM, CHROMIUM_ARGUMENTS, MICROPHONE, sign_in

pytestmark = [pytest.mark.e2e, pytest.mark.xdist_group("pages")]

RATE = 48_000
NAME = re.compile(r"Your recording, \d\d:\d\d")
KEPT = """async () => {
    const found = [];
    for (const { name } of await indexedDB.databases()) {
        const open = await new Promise((resolve) => (indexedDB.open(name).onsuccess = ({ target }) => resolve(target.result)));
        const all = (store) => new Promise((resolve) => {
            open.transaction(store).objectStore(store).getAll().onsuccess = ({ target }) => resolve(target.result);
        });
        if (open.objectStoreNames.contains("takes")) found.push(...(await all("takes")));
        open.close();
    }
    return found.length;
}"""
BYTES = """async () => {
    const bytes = new Uint8Array(await window.sent.arrayBuffer());
    const { name } = window.sent;
    delete window.sent;
    return { name, bytes: btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join("")) };
}"""
SAID = """() => {
    window.said = [];
    const announcer = document.getElementById("announcer");
    new MutationObserver(() => window.said.push(announcer.textContent)).observe(announcer, { childList: true });
}"""


def fixture_speech() -> np.ndarray:
    samples, rate = soundfile.read(FIXTURES / "english_austen_1.wav", dtype="float32")
    return soxr.resample(samples, rate, RATE)


def tone(seconds: float, amplitude: float, hertz: float = 200.0) -> np.ndarray:
    return amplitude * np.sin(2 * np.pi * hertz * np.arange(round(seconds * RATE)) / RATE)


@pytest.fixture
def microphone(tmp_path, address, ada):
    """Return a function that opens the page of a new voice in a browser whose microphone hears `samples`, over and over."""
    opened = []

    def hearing(samples: np.ndarray, **options) -> Page:
        path = tmp_path / f"microphone{len(opened)}.wav"
        soundfile.write(path, np.repeat(samples[:, None], 2, 1), RATE, subtype="PCM_16")
        flags = [*CHROMIUM_ARGUMENTS, *MICROPHONE, f"--use-file-for-fake-audio-capture={path}"]
        browser = ada.context.browser.browser_type.launch(executable_path=CHROMIUM, args=flags)
        opened.append(browser)
        context = browser.new_context(base_url=address, storage_state=ada.context.storage_state(), **options)
        context.set_default_timeout(20_000)
        context.grant_permissions(["microphone"])
        page = context.new_page()
        page.goto("/voices/new/")
        page.evaluate(SAID)
        return page

    yield hearing
    for browser in opened:
        browser.close()


@pytest.fixture
def new(ada):
    ada.emulate_media(reduced_motion="reduce")  # no countdown
    ada.goto("/voices/new/")
    ada.evaluate(SAID)
    yield ada
    ada.emulate_media(reduced_motion="no-preference")


def record(page, seconds: float = 2.0, button: str = "Record") -> None:
    page.get_by_role("button", name=button, exact=True).click()
    page.get_by_role("button", name="Stop").wait_for()
    page.wait_for_timeout(1000 * seconds)
    page.get_by_role("button", name="Stop").click()
    expect(page.get_by_role("button", name="Use this recording")).to_be_visible()


def use(page) -> tuple[np.ndarray, int, str]:
    """Use the take that is shown; return the samples of the file that is sent, their rate, and its name."""
    page.evaluate(
        "document.getElementById('id_recording').addEventListener('change', (event) => { [window.sent] = event.target.files; })"
    )
    page.get_by_role("button", name="Use this recording").click()
    page.wait_for_function("window.sent")
    found = page.evaluate(BYTES)
    samples, rate = soundfile.read(io.BytesIO(base64.b64decode(found["bytes"])), dtype="float32")
    return samples, rate, found["name"]


def test_from_the_room_to_the_voice(microphone):
    page = microphone(np.concatenate([tone(4, 0.0003), *[fixture_speech()] * 3]))
    page.get_by_role("button", name="Record", exact=True).click()
    expect(page.locator("#voice-form").get_by_text("Stay quiet for a second.")).to_be_visible()
    expect(page.locator("#voice-form").get_by_text(re.compile(r"Quiet room \(−7\d\sdBFS\)"))).to_be_visible()
    passage = page.locator(".passage:visible")
    read = passage.inner_text()
    page.get_by_role("button", name="Start now").click()
    expect(page.locator("#voice-form").get_by_text("6 s or more").first).to_be_visible()
    meter = page.get_by_role("meter", name="Microphone level")
    expect(meter).to_have_attribute("aria-valuetext", "good")
    expect(passage, "it stays in sight").to_be_in_viewport()
    expect(page.get_by_role("button", name="Another text")).to_be_hidden()
    expect(page.locator("#voice-form").get_by_text("Long enough")).to_be_visible()
    page.wait_for_timeout(3000)  # all that is said once
    page.get_by_role("button", name="Stop").click()
    expect(page.locator("[data-take-name]")).to_have_text(NAME)
    page.evaluate(
        "document.addEventListener('htmx:configRequest', ({ detail }) => (window.read = detail.parameters.read))"
    )
    samples, rate, name = use(page)
    assert page.evaluate("window.read") == "en-us:0", "the text that was on the page"
    assert NAME.fullmatch(name) and rate >= 44_100 and samples.ndim == 1
    taken = page.locator("#clip .taken")
    expect(taken).to_contain_text(name)
    recording = page.evaluate("document.querySelector('[data-excerpt] audio').getAttribute('src')")
    stored, stored_rate = soundfile.read(io.BytesIO(page.context.request.get(recording).body()), dtype="float32")
    assert len(stored) / stored_rate == pytest.approx(len(samples) / rate, abs=0.05)
    loud = np.abs(fixture_speech()).max()
    assert 20 * np.log10(np.abs(samples).max() / loud) == pytest.approx(0, abs=0.5), (
        "at the level at which it was heard"
    )
    assert np.abs(stored).max() == pytest.approx(np.abs(samples).max(), abs=0.05) and np.abs(samples).max() < 0.99
    expect(page.locator("#id_transcript"), "what was heard is not what was read").not_to_have_value(read)
    said = page.evaluate("window.said")
    for words in ("Listening to the room", "Recording starts in 3 seconds.", "Recording.", "long enough", "Recorded."):
        assert any(words in one for one in said), said
    assert len(said) < 15, "the meter does not chatter"
    assert page.evaluate(KEPT) == 0, "the site has it"
    page.get_by_label("Name").fill("Heard in a quiet room")
    page.get_by_role("checkbox").check()
    page.get_by_role("button", name="Create voice").click()
    expect(page.get_by_text("can speak now.")).to_be_visible()


def test_a_soft_voice_is_asked_to_come_closer_and_no_sound_is_told_apart(microphone):
    page = microphone(tone(30, 0.004), reduced_motion="reduce")
    record(page, 4)
    assert page.evaluate("window.said").count("Come closer to the microphone.") == 1
    expect(page.locator("#voice-form").get_by_text("This take is soft.")).to_be_visible()
    silent = microphone(np.zeros(10 * RATE), reduced_motion="reduce")
    record(silent, 4)
    assert "No sound arrives: is the microphone switched on?" in silent.evaluate("window.said")


def test_noise_and_clipping_are_said(microphone):
    hiss = 0.03 * np.random.default_rng(1).standard_normal(2 * RATE)
    page = microphone(np.concatenate([hiss, tone(8, 1.2).clip(-1, 1)]), reduced_motion="reduce")
    page.get_by_role("button", name="Record", exact=True).click()
    expect(
        page.locator("#voice-form").get_by_text(re.compile(r"It’s noisy here \(−3\d\sdBFS\): close the window"))
    ).to_be_visible()
    expect(page.locator("#voice-form").get_by_text("Too loud: move back")).to_be_visible()
    page.get_by_role("button", name="Stop").click()
    expect(page.locator("#voice-form").get_by_text("This take is too loud in places")).to_be_visible()
    expect(page.locator("#voice-form").get_by_text("There is noise behind this take.")).to_be_visible()


def test_a_pause_leaves_neither_a_gap_nor_a_click(microphone):
    amplitude = 0.3
    page = microphone(np.concatenate([np.zeros(2 * RATE), tone(60, amplitude)]), reduced_motion="reduce")
    page.get_by_role("button", name="Record", exact=True).click()
    for _ in range(3):
        page.get_by_role("button", name="Pause").wait_for()
        page.wait_for_timeout(1200)
        page.get_by_role("button", name="Pause").click()
        time = page.locator("[data-time]").inner_text()
        expect(page.locator("#voice-form").get_by_text("Paused.")).to_be_visible()
        page.wait_for_timeout(1500)
        assert page.locator("[data-time]").inner_text() == time
        page.get_by_role("button", name="Resume").click()
    page.wait_for_timeout(500)
    page.get_by_role("button", name="Stop").click()
    expect(page.locator("#voice-form audio[src]")).to_have_count(1)
    shown = float(page.locator(".review [data-length]").inner_text().removesuffix(" s"))
    samples, rate, _ = use(page)
    assert len(samples) / rate == pytest.approx(shown, abs=0.06) and 3.5 < shown < 9
    heard = samples[np.flatnonzero(np.abs(samples) > 0.05)[0] :]
    steepest = 2 * np.pi * 200 * amplitude / rate
    assert np.abs(np.diff(heard)).max() < 1.5 * steepest, "a click"
    loud = np.abs(heard[: len(heard) // 480 * 480]).reshape(-1, 480).max(1)  # 10 ms: two periods
    assert (loud < 0.5 * amplitude).sum() <= 2 * 3, "a gap"


def test_a_take_is_trimmed_by_mouse_and_by_keyboard(new):
    record(new, 3)
    whole = float(new.locator(".review [data-length]").inner_text().removesuffix(" s"))
    start, end = new.get_by_label("Start of the stretch"), new.get_by_label("End of the stretch")
    box = start.bounding_box()
    y = box["y"] + box["height"] / 2
    new.mouse.move(box["x"] + 8, y)
    new.mouse.down()
    new.mouse.move(box["x"] + box["width"] / 3, y, steps=5)
    new.mouse.up()
    expect(start).to_have_attribute("aria-valuetext", re.compile(r"0:0[01]\.\d"))
    assert float(start.input_value()) == pytest.approx(whole / 3, abs=0.15)
    end.focus()
    for _ in range(10):
        new.keyboard.press("ArrowLeft")
    left = float(end.input_value()) - float(start.input_value())
    assert left == pytest.approx(whole * 2 / 3 - 0.5, abs=0.25)
    expect(new.locator(".review [data-length]")).to_have_text(f"{left:.1f} s")
    new.reload()
    expect(new.locator(".review [data-length]"), "the edges are kept, too").to_have_text(f"{left:.1f} s")
    samples, rate, _ = use(new)
    assert len(samples) / rate == pytest.approx(left, abs=0.02)


def test_takes_are_kept_until_one_is_used_and_another_is_chosen(new):
    record(new, 1.5)
    record(new, 2.5, "Take again")
    radios = new.locator(".review").get_by_role("radio")
    expect(radios).to_have_count(2)
    expect(radios.last).to_be_checked()
    longer = float(new.locator(".review [data-length]").inner_text().removesuffix(" s"))
    new.get_by_role("button", name="Discard").click()
    expect(radios).to_have_count(0)
    assert new.evaluate(KEPT) == 1
    new.get_by_role("button", name="Undo").click()
    expect(radios).to_have_count(2)
    new.reload()
    expect(new.locator("#voice-form").get_by_text("kept in this browser until you use or discard it")).to_be_visible()
    expect(radios).to_have_count(2)
    radios.first.check()
    shorter = float(new.locator(".review [data-length]").inner_text().removesuffix(" s"))
    assert shorter < longer - 0.5
    samples, rate, _ = use(new)
    assert len(samples) / rate == pytest.approx(shorter, abs=0.06)
    expect(new.locator("#clip .taken")).to_contain_text(NAME)
    new.get_by_role("button", name="Choose another take").click()
    radios.last.check()
    samples, rate, _ = use(new)
    assert len(samples) / rate == pytest.approx(longer, abs=0.06)


def test_a_reload_while_it_records_keeps_what_was_said(new):
    new.get_by_role("button", name="Record", exact=True).click()
    new.get_by_role("button", name="Stop").wait_for()
    new.wait_for_timeout(3500)
    new.reload()
    expect(new.get_by_role("button", name="Use this recording")).to_be_visible()
    assert float(new.locator(".review [data-length]").inner_text().removesuffix(" s")) >= 2


def test_an_upload_that_fails_keeps_the_take(new):
    record(new, 2)
    new.route("**/voices/clips/**", lambda route: route.abort())
    new.get_by_role("button", name="Use this recording").click()
    expect(new.get_by_role("alert").filter(has_text="It was not sent.")).to_be_visible()
    expect(new.get_by_role("button", name="Use this recording")).to_be_visible()
    assert new.evaluate(KEPT) == 1
    new.unroute_all()
    use(new)
    expect(new.locator("#clip .taken")).to_contain_text(NAME)
    assert new.evaluate(KEPT) == 0


def test_a_form_that_is_sent_with_a_take_sends_the_take_first(new):
    record(new, 3)
    new.get_by_label("Name").fill("Sent at once")
    new.get_by_role("checkbox").check()
    new.get_by_role("button", name="Create voice").click()
    expect(new.get_by_text("can speak now.")).to_be_visible(timeout=60_000)
    assert new.evaluate(KEPT) == 0


def test_it_is_recorded_by_keyboard_alone(new):
    button = new.get_by_role("button", name="Record", exact=True)
    button.focus()
    new.keyboard.press("Enter")
    expect(new.get_by_role("button", name="Stop")).to_be_focused()
    new.wait_for_timeout(1500)
    new.keyboard.press("Tab")
    expect(new.get_by_role("button", name="Pause")).to_be_focused()
    new.keyboard.press("Space")
    expect(new.get_by_role("button", name="Resume")).to_be_focused()
    new.keyboard.press("Space")
    expect(new.get_by_role("button", name="Stop")).to_be_focused()
    new.keyboard.press("Enter")
    expect(new.get_by_role("button", name="Listen")).to_be_focused()
    new.keyboard.press("Tab")
    expect(new.get_by_role("button", name="Use this recording")).to_be_focused()
    new.keyboard.press("Enter")
    expect(new.locator("#clip .taken")).to_contain_text(NAME)


def test_another_text_and_another_microphone_are_chosen(new):
    passage, first = new.locator(".passage:visible"), new.locator(".passage:visible").inner_text()
    new.get_by_role("button", name="Another text").click()
    expect(passage).not_to_have_text(first)
    expect(passage).to_have_count(1)
    record(new, 1)
    select = new.get_by_label("Microphone", exact=True)
    select.select_option("Fake Audio Input 2")
    record(new, 1, "Take again")
    device = "localStorage.getItem('microphone')"
    assert new.evaluate(device)
    new.reload()
    expect(select.locator("option:checked")).to_have_text("Fake Audio Input 2")
    new.evaluate("localStorage.setItem('microphone', 'one that is gone')")
    new.reload()
    record(new, 1, "Take again")


def test_signing_out_forgets_the_takes(microphone):
    page = microphone(fixture_speech(), reduced_motion="reduce")
    page.context.clear_cookies()  # a session of its own: the other tests go on with theirs
    page.goto("/account/login/")
    sign_in(page)
    page.goto("/voices/new/")
    record(page, 1.5)
    page.locator(".top .menu > summary").click()
    page.get_by_role("button", name="Sign out").click()
    page.wait_for_url(re.compile("/account/"))
    page.wait_for_timeout(500)
    assert page.evaluate(KEPT) == 0
