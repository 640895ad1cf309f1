"""The API: who may call each operation of the document; and its operations on voices."""

import argparse
import json
import re
import shlex
from functools import partial
from string import Template
from types import SimpleNamespace
from unittest import mock

import pytest
from django.core.files.base import ContentFile
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from synthesis.models import Download, Folder, Generation, Rendition, SegmentTake
from synthesis.segments import editing
from synthesis.sharing import service as sharing
from tests import FIXTURES
from tests.factories import (
    ClipFactory,
    FittingFactory,
    GenerationFactory,
    PronunciationFactory,
    SegmentFactory,
    VoiceFactory,
    wav,
)
from tests.voices.profiles.test_views import recording
from voices.clips.service import delete_voice
from voices.consent import service as spoken_consents
from voices.intake import process as intake
from voices.models import CONSENT_WORDING, Clip, ExcerptSearch, Report, Transcription, VoiceImport, VoiceProfile
from voicesite.models import ApiKey, Delivery, User, Webhook
from voicesite.people import keys
from voicesite.site.api import document

DOCUMENT = document()
OPERATIONS = {
    operation["operationId"]: (method, address, operation)
    for address, methods in DOCUMENT["paths"].items()
    for method, operation in methods.items()
    if address.startswith("/api/") and operation.get("security") != []  # whoever asks is answered
}


def answers(**changes):
    return {"name": "Jane", "language": "en-gb", "consent": "true"} | changes


@pytest.fixture
def taken_in(monkeypatch):
    """Fake the decoding of uploads."""
    measured = intake.Measured(7.0, 6.5, 30.0, 0.0, -23.0, [1, 100], advice=[("good", "Clear.", "")])
    received = intake.Received(b"fLaC", 7.2, [1, 100], intake.ReferenceAudio(b"RIFF", measured, 0.0, 7.2))
    monkeypatch.setattr(intake, "take_in", lambda path, limits: received)


@pytest.fixture
def cutting(monkeypatch):
    """Fake the cutting of excerpts."""
    measured = intake.Measured(2.0, 2.0, 30.0, 0.0, -23.0, [1, 100], advice=[("good", "Clear.", "")])
    monkeypatch.setattr(
        intake, "cut", lambda path, start, end, *, cleanup=False: intake.ReferenceAudio(b"RIFF", measured, start, end)
    )


@pytest.fixture
def world(user, stranger, staff, monkeypatch):
    """A voice of ada's, with a row for each parameter in the document's paths."""
    voice = FittingFactory(voice__owner=user, voice__name="Grandmother").voice
    clip = ClipFactory(
        owner=user,
        voice=voice,
        recording__seconds=40.0,
        original_audio=ContentFile(wav(), "plain.wav"),
        transcript="Good.",
    )
    for transcribed in (voice.clip, clip):
        Transcription.objects.create(clip=transcribed, language="en-us")
    ExcerptSearch.objects.create(recording=clip.recording)
    archive = VoiceImport.objects.create(owner=user, file="imports/gone.zip", preview=PREVIEW)
    ids = {"voice_id": voice.pk, "clip_id": clip.pk, "recording_id": clip.recording_id, "import_id": archive.pk}
    spoken = {"owner": user, "voice": voice}
    generation = GenerationFactory(**spoken, completed=True)
    ids["generation_id"] = generation.pk
    segment, _ = (SegmentFactory(generation=generation, take=True, pause=0) for _ in range(2))
    generation.seconds = 1.0
    generation.save(update_fields=["seconds"])
    ids |= {"index": 0, "number": 1, "take_id": segment.take_id}
    ids["task_id"] = GenerationFactory(**spoken).pk
    webhook = Webhook.objects.create(owner=user, url="https://8.8.8.8/hook", events=["voice.ready"])
    delivery = Delivery.objects.create(webhook=webhook, event="webhook.test", state="failed")
    ids |= {"webhook_id": webhook.pk, "delivery_id": delivery.pk}
    ids["download_id"] = Download.objects.create(engine="fake", model="tone").pk
    Rendition.objects.create(generation=generation, audio_format="mp3")
    ids["audio_format"] = "mp3"
    monkeypatch.setattr(spoken_consents, "asker_of", lambda request: "somebody")  # else it is for one session
    ids["consent_id"] = spoken_consents.ask(user, "somebody", "en-us").pk
    ids["folder_id"] = Folder.objects.create(owner=user, name="Audiobook").pk
    ids["pronunciation_id"] = PronunciationFactory(owner=user, word="Saoirse").pk
    return SimpleNamespace(voice=voice, clip=clip, ids=ids)


PREVIEW = {
    "kind": "voicesite",
    "made_at": "2026-01-01T00:00:00+00:00",
    "made_by": "Voicesite 0.1.0",
    "voices": [
        {
            "name": "Grandmother",
            "description": "",
            "language": "en-us",
            "spoken": "English",
            "tags": ["warm"],
            "clips": 1,
            "seconds": 7.0,
            "bytes": 700_000,
            "consent": None,
            "problem": "",
        }
    ],
}


