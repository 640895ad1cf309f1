"""Recordings and clips through the API."""

import pytest
from django.core.files.base import ContentFile

from tests.factories import ClipFactory, VoiceFactory, wav
from tests.voices.profiles.test_api import cutting, error, recording, taken_in  # noqa: F401
from voices.clips import service as clips
from voices.models import AuditEntry, Clip, ExcerptSearch, Recording, Transcription, VoiceProfile
from voicesite.jobs.job import State

WORDS = [["Good", 0.0, 0.2, 0.9], [" day.", 0.2, 0.5, 0.3]]


@pytest.fixture
def voice(user):
    return VoiceFactory(owner=user, clip__words=WORDS, clip__transcript="Good day.")


@pytest.fixture
def draft(user):
    return ClipFactory(owner=user, recording__seconds=40.0, language="")


def patch(client, address, **body):
    return client.patch(address, body, content_type="application/json")


def post(client, address, **body):
    return client.post(address, body, content_type="application/json")


# --- recordings


def test_a_recording_is_sent_and_becomes_a_voice_later(page, user, taken_in):  # noqa: F811
    sent = page.post("/api/recordings", {"audio": recording("morning.wav", b"RIFF"), "language": "en-gb"})
    assert Transcription.objects.get().language == "en-gb"
    assert sent.status_code == 201 and page.get(sent.headers["Location"]).json() == sent.json()
    (draft,) = sent.json()["drafts"]
    assert sent.json()["name"] == "morning.wav" and draft["voice"] is None and draft["transcription"]
    made = page.post("/api/voices", {"name": "Jane", "language": "en-us", "consent": "true", "clip": draft["id"]})
    assert made.status_code == 201 and made.json()["clip"]["id"] == draft["id"]
    assert page.get(sent.headers["Location"]).json()["drafts"] == []


def test_what_is_no_recording_is_refused_with_its_code(page):
    payload = error(page.post("/api/recordings", {"audio": recording("x.wav", b"PK\x03\x04 and")}), 422, "not_audio")
    assert payload["fields"]["audio"] == [payload["message"]]
    error(page.post("/api/recordings", {"audio": recording("x.wav", b"")}), 422, "empty")
    payload = error(page.post("/api/recordings", {"audio": recording(), "language": "tlh"}), 422, "invalid")
    assert payload["fields"]["language"][0].startswith("“tlh” is not a language of this site. Choose one of: en-us, ")
    assert error(page.post("/api/recordings", {}), 422, "invalid")["fields"]["audio"]
    assert not Recording.objects.exists()


def test_the_best_stretches_come_first_and_the_search_can_be_ended(page, draft):
    best = ClipFactory(owner=draft.owner, recording=draft.recording, rank=1)
    address = f"/api/recordings/{draft.recording_id}"
    assert page.get(address).json()["search"] is None
    error(page.delete(f"{address}/search"), 404)
    ExcerptSearch.objects.create(recording=draft.recording)
    shown = page.get(address).json()
    assert [clip["id"] for clip in shown["drafts"]] == [str(best.pk), str(draft.pk)]
    assert shown["search"]["status"] == "pending" and shown["drafts"][0]["rank"] == 1
    assert page.delete(f"{address}/search").status_code == 204
    assert page.get(address).json()["search"]["status"] == "cancelled"


def test_a_recording_costs_as_many_queries_with_many_drafts(page, draft, count_queries):
    address = f"/api/recordings/{draft.recording_id}"
    few = count_queries(page, address)
    ClipFactory.create_batch(5, owner=draft.owner, recording=draft.recording)
    assert count_queries(page, address) == few <= 4


# --- clips


def test_a_voice_gets_another_clip(page, voice, draft):
    address = f"/api/voices/{voice.pk}/clips"
    assert "consent" in error(page.post(address, {"clip": draft.pk}), 422)["fields"]
    added = page.post(address, {"clip": draft.pk, "consent": "true", "transcript": "And good night."})
    assert added.status_code == 201
    assert (added.json()["voice"], added.json()["transcript"]) == (str(voice.pk), "And good night.")
    assert added.json()["language"] == voice.language
    assert page.get(address).json()["count"] == 2
    assert AuditEntry.objects.get().act == "recorded_anew"
    assert "was deleted" in error(page.post(address, {"clip": draft.pk, "consent": "true"}), 422)["message"]


def test_a_clip_tells_its_words_and_their_times(page, voice):
    shown = page.get(f"/api/clips/{voice.clip_id}").json()
    assert shown["words"][1] == {"text": " day.", "start": 0.2, "end": 0.5, "confidence": 0.3}
    assert shown["audio"] == f"/api/clips/{voice.clip_id}/audio" and shown["plain_audio"] is None
    error(page.get(f"/api/clips/{voice.clip_id}/plain"), 404)


