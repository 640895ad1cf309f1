"""Whoever leaves takes everything along that is theirs, has a day to come back, and never is the last administrator."""

import uuid
from datetime import timedelta

import pytest
from django.apps import apps
from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.contenttypes.models import ContentType
from django.core import mail
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db.models import CharField, ForeignKey, JSONField, TextField
from django.utils import timezone

from synthesis.models import Generation, GenerationVoice, ListeningLink, Rendition
from synthesis.workers import lanes, sweeper
from tests.factories import PASSWORD, GenerationFactory, SegmentFactory, UserFactory, VoiceFactory
from tests.voicesite.privacy.things import everything_of
from voices.consent import service as spoken
from voices.models import AuditEntry, Report, TranscriptionRequest, VoiceImport
from voicesite.hooks.models import Delivery
from voicesite.jobs import attempts
from voicesite.jobs.job import State
from voicesite.models import IdempotencyKey, RequestCount, User
from voicesite.people.keys import find, issue
from voicesite.privacy import leaving, takeouts
from voicesite.storage import stored_files
from voicesite.web.rejection import Rejected

pytestmark = pytest.mark.django_db(transaction=True)

PAGE = "/account/privacy/"
PEOPLE = "/admin/voicesite/user/"


def files() -> set[str]:
    return {name for name, _ in stored_files("")}


def rows_that_point_at(key: int) -> set[str]:
    return {
        f"{model.__name__}.{field.name}"
        for model in apps.get_models()
        for field in model._meta.concrete_fields
        if isinstance(field, ForeignKey) and field.related_model is User
        if model._base_manager.filter(**{field.attname: key}).exists()
    }


def rows_that_say(words: str) -> set[str]:
    """Return where in the whole database these words stand."""
    return {
        f"{model.__name__}.{field.name}"
        for model in apps.get_models()
        for field in model._meta.concrete_fields
        if isinstance(field, CharField | TextField | JSONField)
        if any(words in str(value) for value in model._base_manager.values_list(field.name, flat=True))
    }


def due(person) -> None:
    """Let the day pass, and the sweeper do its work to the end."""
    User.objects.filter(pk=person.pk).update(leaves_at=timezone.now() - timedelta(seconds=1))
    while leaving.delete_due():
        pass


@pytest.fixture
def ada(db):
    """Somebody with one of each, also of what is only there for a while."""
    person = UserFactory(username="ada-of-lovelace", email="ada@example.org", first_name="Augusta")
    everything_of(person)
    voice, speech = person.voices.get(), person.generations.get()
    Rendition.objects.create(
        generation=speech, audio_format="mp3", file=ContentFile(b"mp3", "a.mp3"), state=State.COMPLETED
    )
    GenerationVoice.objects.create(generation=speech, voice=voice, clip=voice.clip, payload=b"tone")
    GenerationFactory(owner=person, voice=voice, is_sample=True, completed=True)
    begun = SegmentFactory(generation=GenerationFactory(owner=person, voice=voice, running=True))
    name = default_storage.save(f"generations/{begun.generation_id}/segments/part.flac", ContentFile(b"flac"))
    begun.parts = [[name, 10]]
    begun.save()
    VoiceImport.objects.create(owner=person, file=ContentFile(b"zip", "voices.zip"), preview={"voices": ["Augusta"]})
    TranscriptionRequest.objects.create(owner=person, audio=ContentFile(b"flac", "r.flac"), seconds=1.0, text="Augusta")
    for consent, kept in ((spoken.ask(person, "session", "en-us"), voice), (spoken.ask(person, "key", "es"), None)):
        consent.voice, consent.audio = kept, ContentFile(b"flac", "sentence.flac")
        consent.heard = "Augusta"
        consent.save()
    Delivery.objects.create(webhook=person.webhooks.get(), event="voice.ready", subject=str(voice.pk))
    IdempotencyKey.objects.create(
        owner=person,
        key="again",
        fingerprint="0" * 64,
        claim=uuid.uuid4(),
        lease_expires_at=timezone.now(),
        body=b"Augusta",
    )
    RequestCount.objects.create(asker=f"person:{person.pk}", minute=1, requests=1)
    RequestCount.objects.create(asker=f"key:{person.api_keys.get().pk}", minute=1, requests=1)
    takeouts.ask(person)
    return person


