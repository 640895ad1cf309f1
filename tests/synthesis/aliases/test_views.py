"""Choosing what names of voices mean, on the account page and through the API."""

import pytest
from django.test import Client

from synthesis.models import VoiceAlias
from tests.factories import VoiceFactory
from voicesite.people import keys

PAGE, API = "/account/voice-names/", "/api/voice-names"


@pytest.fixture
def voice(user):
    return VoiceFactory(owner=user, name="Grandmother")


def chosen(user):
    return dict(VoiceAlias.objects.filter(owner=user).values_list("name", "voice__name"))


def test_the_account_page_offers_each_name(page, user, voice):
    body = page.get("/account/").content.decode()
    assert "Automatic: Grandmother" in body and 'id="voice-names"' in body
    assert body.count(f'<option value="{voice.pk}">Grandmother</option>') == 15, "13 names, the default, another name"


def test_what_is_chosen_is_kept_and_shown(page, user, voice):
    answer = page.post(
        PAGE, {"default": voice.pk, "name-0": voice.pk, "other_name": "AF_Bella", "other_voice": voice.pk}
    )
    assert (answer.status_code, answer.url) == (302, "/account/#voice-names")
    assert chosen(user) == {"": "Grandmother", "alloy": "Grandmother", "af_bella": "Grandmother"}
    body = page.get(PAGE).content.decode()
    assert body.count(f'<option value="{voice.pk}" selected>') == 3 and "af_bella" in body
    page.post(PAGE, {"default": "", "name-0": ""})
    assert chosen(user) == {}


def test_nobody_chooses_what_is_not_theirs(page, client, user, stranger, voice):
    secret = VoiceFactory(owner=stranger, name="Secret")
    for sent in ({"name-0": secret.pk}, {"default": "x"}, {"other_voice": voice.pk}, {"other_name": "x" * 500}):
        assert page.post(PAGE, sent).status_code == 422
    assert b"Secret" not in page.get(PAGE).content and not chosen(user)
    assert page.delete(PAGE).status_code == 405
    client.logout()
    assert client.get(PAGE).status_code == 302 and client.post(PAGE, {}).status_code == 302


@pytest.fixture
def ask(user):
    client = Client(headers={"Authorization": f"Bearer {keys.issue(user, 'Program', ['speak'])[1]}"})

    def put(body):
        return client.put(API, body, content_type="application/json")

    put.get = lambda: client.get(API).json()
    return put


def test_programs_choose_too(ask, user, voice):
    assert ask.get() == {"default": None, "names": {}, "speaks": str(voice.pk)}
    answer = ask({"default": "grandmother", "names": {"Alloy": str(voice.pk), "echo": None}})
    assert answer.status_code == 200, answer.content
    assert answer.json() == ask.get() == {
        "default": str(voice.pk), "names": {"alloy": str(voice.pk)}, "speaks": str(voice.pk),
    }  # fmt: skip
    assert ask({}).json() == {"default": None, "names": {}, "speaks": str(voice.pk)}, "all of it is replaced"


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"default": "Secret"}, "default"),
        ({"names": {"alloy": "Secret"}}, "names.alloy"),
        ({"names": {"x" * 500: None}}, f"names.{'x' * 500}"),
        ({"names": {str(number): None for number in range(300)}}, "names"),
        ({"name": {}}, "name"),
        ({"names": {"alloy": 3}}, "names.alloy"),
    ],
)
def test_a_wrong_choice_is_said_and_changes_nothing(ask, user, stranger, voice, body, field):
    VoiceFactory(owner=stranger, name="Secret")
    ask({"default": "Grandmother"})
    answer = ask(body)
    assert answer.status_code == 422 and field in answer.json()["error"]["fields"], answer.content
    assert chosen(user) == {"": "Grandmother"}


def test_a_reader_looks_and_does_not_choose(client, user, voice):
    reader = Client(headers={"Authorization": f"Bearer {keys.issue(user, 'Reader', ['read'])[1]}"})
    assert reader.get(API).status_code == 200
    assert reader.put(API, {}, content_type="application/json").status_code == 403
    assert client.get(API).status_code == 401 and reader.post(API).status_code == 405
