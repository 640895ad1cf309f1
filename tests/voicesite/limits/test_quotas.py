"""Work at once, seconds of speech a day, and bytes stored: what is asked for within them, and how the rest is refused."""

import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import nullcontext
from datetime import UTC, datetime, timedelta

import pytest
from django.core.files.base import ContentFile
from django.core.management import CommandError, call_command
from django.db import connection
from django.test import Client

from synthesis.models import Generation
from tests.factories import GenerationFactory, SegmentFactory, UserFactory, VoiceFactory
from tests.voices.hostile import recording
from voices.archives import importing
from voices.clips import service as clips
from voices.intake import process as intake
from voices.models import Clip, Recording, TranscriptionRequest, VoiceImport
from voicesite.jobs.job import State
from voicesite.limits import quotas
from voicesite.models import ApiKey, UsageDay
from voicesite.people import keys
from voicesite.web.rejection import Rejected

pytestmark = [pytest.mark.django_db, pytest.mark.backends, pytest.mark.usefixtures("one_day")]

TEXT = "The ferry left at noon, and nobody saw it return to the harbour." * 2  # about nine seconds
_today = quotas.today


@pytest.fixture
def voice(user):
    return VoiceFactory(owner=user)


@pytest.fixture
def secret(user):
    return keys.issue(user, "Program", ["read", "speak", "voices"])[1]


def post(secret, address, body):
    return Client().post(address, body, content_type="application/json", headers={"Authorization": f"Bearer {secret}"})


def speak(secret, voice, text=TEXT):
    return post(secret, "/api/generations/async", {"voice": str(voice.pk), "text": text})


def used(secret):
    return Client().get("/api/usage", headers={"Authorization": f"Bearer {secret}"}).json()


# ---------------------------------------------------------------------------------------------------------------------
# Speech a day


def test_what_is_asked_for_is_reserved_so_that_texts_cannot_pass_together(user, voice, secret, settings):
    settings.SPEECH_SECONDS_A_DAY = 30
    answers = [speak(secret, voice) for _ in range(5)]
    assert [answer.status_code for answer in answers] == [202, 202, 202, 429, 429]
    assert Generation.objects.count() == 3
    error = answers[-1].json()["error"]
    assert (
        error["code"] == "quota_exceeded" and "30 s a day" in error["message"] and "midnight (UTC)" in error["message"]
    )
    assert 0 < int(answers[-1]["Retry-After"]) <= 24 * 3600
    Generation.objects.first().request_cancel()
    assert speak(secret, voice).status_code == 202, "what is cancelled is not reserved any more"


def test_openais_client_is_told_not_to_ask_again(voice, secret, settings):
    settings.SPEECH_SECONDS_A_DAY = 1
    refused = post(secret, "/v1/audio/speech", {"voice": str(voice.pk), "input": TEXT, "model": "tts-1"})
    assert refused.status_code == 429 and refused["X-Should-Retry"] == "false"
    assert refused.json()["error"]["code"] == "insufficient_quota"
    assert not Generation.objects.exists()


def test_a_page_says_it_and_keeps_the_text(page, voice, settings):
    settings.SPEECH_SECONDS_A_DAY = 1
    for headers in ({}, {"HX-Request": "true"}):
        response = page.post("/", {"voice": voice.pk, "text": TEXT, "speed": "1"}, headers=headers)
        assert response.status_code == 422
        assert TEXT in response.text and "more speech than you have left today" in response.text
    assert not Generation.objects.exists()


def test_other_ways_to_ask_say_it_too(page, user, voice, secret, settings, tmp_path):
    done = GenerationFactory(owner=user, voice=voice, text=TEXT, completed=True)
    failed = GenerationFactory(owner=user, voice=voice, text=TEXT, state=State.FAILED, error="It broke.")
    settings.SPEECH_SECONDS_A_DAY = 1
    for address in (f"/generations/{done.pk}/another", f"/generations/{failed.pk}/retry"):
        assert "more speech than you have left today" in page.post(address, follow=True).text, address
    for address in (f"/api/generations/{done.pk}/takes", f"/api/generations/{failed.pk}/retry"):
        assert post(secret, address, {}).json()["error"]["code"] == "quota_exceeded", address
    with pytest.raises(CommandError, match="more speech"):
        call_command("speak", TEXT, user="ada", voice=voice.name, output=tmp_path / "never.wav")
    failed.refresh_from_db()
    assert failed.state == State.FAILED and Generation.objects.count() == 2


