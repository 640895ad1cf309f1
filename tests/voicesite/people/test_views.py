import re
import threading

import pytest
from django.core import mail
from django.core.management import CommandError, call_command
from django.db import connection

from tests.factories import PASSWORD, ClipFactory, GenerationFactory, UserFactory
from voicesite.models import Invitation, User

ACCOUNT_FORM = {"username": "ada", "password1": "correct-horse-7", "password2": "correct-horse-7"}


def test_first_visitor_makes_the_administrator_and_setup_is_gone(client, db):
    assert client.get("/").url == "/setup/"
    assert client.get("/setup/").status_code == 200
    assert client.post("/setup/", ACCOUNT_FORM).url == "/"
    ada = User.objects.get()
    assert ada.is_founder and ada.is_superuser and ada.is_staff
    assert client.get("/").status_code == 200
    assert client.get("/setup/").status_code == 404
    assert client.post("/setup/", ACCOUNT_FORM | {"username": "eve"}).status_code == 404


@pytest.mark.parametrize("key", [{}, {"Authorization": "Bearer vs_of-another-site"}], ids=["no key", "a key"])
@pytest.mark.parametrize("address", ["/api/voices", "/api/generations", "/v1/models", "/v1/audio/speech", "/mcp"])
def test_a_program_is_told_that_the_site_is_not_set_up(client, db, address, key):
    method = client.get if address in ("/api/voices", "/v1/models") else client.post
    response = method(address, {}, content_type="application/json", headers=key)
    assert (response.status_code, response.headers["Content-Type"]) == (401, "application/json")
    error = response.json()["error"]
    assert error["code"] == "not_set_up"
    assert error["message"] == "This site is not set up yet: open http://testserver/setup/ in a browser."


def test_what_needs_no_account_is_answered_before_there_is_one(client, db):
    assert "status" in client.get("/api/health").json() and client.get("/api/openapi.json").status_code == 200
    assert client.get("/api/nowhere").json()["error"]["code"] == "not_found"
    for page in ("/docs", "/voices/", "/account/login/"):
        assert client.get(page).url == "/setup/"


def test_setup_says_what_is_wrong_and_keeps_what_was_typed(client, db):
    response = client.post("/setup/", ACCOUNT_FORM | {"password2": "another"})
    assert "didn’t match" in response.text and 'value="ada"' in response.text
    assert not User.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_of_two_founders_at_once_one_wins(client, monkeypatch):
    from django.test import Client

    gate = threading.Barrier(2)
    exists = User.objects.exists
    monkeypatch.setattr("voicesite.signin.registration.User.objects.exists", lambda: exists() and None)
    answers = []

    def visit(name):
        gate.wait()
        answers.append(Client().post("/setup/", ACCOUNT_FORM | {"username": name}).url)
        connection.close()

    threads = [threading.Thread(target=visit, args=[name]) for name in ("one", "two")]
    [thread.start() for thread in threads]
    [thread.join() for thread in threads]
    assert sorted(answers) == ["/", "/account/login/"]
    assert User.objects.count() == 1


def test_sign_in_and_out(client, user):
    assert client.get("/").url == "/account/login/?next=/"
    wrong = client.post("/account/login/", {"username": "ada", "password": "wrong"})
    assert "not right" in wrong.text
    assert client.post("/account/login/", {"username": "ada", "password": PASSWORD}).url == "/"
    assert client.post("/account/logout/").url == "/account/login/"
    assert client.get("/account/").status_code == 302


def test_password_is_reset_by_mail(client, db):
    UserFactory(username="ada", email="ada@example.org")
    client.post("/account/reset/", {"email": "ada@example.org"})
    link = re.search(r"http://testserver(/\S+)", mail.outbox[0].body)[1]
    form = client.get(link).url
    client.post(form, {"password1": "brand-new-thing-9", "password2": "brand-new-thing-9"})
    assert client.login(username="ada", password="brand-new-thing-9")


@pytest.mark.parametrize(("registration", "status"), [("closed", 404), ("invite", 404), ("open", 200)])
def test_registration_is_open_only_where_the_setting_says_so(client, user, settings, registration, status):
    settings.REGISTRATION = registration
    assert client.get("/register/").status_code == status


