"""The email of an account: unique, changed with the password, confirmed by a link."""

import re

import pytest
from django.core import mail
from django.core.management import CommandError, call_command
from django.db import IntegrityError, transaction

from tests.factories import PASSWORD, UserFactory
from voicesite.models import User

CHANGE = "/account/email/"


@pytest.fixture
def ada(client, db):
    ada = UserFactory(username="ada", email="old@example.org")
    client.force_login(ada)
    return ada


@pytest.fixture
def sends_mail(settings):
    settings.SENDS_MAIL = True


def change(client, email="new@example.org", password=PASSWORD):
    return client.post(CHANGE, {"email": email, "password": password})


def email_of(person):
    person.refresh_from_db()
    return person.email


def test_without_mail_it_changes_at_once_with_the_password_only(client, ada):
    assert "not your password" in change(client, password="wrong").text and email_of(ada) == "old@example.org"
    assert change(client).url == "/account/" and email_of(ada) == "new@example.org"
    assert change(client, "").url == "/account/" and email_of(ada) == ""
    assert not mail.outbox


def test_wrong_passwords_are_counted_here_too(client, ada):
    for _ in range(11):  # from the first on, the browser is one where she is signed in
        change(client, password="wrong")
    assert "Too many wrong passwords" in change(client).text and email_of(ada) == "old@example.org"


def test_with_mail_a_link_confirms_it_and_the_old_one_is_told(client, ada, sends_mail):
    change(client)
    assert email_of(ada) == "old@example.org"
    (asked,) = mail.outbox
    assert asked.to == ["new@example.org"]
    link = re.search(r"http://testserver(/\S+)", asked.body)[1]
    client.logout()
    assert "new@example.org" in client.get(link).text and email_of(ada) == "old@example.org", "it is not enough to look"
    client.post(link)
    assert email_of(ada) == "new@example.org"
    assert mail.outbox[1].to == ["old@example.org"] and "is new@example.org now" in mail.outbox[1].body
    assert client.post(link).status_code == 404, "a link works once"


@pytest.mark.parametrize("token", ["", "x", "WzFd:1abc:xyz"])
def test_links_that_nobody_sent_confirm_nothing(client, ada, token):
    assert client.get(f"{CHANGE}confirm/{token}/").status_code == 404


def test_a_link_ends_when_the_address_is_taken_meanwhile(client, ada, sends_mail):
    change(client)
    link = re.search(r"http://testserver(/\S+)", mail.outbox[0].body)[1]
    UserFactory(email="New@example.org")
    assert client.post(link).status_code == 404 and email_of(ada) == "old@example.org"


def test_an_address_of_another_is_told_to_that_only(client, ada, sends_mail):
    UserFactory(username="bo", email="bo@example.org")
    pages = []
    for address in ("bo@example.org", "free@example.org"):
        assert change(client, address).url == "/account/"
        pages.append(re.search(r"Open the link that we sent to \S+", client.get("/account/").text)[0])
    assert pages == [f"Open the link that we sent to {name}@example.org." for name in ("bo", "free")]
    assert "There already is one" in mail.outbox[0].body.replace("\n", " ") and "/confirm/" not in mail.outbox[0].body
    assert "/confirm/" in mail.outbox[1].body


def test_mails_to_strangers_are_limited(client, ada, sends_mail):
    for n in range(6):
        answer = change(client, f"stranger{n}@example.org")
    assert "Too many mails" in answer.text and len(mail.outbox) == 5


def test_no_two_accounts_have_an_email(db):
    UserFactory(email="ada@example.org")
    with pytest.raises(IntegrityError), transaction.atomic():
        UserFactory(email="ADA@example.org")
    UserFactory(email=""), UserFactory(email="")


def test_an_administrator_is_told_that_an_email_is_taken(client, staff, ada):
    bo = UserFactory(username="bo")
    client.force_login(staff)
    answer = client.post(f"/admin/voicesite/user/{bo.pk}/change/", {"username": "bo", "email": "OLD@example.org"})
    assert "Another account has this email address" in answer.text


FORM = {"username": "bo", "password1": "correct-horse-7", "password2": "correct-horse-7"}


def test_who_registers_confirms_the_email_and_is_not_told_whose_it_is(client, db, settings, sends_mail):
    settings.REGISTRATION = "open"
    UserFactory(email="ada@example.org")
    for name, address in (("bo", "ada@example.org"), ("cy", "cy@example.org")):
        assert client.post("/register/", FORM | {"username": name, "email": address}).url == "/"
        assert User.objects.get(username=name).email == ""
        assert f"To use {address}, open the link" in client.get("/account/").text
        client.logout()
    assert "There already is one" in mail.outbox[0].body.replace("\n", " ")
    client.post(re.search(r"http://testserver(/\S+)", mail.outbox[1].body)[1])
    assert User.objects.get(username="cy").email == "cy@example.org"


def test_whose_email_it_is_costs_no_other_work(client, db, settings, sends_mail, hashes):
    settings.REGISTRATION = "open"
    UserFactory(email="ada@example.org")
    computed = []
    for name, address in (("bo", "ada@example.org"), ("cy", "free@example.org")):
        hashes.clear()
        client.post("/register/", FORM | {"username": name, "email": address})
        computed.append(len(hashes))
        client.logout()
    assert computed == [1, 1] and len(mail.outbox) == 2


def test_a_command_tells_that_an_email_is_taken(ada):
    with pytest.raises(CommandError, match="Another account has the email OLD@example.org"):
        call_command("create_user", "bo", "--password", "correct-horse-7", "--email", "OLD@example.org")


def test_registration_without_mail_asks_for_no_email(client, user, settings):
    settings.REGISTRATION = "open"
    assert 'name="email"' not in client.get("/register/").text
    client.post("/register/", FORM | {"email": "x@example.org"})
    assert User.objects.get(username="bo").email == ""


def test_tries_to_register_are_limited_by_address(client, user, settings):
    settings.REGISTRATION = "open"
    answers = [client.post("/register/", FORM | {"username": "ada"}) for _ in range(21)]
    assert "name is taken" in answers[0].text
    assert answers[-1].status_code == 429 and "Too many tries to register" in answers[-1].text


def test_a_new_name_has_no_at(client, user, settings):
    settings.REGISTRATION = "open"
    assert "A name has no @" in client.post("/register/", FORM | {"username": "ada@example.org"}).text


@pytest.mark.django_db(transaction=True)
def test_the_upgrade_leaves_an_email_to_one_account(monkeypatch):
    import importlib

    from django.apps import apps
    from django.db import connection
    from django.utils import timezone

    constraint = next(one for one in User._meta.constraints if one.name == "email_unique")
    with connection.schema_editor() as editor:
        editor.remove_constraint(User, constraint)
    try:
        old = UserFactory(username="old", email="Ada@example.org")
        used = UserFactory(username="used", email="ada@example.org", last_login=timezone.now())
        alone = UserFactory(username="alone", email="alone@example.org")
        none = UserFactory(username="none", email="")
        migration = importlib.import_module("voicesite.migrations.0008_an_email_once")
        with connection.schema_editor() as editor:
            migration.keep_each_email_once(apps, editor)
        emails = [email_of(person) for person in (old, used, alone, none)]
        assert emails == ["", "ada@example.org", "alone@example.org", ""]
    finally:
        with connection.schema_editor() as editor:
            editor.add_constraint(User, constraint)
