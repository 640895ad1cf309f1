"""The pages to share, retire and report voices, as their owners and other people see them."""

import pytest
from django.utils import timezone

from tests.factories import VoiceFactory
from voices.models import AuditEntry, Report, VoiceProfile

OWNER_ACTIONS = ["ask", "withdraw", "unshare", "retire", "bring_back"]
PATH_BY_ACTION = {"ask": "share", "withdraw": "share/withdraw", "unshare": "share/end", "bring_back": "bring-back"}


def address(voice, name="") -> str:
    return f"/voices/{voice.pk}/{PATH_BY_ACTION.get(name, name)}"


def test_an_owner_asks_is_refused_and_asks_again(page, user):
    voice = VoiceFactory(owner=user)
    assert "Ask to share it with everyone here" in page.get(address(voice)).text
    shown = page.post(address(voice, "ask"), follow=True).text
    assert "Sent for review" in shown and "Cancel request" in shown
    assert not VoiceProfile.objects.get().is_shared
    VoiceProfile.objects.update(share_requested_at=None, share_refusal="Too much <noise>.")
    shown = page.get(address(voice)).text
    assert "Too much &lt;noise&gt;." in shown and "Ask again" in shown
    page.post(address(voice, "ask"))
    shown = page.post(address(voice, "withdraw"), follow=True).text
    assert "Request cancelled" in shown and "Too much" not in shown


def test_what_is_done_already_is_told_politely(page, user):
    voice = VoiceFactory(owner=user)
    assert "Nothing to do" in page.post(address(voice, "withdraw"), follow=True).text


def test_a_shared_voice_is_made_private_by_its_owner(page, user):
    voice = VoiceFactory(owner=user, visibility="shared")
    assert "Everyone here can use it" in page.get(address(voice)).text
    assert "No longer shared" in page.post(address(voice, "unshare"), follow=True).text
    assert not VoiceProfile.objects.get().is_shared


def test_staff_share_their_own_at_once(client, staff):
    client.force_login(staff)
    voice = VoiceFactory(owner=staff)
    assert "shared with everyone here" in client.post(address(voice, "ask"), follow=True).text
    assert VoiceProfile.objects.get().is_shared


def test_a_retired_voice_comes_back(page, user):
    voice = VoiceFactory(owner=user)
    shown = page.post(address(voice, "retire"), follow=True).text
    assert "This voice was retired" in shown and "Use this voice" not in shown
    assert "Use this voice" in page.post(address(voice, "bring_back"), follow=True).text


def test_a_suspended_voice_says_why_to_its_owner_and_is_gone_for_others(page, user, client, stranger):
    voice = VoiceFactory(owner=user, visibility="shared", suspended_at=timezone.now(), suspension="Not <theirs>.")
    shown = page.get(address(voice)).text
    assert "Not &lt;theirs&gt;." in shown and "Use this voice" not in shown
    page.force_login(stranger)
    assert page.get(address(voice)).status_code == 404
    assert page.get(address(voice, "report") + "/").status_code == 404


@pytest.mark.parametrize("name", OWNER_ACTIONS)
@pytest.mark.parametrize("shared", [False, True])
@pytest.mark.parametrize("who", ["stranger", "staff"])
def test_nobody_else_acts_on_a_voice_in_its_page(page, request, name, shared, who):
    """Not even staff: they have the administration for that."""
    changes = {"retired_at": timezone.now()} if name == "bring_back" else {}
    voice = VoiceFactory(visibility="shared" if shared else "private", **changes)
    page.force_login(request.getfixturevalue(who))
    before = VoiceProfile.objects.values().get()
    assert page.post(address(voice, name)).status_code == 404
    assert VoiceProfile.objects.values().get() == before and not AuditEntry.objects.exists()


