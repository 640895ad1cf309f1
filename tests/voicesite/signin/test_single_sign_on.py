"""Single sign-on by OpenID Connect, with a provider on this machine."""

import json
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

import jwt
import pytest
from django.test import Client

from tests.factories import PASSWORD, UserFactory
from voicesite.models import Invitation, User

LOGIN = "/account/oidc/login/"


class Provider(ThreadingHTTPServer):
    """A provider at which one person, `claims`, is signed in, and agrees to everything."""

    def __init__(self):
        super().__init__(("127.0.0.1", 0), Answers)
        self.address = f"http://127.0.0.1:{self.server_port}"
        self.claims = {"sub": "42", "preferred_username": "ada", "email": "ada@example.org", "email_verified": True}
        self.asked = []


class Answers(BaseHTTPRequestHandler):
    server: Provider

    def do_GET(self):
        if self.path == "/.well-known/openid-configuration":
            ends = {"authorization": "authorize", "token": "token", "userinfo": "userinfo"}
            answer = {f"{name}_endpoint": f"{self.server.address}/{path}" for name, path in ends.items()}
            self.answer(answer | {"issuer": self.server.address, "jwks_uri": f"{self.server.address}/keys"})
        elif self.path == "/userinfo":
            self.answer(self.server.claims)
        else:
            self.send_error(404)

    def do_POST(self):
        sent = parse_qs(self.rfile.read(int(self.headers["Content-Length"])).decode())
        self.server.asked.append(sent)
        claims = {"iss": self.server.address, "aud": "voicesite", "iat": time.time(), "exp": time.time() + 60}
        token = jwt.encode(self.server.claims | claims, "x" * 32)
        self.answer({"access_token": "secret", "token_type": "Bearer", "id_token": token})

    def answer(self, content):
        body = json.dumps(content).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *args):
        pass


@pytest.fixture
def provider(settings, monkeypatch, db):
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    with Provider() as provider:
        threading.Thread(target=provider.serve_forever, args=[0.02], daemon=True).start()
        settings.OIDC_URL, settings.OIDC_NAME = provider.address, "Example"
        app = {"provider_id": "oidc", "name": "Example", "client_id": "voicesite", "secret": "hush"}
        server = {"settings": {"server_url": provider.address}}
        settings.SOCIALACCOUNT_PROVIDERS = {"openid_connect": {"APPS": [app | server], "OAUTH_PKCE_ENABLED": True}}
        UserFactory(username="founder")
        yield provider
        provider.shutdown()


def come(client, query="", **changed):
    """Go to the provider and come back; return the answer."""
    sent = client.post(LOGIN + query)
    assert sent.status_code == 302, sent.text
    asked = {name: values[0] for name, values in parse_qs(urlsplit(sent.url).query).items()}
    assert asked["redirect_uri"] == f"http://testserver{LOGIN}callback/" and asked["code_challenge"]
    return client.get(f"{LOGIN}callback/", {"code": "one", "state": asked["state"]} | changed)


def test_a_new_person_comes_in_where_registration_is_open(client, provider, settings):
    settings.REGISTRATION = "open"
    assert "Sign in with Example" in client.get("/account/login/").text
    assert come(client).url == "/"
    ada = User.objects.get(username="ada")
    assert ada.email == "ada@example.org" and not ada.has_usable_password() and not ada.is_staff
    assert client.get("/voices/").status_code == 200
    assert provider.asked[0]["code_verifier"], "PKCE"
    again = Client()
    assert come(again).url == "/" and User.objects.filter(username="ada").count() == 1


@pytest.mark.parametrize("registration", ["invite", "closed"])
def test_a_stranger_does_not_where_it_is_not(client, provider, settings, registration):
    settings.REGISTRATION = registration
    assert "You have no account here" in come(client).text
    assert User.objects.count() == 1 and client.get("/voices/").status_code == 302


def test_an_invitation_lets_one_person_in(client, provider, settings):
    settings.REGISTRATION = "invite"
    invitation = Invitation.objects.create(created_by=User.objects.get())
    assert "Example" in client.get(f"/join/{invitation.token}/").text
    assert come(client).url == "/"
    invitation.refresh_from_db()
    assert invitation.used_by.username == "ada"
    provider.claims |= {"sub": "43", "preferred_username": "bo", "email": "bo@example.org"}
    other = Client()
    other.get(f"/join/{invitation.token}/")
    assert "You have no account here" in come(other).text


def test_a_spent_invitation_does_not(client, provider, settings):
    settings.REGISTRATION = "invite"
    invitation = Invitation.objects.create(created_by=User.objects.get())
    client.get(f"/join/{invitation.token}/")
    Invitation.objects.update(used_by=User.objects.get())
    assert "You have no account here" in come(client).text and User.objects.count() == 1


def test_the_same_email_is_no_proof(client, provider, settings):
    settings.REGISTRATION = "open"
    UserFactory(username="old", email="Ada@example.org")
    answer = come(client)
    assert answer.status_code == 409 and "You have an account already" in answer.text
    assert client.get("/voices/").status_code == 302 and User.objects.count() == 2


def test_an_email_that_the_provider_does_not_vouch_for_is_not_taken(client, provider, settings):
    settings.REGISTRATION = "open"
    provider.claims["email_verified"] = False
    UserFactory(username="old", email="ada@example.org")
    assert come(client).url == "/"
    assert User.objects.get(username="ada").email == ""


def test_a_name_that_is_taken_becomes_another(client, provider, settings):
    settings.REGISTRATION = "open"
    provider.claims["preferred_username"] = "founder"
    assert come(client).url == "/"
    assert User.objects.exclude(username="founder").get().username.startswith(("ada", "founder"))


def test_an_account_is_connected_by_who_is_signed_in_to_it_and_confirms_it(client, provider):
    old = UserFactory(username="old")
    client.force_login(old)
    assert "not connected" in client.get("/account/").text
    asked = come(client, "?process=connect")
    assert asked.url.startswith("/account/confirm/")
    assert client.post(asked.url, {"password": PASSWORD}).url == "/account/"
    assert "connected" in client.get("/account/single-sign-on/").text
    other = Client()
    come(other)
    assert other.get("/voices/").wsgi_request.user == old
    row = old.socialaccount_set.get()
    assert client.post("/account/single-sign-on/", {"account": row.pk}).status_code == 302
    assert not old.socialaccount_set.exists()


@pytest.mark.parametrize("changed", [{"state": "forged"}, {"error": "access_denied"}])
def test_what_goes_wrong_is_told(client, provider, settings, changed):
    settings.REGISTRATION = "open"
    answer = come(client, **changed)
    if answer.status_code == 302:
        answer = client.get(answer.url)
    assert "did not" in answer.text or "cancelled" in answer.text
    assert client.get("/voices/").status_code == 302


def test_a_provider_that_is_away_is_told(client, provider, settings):
    settings.SOCIALACCOUNT_PROVIDERS["openid_connect"]["APPS"][0]["settings"]["server_url"] = "http://127.0.0.1:9"
    answer = client.post(LOGIN)
    assert answer.status_code == 502 and "did not answer" in answer.text


def test_there_is_none_where_the_setting_names_none(client, user):
    assert "Sign in with" in client.get("/account/login/").text  # a passkey
    assert "oidc" not in client.get("/account/login/").text
    assert client.post(LOGIN).status_code == 404
    client.force_login(user)
    assert client.get("/account/single-sign-on/").status_code == 404
