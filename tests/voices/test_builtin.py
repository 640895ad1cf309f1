"""A built-in voice: everyone may use it, it is nobody's, and only staff change anything about it."""

import pytest
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse

from tests.factories import VoiceFactory
from voices.archives.exporting import exportable_by
from voices.curation import service as curation
from voices.curation import transfer
from voices.models import Clip, Report, VoiceProfile
from voicesite.people import keys
from voicesite.web.rejection import Rejected

LIST_URL = "/admin/voices/voiceprofile/"


@pytest.fixture
def grace(db):
    return VoiceFactory(builtin=True, name="Grace", description="A warm voice.")


@pytest.fixture
def curator(client, staff):
    client.force_login(staff)
    return client


@pytest.fixture
def program(user):
    """What asks with ada's key."""
    return Client(headers={"Authorization": f"Bearer {keys.issue(user, 'Program', ['speak'])[1]}"})


def names(found) -> list[str]:
    return sorted(found.values_list("name", flat=True))


def test_a_voice_is_somebodys_or_built_in(user):
    for fields in ({"owner": None}, {"owner": user, "preset": "af_heart"}):
        with pytest.raises(IntegrityError), transaction.atomic():
            VoiceFactory(**fields)


def test_everyone_may_use_it_and_nobody_changes_it(grace, user, stranger):
    for person in (user, stranger):
        assert names(VoiceProfile.objects.usable_by(person)) == ["Grace"]
        assert grace.clip in Clip.objects.visible_to(person)
        assert not VoiceProfile.objects.editable_by(person).exists()


def test_a_site_can_hide_them(grace, user, settings):
    VoiceFactory(name="Shared", visibility="shared")
    settings.BUILTIN_VOICES = False
    assert names(VoiceProfile.objects.visible_to(user)) == ["Shared"]
    assert grace.clip not in Clip.objects.visible_to(user)


def test_its_page_says_what_it_is_and_offers_nothing_to_change(page, grace):
    shown = page.get(reverse("voices:detail", args=[grace.pk])).text
    assert "built in" in shown and "Nobody was cloned." in shown and "Original" not in shown
    for word in ("shared by", "confirmed on", "Report", "Likeness", "refined", "Delete", "of speech"):
        assert word not in shown, word
    for name in ("edit", "delete", "retire", "unshare", "add_clip"):
        assert page.post(reverse(f"voices:{name}", args=[grace.pk])).status_code == 404
    assert page.get(reverse("voices:clip_audio", args=[grace.clip_id])).status_code == 200


def test_nobody_reports_what_is_nobodys(page, user, grace):
    assert page.get(reverse("voices:report", args=[grace.pk])).status_code == 404
    with pytest.raises(Rejected, match="built in"):
        curation.report(user, grace, "I don't like it.")
    assert not Report.objects.exists()


def test_the_list_has_it_after_all_others(page, user, grace):
    VoiceFactory(owner=user, name="Zoe")
    VoiceFactory(name="Hal", visibility="shared")
    shown = page.get("/voices/").text
    assert shown.index("Hal") < shown.index("Zoe") < shown.index("Grace")
    assert "Create your first voice" not in shown
    assert "Grace" not in page.get("/voices/?whose=shared").text
    only = page.get("/voices/?whose=builtin").text
    assert "Grace" in only and "Hal" not in only


def test_a_person_without_a_voice_is_still_asked_to_make_one(page, grace):
    shown = page.get("/voices/").text
    assert shown.index("Create your first voice") < shown.index("Grace")
    assert "Export voices" not in shown, "as there are none of theirs"


# --- staff


def test_staff_retire_and_suspend_it(curator, staff, grace, user):
    assert "built in" in curator.get(LIST_URL).text
    assert "Grace" in curator.get(f"{LIST_URL}?standing=builtin").text
    one = curator.get(f"{LIST_URL}{grace.pk}/change/").text
    assert "Retire" in one and "Suspend" in one
    for word in ("Transfer", "Make private", "deletelink", "has not spoken yet"):
        assert word not in one, word
    assert curation.retire(staff, grace) and not VoiceProfile.objects.usable_by(user).exists()
    assert curation.suspend(staff, grace, "Not here.") and not VoiceProfile.objects.visible_to(user).exists()


def test_staff_neither_give_it_away_nor_merge_delete_or_export_it(curator, staff, user, grace):
    other = VoiceFactory(builtin=True)
    assert not curation.unshare(staff, grace)
    with pytest.raises(Rejected, match="built in"):
        transfer.transfer(staff, grace, user)
    with pytest.raises(Rejected, match="built in"):
        transfer.check_mergeable([grace, other])
    for action in ("delete_selected", "unshare", "merge"):
        curator.post(LIST_URL, {"action": action, "_selected_action": [grace.pk, other.pk], "post": "yes"})
    chosen = {"action": "transfer", "_selected_action": [grace.pk], "words": "1", "to": user.username}
    curator.post(LIST_URL, chosen)
    assert curator.post(f"{LIST_URL}{grace.pk}/delete/", {"post": "yes"}).status_code == 403
    assert VoiceProfile.objects.filter(owner=None, visibility="shared").count() == 2
    assert not exportable_by(staff).exists()


# --- programs


def test_programs_see_that_it_is_built_in(page, program, grace, user):
    mine = VoiceFactory(owner=user, name="Zoe")
    found = {one["name"]: one for one in page.get("/api/voices").json()["results"]}
    assert (found["Grace"]["is_builtin"], found["Grace"]["owner"], found["Grace"]["is_mine"]) == (True, None, False)
    assert found["Grace"]["is_being_fitted"] is False and found["Grace"]["consent"] is None
    assert (found["Zoe"]["is_builtin"], found["Zoe"]["owner"]) == (False, "ada")
    assert [one["id"] for one in page.get("/api/voices?whose=mine").json()["results"]] == [str(mine.pk)]
    assert [one["id"] for one in page.get("/api/voices?whose=builtin").json()["results"]] == [str(grace.pk)]
    listed = {one["name"]: one for one in program.get("/v1/audio/voices").json()["voices"]}
    assert (listed["Grace"]["is_builtin"], listed["Grace"]["shared_by"]) == (True, None)


def test_programs_neither_report_nor_change_it(page, grace):
    address = f"/api/voices/{grace.pk}"
    reported = page.post(f"{address}/report", {"reason": "No."}, content_type="application/json")
    assert reported.status_code == 409 and "built in" in reported.text
    assert page.delete(address).status_code == 404
    assert page.patch(address, {"name": "Mine"}, content_type="application/json").status_code == 404
