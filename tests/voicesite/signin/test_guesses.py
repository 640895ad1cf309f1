"""Guessed passwords: refused in words, without a hash, and told to the person."""

import re
import threading
from datetime import timedelta

import pytest
from django.conf import settings
from django.db import connection
from django.test import Client, RequestFactory
from django.utils import timezone

from tests.factories import PASSWORD, UserFactory
from voicesite.models import FailedSignIn, RequestCount
from voicesite.signin import devices, guesses
from voicesite.signin.address import address_of

LOGIN = "/account/login/"


def sign_in(client, name="ada", password="wrong", address="192.0.2.1"):
    return client.post(LOGIN, {"username": name, "password": password}, REMOTE_ADDR=address)


@pytest.mark.backends
@pytest.mark.parametrize("name", ["ada", "nobody-here"])
def test_many_wrong_passwords_for_a_name_are_refused_in_words_and_without_a_hash(client, user, hashes, name):
    answers = [sign_in(client, name, f"guess-{n}") for n in range(40)]
    assert [answer.status_code for answer in answers] == [200] * 10 + [429] * 30
    assert re.search(r"Too many wrong passwords. Try again in \d+ minutes?\.", answers[-1].text)
    assert len(hashes) == 10, "of those that are refused none is computed"
    assert FailedSignIn.objects.count() == 10


def test_others_sign_in_while_a_name_and_an_address_are_refused(client, user, hashes):
    bo = UserFactory(username="bo")
    for n in range(70):
        sign_in(client, f"name{n}")
    assert sign_in(client, "bo", PASSWORD).status_code == 429, "from that address"
    hashes.clear()
    assert sign_in(client, "bo", PASSWORD, "192.0.2.2").url == "/"
    assert len(hashes) == 1 and not bo.failed_sign_ins.exists()


def test_a_person_is_let_in_from_elsewhere_until_too_many_have_guessed(user):
    for _ in range(10):
        sign_in(Client(), address="192.0.2.1")
    assert sign_in(Client(), password=PASSWORD, address="192.0.2.1").status_code == 429
    assert sign_in(Client(), password=PASSWORD, address="192.0.2.2").status_code == 302
    for n in range(90):
        sign_in(Client(), address=f"198.51.100.{n // 9}")
    assert sign_in(Client(), password=PASSWORD, address="192.0.2.3").status_code == 429


def guessed_from_everywhere(name="ada"):
    """Others use up all guesses at a name."""
    for n in range(100):
        sign_in(Client(), name, address=f"198.51.100.{n // 9}")
    assert sign_in(Client(), name, PASSWORD, "192.0.2.3").status_code == 429


def known_browser(name="ada", client=None) -> Client:
    client = client or Client()
    assert sign_in(client, name, PASSWORD).status_code == 302
    client.post("/account/logout/")
    return client


def test_others_guesses_lock_nobody_out_of_a_browser_where_they_signed_in_before(user, stranger):
    home, of_eve = known_browser(), known_browser("eve")
    family = known_browser("eve", known_browser())
    guessed_from_everywhere()
    for _ in range(10):
        sign_in(Client(), address="192.0.2.1")
    assert sign_in(of_eve, password=PASSWORD).status_code == 429, "a browser where another signed in"
    forged = Client()
    forged.cookies[settings.DEVICE_COOKIE_NAME] = home.cookies[settings.DEVICE_COOKIE_NAME].value[:-1] + "A"
    assert sign_in(forged, password=PASSWORD).status_code == 429
    for client in (home, family):
        answer = sign_in(client, password=PASSWORD, address="192.0.2.1")
        assert answer.status_code == 302


def test_a_browser_where_a_person_signed_in_has_its_own_few_guesses_wherever_it_is(user):
    home = known_browser()
    answers = [sign_in(home, address=f"198.51.100.{n}").status_code for n in range(12)]
    assert answers == [200] * 10 + [429] * 2
    assert sign_in(home, password=PASSWORD, address="198.51.100.99").status_code == 429
    assert sign_in(Client(), password=PASSWORD, address="198.51.100.99").status_code == 302


def test_only_who_signs_in_is_remembered_and_no_script_reads_it(user):
    client = Client()
    sign_in(client)
    assert settings.DEVICE_COOKIE_NAME not in client.cookies
    cookie = known_browser(client=client).cookies[settings.DEVICE_COOKIE_NAME]
    assert cookie["httponly"] and cookie["samesite"] == "Lax" and cookie["path"] == "/" and not cookie["domain"]
    assert cookie["max-age"] == devices.KEPT_SECONDS and "ada" not in cookie.value


def read(client) -> tuple[str, list[int]]:
    request = RequestFactory()
    request.cookies.load({settings.DEVICE_COOKIE_NAME: client.cookies[settings.DEVICE_COOKIE_NAME].value})
    return devices._read(request.get("/"))


def test_a_browser_keeps_the_last_few_people_and_its_number(user):
    family = known_browser()
    number = read(family)[0]
    people = [UserFactory() for _ in range(4)]
    for person in people:
        known_browser(person.username, family)
    assert read(family) == (number, [person.pk for person in reversed(people)])


@pytest.mark.backends
def test_right_passwords_are_not_counted(user):
    for _ in range(15):
        assert sign_in(Client(), password=PASSWORD).status_code == 302
    for _ in range(9):
        assert sign_in(Client()).status_code == 200
    assert sign_in(Client(), password=PASSWORD).status_code == 302


def test_tries_are_free_again_after_the_time(client, user, monkeypatch):
    for _ in range(11):
        answer = sign_in(client)
    assert answer.status_code == 429
    now = guesses.rates.time.time()
    monkeypatch.setattr(guesses.rates.time, "time", lambda: now + guesses.WINDOW)
    assert sign_in(client, password=PASSWORD).status_code == 302


