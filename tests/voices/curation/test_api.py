"""Sharing, retiring and reporting voices through the API."""

import pytest
from django.test import Client

from tests.factories import VoiceFactory
from tests.voices.profiles.test_api import error, signed_in
from voices.curation import service as curation
from voices.models import AuditEntry, Report, VoiceProfile


def test_an_owner_asks_to_share_and_takes_it_back(page, user, staff):
    voice = VoiceFactory(owner=user)
    address = f"/api/voices/{voice.pk}/share"
    assert page.post(address).json()["share_requested_at"]
    error(page.post(address), 409, "conflict")
    assert page.delete(address).json()["share_requested_at"] is None
    error(page.delete(address), 409, "conflict")
    page.post(address)
    assert curation.approve(staff, VoiceProfile.objects.get())
    assert page.delete(address).json()["visibility"] == "private"
    acts = list(AuditEntry.objects.order_by("pk").values_list("act", flat=True))
    assert acts == ["share_asked", "share_withdrawn", "share_asked", "shared", "unshared"]


def test_a_refusal_is_told_to_the_owner(page, user, staff):
    voice = VoiceFactory(owner=user)
    page.post(f"/api/voices/{voice.pk}/share")
    curation.refuse_sharing(staff, VoiceProfile.objects.get(), "Too noisy.")
    assert page.get(f"/api/voices/{voice.pk}").json()["share_refusal"] == "Too noisy."


def test_a_voice_is_retired_and_brought_back(page, user):
    address = f"/api/voices/{VoiceFactory(owner=user).pk}/retire"
    retired = page.post(address).json()
    assert retired["retired_at"] and not retired["is_usable"]
    error(page.post(address), 409, "conflict")
    assert page.delete(address).json()["is_usable"]
    error(page.delete(address), 409, "conflict")


def test_a_shared_voice_is_reported_once_and_answered(page, user, stranger, staff):
    voice = VoiceFactory(owner=stranger, visibility="shared")
    address = f"/api/voices/{voice.pk}/report"
    error(page.get(address), 404)
    sent = page.post(address, {"reason": "That is my voice."}, content_type="application/json")
    assert sent.status_code == 201 and sent.json()["closed_at"] is None
    payload = error(page.post(address, {"reason": "Again."}, content_type="application/json"), 409)
    assert "already" in payload["message"]
    curation.answer_report(staff, Report.objects.get(), "It is an actor's.", suspend_it=False)
    assert page.get(address).json()["answer"] == "It is an actor's."
    error(signed_in(staff).get(address), 404)  # what others said is not told


@pytest.mark.parametrize(("reason", "words"), [("", "required"), ("x" * 1001, "1000")])
def test_a_report_says_why(page, stranger, reason, words):
    voice = VoiceFactory(owner=stranger, visibility="shared")
    sent = page.post(f"/api/voices/{voice.pk}/report", {"reason": reason}, content_type="application/json")
    assert words in error(sent, 422)["fields"]["reason"][0]


def test_who_reports_too_much_waits(page, stranger, monkeypatch):
    monkeypatch.setattr(curation, "MAX_REPORTS_PER_DAY", 0)
    voice = VoiceFactory(owner=stranger, visibility="shared")
    sent = page.post(f"/api/voices/{voice.pk}/report", {"reason": "Mine."}, content_type="application/json")
    assert "tomorrow" in error(sent, 429)["message"] and sent.headers["Retry-After"] == "86400"


def test_what_is_suspended_says_why_to_its_owner_alone(page, user, staff):
    voice = VoiceFactory(owner=user, visibility="shared")
    curation.suspend(staff, voice, "Somebody else's.")
    shown = page.get(f"/api/voices/{voice.pk}").json()
    assert shown["suspension"] == "Somebody else's." and not shown["is_usable"]
    error(signed_in(staff).get(f"/api/voices/{voice.pk}"), 404)
    error(Client().get(f"/api/voices/{voice.pk}"), 401)
