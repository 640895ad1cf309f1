"""Whom a report is against does not learn who sent it, staff or not, and does not decide about it either."""

from importlib import import_module

import pytest
from django.apps import apps
from django.urls import reverse

from tests.factories import UserFactory, VoiceFactory
from voices.curation import service as curation
from voices.curation import transfer
from voices.models import AuditEntry, Report, VoiceProfile
from voicesite.web.rejection import Rejected

pytestmark = pytest.mark.backends

VOICES, REPORTS, AUDIT = (f"/admin/voices/{model}/" for model in ("voiceprofile", "report", "auditentry"))
NAME = "whistleblower"


@pytest.fixture
def reporter(db):
    return UserFactory(username=NAME, first_name="Wilma", email="whistleblower@example.org")


@pytest.fixture(params=["staff", "superuser"])
def owner(request, db):
    """Somebody of the staff whose voice is reported; `colleague` is there too."""
    return UserFactory(username="owner", is_staff=True, is_superuser=request.param == "superuser")


@pytest.fixture
def colleague(db):
    return UserFactory(username="colleague", is_staff=True)


@pytest.fixture
def report(owner, colleague, reporter):
    voice = VoiceFactory(owner=owner, name="Radio", visibility="shared")
    assert curation.report(reporter, voice, "That is my uncle.")
    return Report.objects.get()


def doors(report):
    """Every page that tells of a report, with what it must tell."""
    voice = report.voice
    return {
        REPORTS: "That is my uncle.",
        f"{REPORTS}?answered=all&q=uncle": "That is my uncle.",
        f"{REPORTS}{report.pk}/change/": "That is my uncle.",
        f"{VOICES}{voice.pk}/change/": "That is my uncle.",
        f"{VOICES}?standing=reported": "Radio",
        AUDIT: "That is my uncle.",
        f"{AUDIT}?voice={voice.pk}": "That is my uncle.",
        f"{AUDIT}?act=reported": "That is my uncle.",
        reverse("voices:detail", args=[voice.pk]): "Radio",
        f"/api/voices/{voice.pk}": "Radio",
    }


def test_no_page_names_the_reporter_to_the_owner(client, owner, report):
    client.force_login(owner)
    for door, said in doors(report).items():
        shown = client.get(door)
        assert shown.status_code == 200 and said in shown.text, door
        assert NAME not in shown.text and "Wilma" not in shown.text, door


def test_colleagues_read_who_reported(client, colleague, report):
    client.force_login(colleague)
    for door in (REPORTS, f"{REPORTS}{report.pk}/change/", f"{VOICES}{report.voice_id}/change/"):
        assert NAME in client.get(door).text, door
    assert client.get(f"{REPORTS}?q={NAME}").context["cl"].result_count == 1


def test_the_other_reports_of_the_voice_name_nobody_either(client, owner, report):
    other = UserFactory(username="bystander")
    curation.report(other, report.voice, "He is on the wireless.")
    client.force_login(owner)
    shown = client.get(f"{REPORTS}{report.pk}/change/").text
    assert "He is on the wireless." in shown and "bystander" not in shown and NAME not in shown


@pytest.mark.parametrize("probe", ["q=whistleblower", "q=whistle"])
def test_a_search_for_a_name_finds_nothing_of_theirs(client, owner, report, probe):
    client.force_login(owner)
    assert client.get(f"{REPORTS}?{probe}").context["cl"].result_count == 0
    assert client.get(f"{AUDIT}?{probe}").context["cl"].result_count == 0
    assert client.get(f"{VOICES}?{probe}").context["cl"].result_count == 0


@pytest.mark.parametrize("field", ["", "__id__exact", "__username", "__username__startswith", "__isnull", "_id"])
def test_no_filter_in_the_address_finds_out(client, owner, report, field):
    client.force_login(owner)
    value = "whistleblower" if "username" in field else report.reporter_id
    assert client.get(f"{REPORTS}?reporter{field}={value}").status_code == 400
    for where in (f"{VOICES}?reports__reporter{field}=", f"{AUDIT}?voice__reports__reporter{field}="):
        assert client.get(f"{where}{value}").status_code in (302, 400)