def asked_for(ids):
    VoiceProfile.objects.update(share_requested_at="2026-01-01T00:00Z")


def retired(ids):
    VoiceProfile.objects.update(retired_at="2026-01-01T00:00Z")


def confirmed(ids):
    VoiceImport.objects.update(choices=[{"act": "new", "name": "Granny"}])


def failed(ids):
    Generation.objects.filter(pk=ids["generation_id"]).update(state="failed")


def marked(ids):
    SegmentTake.objects.update(is_marked=True)


def changed(ids):
    editing.change(Generation.objects.get(pk=ids["generation_id"]), 0, pause=1.0)


def linked(ids):
    sharing.share(Generation.objects.get(pk=ids["generation_id"]))


def reported(ids):
    for person in User.objects.all():
        Report.objects.create(voice_id=ids["voice_id"], reporter=person, reason="Mine.")


# What each operation is sent, and what its owner, a stranger and staff (for whom the administration is there) are told.
# Nobody is let in who is not signed in. An operation that is missing here fails the tests.
CALLS = {
    "list_voices": ({}, 200, 200, 200),
    "create_voice": ({"form": lambda world: answers(audio=recording())}, 201, 201, 201),
    "get_voice": ({}, 200, 404, 404),
    "change_voice": ({"json": {"name": "Granny"}}, 200, 404, 404),
    "delete_voice": ({}, 204, 404, 404),
    "voice_audio": ({}, 200, 404, 404),
    "ask_to_share": ({}, 200, 404, 404),
    "end_sharing": ({"before": asked_for}, 200, 404, 404),
    "retire_voice": ({}, 200, 404, 404),
    "bring_voice_back": ({"before": retired}, 200, 404, 404),
    "ask_sentence": ({"json": {"language": "en-us"}}, 409, 409, 409),  # this site asks for none
    "send_sentence": ({"form": lambda world: {"audio": recording(), "clip": world.clip.pk}}, 202, 404, 404),
    "get_spoken_consent": ({}, 200, 404, 404),
    "get_spoken_consent_events": ({}, 200, 404, 404),
    "ask_provenance": ({"form": lambda world: {"audio": recording(content=wav())}}, 200, 200, 200),
    "report_voice": ({"json": {"reason": "That is my voice."}}, 409, 404, 404),
    "get_report": ({"before": reported}, 200, 404, 404),
    "list_clips": ({}, 200, 404, 404),
    "add_clip": ({"form": lambda world: {"consent": "true", "audio": recording()}}, 201, 404, 404),
    "get_clip": ({}, 200, 404, 404),
    "clip_audio": ({}, 200, 404, 404),
    "plain_audio": ({}, 200, 404, 404),
    "change_clip": ({"json": {"transcript": "Good day."}}, 200, 404, 404),
    "cut_clip": ({"json": {"start": 1.0, "end": 3.0}}, 201, 404, 404),
    "choose_clip": ({}, 200, 404, 404),
    "delete_clip": ({}, 204, 404, 404),
    "transcribe_clip": ({"json": {"language": "en-us"}}, 202, 404, 404),
    "get_transcription": ({}, 200, 404, 404),
    "get_transcription_events": ({}, 200, 404, 404),
    "cancel_transcription": ({}, 204, 404, 404),
    "take_recording": ({"form": lambda world: {"audio": recording()}}, 201, 201, 201),
    "get_recording": ({}, 200, 404, 404),
    "get_recording_events": ({}, 200, 404, 404),
    "recording_audio": ({}, 200, 404, 404),
    "cancel_search": ({}, 204, 404, 404),
    "export_voices": ({"query": True}, 200, 404, 404),
    "export_voice": ({}, 200, 404, 404),
    "list_imports": ({}, 200, 200, 200),
    "import_voices": ({"form": lambda world: {"archive": SimpleUploadedFile("x.zip", b"PK")}}, 422, 422, 422),
    "get_import": ({}, 200, 404, 404),
    "get_import_events": ({}, 200, 404, 404),
    "confirm_import": ({"json": {"consent": True, "voices": [{"act": "replace"}]}}, 202, 404, 404),
    "cancel_import": ({"before": confirmed}, 200, 404, 404),
    "discard_import": ({}, 204, 404, 404),
    "speak": ({"json": {"voice": "Grandmother", "text": "Good day.", "wait": 0}}, 202, 422, 422),
    "speak_later": ({"json": {"voice": "Grandmother", "text": "Good day."}}, 202, 422, 422),
    "get_task": ({}, 200, 404, 404),
    "get_task_events": ({}, 200, 404, 404),
    "delete_task": ({}, 204, 404, 404),
    "list_generations": ({}, 200, 200, 200),
    "get_generation": ({}, 200, 404, 404),
    "change_generation": ({"json": {"starred": True}}, 200, 404, 404),
    "list_folders": ({}, 200, 200, 200),
    "make_folder": ({"json": {"name": "Radio"}}, 201, 201, 201),
    "rename_folder": ({"json": {"name": "Radio"}}, 200, 404, 404),
    "delete_folder": ({}, 204, 404, 404),
    "delete_generation": ({}, 204, 404, 404),
    "speech": ({}, 200, 404, 404),
    "get_file": ({}, 200, 404, 404),
    "get_file_events": ({}, 200, 404, 404),
    "list_downloads": ({}, 200, 200, 200),
    "get_download": ({}, 404, 404, 200),
    "get_download_events": ({}, 404, 404, 200),
    "get_fitting": ({}, 200, 404, 404),
    "get_fitting_events": ({}, 200, 404, 404),
    "forget_audio": ({}, 409, 404, 404),
    "make_link": ({"json": {"days": 30}}, 200, 404, 404),
    "get_link": ({"before": linked}, 200, 404, 404),
    "end_link": ({"before": linked}, 204, 404, 404),
    "get_subtitles": ({}, 200, 404, 404),
    "get_sentences": ({}, 200, 404, 404),
    "list_takes": ({}, 200, 404, 404),
    "speak_again": ({}, 202, 404, 404),
    "pick_take": ({}, 200, 404, 404),
    "retry_generation": ({"before": failed}, 202, 404, 404),
    "list_segments": ({}, 200, 404, 404),
    "segment_audio": ({}, 200, 404, 404),
    "segment_take_audio": ({}, 200, 404, 404),
    "change_segment": ({"json": {"text": "Good day to all."}}, 202, 404, 404),
    "delete_segment": ({}, 202, 404, 404),
    "split_segment": ({"json": {"at": 12}}, 202, 404, 404),
    "join_segment": ({}, 202, 404, 404),
    "speak_segment_again": ({}, 202, 404, 404),
    "list_segment_takes": ({}, 200, 404, 404),
    "pick_segment_take": ({}, 202, 404, 404),
    "speak_marked_again": ({"before": marked}, 202, 404, 404),
    "undo_change": ({"before": changed}, 202, 404, 404),
    "preview_text": ({"json": {"voice": "Grandmother", "text": "Good day."}}, 200, 422, 422),
    "list_models": ({}, 200, 200, 200),
    "get_usage": ({}, 200, 200, 200),
    "get_voice_names": ({}, 200, 200, 200),
    "set_voice_names": ({"json": {"names": {"alloy": "Grandmother"}}}, 200, 422, 422),
    "list_webhooks": ({}, 200, 200, 200),
    "create_webhook": ({"json": {"url": "https://8.8.8.8/hook"}}, 201, 201, 201),
    "get_webhook": ({}, 200, 404, 404),
    "change_webhook": ({"json": {"description": "The archive"}}, 200, 404, 404),
    "delete_webhook": ({}, 204, 404, 404),
    "rotate_secret": ({}, 200, 404, 404),
    "test_webhook": ({}, 202, 404, 404),
    "list_deliveries": ({}, 200, 404, 404),
    "get_delivery": ({}, 200, 404, 404),
    "repeat_delivery": ({}, 202, 404, 404),
    "list_pronunciations": ({}, 200, 200, 200),
    "add_pronunciation": ({"json": {"word": "Nike", "said": "nye-kee"}}, 201, 201, 201),
    "get_pronunciation": ({}, 200, 404, 404),
    "change_pronunciation": ({"json": {"said": "sur-sha"}}, 200, 404, 404),
    "delete_pronunciation": ({}, 204, 404, 404),
    "pronunciations_csv": ({}, 200, 200, 200),
    "import_pronunciations": (
        {"form": lambda world: {"file": SimpleUploadedFile("x.csv", b"Nike,nye-kee")}},
        200,
        200,
        200,
    ),
}
# What others do with a voice that is shared, where it is not the same as what they do with one that is not.
SHARED_OPERATIONS = dict.fromkeys(
    (
        "get_voice",
        "voice_audio",
        "get_report",
        "list_clips",
        "get_clip",
        "clip_audio",
        "plain_audio",
        "get_fitting",
        "get_fitting_events",
    ),
    200,
) | {"report_voice": 201}
OWNED_OPERATIONS = [name for name, (_, _, for_stranger, _) in CALLS.items() if for_stranger == 404]
WRITE_OPERATIONS = [name for name, (method, _, _) in OPERATIONS.items() if method != "get"]