@pytest.mark.parametrize("name", ["edit/", "delete/", "clips/new/"])
def test_a_shared_voice_is_changed_by_nobody_but_its_owner(page, name):
    voice = VoiceFactory(visibility="shared")
    for method in (page.get, page.post):
        assert method(address(voice, name)).status_code in (404, 405)
    assert VoiceProfile.objects.filter(pk=voice.pk, name=voice.name).exists()


@pytest.mark.parametrize("name", OWNER_ACTIONS)
def test_acts_are_posted_by_who_is_signed_in(page, client, user, name):
    voice = VoiceFactory(owner=user)
    assert page.get(address(voice, name)).status_code == 405
    page.logout()
    assert page.post(address(voice, name)).url.startswith("/account/login/")


# ---------------------------------------------------------------------------------------------------------------------
# Reports


def test_a_report_is_confirmed_not_repeated_and_answered_on_the_page(page, user, stranger, staff):
    voice = VoiceFactory(owner=stranger, visibility="shared")
    report = address(voice, "report") + "/"
    assert "Something wrong with this voice?" in page.get(address(voice)).text
    assert "won’t be told who you are" in " ".join(page.get(report).text.split())
    assert page.post(report, {"reason": " "}).status_code == 422
    assert "Thank you." in page.post(report, {"reason": "It is my uncle."}, follow=True).text
    assert "already reported it" in page.post(report, {"reason": "Again."}, follow=True).text
    assert Report.objects.get().reason == "It is my uncle."
    assert "you’ll see their answer here" in " ".join(page.get(address(voice)).text.split())
    Report.objects.update(closed_at=timezone.now(), answer="He agreed to it.")
    shown = page.get(address(voice)).text
    assert "He agreed to it." in shown and "Report it again" in shown
    page.force_login(stranger)
    assert "He agreed" not in page.get(address(voice)).text


def test_too_many_reports_keep_what_was_written(page, user, monkeypatch):
    monkeypatch.setattr("voices.curation.service.MAX_REPORTS_PER_DAY", 0)
    response = page.post(address(VoiceFactory(visibility="shared"), "report") + "/", {"reason": "My own words."})
    assert response.status_code == 422 and "My own words." in response.text and "more tomorrow" in response.text


def test_ones_own_and_private_voices_are_not_reported(page, user, stranger):
    for voice in (VoiceFactory(owner=user, visibility="shared"), VoiceFactory(owner=stranger)):
        assert page.post(address(voice, "report") + "/", {"reason": "x"}).status_code == 404
    assert not Report.objects.exists()


def test_visitors_do_not_report(client, user):
    assert client.get(address(VoiceFactory(visibility="shared"), "report") + "/").url.startswith("/account/login/")


# ---------------------------------------------------------------------------------------------------------------------
# Tags and consent


def test_an_owner_writes_tags(page, user):
    voice = VoiceFactory(owner=user)
    data = {"name": voice.name, "language": "en-us", "description": "", "tags": "Warm, narrator"}
    assert page.post(address(voice, "edit/"), data).status_code == 302
    assert "?tag=narrator" in page.get(address(voice)).text
    assert 'value="narrator, warm"' in page.get(address(voice, "edit/")).text
    response = page.post(address(voice, "edit/"), data | {"tags": "x" * 50})
    assert response.status_code == 422 and "too long for a tag" in response.text and "x" * 50 in response.text


def test_the_consent_is_shown_in_its_own_words(page, user, stranger):
    voice = VoiceFactory(owner=stranger, visibility="shared", consent_wording="Old words.", consent_name="grandpa")
    shown = page.get(address(voice)).text
    assert "Grandpa confirmed on" in shown and "Old words." in shown


def test_a_voices_page_costs_as_many_queries_with_many_reports_and_tags(page, user, count_queries):
    voice = VoiceFactory(visibility="shared")
    few = count_queries(page, address(voice))
    for name in "abcdef":
        voice.tags.create(name=name)
    Report.objects.bulk_create(Report(voice=voice, reporter=None, reason="x") for _ in range(20))
    assert count_queries(page, address(voice)) == few
