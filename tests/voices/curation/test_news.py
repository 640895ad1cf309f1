"""What people are told of: staff of what waits for them, owners and reporters of what staff decided."""

import re

import pytest
from django.urls import reverse
from django.utils import timezone

from tests.factories import UserFactory, VoiceFactory
from voices.curation import service as curation
from voices.curation import transfer
from voices.models import Report, VoiceProfile

pytestmark = pytest.mark.backends

LIST = reverse("voices:list")


def page_of(voice):
    return reverse("voices:detail", args=[voice.pk])


def words(response):
    return " ".join(re.sub(r"<[^>]+>", " ", response.text).split())


# ---------------------------------------------------------------------------------------------------------------------
# Staff


def test_the_menu_counts_what_staff_are_to_decide(client, staff, user, stranger):
    client.force_login(staff)
    quiet = client.get(LIST)
    assert "to decide" not in quiet.text and '<span class="count" aria-hidden' not in quiet.text
    asked, reported, suspended = VoiceFactory.create_batch(3, owner=user)
    for voice in (asked, suspended):
        curation.request_sharing(user, voice)
    VoiceProfile.objects.filter(pk=suspended.pk).update(suspended_at=timezone.now())
    for reporter in (stranger, UserFactory()):
        curation.report(reporter, reported, "No.")
    shown = client.get(LIST)
    assert 'aria-label="Account of curator, 3 to decide"' in shown.text
    assert 'aria-label="Administration, 3 to decide"' in shown.text


def test_reports_that_somebody_else_answers_are_not_counted(client, staff, stranger):
    UserFactory(is_staff=True)
    curation.report(stranger, VoiceFactory(owner=staff, visibility="shared"), "No.")
    client.force_login(staff)
    assert "to decide" not in client.get(LIST).text


def test_people_are_told_nothing_of_what_staff_decide(page, user, stranger):
    curation.request_sharing(stranger, VoiceFactory(owner=stranger))
    assert "to decide" not in page.get(LIST).text


def test_the_count_costs_two_queries_for_staff_and_none_for_people(client, page, user, count_queries):
    for_people = count_queries(page, LIST)
    user.is_staff = True
    user.save()
    assert count_queries(page, LIST) == for_people + 2


# ---------------------------------------------------------------------------------------------------------------------
# Owners


@pytest.mark.parametrize(
    ("act", "told"),
    [
        (lambda staff, voice: curation.approve(staff, voice), "Staff shared it with everyone"),
        (lambda staff, voice: curation.refuse_sharing(staff, voice, "Too noisy."), "Staff did not share it"),
        (lambda staff, voice: curation.suspend(staff, voice, "No consent."), "Staff suspended it"),
        (lambda staff, voice: curation.retire(staff, voice), "Staff retired it"),
    ],
)
def test_an_owner_finds_a_mark_until_they_have_seen_it(page, user, staff, act, told):
    voice = VoiceFactory(owner=user)
    curation.request_sharing(user, voice)
    before = VoiceProfile.objects.get().updated_at
    assert act(staff, voice)
    assert VoiceProfile.objects.get().updated_at == before, "engines need not be fitted anew"
    assert f"New: {told}" in words(page.get(LIST))
    assert f"New: {told}." in page.get(page_of(voice)).text
    assert "New:" not in page.get(page_of(voice)).text and "New:" not in page.get(LIST).text


def test_what_one_does_oneself_is_no_news(client, staff, user, page):
    voice = VoiceFactory(owner=user)
    curation.retire(user, voice)
    assert "New:" not in page.get(LIST).text
    own = VoiceFactory(owner=staff)
    curation.request_sharing(staff, own)
    assert VoiceProfile.objects.get(pk=own.pk).news == ""


def test_others_see_no_mark_and_take_none_away(page, stranger, staff):
    voice = VoiceFactory(owner=stranger)
    curation.request_sharing(stranger, voice)
    curation.approve(staff, voice)
    assert "New:" not in page.get(LIST).text and "New:" not in page.get(page_of(voice)).text
    assert VoiceProfile.objects.get().news == "shared"


def test_who_is_given_a_voice_is_told(page, user, stranger, staff):
    voice = VoiceFactory(owner=stranger)
    transfer.transfer(staff, voice, user)
    assert "New: It was given to you" in words(page.get(LIST))


# ---------------------------------------------------------------------------------------------------------------------
# Reporters


@pytest.fixture
def report(user, stranger):
    curation.report(user, VoiceFactory(owner=stranger, name="Radio", visibility="shared"), "That is my uncle.")
    return Report.objects.get()


def test_a_reporter_reads_the_answer_also_where_the_voice_is_gone(page, staff, report):
    assert "Staff answered" not in page.get(LIST).text
    curation.answer_report(staff, report, "It is suspended.", suspend_it=True)
    assert page.get(page_of(report.voice)).status_code == 404
    assert "Staff answered your report of Radio: It is suspended." in words(page.get(LIST))
    assert page.post(reverse("voices:seen", args=[report.pk])).url == LIST
    assert "Staff answered" not in page.get(LIST).text


def test_visiting_the_voice_is_reading_the_answer(page, staff, report):
    curation.answer_report(staff, report, "He agreed.", suspend_it=False)
    assert "He agreed." in page.get(page_of(report.voice)).text
    assert "Staff answered" not in page.get(LIST).text


def test_an_answer_is_read_by_who_asked_only(client, staff, report, stranger):
    curation.answer_report(staff, report, "He agreed.", suspend_it=False)
    client.force_login(stranger)
    assert "He agreed." not in client.get(LIST).text
    client.post(reverse("voices:seen", args=[report.pk]))
    assert Report.objects.get().is_news
    assert client.get(reverse("voices:seen", args=[report.pk])).status_code == 405
