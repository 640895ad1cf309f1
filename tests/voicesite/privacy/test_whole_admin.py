"""Every page of the administration, whatever is registered: what staff read there of others they are told of, and no rights grow."""

from datetime import timedelta

import pytest
from django.contrib import admin
from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.auth.models import Permission
from django.contrib.contenttypes.models import ContentType
from django.urls import reverse
from django.utils import timezone

from synthesis.models import Evaluation, Fitting, Generation
from tests.factories import UserFactory
from tests.voicesite.privacy.things import everything_of
from voices.curation import service as curation
from voices.models import AuditEntry, Clip, Recording, VoiceProfile
from voicesite.models import User

pytestmark = pytest.mark.django_db

# What somebody wrote or said, by what it would be read from.
SECRETS = (
    "Whispered words", "A draft of a clip", "In her kitchen", "grandma-kitchen", "Dear diary", "Nobody knows this",
    "A sentence of mine", "Before that", "Zaphod", "Not said yet", "example.org/told", "Kitchen radio", "192.0.2.77",
)  # fmt: skip
LOGGED_BY = {  # what the line in the log is about, for those that staff may read at all, in some setting
    "Whispered words": "voice",
    "In her kitchen": "voice",
    "grandma-kitchen": "voice",
    "Dear diary": "speech",
    "Nobody knows this": "speech",
    "Zaphod": "pronunciations",
}


@pytest.fixture
def eve(stranger):
    everything_of(stranger)
    voice = stranger.voices.get()
    VoiceProfile.objects.update(description="In her kitchen")
    Recording.objects.update(original_name="grandma-kitchen.wav")
    Evaluation.objects.create(generation=stranger.generations.get())
    Fitting.objects.create(voice=voice, clip=voice.clip, engine="fake", model="tone")
    Generation.objects.update(recognized_text="Nobody knows this, heard")
    AuditEntry.objects.all().delete()
    return stranger


@pytest.fixture(params=["curator", "with every permission"])
def helper(request, client, db):
    """Staff who are no superusers, also those whom somebody gave each permission that Django has."""
    person = UserFactory(username="helper", is_staff=True)
    if request.param != "curator":
        person.user_permissions.set(Permission.objects.all())
    client.force_login(person)
    return person


def pages_of(model) -> list[str]:
    """Return the addresses of the list of a model, with searches, and of what there is of each row."""
    names = f"admin:{model._meta.app_label}_{model._meta.model_name}"
    lists = reverse(f"{names}_changelist")
    searches = [f"{lists}?q={secret}" for secret in ("diary", "Zaphod")]
    rows = [row.pk for row in model._base_manager.all()[:3]]
    acts = ("change", "delete", "history")
    return [lists, *searches, *(reverse(f"{names}_{act}", args=[pk]) for pk in rows for act in acts)]


def whole_admin() -> list[str]:
    return ["/admin/", *(page for model in admin.site._registry for page in pages_of(model))]


def read(client, page: str) -> set[str]:
    """Return the secrets that a page shows, other than what was searched for."""
    response = client.get(page, follow=True)
    assert response.status_code in (200, 403, 404), page
    asked = page.partition("?q=")[2]
    return {secret for secret in SECRETS if secret in response.text and secret != asked}


def test_nothing_private_is_on_any_page(client, helper, eve):
    assert len(whole_admin()) > 50
    read_people = [page for page in whole_admin() if "/user/" not in page and (read(client, page))]
    assert read_people == []
    assert not AuditEntry.objects.looks_at(eve).exists()


def test_whatever_is_read_anywhere_has_a_line_that_its_owner_sees(client, helper, eve, sees_all):
    seen = set()
    for page in whole_admin():
        AuditEntry.objects.all().delete()
        for secret in read(client, page):
            seen.add(secret)
            lines = AuditEntry.objects.looks_at(eve).filter(actor=helper, detail__icontains=LOGGED_BY[secret])
            assert lines.exclude(why="").exists(), f"{page} shows {secret}, and no line says so"
    assert seen == set(LOGGED_BY)


def test_no_page_says_more_of_a_reported_voice_without_a_line(client, helper, eve, user):
    curation.report(user, eve.voices.get(), "It is me who speaks there.")
    AuditEntry.objects.all().delete()
    seen = set()
    for page in whole_admin():
        if shown := read(client, page):
            seen |= shown
            lines = AuditEntry.objects.looks_at(eve).filter(actor=helper)
            assert lines.filter(why="it was reported").exists(), page
    assert {"Whispered words", "In her kitchen"} <= seen and "Zaphod" not in seen


# ---------------------------------------------------------------------------------------------------------------------
# Rights


PEOPLE = "/admin/voicesite/user/"
ALL_RIGHTS = {"is_active": "on", "is_staff": "on", "is_superuser": "on", "groups": [], "user_permissions": []}


def rights() -> dict:
    return {
        person.username: (person.is_active, person.is_staff, person.is_superuser, person.password, person.email)
        for person in User.objects.all()
    }


