"""Listening links by the API: who may make, see and end them."""

import pytest
from django.test import Client

from synthesis.models import ListeningLink
from synthesis.sharing import service as sharing
from tests.factories import GenerationFactory
from voicesite.people.keys import issue


@pytest.fixture
def speech(user):
    return GenerationFactory(completed=True, owner=user)


def program(user, *scopes) -> Client:
    _, secret = issue(user, "-".join(scopes), list(scopes))
    return Client(headers={"Authorization": f"Bearer {secret}"})


def address(speech) -> str:
    return f"/api/generations/{speech.pk}/link"


def test_a_link_is_made_shown_and_ended(user, client, speech):
    speaks = program(user, "speak")
    assert speaks.get(address(speech)).status_code == 404
    made = speaks.post(address(speech), {"title": "For grandmother", "days": 1}, content_type="application/json")
    assert made.status_code == 200 and made.json()["title"] == "For grandmother"
    url = made.json()["url"]
    assert url.startswith("http://testserver/listen/") and client.get(url).status_code == 200
    again = speaks.post(address(speech), {"show_text": True}, content_type="application/json").json()
    assert (again["url"], again["show_text"]) == (url, True)
    assert program(user, "read").get(address(speech)).json() == again
    assert speaks.delete(address(speech)).status_code == 204
    assert client.get(url).status_code == 404 and speaks.get(address(speech)).status_code == 404


def test_a_key_that_reads_makes_and_ends_none(user, speech):
    reads = program(user, "read")
    assert reads.post(address(speech), {}, content_type="application/json").status_code == 403
    sharing.share(speech)
    assert reads.delete(address(speech)).status_code == 403


def test_a_strangers_speech_is_not_there(user, stranger):
    theirs = GenerationFactory(completed=True, owner=stranger)
    sharing.share(theirs)
    speaks = program(user, "speak")
    for method in (speaks.get, speaks.delete):
        assert method(address(theirs)).status_code == 404
    assert speaks.post(address(theirs), {}, content_type="application/json").status_code == 404
    assert ListeningLink.objects.active().count() == 1


@pytest.mark.parametrize("body", [{"days": 365}, {"title": "x" * 81}])
def test_what_is_wrong_is_said(user, speech, body):
    answer = program(user, "speak").post(address(speech), body, content_type="application/json")
    assert answer.status_code == 422 and list(answer.json()["error"]["fields"]) == list(body)


def test_what_must_not_be_shared_is_a_conflict(user, speech, settings):
    settings.LISTENING_LINKS = False
    answer = program(user, "speak").post(address(speech), {}, content_type="application/json")
    assert answer.status_code == 409 and "switched off" in answer.json()["error"]["message"]
