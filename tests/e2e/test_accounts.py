"""Signing in as people do, in a browser that has an authenticator."""

import re
import time

import pytest
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value
from playwright.sync_api import expect

from .conftest import open_page, sign_in
from .copy import PASSWORD

pytestmark = [pytest.mark.e2e, pytest.mark.xdist_group("pages")]

AUTHENTICATOR = {
    "protocol": "ctap2",
    "transport": "internal",
    "hasResidentKey": True,
    "hasUserVerification": True,
    "isUserVerified": True,
    "automaticPresenceSimulation": True,
}


@pytest.fixture
def bo(browser, site):
    """A page on localhost, where browsers keep passkeys, and somebody who has an account."""
    who = f"bo{time.time_ns()}"
    site.manage("create_user", who, "--password", PASSWORD)
    page = open_page(browser, f"http://localhost:{site.port}")
    page.who = who
    session = page.context.new_cdp_session(page)
    session.send("WebAuthn.enable")
    session.send("WebAuthn.addVirtualAuthenticator", {"options": AUTHENTICATOR})
    page.goto("/account/login/")
    sign_in(page, who)
    yield page
    assert page.failures == []
    page.context.close()


def confirm(page):
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Confirm").click()


def sign_out(page):
    page.goto("/account/logout/")
    page.locator("main").get_by_role("button", name="Sign out").click()
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()


def fill_in(page):
    page.get_by_label("Username").fill(page.who)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in", exact=True).click()


def is_in(page):
    expect(page.get_by_role("link", name="Studio")).to_be_visible()


def test_a_passkey_signs_in_alone_and_after_the_password_and_confirms_its_removal(bo):
    bo.goto("/account/second-step/")
    bo.get_by_role("link", name="Add a passkey").click()
    confirm(bo)
    bo.get_by_role("button", name="Add").click()
    expect(bo.get_by_role("heading", name="Recovery codes")).to_be_visible()
    sign_out(bo)
    bo.get_by_role("button", name="Sign in with a passkey").click()
    is_in(bo)
    sign_out(bo)
    fill_in(bo)
    bo.get_by_role("button", name="Use a passkey").click()
    is_in(bo)
    bo.goto("/account/second-step/webauthn/")
    bo.get_by_role("link", name="Remove").click()
    bo.get_by_role("link", name="Use a passkey").click()
    bo.get_by_role("button", name="Use a passkey").click()
    bo.get_by_role("button", name="Remove").click()
    expect(bo.get_by_text("None.")).to_be_visible()
    sign_out(bo)
    bo.get_by_role("button", name="Sign in with a passkey").click()
    expect(bo.get_by_text("This code is not right.")).to_be_visible()
    fill_in(bo)
    is_in(bo)


def test_a_code_of_an_app_signs_in_after_the_password(bo):
    bo.goto("/account/second-step/totp/activate/")
    confirm(bo)
    secret = bo.locator("#authenticator_secret").input_value()
    bo.get_by_label(re.compile("code", re.I)).last.fill(format_hotp_value(hotp_value(secret, int(time.time()) // 30)))
    bo.get_by_role("button", name="Set up").click()
    code = bo.locator("main code").first.inner_text()
    sign_out(bo)
    fill_in(bo)
    bo.get_by_label("Code").fill(code)
    bo.get_by_role("button", name="Sign in", exact=True).click()
    is_in(bo)
