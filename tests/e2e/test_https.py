"""HTTPS=self: another device on the network opens an invitation, and may record."""

import pytest
from playwright.sync_api import expect

from voicesite.address.network import lan_addresses

from .conftest import open_page, served, sign_in
from .copy import PASSWORD

pytestmark = [pytest.mark.e2e, pytest.mark.xdist_group("https")]


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    """A site that serves the network with a certificate of its own."""
    if not lan_addresses():
        pytest.skip("This machine is on no network.")
    with served(tmp_path_factory.mktemp("home"), HTTPS="self") as site:
        site.manage("create_user", "ada", "--password", PASSWORD, "--staff")
        yield site


@pytest.fixture
def address(home):
    return f"https://{lan_addresses()[0]}:{home.port}"


@pytest.fixture
def device(browser, address):
    """Return a function that gives the page of another device, whose owner chose to go on past the warning."""
    pages = []

    def device():
        page = open_page(browser, address, ignore_https_errors=True)
        pages.append(page)
        return page

    yield device
    for page in pages:
        page.context.close()


def test_another_device_joins_and_may_record(home, address, device):
    assert "Advanced → Proceed" in home.log.read_text() and address in home.log.read_text()
    here = device()
    here.goto(f"http://127.0.0.1:{home.port}/account/login/")  # as it was before
    expect(here).to_have_url(f"https://127.0.0.1:{home.port}/account/login/")
    sign_in(here)
    here.goto(f"https://127.0.0.1:{home.port}/account/")
    link = invite(here, "Bo")
    assert link.startswith(f"{address}/join/")

    there = device()
    there.goto(link)
    for name, value in {
        "username": "bo",
        "password1": "a horse in the rain",
        "password2": "a horse in the rain",
    }.items():
        there.locator(f"[name={name}]").fill(value)
    there.locator("main form button").click()
    expect(there.get_by_role("link", name="Studio")).to_be_visible()
    there.goto("/voices/new/")
    assert there.evaluate("isSecureContext")
    microphone = "navigator.mediaDevices.getUserMedia({audio: true}).then((stream) => stream.getTracks()[0].readyState)"
    assert there.evaluate(microphone) == "live"
    expect(there.get_by_role("button", name="Record", exact=True)).to_be_visible()


def invite(page, whom: str) -> str:
    """Make an invitation on the account page, and return its link."""
    page.locator("#invitations [name=note]").fill(whom)
    page.locator("#invitations form.inline button").click()
    field = page.locator("li.invitation", has_text=whom).get_by_role("textbox")
    return field.input_value()


NO_CLIPBOARD = "Object.defineProperty(navigator, 'clipboard', {value: undefined})"  # as on plain HTTP


@pytest.mark.parametrize(("whom", "script"), [("Cy", ""), ("Eve", NO_CLIPBOARD)])
def test_a_link_is_copied_with_and_without_a_clipboard(device, whom, script):
    page = device()
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.add_init_script(script)
    page.goto("/account/login/")
    sign_in(page)
    page.goto("/account/")
    link = invite(page, whom)
    copies = page.get_by_role("button", name=f"Copy the link for {whom}")
    copies.click()
    copied = page.get_by_role("button", name=f"Copied the link for {whom}")
    expect(copied).to_be_focused()
    expect(page.locator("#announcer")).to_have_text("Copied")
    note = page.locator("#invitations [name=note]")
    note.focus()
    page.keyboard.press("ControlOrMeta+V")
    expect(note).to_have_value(link[:100])


def test_where_nothing_can_copy_the_keys_are_named(device):
    page = device()
    page.add_init_script(NO_CLIPBOARD + "; document.execCommand = () => false")
    page.goto("/account/login/")
    sign_in(page)
    page.goto("/account/")
    page.locator("#keys [name=name]").fill("script")
    page.locator("#keys form:has([name=name]) button").click()
    page.get_by_role("button", name="Copy the key").click()
    expect(page.get_by_role("button", name="Press Ctrl+C")).to_be_visible()
    expect(page.get_by_label("Key", exact=True)).to_be_focused()
    assert page.evaluate("getSelection().toString()").startswith("vs_")