def test_nothing_in_the_log_ever_names_a_reporter(client, owner, report, staff):
    """The log outlives the voice, and then says no more whose it was."""
    curation.delete(owner, report.voice)
    for reader in (owner, staff):
        client.force_login(reader)
        assert NAME not in client.get(AUDIT).text
    assert not AuditEntry.objects.filter(actor_name=NAME).exists()
    assert not AuditEntry.objects.filter(detail__contains=NAME).exists()


def test_the_names_that_older_logs_have_are_taken_out(reporter, report):
    AuditEntry.objects.filter(act="reported").update(actor=reporter, actor_name=NAME)
    Report.objects.update(against=None)
    import_module("voices.migrations.0003_reporters_stay_unknown").fill(apps, None)
    assert not AuditEntry.objects.filter(actor_name=NAME).exists()
    assert Report.objects.get().against == report.voice.owner


def test_giving_the_voice_away_opens_nothing(client, owner, report):
    accomplice = UserFactory()
    assert transfer.transfer(owner, report.voice, accomplice)
    client.force_login(owner)
    for door in (REPORTS, f"{REPORTS}{report.pk}/change/", f"{VOICES}{report.voice_id}/change/"):
        assert NAME not in client.get(door).text, door
    assert client.get(f"{REPORTS}?q={NAME}").context["cl"].result_count == 0


def test_who_gets_a_reported_voice_does_not_learn_it_either(client, report, colleague):
    assert transfer.transfer(UserFactory(is_staff=True), report.voice, colleague)
    client.force_login(colleague)
    assert NAME not in client.get(f"{REPORTS}{report.pk}/change/").text


def test_an_answered_report_still_names_nobody(client, owner, colleague, report):
    curation.answer_report(colleague, report, "We asked.", suspend_it=False)
    client.force_login(owner)
    for door in (f"{REPORTS}?answered=yes", f"{REPORTS}{report.pk}/change/", f"{VOICES}{report.voice_id}/change/"):
        shown = client.get(door).text
        assert "We asked." in shown and NAME not in shown, door


# ---------------------------------------------------------------------------------------------------------------------
# Deciding


def test_somebody_else_decides(client, owner, colleague, report):
    client.force_login(owner)
    page = f"{REPORTS}{report.pk}/change/"
    shown = client.get(page).text
    assert "another member of staff decides" in shown and 'name="answer"' not in shown
    assert client.post(page, {"answer": "It is fine."}).status_code == 403
    with pytest.raises(Rejected, match="your own voice"):
        curation.answer_report(owner, report, "It is fine.", suspend_it=False)
    assert not Report.objects.get().closed_at
    client.force_login(colleague)
    assert client.post(page, {"answer": "It is suspended.", "suspend": "on"}).status_code == 302
    assert Report.objects.get().closed_by == colleague


def test_a_suspension_of_their_own_voice_is_lifted_by_somebody_else(owner, colleague, report):
    curation.answer_report(colleague, report, "No consent.", suspend_it=True)
    voice = VoiceProfile.objects.get()
    with pytest.raises(Rejected, match="your own voice"):
        curation.lift_suspension(owner, voice)
    assert curation.lift_suspension(colleague, voice)


def test_the_only_staff_answer_without_learning_who_and_the_log_says_so(client, owner, reporter):
    voice = VoiceFactory(owner=owner, visibility="shared")
    curation.report(reporter, voice, "That is my uncle.")
    report = Report.objects.get()
    UserFactory(is_staff=True, is_active=False)  # who has left decides nothing
    client.force_login(owner)
    page = f"{REPORTS}{report.pk}/change/"
    assert NAME not in client.get(page).text
    assert client.post(page, {"answer": "He agreed."}).status_code == 302
    entry = AuditEntry.objects.get(act="report_answered")
    assert entry.detail == "kept (by the owner, who is the only staff): He agreed."
