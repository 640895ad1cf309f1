"""Everything that is a person's, in one file that only they can get."""

import io
import json
import zipfile
from datetime import timedelta

import pytest
from django.apps import apps
from django.core.files.storage import default_storage
from django.utils import timezone

from synthesis.models import ListeningLink
from synthesis.workers import lanes, sweeper
from tests.factories import PASSWORD, GenerationFactory, SegmentFactory
from tests.voicesite.privacy.things import everything_of
from voicesite.jobs import attempts
from voicesite.jobs.job import State
from voicesite.models import ApiKey, Takeout, User
from voicesite.people.keys import issue
from voicesite.privacy import takeouts

pytestmark = pytest.mark.django_db(transaction=True)

PAGE = "/account/privacy/"


def pack(person) -> Takeout:
    """Ask for it, and let a worker do it."""
    takeout = takeouts.ask(person)
    while claimed := lanes.claim_next():
        kind, job = claimed
        if isinstance(job, Takeout):
            attempts.run(job, kind.work)
    takeout.refresh_from_db()
    return takeout


def unpacked(takeout) -> dict[str, bytes]:
    with takeout.file.open("rb") as file, zipfile.ZipFile(io.BytesIO(file.read())) as archive:
        assert archive.testzip() is None
        names = archive.namelist()
        assert len(names) == len(set(names))
        return {name: archive.read(name) for name in names}


def test_all_of_it_can_be_read_and_heard(user, stranger):
    told = everything_of(user)
    everything_of(stranger)
    takeout = pack(user)
    assert takeout.state == State.COMPLETED and takeout.progress == 100
    files = unpacked(takeout)
    for name, words in told.items():
        assert words in files[name].decode(), name
    for name in files:
        if name.endswith(".json"):
            json.loads(files[name])
    (folder,) = {name.rpartition("/")[0] for name in files if name.endswith("/speech.json")}
    speech = json.loads(files[f"{folder}/speech.json"])
    assert speech["text"] == "Nobody knows this." and speech["changes"][0]["before"] == {"text": "Before that"}
    take = speech["sentences"][0]["takes"][0]
    generation, voice = user.generations.get(), user.voices.get()
    kept = {
        f"{folder}/speech.wav": generation.audio,
        f"{folder}/{take['sound']}": generation.segments.get().takes.get().audio,
        "voices/001-großmutter/clip-1.wav": voice.clip.audio,
        f"recordings/{voice.clip.recording_id}/as-sent.wav": voice.clip.recording.original,
        f"recordings/{voice.clip.recording_id}/decoded.flac": voice.clip.recording.audio,
    }
    for name, file in kept.items():
        with file.open("rb") as stream:
            assert files[name] == stream.read(), name
    assert takeout.bytes == takeout.file.size


def test_no_secret_and_nothing_of_others_is_in_it(user, stranger):
    everything_of(user)
    everything_of(stranger)
    files = unpacked(pack(user))
    documents = "\n".join(content.decode() for name, content in files.items() if name.endswith((".json", ".txt")))
    secrets = [user.password, user.webhooks.get().secret, user.api_keys.get().hash]
    secrets += ListeningLink.objects.values_list("token", flat=True)
    assert not [secret for secret in secrets if secret in documents]
    of_others = [*stranger.generations.values_list("pk", flat=True), *stranger.voices.values_list("pk", flat=True)]
    assert not [pk for pk in of_others if str(pk) in documents]


# What points at a person, and is no thing of theirs, or is told with another.
NOT_HANDED_OUT = {
    "Takeout": "the file itself",
    "IdempotencyKey": "answers that were given, for a day",
    "LogEntry": "acts of administrators",
    "EmailAddress": "the address in the profile",
    "Mail": "on its way, or sent",
    "Download": "a model for the whole site",
}


def test_whatever_will_be_kept_of_people_is_thought_of():
    """A new model with a person in it fails here until it is in the file, or in the list above with a reason."""
    of_people = {
        model.__name__
        for model in apps.get_models()
        for field in model._meta.concrete_fields
        if field.related_model is User
    }
    handed_out = {
        "ApiKey", "Authenticator", "AuditEntry", "Clip", "Draft", "FailedSignIn", "Folder", "Generation", "Invitation", "KeepingRule", "MadeSound",
        "PronunciationEntry", "Recording", "Report", "SocialAccount", "SpokenConsent", "TranscriptionRequest", "UsageDay", "UserSession",
        "VoiceAlias", "VoiceImport", "VoiceProfile", "Webhook",
    }  # fmt: skip
    assert of_people == handed_out | set(NOT_HANDED_OUT)


def test_a_sound_that_is_gone_is_named(user):
    generation = GenerationFactory(owner=user, completed=True)
    default_storage.delete(generation.audio.name)
    readme = unpacked(pack(user))["README.txt"].decode()
    assert "Gone before it could be copied: speech/" in readme and "speech.wav" in readme