def call(client, name, world, *, method=None, **options):
    own_method, address, _ = OPERATIONS[name]
    ask = getattr(client, method or own_method)
    sent = CALLS[name][0]
    if "json" in sent:
        options |= {"data": json.dumps(sent["json"]), "content_type": "application/json"}
    elif "form" in sent:
        options |= {"data": sent["form"](world)}
    query = f"?voice={world.voice.pk}" if "query" in sent else ""
    return ask(address.format(**world.ids) + query, **options)


def read(response):
    """Read it to its end, as an archive takes a turn until it is sent; but not events, which may never end."""
    if not getattr(response, "is_async", False):
        b"".join(response)


def error(response, status, code=None):
    """Check that the response is an error of the one shape; return it."""
    assert response.status_code == status, response.content[:500]
    assert response.headers["Content-Type"] == "application/json"
    assert set(response.json()) == {"error"}
    payload = response.json()["error"]
    assert set(payload) in ({"code", "message"}, {"code", "message", "fields"})
    assert payload["message"] and (code is None or payload["code"] == code)
    return payload


def signed_in(user, **options):
    client = Client(**options)
    client.force_login(user)
    return client


# --- everybody


def has_language(operation) -> bool:
    content = operation.get("requestBody", {}).get("content", {})
    schemas = [json.dumps(operation.get("parameters", [])), *map(json.dumps, content.values())]
    named = re.findall(r"#/components/schemas/(\w+)", "".join(schemas))
    schemas += [json.dumps(DOCUMENT["components"]["schemas"][name]) for name in named]
    return any('"language": {' in schema or '"name": "language"' in schema for schema in schemas)