def test_nobody_raises_rights_by_any_form(client, helper, eve, staff):
    before = rights()
    for person in (helper, staff):
        client.post(f"{PEOPLE}{person.pk}/change/", ALL_RIGHTS | {"username": person.username})
        client.post(f"{PEOPLE}{person.pk}/password/", {"password1": "a long one, 77", "password2": "a long one, 77"})
        client.post(f"{PEOPLE}{person.pk}/delete/", {"post": "yes"} if person == staff else {})
    client.post(f"{PEOPLE}add/", ALL_RIGHTS | {"username": "mallory", "usable_password": "false"})
    for field in ALL_RIGHTS:
        client.post("/account/", {field: "on", "first_name": "x"})
        client.patch("/api/me", {field: True}, content_type="application/json")
    after = rights()
    after.pop("mallory", None)
    assert not User.objects.filter(username="mallory", is_superuser=True).exists()
    assert not User.objects.filter(username="mallory", is_staff=True).exists()
    # Who may change people may set their own password here too, which raises no right.
    assert after[staff.username] == before[staff.username]
    assert after[helper.username][:3] == before[helper.username][:3]
    assert not helper.groups.exists()


def test_who_may_change_people_changes_neither_superusers_nor_rights(client, eve, staff):
    helper = UserFactory(is_staff=True)
    helper.user_permissions.set(Permission.objects.filter(content_type__app_label="voicesite"))
    client.force_login(helper)
    page = f"{PEOPLE}{eve.pk}/change/"
    shown = client.get(page)
    form = shown.context["adminform"].form
    assert shown.status_code == 200 and not {"is_superuser", "is_staff", "is_active"} & set(form.fields)
    assert client.post(page, ALL_RIGHTS | {"username": "eve", "first_name": "Eve"}).status_code == 302
    eve.refresh_from_db()
    assert eve.first_name == "Eve" and not (eve.is_staff or eve.is_superuser)
    for act in ("change", "password"):
        assert client.post(f"{PEOPLE}{staff.pk}/{act}/", {"username": "curator"}).status_code == 403
    client.post(PEOPLE, {"action": "delete_selected", "_selected_action": [staff.pk], "post": "yes"})
    client.post(PEOPLE, {"action": "remove_second_step", "_selected_action": [staff.pk]})
    assert User.objects.filter(pk=staff.pk, is_active=True, is_superuser=True).exists()


# ---------------------------------------------------------------------------------------------------------------------
# What the owner is told


def test_the_owner_reads_who_looked_at_what_when_and_why(client, helper, eve, user, sees_all):
    voice, speech = eve.voices.get(), eve.generations.get()
    client.get(reverse("synthesis:audio", args=[speech.pk]))
    client.get(f"/admin/voices/voiceprofile/{voice.pk}/change/")
    client.force_login(eve)
    for page in ("/account/", "/voices/looks/"):
        told = " ".join(client.get(page).text.split())
        assert f"helper heard speech {speech.pk}" in told and f"helper saw voice {voice.pk}" in told
        assert "because on this site, staff see everything" in told and "may see and hear everything but drafts" in told
    client.force_login(user)
    for page in ("/account/", "/voices/looks/"):
        assert "helper" not in client.get(page).text and "Nobody has looked" in client.get(page).text


def test_the_owner_reads_that_it_was_for_a_request_or_a_report(client, helper, eve, user):
    voice = eve.voices.get()
    VoiceProfile.objects.update(share_requested_at=timezone.now())
    client.get("/admin/voices/voiceprofile/review/")
    curation.report(user, voice, "It is me.")
    AuditEntry.objects.update(at=timezone.now() - timedelta(hours=2))
    client.get(f"/admin/voices/voiceprofile/{voice.pk}/change/")
    client.force_login(eve)
    told = client.get("/voices/looks/").text
    assert "because you asked to share it and it was reported" in " ".join(told.split())
    assert "They can’t see anything else" in " ".join(told.split())


def test_an_export_by_staff_is_told_too_and_ones_own_is_not(client, helper, eve):
    VoiceProfile.objects.update(share_requested_at=timezone.now())
    voice = eve.voices.get()
    action = {"action": "export", "_selected_action": [voice.pk]}
    assert client.post("/admin/voices/voiceprofile/", action, follow=True).status_code == 200
    client.force_login(eve)
    b"".join(client.post("/voices/export/", {"voice": voice.pk}).streaming_content)
    assert {line.actor for line in AuditEntry.objects.looks_at(eve)} == {helper}


def test_many_looks_cost_the_same_queries_as_few(client, helper, eve, count_queries):
    def look(number: int) -> AuditEntry:
        return AuditEntry(actor=helper, actor_name="helper", whose=eve, act="looked", detail=f"speech {number}")

    AuditEntry.objects.bulk_create(map(look, range(3)))
    client.force_login(eve)
    few = [count_queries(client, page) for page in ("/account/", "/voices/looks/")]
    AuditEntry.objects.bulk_create(map(look, range(200)))
    assert [count_queries(client, page) for page in ("/account/", "/voices/looks/")] == few
    assert "All that staff looked at" in client.get("/account/").text
    assert "Page 1 of 5" in client.get("/voices/looks/").text


def test_what_administrators_did_is_no_look(client, helper, eve):
    of_content = ContentType.objects.get_for_model(User)
    LogEntry.objects.create(user=helper, content_type=of_content, object_id=str(eve.pk), action_flag=CHANGE)
    assert not AuditEntry.objects.looks_at(eve).exists() and Clip.objects.filter(owner=eve).exists()
