"""Where a person is signed in."""

from django.test import Client

from tests.factories import PASSWORD
from voicesite.people import keys
from voicesite.signin import sessions

PHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 26_0 like Mac OS X) Version/26.0 Mobile/15E148 Safari/604.1"


def signed_in(name="ada", browser="Mozilla/5.0 (X11; Linux x86_64; rv:150.0) Gecko/20100101 Firefox/150.0"):
    client = Client(headers={"User-Agent": browser})
    assert client.post("/account/login/", {"username": name, "password": PASSWORD}).status_code == 302
    return client


def test_devices_are_listed_and_ended(user, stranger):
    here, phone, of_eve = signed_in(), signed_in(browser=PHONE), signed_in("eve")
    shown = here.get("/account/sessions/").text
    assert "Firefox on Linux" in shown and "Safari on iPhone" in shown and shown.count("Sign out<span") == 1
    (row,) = [s for s in here.get("/account/sessions/").context["sessions"] if "iPhone" in s.user_agent]
    assert of_eve.post(f"/account/sessions/{row.pk}/end").status_code == 404
    assert phone.get("/voices/").status_code == 200
    here.post(f"/account/sessions/{row.pk}/end")
    assert phone.get("/voices/").status_code == 302 and here.get("/voices/").status_code == 200


def test_all_others_are_ended_at_once(user, stranger):
    here, one, two, of_eve = signed_in(), signed_in(), signed_in(), signed_in("eve")
    assert here.get("/account/sessions/end").status_code == 405
    here.post("/account/sessions/end")
    assert [client.get("/voices/").status_code for client in (here, one, two, of_eve)] == [200, 302, 302, 200]


def test_a_session_from_before_is_listed_once_it_is_used(page):
    page.get("/voices/")
    assert len(page.get("/account/sessions/").context["sessions"]) == 1


def test_a_session_is_noted_now_and_then_only(page, monkeypatch):
    noted = []
    monkeypatch.setattr(sessions.UserSession.objects, "create_from_request", noted.append)
    for _ in range(3):
        page.get("/account/")
    assert len(noted) == 1
    monkeypatch.setattr(sessions, "INTERVAL", -1)
    page.get("/account/")
    assert len(noted) == 2


def test_a_program_with_a_key_is_no_device(client, user):
    _, secret = keys.issue(user, "One", ["read"])
    answer = client.get("/api/voices", headers={"Authorization": f"Bearer {secret}"})
    assert answer.status_code == 200 and not answer.cookies and not sessions.UserSession.objects.exists()


def test_strangers_see_no_devices(client, user):
    assert client.get("/account/sessions/").url.startswith("/account/login/")
    assert client.post("/account/sessions/1/end").url.startswith("/account/login/")