LANGUAGE_OPERATIONS = [name for name, (_, _, operation) in OPERATIONS.items() if has_language(operation)]


def test_operations_with_a_language_are_found():
    known = {"create_voice", "list_voices", "take_recording", "change_clip", "speak", "preview_text"}
    assert known < {*LANGUAGE_OPERATIONS}


@pytest.mark.parametrize("written", ["en", "en-US", "EN_us", "English"])
@pytest.mark.parametrize("name", LANGUAGE_OPERATIONS)
def test_a_language_may_be_written_as_people_do(name, written, world, user, taken_in, cutting, monkeypatch):
    sent, status, *others = CALLS[name]
    (method, address, _), client = OPERATIONS[name], signed_in(user)
    if method == "get":
        assert client.get(f"{address.format(**world.ids)}?language={written}").status_code == status
        return
    if "json" in sent:
        changed = {"json": sent["json"] | {"language": written}}
    else:
        changed = {"form": lambda world: sent["form"](world) | {"language": written}}
    monkeypatch.setitem(CALLS, name, (changed, status, *others))
    response = call(client, name, world)
    assert response.status_code == status, response.content
    answered = re.findall(r'"language": ?"([^"]+)"', response.text)
    of_all_accents = "pronunciation" in name and written in ("en", "English")
    assert not answered or ("en" if of_all_accents else "en-us") in answered


def test_every_operation_is_asked_here():
    assert set(CALLS) == set(OPERATIONS)


@pytest.mark.parametrize("name", OPERATIONS)
def test_who_may(name, world, user, stranger, staff, taken_in, cutting):
    sent, for_owner, for_stranger, for_staff = CALLS[name]
    sent.get("before", len)(world.ids)
    for person, status in ((stranger, for_stranger), (staff, for_staff), (user, for_owner)):
        response = call(signed_in(person), name, world)
        if status >= 400:
            error(response, status)
        else:
            assert response.status_code == status, response.content[:500]
            assert status in OPERATIONS[name][2]["responses"]
        read(response)


@pytest.mark.parametrize("name", SHARED_OPERATIONS)
def test_what_is_shared_may_be_seen(name, world, stranger):
    VoiceProfile.objects.update(visibility="shared")
    CALLS[name][0].get("before", len)(world.ids)
    response = call(signed_in(stranger), name, world)
    assert response.status_code == SHARED_OPERATIONS[name], response.content[:500]


# The tests below ask for everything of one world: none of it may be done.


def test_what_is_shared_may_not_be_changed(world, stranger):
    VoiceProfile.objects.update(visibility="shared")
    client = signed_in(stranger)
    for name in set(OWNED_OPERATIONS) - set(SHARED_OPERATIONS):
        error(call(client, name, world), 404, "not_found")


def test_what_is_suspended_is_not_there_for_others(world, stranger):
    VoiceProfile.objects.update(visibility="shared", suspended_at="2026-01-01T00:00Z")
    reported(world.ids)
    client = signed_in(stranger)
    for name in OWNED_OPERATIONS:
        error(call(client, name, world), 404, "not_found")


def test_visitors_are_told_to_sign_in(world, client):
    for name in OPERATIONS:
        assert "WWW-Authenticate" in call(client, name, world).headers
        error(call(client, name, world), 401, "unauthenticated")


def sending(secret, **options):
    """Return a client with an API key. options: of Client."""
    return Client(headers={"Authorization": f"Bearer {secret}"}, enforce_csrf_checks=True, **options)