def test_nothing_of_theirs_is_left(ada, stranger, staff):
    everything_of(stranger)
    for other in stranger.recordings.all():
        other.original_name = "of-eve.wav"
        other.save()
    of_content = ContentType.objects.get_for_model(User)
    LogEntry.objects.create(
        user=staff, content_type=of_content, object_id=str(ada.pk), object_repr=str(ada), action_flag=CHANGE
    )
    kind, job = next(claimed for claimed in iter(lanes.claim_next, None) if claimed[1]._meta.model_name == "takeout")
    attempts.run(job, kind.work)
    theirs, others = ada.pk, files()
    leaving.ask(ada)
    due(ada)
    assert not User.objects.filter(pk=theirs).exists()
    assert rows_that_point_at(theirs) == set()
    named = {"AuditEntry.actor_name"} & rows_that_say("ada-of-lovelace")
    assert rows_that_say("ada-of-lovelace") - {"AuditEntry.detail"} == named
    for words in ("Augusta", "ada@example.org", "Kitchen radio"):
        assert rows_that_say(words) <= {"ApiKey.name"} - ({"ApiKey.name"} if words != "Kitchen radio" else set())
    assert not RequestCount.objects.exists()
    left = files()
    assert left < others
    named_by_rows = {
        name
        for model in apps.get_models()
        for field in model._meta.concrete_fields
        if field.get_internal_type() == "FileField"
        for name in model._base_manager.exclude(**{field.name: ""}).values_list(field.name, flat=True)
    }
    assert left == named_by_rows
    assert sweeper.delete_leftovers(timedelta(0)) == 0
    assert stranger.generations.count() == 1 and stranger.voices.count() == 1


def test_what_others_made_stays_and_what_is_said_about_it_is_true(ada, stranger):
    voice = ada.voices.get()
    voice.visibility = "shared"
    voice.save()
    spoken = GenerationFactory(owner=stranger, voice=voice, completed=True)
    report = Report.objects.create(
        voice=VoiceFactory(owner=stranger), reporter=ada, reason="It is me who speaks there."
    )
    leaving.ask(ada)
    due(ada)
    spoken.refresh_from_db()
    assert spoken.voice is None and spoken.voice_name == "Großmutter" and default_storage.exists(spoken.audio.name)
    assert not spoken.retry()
    report.refresh_from_db()
    assert report.reporter is None and report.reason
    entry = AuditEntry.objects.get(act="deleted")
    assert "with its owner’s account" in entry.detail and "consent confirmed by ada-of-lovelace" in entry.detail


def test_it_goes_on_after_a_crash_and_in_portions(ada, monkeypatch):
    GenerationFactory.create_batch(5, owner=ada, completed=True)
    leaving.ask(ada)
    User.objects.filter(pk=ada.pk).update(leaves_at=timezone.now() - timedelta(seconds=1))
    monkeypatch.setattr(leaving, "PORTION", 2)
    before = Generation.objects.filter(owner=ada).count()
    assert leaving.delete_due() == 2
    assert Generation.objects.filter(owner=ada).count() == before - 2
    due(ada)
    assert not User.objects.filter(pk=ada.pk).exists()


def test_who_has_a_day_left_is_not_deleted(ada):
    leaving.ask(ada)
    assert leaving.delete_due() == 0
    assert User.objects.get(pk=ada.pk).leaves_at - timezone.now() > timedelta(hours=23)


def test_the_account_is_locked_meanwhile(client, ada):
    _, secret = issue(ada, "another", ["read"])
    assert find(secret)
    client.force_login(ada)
    leaving.ask(ada)
    assert client.get("/account/").url.startswith("/account/login/")
    assert find(secret) is None
    assert client.get(f"/listen/{ListeningLink.objects.get().token}/").status_code == 404
    assert not Generation.objects.active().filter(cancel_requested=False).exists()
    assert TranscriptionRequest.objects.get().state == State.CANCELLED


def confirm(client, **after):
    return client.post("/account/confirm/", {"password": PASSWORD, **after})


def test_one_leaves_by_the_page_with_the_password_and_comes_back(client, settings, ada):
    settings.EMAIL_URL = settings.SENDS_MAIL = True
    client.force_login(ada)
    shown = client.get(f"{PAGE}leave/").text
    for words in ("2 texts with sound", "1 voice with recordings", "1 listening link", "what others spoke", "backups"):
        assert words in shown
    assert client.post(f"{PAGE}leave/").url.startswith("/account/confirm/")
    assert User.objects.get(pk=ada.pk).is_active
    left = confirm(client, next=f"{PAGE}leave/")
    assert left.url.startswith(f"{PAGE}stay/") and not User.objects.get(pk=ada.pk).is_active
    page = client.get(left.url)
    assert "is deleted" in page.text and left.url in page.text and page.status_code == 200
    for _ in range(20):
        if claimed := lanes.claim_next():
            attempts.run(claimed[1], claimed[0].work)
    (sent,) = mail.outbox
    assert sent.to == ["ada@example.org"] and left.url in sent.body
    assert client.post(left.url).url == "/account/login/"
    assert client.post("/account/login/", {"username": ada.username, "password": PASSWORD}).status_code == 302
    assert client.get(left.url).status_code == 404  # it works once
    assert Generation.objects.filter(owner=ada, state=State.COMPLETED).exists()


