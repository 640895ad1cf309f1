import contextlib
import os

import numpy as np
import pytest
import soundfile
import soxr
from playwright.sync_api import expect, sync_playwright

from tests import FIXTURES, fakes
from tests.hub import Hub
from tests.voicesite.modelhost.test_download import CONTENT, NAME
from tests.voicesite.modelhost.test_weights import write

from .copy import PASSWORD, Copy

expect.set_options(timeout=45_000)  # a busy machine takes its time; what never comes fails all the same
CHROMIUM = "/usr/bin/chromium"
CHROMIUM_ARGUMENTS = ("--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update")
MICROPHONE = ("--use-fake-ui-for-media-stream", "--use-fake-device-for-media-stream")
NO_TAKES = """async () => {
    for (const { name } of await indexedDB.databases()) await new Promise((resolve) => {
        const request = indexedDB.deleteDatabase(name);
        request.onsuccess = request.onerror = resolve;
    });
}"""
TRANSCRIPT = "This is what the transcriber of the test wrote down, and one? word of it is doubtful."


@contextlib.contextmanager
def served(folder, **environment):
    site = Copy(folder / "data", **environment)
    site.start()
    try:
        site.wait_until_ready()
        yield site
    finally:
        site.stop()


@pytest.fixture(scope="session")
def site(tmp_path_factory):
    """A site that plays tones and hears always the same, as that costs no time, and has an administrator with a voice.

    One serves all tests that ask for it: they are of the group "pages", so that one worker has them.
    """
    transcriber = {"VOICESITE_TRANSCRIBER": fakes.TRANSCRIBER, "VOICESITE_TRANSCRIBER_MODEL": TRANSCRIPT}
    with served(tmp_path_factory.mktemp("site"), **transcriber) as site:
        site.settle_in()
        yield site


@pytest.fixture(autouse=True)
def nothing_written(request):
    """What one test leaves in the studio is not there for the next."""
    if "ada" in request.fixturenames:
        page = request.getfixturevalue("ada")
        page.goto("/licences/")
        page.evaluate("localStorage.clear()")
        page.evaluate(NO_TAKES)
    if "site" in request.fixturenames:
        request.getfixturevalue("site").forget_drafts()


@pytest.fixture(autouse=True)
def no_script_fails(request):
    """No test leaves the administrator's page with a script that failed."""
    failures = request.getfixturevalue("ada").failures if "ada" in request.fixturenames else []
    failures.clear()
    yield
    assert failures == []


@pytest.fixture(scope="session")
def address(site):
    return f"http://127.0.0.1:{site.port}"


@pytest.fixture(scope="session")
def hub(tmp_path_factory):
    with Hub({NAME: write(tmp_path_factory.mktemp("upstream"), CONTENT)}, rate=20_000) as hub:
        yield hub


@pytest.fixture(scope="session")
def copy(hub, tmp_path_factory):
    """A site to be harmed: for the tests of the group "kills"."""
    folder = tmp_path_factory.mktemp("site")
    elsewhere = {"HF_ENDPOINT": hub.address, "HF_HOME": str(folder / "hf"), "NO_PROXY": "127.0.0.1,localhost"}
    with served(folder, **elsewhere) as copy:
        copy.settle_in()
        yield copy
    assert copy.processes() == [], "nothing is left behind"


@pytest.fixture(scope="module")
def browser(tmp_path_factory):
    if not os.path.exists(CHROMIUM):
        pytest.skip(f"{CHROMIUM} is not installed")
    speech = tmp_path_factory.mktemp("microphone") / "speech.wav"
    _for_microphone(FIXTURES / "english_austen_1.wav", speech)
    with sync_playwright() as playwright:
        flags = [*CHROMIUM_ARGUMENTS, *MICROPHONE, f"--use-file-for-fake-audio-capture={speech}"]
        yield playwright.chromium.launch(executable_path=CHROMIUM, args=flags)


def _for_microphone(source, target):
    samples, rate = soundfile.read(source, dtype="float32")
    soundfile.write(target, np.repeat(soxr.resample(samples, rate, 48_000)[:, None], 2, 1), 48_000, subtype="PCM_16")


@pytest.fixture(scope="module")
def ada(browser, address):
    """The page of the administrator."""
    page = open_page(browser, address)
    page.goto("/account/login/")
    sign_in(page)
    return page


def open_page(browser, address, **options):
    context = browser.new_context(base_url=address, **options)
    context.set_default_timeout(20_000)
    context.grant_permissions(["microphone"])
    page = context.new_page()
    page.failures = []
    page.on("pageerror", lambda error: page.failures.append(error.stack))
    return page


def sign_in(page, who="ada"):
    page.get_by_label("Username").fill(who)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in", exact=True).click()
    expect(page.get_by_role("link", name="Studio")).to_be_visible()