def test_a_key_acts_as_its_owner_within_its_scopes(world, user):
    (_, reading), (_, changing) = (keys.issue(user, scope, [scope]) for scope in ("read", "voices"))
    before = list(VoiceProfile.objects.values()), list(Clip.objects.values())
    for name in OPERATIONS:
        response = call(sending(reading), name, world)
        if name in WRITE_OPERATIONS:
            scope = "speak" if OPERATIONS[name][2]["tags"][0] in ("Speech", "Pronunciations", "Webhooks") else "voices"
            assert f"“{scope}”" in error(response, 403, "scope_missing")["message"]
        else:
            assert response.status_code not in (401, 403), name
        read(response)
    assert before == (list(VoiceProfile.objects.values()), list(Clip.objects.values()))
    assert call(sending(changing), "change_voice", world).status_code == 200, "without a token against forged requests"
    assert call(sending(changing), "list_voices", world).json()["count"] == 1


def test_a_strangers_key_sees_what_the_stranger_sees(world, stranger):
    _, secret = keys.issue(stranger, "Mine", ["read", "speak", "voices"])
    for name in set(OWNED_OPERATIONS) - set(SHARED_OPERATIONS):
        error(call(sending(secret), name, world), 404, "not_found")


@pytest.mark.parametrize("header", ["Bearer vs_wrong", "Bearer ", "Basic YWRhOmE=", ""])
def test_who_sends_a_wrong_key_is_not_taken_for_the_session(world, user, header):
    client = signed_in(user)
    for name in ("list_voices", "change_voice"):
        error(call(client, name, world, headers={"Authorization": header}), 401, "invalid_key")


def test_a_forged_request_does_nothing(world, user):
    client = signed_in(user, enforce_csrf_checks=True)
    before = list(VoiceProfile.objects.values()), list(Clip.objects.values()), list(Transcription.objects.values())
    for name in WRITE_OPERATIONS:
        error(call(client, name, world), 403, "forbidden")
        error(call(client, name, world, headers={"X-CSRFToken": "a" * 32}), 403, "forbidden")
    after = list(VoiceProfile.objects.values()), list(Clip.objects.values()), list(Transcription.objects.values())
    assert after == before and not Report.objects.exists()


def test_with_the_token_it_is_done(world, user):
    client = signed_in(user, enforce_csrf_checks=True)
    client.get("/account/")
    token = next(value.value for name, value in client.cookies.items() if "csrf" in name)
    assert call(client, "change_voice", world, headers={"X-CSRFToken": token}).status_code == 200


# --- the document


def references(node):
    if isinstance(node, dict):
        yield from (value for name, value in node.items() if name == "$ref")
        node = list(node.values())
    for part in node if isinstance(node, list) else ():
        yield from references(part)


def test_the_document_holds_together(client, user):
    served = client.get("/api/openapi.json")
    shown = served.json()
    assert shown["openapi"] == "3.1.0" and shown == json.loads(json.dumps(DOCUMENT))
    for reference in references(shown):
        place = shown
        for step in reference.removeprefix("#/").split("/"):
            place = place[step]
    assert {name.rpartition("/")[2] for name in references(shown)} >= set(shown["components"]["schemas"])
    here = [methods for address, methods in shown["paths"].items() if address.startswith("/api/")]
    assert len(OPERATIONS) + 1 == sum(map(len, here)), "and health"
    assert {"/v1/audio/speech", "/v1/audio/voices", "/v1/models/{model}"} <= set(shown["paths"])


@pytest.mark.parametrize("name", OPERATIONS)
def test_every_operation_is_described(name):
    method, address, operation = OPERATIONS[name]
    assert operation["summary"] and operation["description"] and operation["tags"]
    statuses = {int(status) for status in operation["responses"]}
    assert any(status < 300 for status in statuses) and {401, 403, 500} <= statuses
    assert 404 in statuses or "{" not in address
    taken = {parameter["name"] for parameter in operation["parameters"] if parameter["in"] == "path"}
    assert taken == {part.strip("{}") for part in address.split("/") if part.startswith("{")}


def test_it_is_read_without_another_site(client, user):
    response = client.get("/docs")
    assert response.status_code == 200 and "/api/openapi.json" in response.text
    assert "http://" not in response.text and "https://" not in response.text
    policy = response.headers["Content-Security-Policy"]
    assert "script-src" not in policy and "unsafe-inline" not in policy  # as everywhere: only the site's own
    assert 'href="/"' in response.text and "Sign in" in response.text, "the way back"
    assert client.get("/redoc").url == "/docs"


# --- odd requests


def test_other_methods_are_told_apart(world, user):
    client = signed_in(user)
    for name in OPERATIONS:
        response = call(client, name, world, method="patch" if name.endswith("voice_names") else "put")
        error(response, 405, "method_not_allowed")
        allowed = response.headers["Allow"].split(", ")
        asked = call(client, name, world, method="options")
        assert asked.status_code == 204 and asked.headers["Allow"].split(", ") == allowed
        assert OPERATIONS[name][0].upper() in allowed
        assert ("HEAD" in allowed) == ("GET" in allowed and not name.startswith("export"))