def test_an_invitation_lets_one_person_in(client, staff, settings):
    settings.REGISTRATION = "invite"
    client.force_login(staff)
    client.post("/account/invitations/", {"note": "Bo"})
    invitation = Invitation.objects.get()
    assert invitation.token in client.get("/account/").text
    client.logout()
    link = f"/join/{invitation.token}/"
    assert client.get(link).status_code == 200
    assert client.post(link, ACCOUNT_FORM | {"username": "bo"}).url == "/"
    client.logout()
    assert client.get(link).status_code == 404
    assert client.post(link, ACCOUNT_FORM | {"username": "bo2"}).status_code == 404
    assert not User.objects.get(username="bo").is_staff


def test_only_staff_invite_and_only_the_sender_withdraws(page, staff):
    assert page.post("/account/invitations/", {"note": ""}).status_code == 404
    invitation = Invitation.objects.create(created_by=staff)
    assert page.post(f"/account/invitations/{invitation.pk}/revoke").status_code == 404
    assert "invitations/" not in page.get("/account/").text


def test_names_differ_by_more_than_case(client, user, settings):
    settings.REGISTRATION = "open"
    assert "name is taken" in client.post("/register/", ACCOUNT_FORM | {"username": "ADA"}).text


def test_profile(page, user):
    page.post("/account/", {"first_name": "Ada", "last_name": "L", "email": "a@b.de"})
    user.refresh_from_db()
    assert (user.first_name, user.email) == ("Ada", ""), "which takes the password"


def test_deleting_someone_deletes_their_recordings_and_speech_at_once(
    client, staff, django_capture_on_commit_callbacks
):
    ada = UserFactory(username="ada")
    spoken = GenerationFactory(owner=ada, completed=True)
    draft = ClipFactory(owner=ada)
    by_another = GenerationFactory(voice=spoken.voice, owner=UserFactory(), completed=True)
    files = [spoken.audio, spoken.voice.clip.audio, spoken.voice.clip.recording.original, draft.audio]
    client.force_login(staff)
    with django_capture_on_commit_callbacks(execute=True):
        answer = client.post(f"/admin/voicesite/user/{ada.pk}/delete/", {"post": "yes"})
    assert answer.status_code == 302 and not User.objects.filter(pk=ada.pk).exists()
    assert not [file.name for file in files if file.storage.exists(file.name)]
    by_another.refresh_from_db()
    assert by_another.voice is None and by_another.audio.storage.exists(by_another.audio.name)


def create(name="ada", *options, password="correct-horse-7"):
    call_command("create_user", name, *options, *(["--password", password] if password else []))
    return User.objects.get(username=name)


def rights(user) -> tuple[bool, bool, bool]:
    return user.is_founder, user.is_superuser, user.is_staff


def test_the_first_account_made_by_command_is_the_administrators(client, db, capsys):
    ada = create("ada", "--email", "ada@example.org")
    assert rights(ada) == (True, True, True) and ada.email == "ada@example.org"
    assert "is the administrator" in capsys.readouterr().out
    assert client.get("/setup/").status_code == 404
    assert client.login(username="ada", password="correct-horse-7")
    assert rights(create("bo")) == (False, False, False)
    assert rights(create("eve", "--staff")) == (False, False, True), "curates, and does not manage people"
    assert capsys.readouterr().out == "bo can sign in.\neve can sign in.\n"


@pytest.mark.parametrize(
    ("name", "password", "words"),
    [
        ("ADA", "correct-horse-7", "There already is someone called ADA."),
        ("bo", "short", "too short"),
        ("bo", "12345678901", "entirely numeric"),
        ("christopher", "christopher1", "too similar to the username"),
        ("a b", "correct-horse-7", "Enter a valid username"),
        ("x" * 151, "correct-horse-7", "at most 150 characters"),
    ],
)
def test_a_command_refuses_accounts_in_words(user, name, password, words):
    with pytest.raises(CommandError, match=words):
        create(name, password=password)
    assert User.objects.count() == 1


def test_a_command_asks_for_the_password_that_it_was_not_given(user, monkeypatch):
    monkeypatch.setattr("voicesite.management.commands.create_user.getpass", lambda prompt: "correct-horse-7")
    assert create("bo", password=None).check_password("correct-horse-7")


def test_of_two_founding_commands_at_once_one_wins(db, user, monkeypatch):
    User.objects.update(is_founder=True)
    monkeypatch.setattr("voicesite.management.commands.create_user.User.objects.exists", lambda: False)
    with pytest.raises(CommandError, match="just created an account"):
        create("bo")
    assert User.objects.count() == 1