def test_it_costs_the_same_queries_for_few_and_for_many(user, django_assert_max_num_queries):
    def collected():
        return [part.path for data in takeouts.personal_data for part in data.collect(user)]

    GenerationFactory(owner=user, completed=True)
    few = len(collected())
    for _ in range(5):
        everything_again = GenerationFactory(owner=user, completed=True)
        SegmentFactory.create_batch(3, generation=everything_again, take=True)
    with django_assert_max_num_queries(40):
        assert len(collected()) > few + 20


def test_a_new_one_takes_the_place_of_the_old(user):
    first = pack(user)
    assert default_storage.exists(first.file.name)
    second = pack(user)
    assert not default_storage.exists(first.file.name) and default_storage.exists(second.file.name)
    assert Takeout.objects.get() == second


def test_while_one_is_packed_no_other_is_begun(user):
    assert takeouts.ask(user) == takeouts.ask(user)
    assert Takeout.objects.count() == 1


def test_one_that_is_cancelled_leaves_no_file(user, monkeypatch):
    GenerationFactory(owner=user, completed=True)
    takeout = takeouts.ask(user)
    assert takeout.claim()
    takeout.request_cancel()
    attempts.run(takeout, takeouts.pack)
    takeout.refresh_from_db()
    assert takeout.state == State.CANCELLED and not takeout.file
    assert not default_storage.exists("takeouts")


def test_it_expires(client, user):
    takeout = pack(user)
    Takeout.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    client.force_login(user)
    confirm(client)
    assert client.post(f"{PAGE}takeout/file").status_code == 404
    sweeper.delete_leftovers()
    assert not Takeout.objects.exists() and not default_storage.exists(takeout.file.name)


def confirm(client, password=PASSWORD, **after):
    return client.post("/account/confirm/", {"password": password, **after})


def test_the_password_is_asked_for_before_it_is_packed(client, user):
    client.force_login(user)
    asked = client.post(f"{PAGE}takeout/")
    assert asked.status_code == 302 and asked.url.startswith("/account/confirm/")
    confirm(client, "wrong", next=f"{PAGE}takeout/")
    assert not Takeout.objects.exists()
    assert confirm(client, next=f"{PAGE}takeout/").url == PAGE
    assert Takeout.objects.get().owner == user


def test_the_password_is_asked_for_before_it_is_downloaded(client, user):
    takeout = pack(user)
    client.force_login(user)
    assert "Confirm who you are" in client.get(PAGE).text
    assert client.post(f"{PAGE}takeout/file").url.startswith("/account/confirm/")
    assert client.get(f"{PAGE}takeout/file").status_code == 405
    assert client.get(f"{PAGE}takeout/unlock").url.startswith("/account/confirm/")
    assert confirm(client, next=f"{PAGE}takeout/unlock").url == f"{PAGE}takeout/unlock"
    assert client.get(f"{PAGE}takeout/unlock").url == f"{PAGE}#takeout"
    assert "Confirm who you are" not in client.get(PAGE).text
    response = client.post(f"{PAGE}takeout/file")
    assert response["Content-Disposition"].startswith('attachment; filename="voicesite-ada-')
    assert "no-store" in response["Cache-Control"]
    assert len(b"".join(response.streaming_content)) == takeout.bytes


def test_it_is_nobody_elses(client, user, stranger, staff):
    pack(user)
    for other in (stranger, staff):
        client.force_login(other)
        confirm(client)
        assert "Packed" not in client.get(PAGE).text
        assert client.post(f"{PAGE}takeout/file").status_code == 404
        client.post(f"{PAGE}takeout/cancel")
    assert Takeout.objects.get().is_here


def test_visitors_sign_in_first(client, user):
    for path in ("", "takeout/unlock", "leave/"):
        assert client.get(PAGE + path).url.startswith("/account/login/")
    for path in ("takeout/", "takeout/file", "takeout/cancel", "keeping/", "leave/"):
        assert client.post(PAGE + path).url.startswith("/account/login/")


def test_progress_is_shown_and_it_can_be_cancelled(client, user):
    takeouts.ask(user)
    client.force_login(user)
    assert "Packing everything" in client.get(PAGE).text
    polled = client.get(f"{PAGE}takeout/progress", headers={"HX-Request": "true"})
    assert "Waiting" in polled.text and "<html" not in polled.text
    client.post(f"{PAGE}takeout/cancel")
    assert Takeout.objects.get().state == State.CANCELLED
    assert client.get(f"{PAGE}takeout/progress", headers={"HX-Request": "true"})["HX-Refresh"] == "true"


def test_who_has_no_password_sets_one_first(client, user):
    user.set_unusable_password()
    user.save()
    client.force_login(user)
    assert client.post(f"{PAGE}takeout/").url == "/account/password/new/"
    assert not Takeout.objects.exists()


def test_a_key_does_not_open_it(client, user):
    pack(user)
    _, secret = issue(user, "radio", list(ApiKey.Scope.values))
    response = client.post(f"{PAGE}takeout/file", headers={"Authorization": f"Bearer {secret}"})
    assert response.url.startswith("/account/login/")