def test_head_is_get_without_the_rest(world, user):
    client = signed_in(user)
    reported(world.ids)
    linked(world.ids)
    user.is_staff = True  # who sees downloads of models
    user.save(update_fields=["is_staff"])
    for name in set(OPERATIONS) - set(WRITE_OPERATIONS) - {"export_voice", "export_voices"}:  # each is written down
        whole, head = call(client, name, world), call(client, name, world, method="head")
        assert head.status_code == whole.status_code == 200, name
        assert head.headers["Content-Type"] == whole.headers["Content-Type"]
        assert b"".join(head) == b""


def test_another_kind_of_body_is_refused(world, user):
    client = signed_in(user)
    for method, address, operation in OPERATIONS.values():
        if body := operation.get("requestBody"):
            payload = error(
                getattr(client, method)(address.format(**world.ids), "<voice/>", content_type="text/xml"), 415
            )
            assert next(iter(body["content"])) in payload["message"] and "text/xml" in payload["message"]


def test_a_body_that_is_no_json_or_too_much_is_refused(world, user, settings):
    client = signed_in(user)
    for name in CALLS:
        if "json" in CALLS[name][0]:
            method, address, _ = OPERATIONS[name]
            ask, address = getattr(client, method), address.format(**world.ids)
            send = partial(ask, address, content_type="application/json")
            for body in ("{", '{"name": NaN}', '{"x": 1e999}', b"\xff\xfe", "[" * 100_000, "[" * 99 + "]" * 99):
                error(send(body), 400, "bad_request")
            for body in ("[]", "7"):
                error(send(body), 422, "invalid")
            error(send("[" + " " * settings.DATA_UPLOAD_MAX_MEMORY_SIZE + "]"), 413, "too_large")
            assert "no_such_field" in error(send('{"no_such_field": 1}'), 422, "invalid")["fields"]
        elif "form" in CALLS[name][0]:
            sent = CALLS[name][0]["form"](world) | {"no_such_field": "1"}
            refused = error(client.post(OPERATIONS[name][1].format(**world.ids), sent), 422, "invalid")
            assert set(refused["fields"]) == {"no_such_field"}


def test_a_form_that_is_cut_off_is_refused(user):
    client = signed_in(user)
    for kind in ("multipart/form-data", "multipart/form-data; boundary=" + "x" * 300):
        error(client.post("/api/voices", b"--x\r\n", content_type=kind), 400, "bad_request")
    many = "&".join(f"x{n}=" for n in range(1500))
    error(client.post("/api/voices", many, content_type="application/x-www-form-urlencoded"), 400, "bad_request")


@pytest.mark.parametrize("address", ["/api/", "/api/nothing", "/api/voices//", "/api/voices/7", "/api/voices/x/audio"])
def test_what_is_no_address_is_told_in_the_same_shape(client, user, address):
    error(client.get(address), 404, "not_found")


def test_a_slash_at_the_end_changes_nothing(world, user):
    client = signed_in(user)
    made = client.post("/api/generations/async/", CALLS["speak_later"][0]["json"], content_type="application/json")
    assert made.status_code == 202 and client.get(made.headers["Location"] + "/").json() == made.json()
    _, secret = keys.issue(user, "One", ["read"])
    for address in ("/v1/models/", "/v1/audio/voices/", "/v1/models/whisper-1/"):
        assert sending(secret).get(address).status_code == 200


def test_what_breaks_is_told_in_the_same_shape_and_logged(page, monkeypatch, caplog):
    def broken(*args):
        raise ZeroDivisionError("secret")

    monkeypatch.setattr("voices.profiles.api.shown", broken)
    payload = error(page.get("/api/voices"), 500, "internal")
    assert "secret" not in str(payload) and "ZeroDivisionError: secret" in caplog.text


# --- voices


@pytest.mark.own_process
def test_a_recording_becomes_a_voice(page, user):
    response = page.post("/api/voices", answers(audio=recording(), transcript="", description="Warm."))
    assert response.status_code == 201
    made = response.json()
    voice = VoiceProfile.objects.get()
    assert response.headers["Location"] == f"/api/voices/{voice.pk}"
    assert (made["id"], made["name"], made["owner"], made["is_mine"]) == (str(voice.pk), "Jane", "ada", True)
    assert made["consent"]["wording"] == CONSENT_WORDING and made["consent"]["by"] == "ada"
    assert 6 < made["clip"]["speech_seconds"] < 8 and made["clip"]["advice"]
    assert page.get(made["clip"]["audio"]).status_code == 200
    assert page.get(response.headers["Location"]).json() == made
    assert voice.clip.recording.original.read() == (FIXTURES / "english_austen_1.wav").read_bytes()