def test_counts_of_a_window_that_runs_are_kept(client, user, settings):
    settings.REDIS_URL = ""
    sign_in(client)
    guesses.rates.forget_old()
    assert RequestCount.objects.filter(asker__startswith="sign-in").count() == 3


@pytest.mark.parametrize(
    ("name", "password"), [("ada", "wrong"), ("nobody", "wrong"), ("a@example.org", "wrong"), ("b@example.org", "x")]
)
def test_whoever_is_meant_a_try_costs_one_hash_and_gets_the_same_words(client, db, hashes, name, password):
    UserFactory(username="ada", email="a@example.org")
    UserFactory(username="closed", is_active=False)
    hashes.clear()
    answer = sign_in(client, name, password)
    assert len(hashes) == 1
    assert "This username or password is not right" in answer.text and answer.status_code == 200


def test_a_closed_account_costs_and_says_the_same(client, db, hashes):
    UserFactory(username="closed", is_active=False)
    hashes.clear()
    assert "not right" in sign_in(client, "closed", PASSWORD).text and len(hashes) == 1


def test_names_and_emails_open_an_account_and_an_email_in_any_case(db):
    UserFactory(username="ada", email="Ada@example.org")
    for name in ("ada", "Ada@example.org", "ada@EXAMPLE.org", " ada "):
        assert sign_in(Client(), name, PASSWORD).status_code == 302, name
    UserFactory(username="none")
    assert sign_in(Client(), "", PASSWORD).status_code == 200, "an account without an email is not opened by none"


def test_failed_sign_ins_are_logged_and_shown_to_the_person_only(client, user, stranger, caplog):
    for _ in range(3):
        sign_in(client, address="192.0.2.77")
    assert f"A sign-in of person {user.pk} failed, from 192.0.2.77" in caplog.text
    client.force_login(user)
    shown = client.get("/account/").text
    assert "3 in the last 30 days" in shown and "192.0.2.77" in shown
    client.force_login(stranger)
    assert "192.0.2.77" not in client.get("/account/").text


def test_a_password_in_the_wrong_field_is_not_logged(client, user, caplog):
    sign_in(client, "my-secret-phrase")
    assert "of a name that nobody has" in caplog.text and "my-secret-phrase" not in caplog.text


def test_an_address_is_hashed_where_the_setting_says_so(client, user, settings, caplog):
    settings.HASH_ADDRESSES = True
    sign_in(client, address="192.0.2.77")
    kept = FailedSignIn.objects.get().address
    assert kept.startswith("fd") and "192.0.2.77" not in caplog.text
    client.force_login(user)
    assert "192.0.2.77" not in client.get("/account/").text + client.get("/account/sessions/").text


def test_a_stand_in_tells_addresses_apart(rf, settings):
    settings.HASH_ADDRESSES = True
    one, same, other = (address_of(rf.get("/", REMOTE_ADDR=a)) for a in ("192.0.2.1", "192.0.2.1", "192.0.2.2"))
    assert one == same != other


@pytest.mark.parametrize(
    ("address", "counted"),
    [
        ("192.0.2.1", "192.0.2.1"),
        ("::ffff:192.0.2.1", "192.0.2.1"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::"),
        ("", "0.0.0.0"),
    ],
)
def test_an_ipv6_network_is_one_asker(rf, address, counted):
    assert address_of(rf.get("/", REMOTE_ADDR=address)) == counted


def test_old_failures_are_forgotten(user):
    old = FailedSignIn.objects.create(person=user, address="192.0.2.1")
    FailedSignIn.objects.filter(pk=old.pk).update(at=timezone.now() - timedelta(days=31))
    young = FailedSignIn.objects.create(person=user, address="192.0.2.1")
    guesses.forget_old()
    assert FailedSignIn.objects.get() == young


@pytest.mark.backends
@pytest.mark.django_db(transaction=True)
def test_of_many_at_once_no_more_are_hashed_than_are_allowed(user, hashes, monkeypatch):
    monkeypatch.setattr(guesses._of_strangers, "share", 1)  # so that none is refused since too many are at it
    monkeypatch.setattr(guesses._of_strangers, "per_person", 99)
    monkeypatch.setattr(guesses._of_strangers, "patience", 30)
    hashes.clear()
    answers = []

    def guess():
        for _ in range(3):
            answers.append(sign_in(Client()).status_code)
        connection.close()

    threads = [threading.Thread(target=guess) for _ in range(8)]
    [thread.start() for thread in threads]
    [thread.join() for thread in threads]
    assert len(hashes) <= 10 and answers.count(429) >= 14


def test_hashing_is_limited_and_who_finds_no_room_is_told(client, user, rf, hashes, monkeypatch):
    monkeypatch.setattr(guesses._of_strangers, "patience", 0.01)
    with guesses.hashing(rf.get("/", REMOTE_ADDR="198.51.100.1")):
        hashes.clear()
        busy = sign_in(client, password=PASSWORD)
        assert busy.status_code == 429 and "Too many people are signing in" in busy.text and not hashes
        assert client.get(LOGIN).status_code == 200
    assert sign_in(client, password=PASSWORD).status_code == 302


def test_who_was_here_before_does_not_wait_behind_strangers(user, stranger, rf, monkeypatch):
    assert sign_in(Client(), password=PASSWORD, address="192.0.2.9").status_code == 302
    monkeypatch.setattr(guesses._of_strangers, "patience", 0.01)
    with guesses.hashing(rf.get("/", REMOTE_ADDR="198.51.100.1")):
        assert sign_in(Client(), "eve", PASSWORD, "192.0.2.9").status_code == 302
        assert sign_in(Client(), password=PASSWORD, address="192.0.2.10").status_code == 429