def test_days_are_those_of_the_site(user, settings, monkeypatch):
    monkeypatch.setattr(quotas, "today", _today)
    settings.TIME_ZONE = "Pacific/Auckland"
    quotas.timezone.get_default_timezone.cache_clear()
    try:
        monkeypatch.setattr(quotas.timezone, "now", lambda: datetime(2026, 11, 26, 12, 0, tzinfo=UTC))
        assert str(quotas.today()) == "2026-11-27"
        assert quotas.renews_at() == datetime(2026, 11, 27, 11, 0, tzinfo=UTC)
        quotas.count_speech(user.pk, 2.5)
        quotas.count_speech(user.pk, 1.0)
        assert UsageDay.objects.values_list("day", "speech_seconds").get() == (quotas.today(), 3.5)
        monkeypatch.setattr(quotas.timezone, "now", lambda: datetime(2026, 11, 27, 12, 0, tzinfo=UTC))
        assert quotas.usage(user).speech_seconds_today == 0.0
    finally:
        quotas.timezone.get_default_timezone.cache_clear()


def test_a_person_may_have_another_quota_and_staff_have_none(user, voice, secret, settings):
    settings.SPEECH_SECONDS_A_DAY = 1
    user.speech_seconds_a_day = 15
    user.save()
    assert [speak(secret, voice).status_code for _ in range(2)] == [202, 429]
    user.speech_seconds_a_day = 0
    user.save()
    assert speak(secret, voice).status_code == 202
    user.speech_seconds_a_day, user.is_staff = None, True
    user.save()
    assert speak(secret, voice).status_code == 202
    assert used(secret)["speech_seconds_limit"] is None


def test_samples_cost_nobody_anything(user, voice, settings):
    settings.SPEECH_SECONDS_A_DAY, settings.WORK_AT_ONCE = 1, 1
    for _ in range(2):
        Generation(
            owner=user, voice=VoiceFactory(owner=user), text=TEXT, language="en-us", seed=0, is_sample=True
        ).submit()
    assert quotas.usage(user).speech_used == 0.0 and quotas.usage(user).work_active == 0


def test_a_change_reserves_what_is_to_be_spoken_of_it(user, voice):
    generation = GenerationFactory(owner=user, voice=voice, text=TEXT * 10, completed=True)
    SegmentFactory(generation=generation, take=True)
    pending = SegmentFactory(generation=generation, text="Only this one.")
    assert generation.expected_seconds() == pytest.approx(len(pending.text) * 0.07)


def test_scripts_without_letters_are_slower(user):
    def expected(text):
        return Generation(owner=user, text=text).expected_seconds()

    assert expected("这就是我的声音") == pytest.approx(7 * 0.25)
    assert expected("my voice") == pytest.approx(8 * 0.07)
    assert expected("") == 0.0


# ---------------------------------------------------------------------------------------------------------------------
# Work at once


def test_work_at_once_is_limited_by_person_and_by_key(user, voice, secret, settings):
    settings.WORK_AT_ONCE = 4
    ApiKey.objects.update(work_at_once=2)
    assert [speak(secret, voice).status_code for _ in range(3)] == [202, 202, 429]
    other = keys.issue(user, "Other", ["speak"])[1]
    assert [speak(other, voice).status_code for _ in range(3)] == [202, 202, 429]
    refused = speak(other, voice)
    assert refused.json()["error"]["code"] == "too_much_at_once" and refused["Retry-After"] == "5"
    Generation.objects.filter(api_key__name="Other").first().request_cancel()
    assert speak(other, voice).status_code == 202
    assert used(other)["work"] == {"limit": 4, "active": 4}