@pytest.mark.parametrize(
    ("changes", "field", "words"),
    [
        ({"name": ""}, "name", "required"),
        ({"name": "x" * 81}, "name", "80"),
        ({"name": "a\0b"}, "name", "null character"),
        ({"name": "Grandmother"}, "name", "already have a voice of this name"),
        ({"language": "tlh"}, "language", "not a language of this site"),
        ({"consent": "false"}, "consent", "consent of its speaker"),
        ({"consent": "perhaps"}, "consent", "boolean"),
        ({"clip": "x"}, "clip", "UUID"),
        ({"transcript": "x" * 2001}, "transcript", "2000"),
        ({"audio": ""}, "audio", ""),
    ],
)
def test_bad_input_is_told_by_its_field(page, user, taken_in, changes, field, words):
    VoiceFactory(owner=user, name="Grandmother")
    payload = error(page.post("/api/voices", answers(audio=recording()) | changes), 422)
    assert any(words in text for text in payload["fields"][field])
    assert VoiceProfile.objects.count() == 1


def test_a_recording_that_is_none_is_told_in_the_pages_words(page):
    for content, words in ((b"", "empty"), (b"PK\x03\x04 and more", "an archive")):
        payload = error(page.post("/api/voices", answers(audio=recording("x.wav", content))), 422)
        assert words in payload["message"] and payload["fields"]["audio"] == [payload["message"]]


def test_too_much_is_read_politely_and_not_stored(page, settings):
    settings.CLIP_MAX_BYTES = 100_000
    response = page.post("/api/voices", answers(audio=recording("big.wav", b"RIFF" + bytes(3_000_000))))
    assert "the limit" in error(response, 413)["message"]
    assert not Clip.objects.exists()


def test_a_decoder_that_is_busy_is_asked_again_later(page, settings, monkeypatch):
    monkeypatch.setattr("voices.clips.service.uploads._admitted", [0] * 99)
    response = page.post("/api/voices", answers(audio=recording()))
    error(response, 429)
    assert int(response.headers["Retry-After"]) > 0


def test_a_draft_is_taken_and_a_strangers_is_not(page, user, stranger):
    mine, theirs = ClipFactory(owner=user), ClipFactory(owner=stranger)
    assert "was deleted" in error(page.post("/api/voices", answers(clip=theirs.pk)), 422)["message"]
    assert page.post("/api/voices", answers(clip=mine.pk)).status_code == 201


def test_of_two_that_take_a_name_at_once_one_is_told(page, user, monkeypatch, taken_in):
    VoiceFactory(owner=user, name="Jane")
    monkeypatch.setattr("voices.profiles.forms.NamedVoiceForm.clean_name", lambda form: form.cleaned_data["name"])
    payload = error(page.post("/api/voices", answers(audio=recording())), 409, "conflict")
    assert "already have" in payload["fields"]["name"][0]


def test_changes_leave_the_rest(page, user):
    voice = VoiceFactory(owner=user, name="Jane", description="Warm.", clip__transcript="Good day to you.")
    address = f"/api/voices/{voice.pk}"
    changed = page.patch(address, {"name": "  Aunt   Jane "}, content_type="application/json").json()
    assert (changed["name"], changed["description"]) == ("Aunt Jane", "Warm.")
    assert changed["clip"]["transcript"] == "Good day to you."
    tagged = page.patch(address, {"tags": ["Warm", "low,  calm"]}, content_type="application/json").json()
    assert sorted(tagged["tags"]) == ["calm", "low", "warm"]
    assert page.patch(address, {"language": "en-gb"}, content_type="application/json").json()["tags"] == tagged["tags"]
    many = {"tags": [f"tag {n}" for n in range(11)]}
    assert "the limit" in error(page.patch(address, many, content_type="application/json"), 422)["fields"]["tags"][0]
    VoiceFactory(owner=user, name="Taken")
    payload = error(page.patch(address, {"name": "Taken"}, content_type="application/json"), 422)
    assert "already have" in payload["fields"]["name"][0]
    payload = error(page.patch(address, {"owner": "eve"}, content_type="application/json"), 422)
    assert "no such field" in payload["fields"]["owner"][0]


def test_what_is_deleted_meanwhile_is_not_there(page, user, monkeypatch):
    voice = VoiceFactory(owner=user)
    delete_voice(VoiceProfile.objects.get(pk=voice.pk))
    error(page.get(f"/api/voices/{voice.pk}"), 404)
    error(page.delete(f"/api/voices/{voice.pk}"), 404)


def test_only_the_owner_is_told_of_consent_and_sharing(page, user, stranger):
    changes = {"visibility": "shared", "share_refusal": "Too noisy.", "share_requested_at": "2026-01-01T00:00Z"}
    voice = VoiceFactory(owner=stranger, **changes)
    shown = page.get(f"/api/voices/{voice.pk}").json()
    assert shown["owner"] == "eve" and not shown["is_mine"] and shown["consent"] is None
    assert shown["share_refusal"] == "" and shown["share_requested_at"] is None
    mine = signed_in(stranger).get(f"/api/voices/{voice.pk}").json()
    assert mine["share_refusal"] == "Too noisy." and mine["consent"]["by"] == "eve"


