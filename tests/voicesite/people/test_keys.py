"""Test how API keys are made, shown once, used and revoked."""

import re
from datetime import timedelta

import pytest
from django.core.management import CommandError, call_command
from django.test import Client
from django.utils import timezone

from voicesite.models import ApiKey
from voicesite.people import keys

KEY_FORM = {"name": "Reader at the door", "scopes": ["read", "speak"]}


@pytest.fixture
def account(client, user):
    client.force_login(user)
    return client


def asks(secret, **headers):
    return Client().get("/api/voices", headers={"Authorization": f"Bearer {secret}"} | headers)


def test_a_key_is_made_shown_once_and_used(account, user):
    response = account.post("/account/keys/", KEY_FORM)
    (secret,) = re.findall(r'value="(vs_[\w-]{40})"', response.text)
    assert response["Cache-Control"] == "no-store"
    key = ApiKey.objects.get()
    assert (key.owner, key.name, key.scopes, key.last_four) == (user, KEY_FORM["name"], ["read", "speak"], secret[-4:])
    assert key.last_used_at is None and asks(secret).status_code == 200
    page = account.get("/account/").text
    assert secret not in page and f"…{secret[-4:]}" in page and "last used" in page
    assert not [value for value in ApiKey.objects.values_list()[0] if value == secret], "only its hash is kept"


def test_that_it_was_used_is_written_down_once_a_minute(user, django_assert_num_queries):
    key, secret = keys.issue(user, "One", ["read"])
    assert asks(secret).status_code == 200
    first = ApiKey.objects.get().last_used_at
    assert timezone.now() - first < timedelta(seconds=30)
    asks(secret)
    assert ApiKey.objects.get().last_used_at == first
    ApiKey.objects.update(last_used_at=first - 2 * keys.LAST_USED_INTERVAL)
    asks(secret)
    assert ApiKey.objects.get().last_used_at > first


def test_a_revoked_key_works_no_longer(account, user):
    key, secret = keys.issue(user, "Old", ["read"])
    assert account.post(f"/account/keys/{key.pk}/revoke", follow=True).text.count("no longer works") == 1
    response = asks(secret)
    assert response.status_code == 401 and response.json()["error"]["code"] == "invalid_key"
    assert account.post(f"/account/keys/{key.pk}/revoke").status_code == 404
    keys.issue(user, "Old", ["read"])  # the name is free again


def shown(account) -> str:
    return " ".join(account.get("/account/").text.split())


def test_a_key_works_until_it_expires_and_then_says_so(account, user):
    page = account.post("/account/keys/", KEY_FORM | {"days": "90"}).text
    (secret,) = re.findall(r'value="(vs_[\w-]{40})"', page)
    key = ApiKey.objects.get()
    assert "The key expires" in page and key.expires_at - key.created_at > timedelta(days=89)
    assert asks(secret).status_code == 200 and "· expires" in shown(account)
    ApiKey.objects.update(expires_at=timezone.now())
    response = asks(secret)
    assert response.status_code == 401 and response.json()["error"]["code"] == "invalid_key"
    assert f"“{key.name}” expired on {timezone.now():%Y-%m-%d}" in response.json()["error"]["message"]
    assert "expired" in Client().get("/v1/models", headers={"X-API-Key": secret}).json()["error"]["message"]
    assert keys.find(secret) is None and "<strong> expired" in shown(account)


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"X-API-Key": "{}"}, 200),
        ({"X-API-Key": "{}", "Authorization": "Basic YTpi"}, 200),  # a proxy's own
        ({"X-API-Key": "vs_wrong", "Authorization": "Bearer {}"}, 200),
        ({"X-API-Key": "{}", "Authorization": "Bearer vs_wrong"}, 401),
        ({"X-API-Key": ""}, 401),
    ],
)
def test_a_key_comes_by_either_header(user, headers, status):
    _, secret = keys.issue(user, "One", ["read"])
    sent = {name: value.format(secret) for name, value in headers.items()}
    assert Client().get("/api/voices", headers=sent).status_code == status
    assert Client().get("/v1/audio/voices", headers=sent).status_code == status


def test_who_may_speak_may_list_voices_and_no_more_of_them(user):
    _, secret = keys.issue(user, "One", ["speak"])
    for address in ("/api/voices", "/v1/audio/voices"):
        assert Client().get(address, headers={"X-API-Key": secret}).status_code == 200
    assert Client().post("/api/voices", headers={"X-API-Key": secret}).status_code == 403


def test_who_may_not_sign_in_may_not_by_a_key_either(user):
    _, secret = keys.issue(user, "One", ["read"])
    type(user).objects.update(is_active=False)
    assert asks(secret).status_code == 401


def test_nobody_sees_or_revokes_anothers(account, stranger):
    key, secret = keys.issue(stranger, "Eve’s", ["read"])
    assert "Eve’s" not in account.get("/account/").text
    assert account.post(f"/account/keys/{key.pk}/revoke").status_code == 404
    assert asks(secret).status_code == 200


@pytest.mark.parametrize(
    ("form", "said"),
    [
        ({"name": "", "scopes": ["read"]}, "required"),
        ({"name": "Reader", "scopes": []}, "at least one permission"),
        ({"name": "Reader", "scopes": ["everything"]}, "not one of the available choices"),
        ({"name": "Taken", "scopes": ["read"]}, "already have a key of this name"),
        ({"name": "Reader", "scopes": ["read"], "days": "7"}, "not one of the available choices"),
    ],
)
def test_what_is_wrong_is_said_and_what_was_written_kept(account, user, form, said):
    keys.issue(user, "Taken", ["read"])
    response = account.post("/account/keys/", form)
    assert response.status_code == 422 and said in response.text
    assert f'value="{form["name"]}"' in response.text or not form["name"]
    assert ApiKey.objects.count() == 1


def test_there_is_an_end_to_keys(account, user, monkeypatch):
    monkeypatch.setattr(keys, "MAX_KEYS", 1)
    keys.issue(user, "One", ["read"])
    assert "Revoke one" in account.post("/account/keys/", KEY_FORM).text
    assert ApiKey.objects.count() == 1


def test_a_key_opens_the_api_and_no_page(user):
    _, secret = keys.issue(user, "All", ApiKey.Scope.values)
    for address in ("/", "/account/", "/voices/", "/generations/"):
        assert Client().get(address, headers={"Authorization": f"Bearer {secret}"}).status_code == 302


def test_a_key_is_made_from_a_terminal(user, capsys):
    call_command("create_api_key", "ada", "--name", "Nightly", "--scope", "speak")
    secret = capsys.readouterr().out.strip()
    key = keys.find(secret)
    assert key and (key.owner, key.name, key.scopes) == (user, "Nightly", ["speak"])
    call_command("create_api_key", "ADA")
    key = keys.find(capsys.readouterr().out.strip())
    assert (key.scopes, key.expires_at) == (["read", "speak"], None), "to delete voices is asked for by name"
    call_command("create_api_key", "ada", "--name", "For a while", "--days", "30")
    key = keys.find(capsys.readouterr().out.strip())
    assert key.expires_at - key.created_at == pytest.approx(timedelta(days=30), abs=timedelta(minutes=1))


def test_the_terminal_says_what_is_wrong(user):
    with pytest.raises(CommandError, match="There is no user called eve"):
        call_command("create_api_key", "eve")
    keys.issue(user, "Nightly", ["read"])
    with pytest.raises(CommandError, match="already has a key called Nightly"):
        call_command("create_api_key", "ada", "--name", "Nightly")