def test_transcriptions_and_imports_are_work_too(user, settings):
    settings.WORK_AT_ONCE = 2
    VoiceImport.objects.create(owner=user, choices=[])
    VoiceImport.objects.create(owner=user)  # a preview is no work
    TranscriptionRequest(owner=user, seconds=1.0).submit()
    with pytest.raises(Rejected, match="2 things in the works"):
        TranscriptionRequest(owner=user, seconds=1.0).submit()
    assert TranscriptionRequest.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_of_many_that_ask_at_once_exactly_as_many_get_work_as_may(settings):
    settings.WORK_AT_ONCE = 5
    user = UserFactory()

    def ask(_):
        try:
            TranscriptionRequest(owner=user, seconds=1.0).submit()
        except Rejected:
            return False
        finally:
            connection.close()
        return True

    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(ask, range(12))) == 5
    assert TranscriptionRequest.objects.count() == 5


# ---------------------------------------------------------------------------------------------------------------------
# Storage


def test_full_storage_takes_nothing_more(user, voice, secret, settings):
    GenerationFactory(owner=user, voice=voice, completed=True, bytes=900_000)
    Recording.objects.filter(owner=user).update(bytes=60_000)
    voice.clips.update(bytes=40_000)
    settings.STORED_MAX_BYTES = 1_500_000
    assert used(secret)["stored_bytes"] == 1_000_000
    refused = speak(secret, voice)
    assert refused.status_code == 403 and "Retry-After" not in refused
    assert refused.json()["error"]["code"] == "storage_full" and "may store 2 MB" in refused.json()["error"]["message"]
    assert speak(secret, voice, "Short.").status_code == 202
    assert "no room" in quotas.why_full(user, 600_000) and not quotas.why_full(user, 400_000)


def test_an_upload_that_does_not_fit_is_refused_and_one_that_does_is_counted(user, secret, settings):
    def upload():
        headers = {"Authorization": f"Bearer {secret}"}
        return Client().post("/api/recordings", {"audio": ContentFile(recording("wav"), "speech.wav")}, headers=headers)

    settings.STORED_MAX_BYTES = 1000
    refused = upload()
    assert refused.status_code == 403 and refused.json()["error"]["code"] == "storage_full"
    assert not Recording.objects.exists()
    settings.STORED_MAX_BYTES = 0
    assert upload().status_code == 201
    made, clip = Recording.objects.get(), Clip.objects.get()
    assert made.bytes == made.original.size + made.audio.size
    assert clip.bytes == clip.audio.size
    assert used(secret)["stored_bytes"] == made.bytes + clip.bytes


# ---------------------------------------------------------------------------------------------------------------------
# What one sees of it


def test_usage_tells_programs_all(user, voice, secret, settings):
    settings.REQUESTS_PER_MINUTE, settings.SPEECH_SECONDS_A_DAY = 600, 100
    quotas.count_speech(user.pk, 75.0)
    speak(secret, voice)
    shown = used(secret)
    assert shown.pop("requests") == {"limit": 600, "remaining": 598, "reset": 50}
    renews = datetime.fromisoformat(shown.pop("renews_at"))
    assert timedelta(0) < renews - datetime.now(UTC) <= timedelta(days=1)
    assert shown.pop("warnings") == ["Today’s speech is nearly used up: 84 s of 100 s. It renews at midnight (UTC)."]
    assert shown.pop("stored_bytes") == quotas.stored_bytes(user)
    assert shown == {
        "speech_seconds_today": 75.0,
        "speech_seconds_reserved": pytest.approx(len(TEXT) * 0.07),
        "speech_seconds_limit": 100,
        "stored_bytes_limit": None,
        "work": {"limit": settings.WORK_AT_ONCE, "active": 1},
    }


def test_any_key_may_see_its_usage_and_nobody_else(user, client):
    for scope in ApiKey.Scope:
        assert "work" in used(keys.issue(user, scope, [scope])[1]), scope
    assert client.get("/api/usage").status_code == 401
    client.force_login(user)
    assert client.get("/api/usage").json()["requests"] == {"limit": None, "remaining": None, "reset": None}
    assert client.post("/api/usage").status_code == 405