def test_the_list_finds_and_comes_in_pages(page, user, stranger):
    for name in ("Anna", "Berta", "Carla"):
        VoiceFactory(owner=user, name=name)
    VoiceFactory(owner=stranger, name="Secret")
    reader = VoiceFactory(owner=stranger, name="Reader", visibility="shared", language="es", clip__grade=3)
    reader.tags.create(name="calm")

    def names(query=""):
        return [voice["name"] for voice in page.get(f"/api/voices{query}").json()["results"]]

    assert names() == ["Anna", "Berta", "Carla", "Reader"]
    assert names("?q=bert") == ["Berta"] and names("?language=es") == ["Reader"] and names("?q=secret") == []
    assert names("?whose=mine") == ["Anna", "Berta", "Carla"] and names("?whose=shared") == ["Reader"]
    assert names("?tag=calm") == ["Reader"] and names("?grade=good") == ["Reader"] and names("?grade=excellent") == []
    first = page.get("/api/voices?limit=2&whose=mine").json()
    assert (first["count"], first["previous"]) == (3, None)
    second = page.get(first["next"]).json()
    assert [voice["name"] for voice in second["results"]] == ["Carla"] and second["next"] is None
    assert page.get(second["previous"]).json() == first
    for query in (
        "limit=0",
        "limit=101",
        "offset=-1",
        "offset=99999999999999999999",
        "whose=yours",
        "grade=3",
        "collection=x",
        "q=" + "x" * 201,
    ):
        error(page.get(f"/api/voices?{query}"), 422)
    assert page.get("/api/voices?offset=99").json()["results"] == []


def test_the_list_costs_as_many_queries_for_many_voices(page, user, count_queries):
    FittingFactory.create_batch(2, voice__owner=user)
    few = count_queries(page, "/api/voices")
    FittingFactory.create_batch(10, voice__owner=user)
    assert count_queries(page, "/api/voices") == few <= 8


def test_a_voice_is_heard_in_parts_and_not_twice(page, user):
    voice = VoiceFactory(owner=user)
    whole = page.get(f"/api/voices/{voice.pk}/audio")
    part = page.get(f"/api/voices/{voice.pk}/audio", headers={"Range": "bytes=4-7"})
    assert part.status_code == 206 and b"".join(part) == b"".join(whole)[4:8]
    assert whole.headers["ETag"] == f'"{voice.clip.sha256}"'
    again = page.get(f"/api/voices/{voice.pk}/audio", headers={"If-None-Match": whole.headers["ETag"]})
    assert again.status_code == 304


# --- the guide

GUIDE_FILE = FIXTURES.parents[1] / "docs" / "api.md"
EXAMPLES = re.findall(
    r"^api (.+)$", "\n".join(re.findall(r"^```sh\n(.*?)^```", GUIDE_FILE.read_text(), re.M | re.S)), re.M
)


def ask_as_curl(client, command: str, names: dict):
    """Send by Django's test client what a line of the guide would send by curl."""
    parser = argparse.ArgumentParser()
    for option in ("-X", "-o", "--json"):
        parser.add_argument(option)
    for option in ("-F", "-H"):
        parser.add_argument(option, action="append", default=[])
    parser.add_argument("address")
    asked = parser.parse_args(shlex.split(Template(command).substitute(names)))
    address = asked.address.removeprefix("http://site")
    headers = dict(header.split(": ", 1) for header in asked.H)
    if asked.json:
        ask = getattr(client, (asked.X or "post").lower())
        return ask(address, asked.json, content_type="application/json", headers=headers)
    if asked.F:
        form = dict(field.split("=", 1) for field in asked.F)
        sent = {
            name: recording(text[1:], wav() if ".wav" in text else b"RIFF") if text.startswith("@") else text
            for name, text in form.items()
        }
        return client.post(address, sent)
    return client.generic(asked.X or "GET", address)


def test_the_guide_works_from_top_to_bottom(world, user, taken_in, cutting, monkeypatch):
    page = sending(keys.issue(user, "Guide", ApiKey.Scope.values)[1])
    monkeypatch.setattr("voices.archives.importing.preview", lambda path, bounds: PREVIEW)
    monkeypatch.setattr("synthesis.api.wait.until_ended", mock.AsyncMock())
    monkeypatch.setattr("socket.getaddrinfo", lambda *_, **__: [])  # example.org leads nowhere now
    monkeypatch.setattr("voicesite.jobs.watching.changed", mock.AsyncMock())
    names = {"SITE": "http://site", "DRAFT": ClipFactory(owner=user).pk}
    names |= {name.removesuffix("_id").upper(): value for name, value in world.ids.items()}
    VoiceProfile.objects.update(name="Another")
    assert len(EXAMPLES) > 20
    for example in EXAMPLES:
        response = ask_as_curl(page, example, names)
        assert response.status_code in (200, 201, 202, 204), (example, response.content[:300])
        if "/cut" in example:
            names["CLIP"] = response.json()["id"]
        b"".join(response)
