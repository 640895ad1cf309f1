"""Mails about voices: to whom, in which words, and that one which can't be sent does no harm."""

import pytest
from django.core import mail as outbox
from django.urls import reverse

from synthesis.workers import tasks
from tests.factories import UserFactory, VoiceFactory
from voices.curation import service as curation
from voices.models import Mail, Report
from voicesite.jobs.job import State

pytestmark = pytest.mark.backends


@pytest.fixture(autouse=True)
def sends(settings):
    settings.SENDS_MAIL = True
    settings.SITE_URL = "https://voices.example.org"


@pytest.fixture
def owner(db):
    return UserFactory(username="ada", first_name="Ada", email="ada@example.org")


@pytest.fixture
def curator(db):
    return UserFactory(username="curator", email="curator@example.org", is_staff=True)


@pytest.fixture
def voice(owner):
    return VoiceFactory(owner=owner, name="Grandmother", visibility="shared")


def to():
    return sorted(Mail.objects.values_list("recipient__username", "subject"))


def sent():
    """Let the workers send what is enqueued."""
    while Mail.objects.active().exists():
        tasks.run_background()
    return outbox.outbox


def test_an_owner_reads_what_was_decided_in_plain_words_with_a_link(owner, curator):
    voice = VoiceFactory(owner=owner, name="Grandmother")
    curation.request_sharing(owner, voice)
    curation.refuse_sharing(curator, voice, "It is a recording of the radio.")
    assert outbox.outbox == [], "none is sent in the request"
    (mail,) = [one for one in sent() if one.to == ["ada@example.org"]]
    assert mail.subject == "“Grandmother” was not shared"
    assert mail.body == (
        "Hello Ada,\n\nstaff did not share your voice “Grandmother”. They wrote:\n\nIt is a recording of the radio.\n\n"
        f"You can change the voice and ask again.\n\nhttps://voices.example.org/voices/{voice.pk}/\n\n"
        "-- \nYou can turn off these emails on your account page: https://voices.example.org/account/\n"
    )
    assert set(Mail.objects.values_list("state", flat=True)) == {State.COMPLETED}


def test_a_request_goes_to_staff_and_the_answer_to_the_owner(owner, curator):
    voice = VoiceFactory(owner=owner, name="Grandmother")
    curation.request_sharing(owner, voice)
    assert to() == [("curator", "ada wants to share “Grandmother”")]
    assert f"https://voices.example.org{reverse('admin:voices_voiceprofile_review')}" in Mail.objects.get().text
    curation.approve(curator, voice)
    curation.suspend(curator, voice, "No consent.")
    curation.lift_suspension(curator, voice)
    assert [subject for name, subject in to() if name == "ada"] == [
        "“Grandmother” can be used again",
        "“Grandmother” is shared",
        "“Grandmother” is suspended",
    ]


def test_a_report_names_nobody_and_goes_to_no_staff_whom_it_is_against(voice, owner, curator):
    owner.is_staff = True
    owner.save()
    reporter = UserFactory(username="eve", first_name="Eve", email="eve@example.org")
    curation.report(reporter, voice, "That is my uncle.")
    assert to() == [("curator", "“Grandmother” was reported")]
    assert "That is my uncle." in Mail.objects.get().text and "eve" not in Mail.objects.get().text.lower()
    curation.answer_report(curator, Report.objects.get(), "He agreed.", suspend_it=False)
    assert ("eve", "Your report of “Grandmother”") in to() and ("ada", "Your report of “Grandmother”") not in to()


def test_a_report_of_somebody_without_an_account_goes_to_staff_too(voice, curator):
    curation.report_anonymously(voice, "That is my uncle.")
    assert to() == [("curator", "“Grandmother” was reported")]
    curation.answer_report(curator, Report.objects.get(), "He agreed.", suspend_it=False)
    assert len(to()) == 1, "nobody to tell"


def test_every_reporter_of_a_suspended_voice_reads_the_answer(voice, curator):
    for name in ("eve", "bob"):
        curation.report(UserFactory(username=name, email=f"{name}@example.org"), voice, "No.")
    curation.answer_report(curator, voice.reports.first(), "It is suspended.", suspend_it=True)
    assert {name for name, subject in to() if subject.startswith("Your report")} == {"eve", "bob"}


@pytest.mark.parametrize("changes", [{"takes_mails": False}, {"email": ""}, {"is_active": False}])
def test_who_wants_none_gets_none(voice, owner, curator, changes):
    type(owner).objects.filter(pk=owner.pk).update(**changes)
    voice.refresh_from_db()
    curation.suspend(curator, voice, "No consent.")
    assert to() == []


def test_without_a_server_none_is_enqueued(voice, curator, settings):
    settings.SENDS_MAIL = False
    curation.suspend(curator, voice, "No consent.")
    assert to() == []


def test_without_an_address_of_the_site_there_is_no_link(voice, curator, settings):
    settings.SITE_URL = ""
    curation.suspend(curator, voice, "No consent.")
    assert "http" not in sent()[0].body and "on your account page." in sent()[0].body


def test_a_line_end_in_a_name_ends_no_header(owner, curator):
    voice = VoiceFactory(owner=owner, name="Radio\nBcc: all@example.org", visibility="shared")
    curation.suspend(curator, voice, "No.")
    assert sent()[0].subject == "“Radio Bcc: all@example.org” is suspended"


def test_a_server_that_takes_none_fails_the_mail_and_nothing_else(voice, curator, settings):
    settings.EMAIL_BACKEND, settings.EMAIL_HOST, settings.EMAIL_PORT = (
        "django.core.mail.backends.smtp.EmailBackend",
        "127.0.0.1",
        1,
    )
    assert curation.suspend(curator, voice, "No consent.")
    sent()
    mail = Mail.objects.get()
    assert mail.state == State.FAILED and mail.failures == 3 and "mail server refused it" in mail.error


def test_people_turn_them_off_on_their_account_page(client, owner, settings):
    client.force_login(owner)
    assert 'name="takes_mails"' in client.get("/account/").text
    client.post("/account/", {"first_name": "Ada", "last_name": "", "email": "ada@example.org"})
    owner.refresh_from_db()
    assert not owner.takes_mails
    settings.SENDS_MAIL = False
    assert 'name="takes_mails"' not in client.get("/account/").text
