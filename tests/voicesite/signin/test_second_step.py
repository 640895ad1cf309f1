"""Second steps: codes of an app, recovery codes, what asks for the password again, and the administration."""

import re
import time

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value
from django.test import Client

from tests.factories import PASSWORD
from voicesite.signin.adapters import SecondFactorAdapter

STEP = "/account/second-step/"


def code(secret, ago=0):
    return format_hotp_value(hotp_value(secret, int(time.time()) // 30 - ago))


def confirm(client, address):
    """Open a page that asks who one is, say it, and return where that leads."""
    asked = client.get(address)
    assert asked.url.startswith("/account/confirm/"), asked
    answer = client.post(asked.url, {"password": PASSWORD, "next": address})
    assert answer.url == address
    return client.get(address)


@pytest.fixture
def secret(page):
    """The secret of an app that has been set up."""
    shown = confirm(page, f"{STEP}totp/activate/").text
    secret = re.search(r'value="([A-Z2-7]{32})"', shown)[1]
    assert page.post(f"{STEP}totp/activate/", {"code": "000000"}).status_code == 200
    assert page.post(f"{STEP}totp/activate/", {"code": code(secret)}).url == f"{STEP}recovery-codes/"
    return secret


def sign_in(client):
    return client.post("/account/login/", {"username": "ada", "password": PASSWORD, "next": "/voices/"})


def test_a_code_is_asked_for_after_the_password(page, secret):
    client = Client()
    assert sign_in(client).url == f"{STEP}authenticate/"
    assert client.get("/voices/").status_code == 302, "the password is not enough"
    assert "not right" in client.post(f"{STEP}authenticate/", {"code": "000000"}).text
    good = client.post(f"{STEP}authenticate/", {"code": code(secret)})
    assert good.url == "/voices/" and client.get("/voices/").status_code == 200


def test_a_code_works_once(page, secret):
    for status in (302, 200):
        client = Client()
        sign_in(client)
        assert client.post(f"{STEP}authenticate/", {"code": code(secret)}).status_code == status


def test_a_recovery_code_works_once(page, secret):
    codes = re.findall(r"<code>(\w+)</code>", page.get(f"{STEP}recovery-codes/").text)
    assert len(codes) == 10
    for status in (302, 200):
        client = Client()
        sign_in(client)
        assert client.post(f"{STEP}authenticate/", {"code": codes[0]}).status_code == status
    assert "9 left" in page.get(STEP).text


def test_codes_are_not_guessed(page, secret):
    client = Client()
    sign_in(client)
    answers = [client.post(f"{STEP}authenticate/", {"code": f"{n:06}"}).text for n in range(6)]
    assert "Too many wrong codes" in answers[-1]
    assert "Too many" in client.post(f"{STEP}authenticate/", {"code": code(secret)}).text


def test_secrets_are_kept_encrypted(page, secret, user, settings):
    kept = " ".join(str(one.data) for one in Authenticator.objects.filter(user=user))
    assert secret not in kept
    encrypted = SecondFactorAdapter().encrypt("secret")
    assert SecondFactorAdapter().decrypt(encrypted) == "secret"
    settings.SECRET_KEY = "x" * 50
    assert SecondFactorAdapter().decrypt(encrypted) not in ("", "secret")


@pytest.mark.parametrize(
    "address",
    ["totp/deactivate/", "recovery-codes/generate/", "recovery-codes/", "webauthn/add/", "recovery-codes/download/"],
)
def test_changes_of_the_second_step_ask_who_it_is(page, secret, user, address):
    other = Client()
    other.force_login(user)
    assert "/confirm/" in other.get(STEP + address).url
    if "download" not in address and address != "recovery-codes/":
        assert "/confirm/" in other.post(STEP + address).url
    assert Authenticator.objects.filter(user=user, type="totp").exists()


def test_an_app_is_removed_with_the_recovery_codes(page, secret, user):
    assert page.post(f"{STEP}totp/deactivate/").url == STEP
    assert not Authenticator.objects.filter(user=user).exists()
    client = Client()
    assert sign_in(client).url == "/voices/"


def test_pages_are_ours(page, secret):
    for address in (
        "",
        "recovery-codes/",
        "recovery-codes/generate/",
        "totp/deactivate/",
        "webauthn/",
        "webauthn/add/",
    ):
        shown = page.get(STEP + address)
        assert shown.status_code == 200 and "Voicesite" in shown.text, address
        assert 'class="card' in shown.text and "data-allauth-onload" not in shown.text, address
    assert "Second step" in page.get("/account/").text


def test_a_passkey_that_nobody_has_opens_nothing(client, user):
    asked = client.get(f"{STEP}webauthn/login/", headers={"Accept": "application/json"}).json()
    assert asked["request_options"]["publicKey"]["challenge"]
    for credential in ("{}", "nonsense", '{"id": "AA", "rawId": "AA", "type": "public-key", "response": {}}'):
        assert client.post(f"{STEP}webauthn/login/", {"credential": credential}).status_code in (200, 302, 400)
    assert client.get("/voices/").status_code == 302


@pytest.fixture
def asks_staff(settings):
    settings.STAFF_2FA = True


def test_the_administration_asks_for_a_second_step_where_the_setting_says_so(page, secret, user, asks_staff):
    user.is_staff = user.is_superuser = True
    user.save()
    asked = page.get("/admin/", follow=True)
    assert asked.redirect_chain[-1][0] == f"{STEP}reauthenticate/?next=%2Fadmin%2F"
    assert page.get("/admin/voicesite/user/").status_code == 302
    wrong = page.post(f"{STEP}reauthenticate/", {"code": "000000", "next": "/admin/"})
    assert wrong.status_code == 200 and page.get("/admin/").status_code == 302
    assert page.post(f"{STEP}reauthenticate/", {"code": code(secret), "next": "/admin/"}).url == "/admin/"
    assert page.get("/admin/").status_code == 200
    fresh = Client()
    sign_in(fresh)
    fresh.post(f"{STEP}authenticate/", {"code": re.findall(r"<code>(\w+)", page.get(f"{STEP}recovery-codes/").text)[0]})
    assert fresh.get("/admin/").status_code == 200, "who signed in with a second step is not asked again"


def test_staff_without_a_second_step_are_led_to_it(client, staff, user, asks_staff):
    client.force_login(staff)
    shown = client.get("/admin/", follow=True)
    assert shown.redirect_chain[-1][0] == STEP and "asks for a second step" in shown.text
    client.force_login(user)
    assert client.get("/admin/", follow=True).status_code == 403, "who is no staff"


def test_an_administrator_removes_the_second_step_of_whoever_lost_it(page, secret, user, staff):
    client = Client()
    client.force_login(staff)
    form = {"action": "remove_second_step", "_selected_action": [user.pk]}
    asked = client.post("/admin/voicesite/user/", form)
    assert "/confirm/" in asked.url and Authenticator.objects.exists()
    client.post(asked.url, {"password": PASSWORD, "next": "/admin/voicesite/user/"})
    client.post("/admin/voicesite/user/", form)
    assert not Authenticator.objects.exists()
    assert sign_in(Client()).url == "/voices/"


def test_tables_of_allauth_are_not_in_the_administration(client, staff):
    client.force_login(staff)
    assert "Authenticator" not in client.get("/admin/").text
    for address in ("mfa/authenticator", "usersessions/usersession", "socialaccount/socialapp", "account/emailaddress"):
        assert client.get(f"/admin/{address}/").status_code == 404
