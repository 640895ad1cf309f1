"""Rules of passwords, and what changes with one."""

import re

import pytest
from django.contrib.auth.password_validation import validate_password
from django.core import mail
from django.core.exceptions import ValidationError

from tests.factories import PASSWORD, UserFactory
from voicesite.models import User
from voicesite.people import keys
from voicesite.signin import leaked

NEW = "brand-new-thing-9"


@pytest.mark.parametrize(
    "password",
    [
        "kimkimkim", "kim12345", "KIM-2024!", "xKimx1", "kim", "clark1234", "lee.clark", "kl-mail99", "abcabcabc", "xyxyxyxyx",
        "aaaaaaaaaa", "password1", "iloveyou1", "qwerty123", "12345678901", "1q2w3e4r5t", "trustno1",
    ],
)  # fmt: skip
def test_weak_passwords_are_refused_for_kim(password):
    kim = User(username="kim", first_name="Lee", last_name="Clark", email="kl-mail@example.org")
    with pytest.raises(ValidationError):
        validate_password(password, kim)


@pytest.mark.parametrize("password", ["soso123aljg", "SoSo123aljg ", "usuckballz1", "vjht123jltccf", "lifehack"])
def test_passwords_that_leaked_are_refused(password):
    with pytest.raises(ValidationError, match="leaked"):
        validate_password(password)


def test_of_others_hardly_any_is_taken_for_one_that_leaked():
    taken = [number for number in range(20_000) if leaked.is_leaked(f"nobody-has-had-{number}-before")]
    assert len(taken) < 20
    assert leaked.FILTER.stat().st_size == leaked.BITS // 8 <= 1_000_000


@pytest.mark.parametrize("password", ["kim-correct-horse", "correct-horse-7", "ki-ma-no-sa-ti-7", "xyxyxyxy-and-more"])
def test_others_are_not(password):
    validate_password(password, User(username="kim"))
    validate_password(password)


def test_short_names_forbid_nothing():
    validate_password("also-all-right-9", User(username="al", last_name="So"))


def test_the_rules_hold_where_a_password_is_set(client, page, user, settings):
    settings.REGISTRATION = "open"
    page.post("/account/password/", {"oldpassword": PASSWORD, "password1": "adaadaada", "password2": "adaadaada"})
    user.refresh_from_db()
    assert user.check_password(PASSWORD)
    client.logout()
    form = {"username": "kim", "password1": "kim12345", "password2": "kim12345"}
    assert "mostly your own name" in client.post("/register/", form).text


def change(client, **fields):
    return client.post("/account/password/", {"oldpassword": PASSWORD, "password1": NEW, "password2": NEW} | fields)


def test_a_password_is_changed_with_the_old_one_and_other_devices_are_signed_out(page, user, settings):
    from django.test import Client

    other = Client()
    other.force_login(user)
    assert change(page, oldpassword="wrong").status_code == 200
    assert change(page).url == "/account/"
    assert page.get("/account/").status_code == 200 and other.get("/account/").status_code == 302
    user.refresh_from_db()
    assert user.check_password(NEW)


@pytest.mark.parametrize("revokes", [True, False])
def test_keys_are_offered_for_revocation(page, user, stranger, revokes):
    assert "revokes_keys" not in page.get("/account/password/").text, "there are none"
    keys.issue(user, "One", ["read"])
    keys.issue(user, "Two", ["read"])
    _, of_another = keys.issue(stranger, "Three", ["read"])
    assert "Also revoke all 2 of your API keys" in page.get("/account/password/").text
    change(page, **({"revokes_keys": "on"} if revokes else {}))
    assert user.api_keys.filter(revoked_at=None).count() == (0 if revokes else 2)
    assert keys.find(of_another)


def test_keys_are_offered_for_revocation_with_a_reset_too(client, db):
    ada = UserFactory(username="ada", email="ada@example.org")
    keys.issue(ada, "One", ["read"])
    client.post("/account/reset/", {"email": "ADA@example.org"})
    form = client.get(re.search(r"http://testserver(/\S+)", mail.outbox[0].body)[1]).url
    assert "Also revoke your API key" in client.get(form).text
    assert client.post(form, {"password1": NEW, "password2": NEW, "revokes_keys": "on"}).url == "/account/reset/done/"
    assert not ada.api_keys.filter(revoked_at=None).exists()


def test_wrong_current_passwords_are_counted(page, user):
    answers = [change(page, oldpassword=f"guess-{n}").text for n in range(11)]
    assert "not your password" in answers[0] and "Too many" in answers[-1]
    assert user.failed_sign_ins.count() <= 10


def test_a_reset_tells_nobody_who_has_an_account(client, db, hashes):
    UserFactory(username="ada", email="ada@example.org")
    UserFactory(username="closed", email="closed@example.org", is_active=False)
    pages = set()
    for address in ("ada@example.org", "nobody@example.org", "closed@example.org"):
        hashes.clear()
        answer = client.post("/account/reset/", {"email": address})
        assert answer.url == "/account/reset/sent/" and not hashes
        pages.add(re.sub(r'value="[^"]+"', "", client.get(answer.url).text))
    assert len(pages) == 1 and [message.to for message in mail.outbox] == [["ada@example.org"]]


def test_a_link_to_a_new_password_is_the_sites_address_and_works_once(client, db, settings):
    settings.SITE_URL = "https://voices.example.org"
    ada = UserFactory(username="ada", email="ada@example.org")
    client.post("/account/reset/", {"email": "ada@example.org"})
    link = re.search(r"https://voices.example.org(/\S+)", mail.outbox[0].body)[1]
    form = client.get(link).url
    client.post(form, {"password1": NEW, "password2": NEW})
    ada.refresh_from_db()
    assert ada.check_password(NEW)
    assert "no longer works" in client.get(link).text


def test_a_change_is_told_where_mail_is_sent(page, user, settings):
    settings.SENDS_MAIL = True
    User.objects.filter(pk=user.pk).update(email="ada@example.org")
    change(page)
    (told,) = mail.outbox
    assert told.to == ["ada@example.org"] and "password of your account was changed" in told.body
    assert "127.0.0.1" in told.body and "&" not in told.body
