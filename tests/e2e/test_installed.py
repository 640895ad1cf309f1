"""The site as an app: Chromium finds it installable, shows a page of ours offline, and takes recordings that are shared."""

import json
import re

import pytest
from playwright.sync_api import expect

from tests import FIXTURES

from .conftest import PASSWORD, open_page, sign_in

pytestmark = [pytest.mark.e2e, pytest.mark.xdist_group("pages")]

# What a phone does when somebody shares a recording with the app: a form that is posted, without a token.
SHARE = """async ([name, type, data]) => {
    const form = document.createElement("form");
    Object.assign(form, { method: "post", action: "/share-recording", enctype: "multipart/form-data" });
    const input = Object.assign(document.createElement("input"), { type: "file", name: "recording" });
    const files = new DataTransfer();
    files.items.add(new File([Uint8Array.from(atob(data), (one) => one.charCodeAt(0))], name, { type }));
    input.files = files.files;
    form.append(input);
    document.body.append(form);
    form.submit();
}"""
KEPT = """async () => {
    const caches_ = await Promise.all((await caches.keys()).map((name) => caches.open(name)));
    const requests = await Promise.all(caches_.map((cache) => cache.keys()));
    return requests.flat().map(({ url }) => new URL(url).pathname);
}"""


@pytest.fixture
def phone(browser, address):
    """Somebody's phone, on which the service worker has begun."""
    page = open_page(browser, address, viewport={"width": 390, "height": 844})
    page.goto("/account/login/")
    page.evaluate("navigator.serviceWorker.ready.then(() => true)")
    yield page
    assert page.failures == []
    page.context.close()


def share(page, name="Grandma reads.wav", path=FIXTURES / "english_austen_1.wav"):
    data = page.evaluate("(bytes) => btoa(bytes)", path.read_bytes().decode("latin-1"))
    with page.expect_navigation():
        page.evaluate(SHARE, [name, "audio/wav", data])


def test_chromium_would_install_it(phone, address):
    tools = phone.context.new_cdp_session(phone)
    tools.send("Page.enable")
    found = tools.send("Page.getAppManifest")
    assert found["url"] == f"{address}/manifest.webmanifest" and found["errors"] == []
    described = json.loads(found["data"])
    assert described["share_target"]["action"] == "/share-recording"
    red, green, blue = (int(described["theme_color"][at : at + 2], 16) for at in (1, 3, 5))
    painted = phone.evaluate("getComputedStyle(document.documentElement).backgroundColor")
    assert painted == f"rgb({red}, {green}, {blue})", "the bars of the phone are of the page's colour"
    errors = [error["errorId"] for error in tools.send("Page.getInstallabilityErrors")["installabilityErrors"]]
    assert set(errors) <= {"in-incognito"}, "a window of a test is always one"


def test_offline_a_page_of_ours_says_so_and_goes_on_by_itself(phone):
    sign_in(phone)
    phone.context.set_offline(True)
    phone.goto("/generations/")
    expect(phone.get_by_role("heading", name="This site can’t be reached")).to_be_visible()
    assert phone.evaluate("getComputedStyle(document.querySelector('.card')).borderRadius") != "0px", "it has its style"
    expect(phone.get_by_role("link", name="Try again")).to_be_visible()
    assert phone.url.endswith("/generations/")
    phone.context.set_offline(False)
    expect(phone.get_by_role("link", name="Studio", exact=True)).to_be_visible()


def test_nothing_of_a_person_is_kept(phone):
    sign_in(phone)
    for path in ("/", "/voices/", "/generations/", "/account/"):
        phone.goto(path)
    kept = phone.evaluate(KEPT)
    assert "/offline/" in kept
    assert all(path == "/offline/" or path.startswith("/static/") for path in kept)


def test_a_shared_recording_is_taken_by_the_page_of_a_new_voice(phone):
    sign_in(phone)
    share(phone)
    expect(phone.locator(".taken")).to_contain_text("Grandma reads.wav")
    expect(phone.get_by_label("Name")).to_have_value("Grandma reads")
    assert phone.url.endswith("/voices/new/"), "one that is reloaded doesn't wait for another"
    assert "/share-recording" not in phone.evaluate(KEPT)
    phone.reload()
    expect(phone.get_by_text("did not arrive")).to_be_hidden()


def test_a_recording_shared_before_signing_in_waits_for_that(phone):
    share(phone, "Before.wav")
    expect(phone).to_have_url(re.compile("/account/login/"))
    phone.get_by_label("Username").fill("ada")
    phone.get_by_label("Password").fill(PASSWORD)
    phone.get_by_role("button", name="Sign in", exact=True).click()
    expect(phone.locator(".taken")).to_contain_text("Before.wav")


def test_a_recording_that_did_not_arrive_is_asked_for(phone):
    sign_in(phone)
    phone.goto("/voices/new/?shared")
    expect(phone.get_by_role("alert")).to_have_text(re.compile("did not arrive. Please choose it here"))


def test_whoever_signs_out_leaves_no_shared_recording(phone):
    share(phone, "Left.wav")
    expect(phone).to_have_url(re.compile("/account/login/"))
    assert "/share-recording" in phone.evaluate(KEPT)
    phone.goto("/account/login/")
    sign_in(phone)
    phone.get_by_label("Account of ada").click()
    phone.get_by_role("button", name="Sign out").click()
    expect(phone).to_have_url(re.compile("/account/login/"))
    assert "/share-recording" not in phone.evaluate(KEPT)


def test_where_there_are_no_service_workers_the_site_is_as_before(browser, address):
    page = open_page(browser, address)
    page.add_init_script("delete Navigator.prototype.serviceWorker; delete window.caches;")
    page.goto("/account/login/")
    sign_in(page)
    page.goto("/voices/new/?shared")
    expect(page.get_by_text("did not arrive. Please choose it here")).to_be_visible()
    assert page.failures == []
    page.context.close()
