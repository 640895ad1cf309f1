"""Export and import archives of voices through the API."""

from contextlib import ExitStack

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from tests.factories import ClipFactory, VoiceFactory
from tests.voices.archives import archive_files
from tests.voices.profiles.test_api import PREVIEW, error, signed_in
from voices.archives import exporting
from voices.models import AuditEntry, VoiceImport, VoiceProfile
from voicesite.jobs.job import State
from voicesite.people import keys

pytestmark = pytest.mark.backends


@pytest.fixture
def voice(user):
    voice = VoiceFactory(owner=user, name="Jane", description="Warm.", clip__transcript="Good day.")
    ClipFactory(owner=user, voice=voice)
    voice.tags.create(name="calm")
    return voice


@pytest.fixture
def waiting(user):
    """Return an import that waits for its owner's choices."""
    return VoiceImport.objects.create(owner=user, file="imports/gone.zip", original_name="x.zip", preview=PREVIEW)


def send(client, archive, name="voices.zip"):
    return client.post("/api/voices/import", {"archive": SimpleUploadedFile(name, archive, "application/zip")})


def confirm(client, waiting, *voices, consent=True):
    body = {"consent": consent, "voices": list(voices)}
    return client.post(f"/api/voices/import/{waiting.pk}", body, content_type="application/json")


def test_a_voice_leaves_with_one_person_and_comes_with_another(page, stranger, voice):
    exported = page.get(f"/api/voices/{voice.pk}/export")
    archive = b"".join(exported)
    assert exported.headers["Content-Type"] == "application/zip" and "jane" in exported.headers["Content-Disposition"]
    assert len(archive) == int(exported.headers["Content-Length"])
    assert AuditEntry.objects.get().act == "exported"
    eve = signed_in(stranger)
    sent = send(eve, archive)
    assert sent.status_code == 201
    shown = sent.json()
    (payload,) = shown["voices"]
    assert (payload["name"], payload["clips"], payload["tags"], payload["namesake"]) == ("Jane", 2, ["calm"], None)
    assert payload["consent"]["by"] == "ada" and shown["is_answerable"] and shown["status"] == "pending"
    assert eve.get(sent.headers["Location"]).json() == shown
    assert [one["name"] for one in eve.get("/api/voices/import").json()["results"]] == ["voices.zip"]
    error(page.get(sent.headers["Location"]), 404)

    waiting = VoiceImport.objects.get()
    assert confirm(eve, waiting, {"act": "new"}).status_code == 202
    assert eve.get(sent.headers["Location"]).json()["status"] == "pending"
    result = [{"pk": str(voice.pk), "name": "Jane", "replaced": False}]
    VoiceImport.objects.update(state=State.COMPLETED, progress=100, result=result)
    done = eve.get(sent.headers["Location"]).json()
    assert (done["status"], done["progress"], done["is_answerable"]) == ("completed", 100, False)
    assert done["result"] == [{"voice": str(voice.pk), "name": "Jane", "replaced": False}]


def test_several_leave_together(page, user, voice, stranger):
    other = VoiceFactory(owner=user)
    exported = page.get("/api/voices/export", {"voice": [voice.pk, other.pk, voice.pk]})
    assert exported.status_code == 200 and "2-voices" in exported.headers["Content-Disposition"]
    assert b"".join(exported)[:2] == b"PK"
    error(page.get("/api/voices/export", {"voice": [voice.pk, VoiceFactory(owner=stranger).pk]}), 404)
    error(page.get("/api/voices/export"), 422)
    error(page.get("/api/voices/export?voice=x"), 422)


def test_what_is_suspended_does_not_leave(page, voice):
    VoiceProfile.objects.update(suspended_at="2026-01-01T00:00Z")
    assert "suspended" in error(page.get(f"/api/voices/{voice.pk}/export"), 409)["message"]


def test_who_is_sent_enough_already_waits(page, user, voice):
    with ExitStack() as downloads:
        for _ in range(4):
            downloads.enter_context(exporting.exports.place(user.pk))
        error(page.get(f"/api/voices/{voice.pk}/export"), 429, "busy")


def test_what_is_no_archive_is_refused_in_words(page, settings):
    assert "archive" in error(send(page, b"no archive at all"), 422)["message"]
    error(page.post("/api/voices/import", {}), 422)
    settings.IMPORT_MAX_BYTES = settings.CLIP_MAX_BYTES = 100_000
    assert "the limit" in error(send(page, bytes(300_000)), 413, "too_large")["message"]
    assert not VoiceImport.objects.exists()


def test_an_archive_may_be_larger_than_a_recording(page, settings):
    settings.CLIP_MAX_BYTES = 100_000
    assert "archive" in error(send(page, bytes(300_000)), 422)["message"]


def test_a_program_sends_more_than_a_recording_has_and_all_of_it_arrives(client, user, settings):
    settings.CLIP_MAX_BYTES = 100_000
    _, secret = keys.issue(user, "One", ["read", "voices"])
    client.defaults["HTTP_AUTHORIZATION"] = f"Bearer {secret}"
    assert "One of its files has more" in error(send(client, archive_files.good()), 422)["message"]


def test_choices_are_judged_as_on_the_page(page, user, waiting):
    assert "consent of its speaker" in error(confirm(page, waiting, {"act": "new"}, consent=False), 422)["message"]
    VoiceFactory(owner=user, name="Granny")
    payload = error(confirm(page, waiting, {"act": "new", "name": "Granny"}), 422)
    assert "already have" in payload["fields"]["voices.0.name"][0]
    payload = error(confirm(page, waiting, {"act": "replace"}), 422)  # there is no namesake
    assert payload["fields"]["voices.0.act"]
    assert "skipped" in error(confirm(page, waiting, {"act": "skip"}), 422)["message"]
    assert "1 voices" in error(confirm(page, waiting), 422)["fields"]["voices"][0]
    assert error(confirm(page, waiting, {"act": "burn"}), 422)["fields"]["voices.0.act"]
    assert confirm(page, waiting, {"act": "new"}).status_code == 202
    assert VoiceImport.objects.get().choices == [{"act": "new", "name": "Grandmother"}]
    error(confirm(page, waiting, {"act": "new"}), 409)


def test_a_namesake_is_shown_and_replaced_only_when_that_is_said(page, user, waiting):
    mine = VoiceFactory(owner=user, name="Grandmother")
    (payload,) = page.get(f"/api/voices/import/{waiting.pk}").json()["voices"]
    assert payload["namesake"] == str(mine.pk) and payload["proposed_name"] == "Grandmother (2)"
    assert confirm(page, waiting, {"act": "new"}).status_code == 202
    assert VoiceImport.objects.get().choices == [{"act": "new", "name": "Grandmother (2)"}]


def test_it_is_cancelled_and_thrown_away(page, waiting):
    address = f"/api/voices/import/{waiting.pk}"
    error(page.post(f"{address}/cancel"), 409)
    confirm(page, waiting, {"act": "new"})
    assert page.post(f"{address}/cancel").json()["status"] == "cancelled"
    error(page.post(f"{address}/cancel"), 409)
    assert page.get(address).json()["is_answerable"]
    assert page.delete(address).status_code == 204
    error(page.get(address), 404)


def test_the_list_costs_as_many_queries_for_many_archives(page, user, count_queries, waiting):
    few = count_queries(page, "/api/voices/import")
    VoiceImport.objects.bulk_create(VoiceImport(owner=user, file="x.zip", preview=PREVIEW) for _ in range(9))
    assert count_queries(page, "/api/voices/import") == few <= 4