@pytest.mark.parametrize(
    ("backup", "hours", "kept", "told"),
    [("", 24, 14, "if whoever runs this site makes any"), ("/b", 24, 14, "for 14 days"), ("/b", 12, 2, "for 1 day:")],
)
def test_how_long_backups_are_kept_is_told(client, settings, ada, backup, hours, kept, told):
    settings.BACKUP, settings.BACKUP_HOURS, settings.BACKUPS_KEPT = backup, hours, kept
    client.force_login(ada)
    assert f"copies in backups, {told}" in client.get(f"{PAGE}leave/").text


@pytest.mark.parametrize("token", ["", "x", "WzEsIDFd:1abcde:forged"])
def test_a_forged_way_back_opens_nothing(client, ada, token):
    leaving.ask(ada)
    assert client.post(f"{PAGE}stay/{token}/").status_code == 404
    assert not User.objects.get(pk=ada.pk).is_active


def test_the_way_back_of_an_earlier_time_opens_nothing(ada):
    old = leaving.ask(ada)
    leaving.stay(ada)
    User.objects.filter(pk=ada.pk).update(is_active=False)  # staff closed it
    assert leaving.leaving(old) is None
    User.objects.filter(pk=ada.pk).update(is_active=True)
    new = leaving.ask(User.objects.get(pk=ada.pk))
    assert leaving.leaving(old) is None and leaving.leaving(new) == ada


def test_when_the_day_is_over_there_is_no_way_back(client, ada):
    token = leaving.ask(ada)
    User.objects.filter(pk=ada.pk).update(leaves_at=timezone.now())
    assert client.post(f"{PAGE}stay/{token}/").status_code == 404
    assert not leaving.stay(ada)


def test_the_last_administrator_stays(client, staff):
    client.force_login(staff)
    shown = client.get(f"{PAGE}leave/").text
    assert "You are the only administrator" in shown and '<button class="danger"' not in shown
    confirm(client)
    client.post(f"{PAGE}leave/")
    with pytest.raises(Rejected):
        leaving.ask(staff)
    with pytest.raises(Rejected):
        leaving.delete(staff)
    assert User.objects.get(pk=staff.pk).is_active
    UserFactory(is_superuser=True, is_active=False)  # is none who could help
    assert leaving.is_last_administrator(staff)
    UserFactory(is_superuser=True)
    assert leaving.ask(staff)


def test_administrators_can_bring_somebody_back(client, staff, ada):
    leaving.ask(ada)
    client.force_login(staff)
    assert client.get(f"{PEOPLE}{ada.pk}/change/").status_code == 200
    client.post(PEOPLE, {"action": "keep_account", "_selected_action": [ada.pk]})
    ada.refresh_from_db()
    assert ada.is_active and ada.leaves_at is None
    assert LogEntry.objects.filter(object_id=str(ada.pk)).exists()


def test_administrators_delete_somebody_at_once_and_read_what_stays(client, staff, ada):
    client.force_login(staff)
    shown = client.get(f"{PEOPLE}{ada.pk}/delete/").text
    assert "Deleted: 2 texts with sound" in shown and "Stays: what others spoke" in shown
    before = files()
    client.post(f"{PEOPLE}{ada.pk}/delete/", {"post": "yes"})
    assert not User.objects.filter(pk=ada.pk).exists() and before and not files()


def test_administrators_delete_several_but_not_the_last_of_them(client, staff, ada):
    client.force_login(staff)
    chosen = {"action": "delete_selected", "_selected_action": [staff.pk, ada.pk]}
    assert "only administrator" in client.post(PEOPLE, chosen).text
    client.post(PEOPLE, chosen | {"post": "yes"})
    assert User.objects.filter(pk=staff.pk).exists()
    client.post(f"{PEOPLE}{staff.pk}/delete/", {"post": "yes"})
    assert User.objects.filter(pk=staff.pk).exists()


@pytest.mark.parametrize("left_out", ["is_superuser", "is_active"])
def test_the_last_administrator_can_neither_be_demoted_nor_closed(client, staff, left_out):
    client.force_login(staff)
    kept = {"username": staff.username, "is_active": "on", "is_staff": "on", "is_superuser": "on"}
    kept.pop(left_out)
    assert "This is the only administrator" in client.post(f"{PEOPLE}{staff.pk}/change/", kept).text
    UserFactory(is_superuser=True)
    assert client.post(f"{PEOPLE}{staff.pk}/change/", kept).status_code == 302


def test_the_page_costs_the_same_for_few_and_for_many(client, ada, count_queries):
    client.force_login(ada)
    pages = (PAGE, f"{PAGE}leave/", "/account/")
    few = [count_queries(client, page) for page in pages]
    GenerationFactory.create_batch(5, owner=ada, completed=True)
    VoiceFactory.create_batch(5, owner=ada)
    assert [count_queries(client, page) for page in pages] == few