def test_a_transcript_is_corrected_and_the_rest_stays(page, voice):
    address = f"/api/clips/{voice.clip_id}"
    changed = patch(page, address, transcript="Good night.").json()
    assert (changed["transcript"], changed["language"]) == ("Good night.", "en-us") and changed["words"]
    misfit = patch(page, address, transcript="Much more than anybody can say in so short a time. " * 5).json()["misfit"]
    assert "more than can be heard" in misfit
    assert error(patch(page, address, transcript="x" * 2001), 422)["fields"]["transcript"]
    assert error(patch(page, address, language="tlh"), 422)["fields"]["language"]


def test_a_draft_without_a_language_wants_one_with_its_transcript(page, draft):
    address = f"/api/clips/{draft.pk}"
    assert "language" in error(patch(page, address, transcript="Good night."), 422)["fields"]
    changed = patch(page, address, transcript="Good night.", language="en-gb").json()
    assert (changed["transcript"], changed["language"]) == ("Good night.", "en-gb")


def test_a_draft_is_cut_into_another(page, draft, cutting):  # noqa: F811
    made = post(page, f"/api/clips/{draft.pk}/cut", start=3.5, end=12.0)
    assert made.status_code == 201 and (made.json()["start"], made.json()["end"]) == (3.5, 12.0)
    assert page.get(made.headers["Location"]).json() == made.json()
    assert Clip.objects.drafts().count() == 2


def test_a_clip_of_a_voice_is_replaced(page, voice, cutting, django_capture_on_commit_callbacks):  # noqa: F811
    Recording.objects.update(seconds=40.0)
    with django_capture_on_commit_callbacks(execute=True):
        made = post(page, f"/api/clips/{voice.clip_id}/cut", start=1, end=4, cleanup=True)
    assert made.status_code == 201 and made.json()["voice"] == str(voice.pk)
    error(page.get(f"/api/clips/{voice.clip_id}"), 404)
    assert str(VoiceProfile.objects.get().clip_id) == made.json()["id"]


@pytest.mark.parametrize(
    ("stretch", "status"),
    [({"start": 3, "end": 3.5}, 422), ({"start": -1, "end": 5}, 422), ({"start": "nan"}, 422), ({"end": "x"}, 422)],
)
def test_a_stretch_has_limits(page, draft, cutting, stretch, status):  # noqa: F811
    payload = error(post(page, f"/api/clips/{draft.pk}/cut", **stretch), status)
    assert payload["fields"] and Clip.objects.count() == 1


def test_another_clip_is_shown_and_the_last_one_stays(page, user, voice, draft):
    other = ClipFactory(owner=user, voice=voice)
    assert post(page, f"/api/clips/{other.pk}/main").json()["clip"]["id"] == str(other.pk)
    error(post(page, f"/api/clips/{draft.pk}/main"), 409)
    assert page.delete(f"/api/clips/{other.pk}").status_code == 204
    assert page.get(f"/api/voices/{voice.pk}").json()["clip"]["id"] == str(voice.clip_id)
    assert "at least one clip" in error(page.delete(f"/api/clips/{voice.clip_id}"), 409)["message"]
    assert page.delete(f"/api/clips/{draft.pk}").status_code == 204


def test_what_a_voice_takes_at_that_moment_is_not_deleted(page, user, draft, monkeypatch):
    def taken(clip):
        VoiceFactory(owner=user, clip=clip)
        return delete(clip)

    delete = clips.delete_clip
    monkeypatch.setattr(clips, "delete_clip", taken)
    error(page.delete(f"/api/clips/{draft.pk}"), 409)
    assert Clip.objects.filter(pk=draft.pk).exists()


def test_the_clips_cost_as_many_queries_when_there_are_many(page, user, voice, count_queries):
    address = f"/api/voices/{voice.pk}/clips"
    few = count_queries(page, address)
    ClipFactory.create_batch(5, owner=user, voice=voice, original_audio=ContentFile(wav(), "plain.wav"))
    assert count_queries(page, address) == few <= 6


# --- transcription


def test_a_clip_is_written_down_and_that_is_watched(page, draft):
    address = f"/api/clips/{draft.pk}/transcription"
    error(page.get(address), 404)
    asked = page.generic("POST", f"/api/clips/{draft.pk}/transcribe")
    assert asked.status_code == 202 and asked.headers["Location"] == address
    assert asked.json()["status"] == "pending" and asked.json()["clip"]["id"] == str(draft.pk)
    Transcription.objects.update(state=State.GENERATING, progress=40, stage="Listening")
    shown = page.get(address).json()
    assert (shown["status"], shown["progress"], shown["stage"]) == ("generating", 40, "Listening")
    assert page.delete(address).status_code == 204
    assert Transcription.objects.get().cancel_requested


def test_what_no_transcriber_knows_is_said_before_it_starts(page, draft, settings):
    assert "language" in error(post(page, f"/api/clips/{draft.pk}/transcribe", language="tlh"), 422)["fields"]
    settings.TRANSCRIBER = "none"
    payload = error(page.generic("POST", f"/api/clips/{draft.pk}/transcribe"), 422)
    assert "type what is said" in payload["message"] and not Transcription.objects.exists()