def test_pages_warn_before_the_end(page, user, voice, settings):
    settings.SPEECH_SECONDS_A_DAY, settings.STORED_MAX_BYTES = 100, 1_000_000
    shown = page.get("/account/").text
    assert (
        shown.count("<meter") == 2
        and "nearly" not in shown
        and "Speech today: 0 s of 100 s." in " ".join(shown.split())
    )
    assert "nearly" not in page.get("/").text
    quotas.count_speech(user.pk, 80.0)
    GenerationFactory(owner=user, voice=voice, completed=True, bytes=1_000_000)
    for address in ("/account/", "/"):
        shown = page.get(address).text
        assert "nearly used up: 80 s of 100 s" in shown and "Your storage is full" in shown, address


def test_without_quotas_pages_ask_for_nothing_more(page, user, django_assert_num_queries):
    assert "<meter" not in page.get("/account/").text
    with django_assert_num_queries(0):
        assert quotas.warnings(user) == []


def test_administrators_set_limits_and_see_usage(client, staff, user):
    quotas.count_speech(user.pk, 60.0)
    client.force_login(staff)
    address = f"/admin/voicesite/user/{user.pk}/change/"
    shown = client.get(address)
    assert "60 s of speech today" in shown.text
    form = shown.context["adminform"].form
    data = {name: form[name].value() for name in form.fields if form[name].value() not in (None, False)}
    assert client.post(address, data | {"speech_seconds_a_day": "5", "requests_per_minute": ""}).status_code == 302
    user.refresh_from_db()
    assert (user.speech_seconds_a_day, user.requests_per_minute, user.stored_megabytes) == (5, None, None)


def test_keys_are_made_with_limits_of_their_own(page, user, capsys):
    made = {"name": "Small", "scopes": ["read"], "requests_per_minute": "5", "work_at_once": "2"}
    assert "vs_" in page.post("/account/keys/", made).text
    key = ApiKey.objects.get()
    assert (key.requests_per_minute, key.work_at_once) == (5, 2)
    assert "5 requests a minute" in page.get("/account/").text
    assert page.post("/account/keys/", made | {"name": "None", "work_at_once": "0"}).status_code == 422
    call_command("create_api_key", "ada", "--name", "Other", "--requests-per-minute", "7")
    assert ApiKey.objects.get(name="Other").requests_per_minute == 7


@pytest.mark.parametrize("what", ["recordings", "archives"])
@pytest.mark.django_db(transaction=True)
def test_of_many_uploads_at_once_exactly_as_many_are_stored_as_fit(what, settings, monkeypatch, tmp_path):
    user, sent = UserFactory(), tmp_path / "sent"
    sent.write_bytes(b"x" * 1000)
    all_are_decoded = threading.Barrier(6)
    measured = intake.Measured(7.0, 6.5, 30.0, 0.0, -23.0, [1, 100], advice=[])
    received = intake.Received(b"f" * 400, 7.2, [1, 100], intake.ReferenceAudio(b"r" * 600, measured, 0.0, 7.2))

    def decode(made):
        all_are_decoded.wait()
        return made

    monkeypatch.setattr(intake, "take_in", lambda path, limits: decode(received))
    monkeypatch.setattr(importing, "preview", lambda path, bounds: decode({"voices": []}))
    monkeypatch.setattr(importing, "MAX_PREVIEWS", 9)
    monkeypatch.setattr(clips.uploads, "slot", lambda person: nullcontext())
    settings.STORED_MAX_BYTES = 7000 if what == "recordings" else 3500

    def upload(_):
        try:
            if what == "recordings":
                clips.store_recording(user, sent, "speech.wav")
            else:
                importing.receive(user, sent, "voices.zip", 1000)
        except Rejected as rejected:
            return rejected.code
        finally:
            connection.close()
        return "stored"

    with ThreadPoolExecutor(6) as pool:
        answers = sorted(pool.map(upload, range(6)))
    assert answers == ["storage_full"] * 3 + ["stored"] * 3
    assert quotas.stored_bytes(user) == (6000 if what == "recordings" else 3000)
    files = [file for file in settings.MEDIA_ROOT.rglob("*") if file.is_file()]
    assert len(files) == (9 if what == "recordings" else 3), "what was refused leaves no file"
