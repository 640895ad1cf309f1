"""The administration, and its pages about people."""

import pytest
from django.contrib.auth.models import Permission

from tests.factories import PASSWORD, GenerationFactory, UserFactory, VoiceFactory
from voicesite.models import Invitation, User

PEOPLE_URL = "/admin/voicesite/user/"
INVITATIONS = "/admin/voicesite/invitation/"


@pytest.fixture
def administrator(client, staff):
    client.force_login(staff)
    return client


@pytest.fixture
def curator(client, db):
    client.force_login(UserFactory(username="helper", is_staff=True))
    return client


def test_visitors_sign_in_and_people_are_refused(client, user):
    assert client.get("/admin/", follow=True).redirect_chain[-1] == ("/account/login/?next=/admin/", 302)
    client.force_login(user)
    assert client.get("/admin/", follow=True).status_code == 403


def test_staff_come_in_by_the_sites_own_page(client, staff):
    where = client.get("/admin/", follow=True).redirect_chain[-1][0]
    assert client.post(where, {"username": "curator", "password": PASSWORD}).url == "/admin/"
    assert client.get("/admin/login/").url == "/admin/"
    assert "Administration" in client.get("/admin/").text


def test_the_index_shows_what_staff_curate_and_no_queue_of_doorbells(administrator):
    shown = administrator.get("/admin/").text
    assert "django_q" not in shown.lower() and "Queued tasks" not in shown
    for list_ in (PEOPLE_URL, INVITATIONS, "/admin/voices/voiceprofile/", "/admin/synthesis/generation/"):
        assert list_ in shown


def test_staff_who_are_no_administrators_do_not_see_people(curator, user):
    shown = curator.get("/admin/").text
    assert PEOPLE_URL not in shown and INVITATIONS in shown and "/admin/voices/voiceprofile/" in shown
    for where in (
        PEOPLE_URL,
        f"{PEOPLE_URL}{user.pk}/change/",
        f"{PEOPLE_URL}{user.pk}/password/",
        f"{PEOPLE_URL}add/",
    ):
        assert curator.get(where).status_code == 403
        assert curator.post(where, {"is_superuser": "on"}).status_code == 403
    assert curator.post(f"{PEOPLE_URL}{user.pk}/delete/", {"post": "yes"}).status_code == 403
    assert User.objects.filter(pk=user.pk, is_superuser=False).exists()


def test_who_may_change_accounts_raises_no_rights_and_touches_no_administrator(client, staff):
    helper = UserFactory(username="helper", is_staff=True)
    helper.user_permissions.set(Permission.objects.filter(codename__in=("change_user", "delete_user")))
    client.force_login(helper)
    raised = {"is_active": "on", "is_staff": "on", "is_superuser": "on", "user_permissions": ["1"], "groups": ["1"]}
    own = {"username": "helper", "email": "helper@example.org"}
    assert client.post(f"{PEOPLE_URL}{helper.pk}/change/", own | raised).status_code == 302
    kept = User.objects.get(pk=helper.pk)
    assert (kept.email, kept.is_superuser, kept.user_permissions.count()) == ("helper@example.org", False, 2)
    for act, sent in (
        ("change", {"username": "curator", "email": "helper@example.org"}),
        ("password", {"password1": "Anne-of-Green-7", "password2": "Anne-of-Green-7"}),
        ("delete", {"post": "yes"}),
    ):
        assert client.post(f"{PEOPLE_URL}{staff.pk}/{act}/", sent).status_code == 403
    before, staff.email = staff.password, "x"
    staff.refresh_from_db()
    assert (staff.email, staff.password) == ("", before)


def test_counts_are_of_what_each_one_made(administrator, user):
    VoiceFactory.create_batch(2, owner=user)
    GenerationFactory.create_batch(3, owner=user, voice=user.voices.first())
    shown = administrator.get(PEOPLE_URL).text
    assert (
        f'?owner={user.pk}">2 voices</a>, <a' in shown
        and f'?owner={user.pk}&amp;is_sample__exact=0">3 texts</a>' in shown
    )
    assert "0 voices" in shown
    ordered = administrator.get(f"{PEOPLE_URL}?o=7").context["cl"].queryset
    assert ordered.first() == user


def test_the_list_costs_the_same_for_few_and_for_many(administrator, count_queries):
    few = count_queries(administrator, PEOPLE_URL)
    GenerationFactory.create_batch(29)
    assert count_queries(administrator, PEOPLE_URL) == few <= 8


def test_the_invitations_cost_the_same_for_few_and_for_many(administrator, staff, count_queries):
    Invitation.objects.create(created_by=staff)
    few = count_queries(administrator, INVITATIONS)
    for sender in UserFactory.create_batch(29):
        Invitation.objects.create(created_by=sender, used_by=sender)
    assert count_queries(administrator, INVITATIONS) == few <= 8


@pytest.mark.parametrize(
    ("query", "shown"),
    [
        ("q=ada", {"ada"}),
        ("is_staff__exact=1", {"curator"}),
        ("is_superuser__exact=0", {"ada"}),
        ("is_active__exact=0", set()),
        ("date_joined__gte=2020-01-01T00:00:00Z", {"ada", "curator"}),
    ],
)
def test_search_and_filters(administrator, user, query, shown):
    response = administrator.get(f"{PEOPLE_URL}?{query}")
    assert response.status_code == 200
    assert set(response.context["cl"].queryset.values_list("username", flat=True)) == shown


def test_a_person_is_made_promoted_and_locked_out(administrator, client):
    made = {"username": "bo", "usable_password": "true", "password1": "correct-horse-7", "password2": "correct-horse-7"}
    assert administrator.post(f"{PEOPLE_URL}add/", made).status_code == 302
    bo = User.objects.get(username="bo")
    assert not (bo.is_staff or bo.is_superuser or bo.is_founder)
    where = f"{PEOPLE_URL}{bo.pk}/change/"
    assert administrator.get(where).status_code == 200
    changed = {"username": "bo", "is_active": "on", "is_staff": "on", "is_founder": "on"}
    assert administrator.post(where, changed).status_code == 302
    bo.refresh_from_db()
    assert bo.is_staff and not bo.is_superuser and not bo.is_founder
    administrator.post(where, {"username": "bo"})
    client.logout()
    assert not client.login(username="bo", password="correct-horse-7")


def test_names_of_people_differ_by_more_than_case(administrator, user):
    made = {
        "username": "ADA",
        "usable_password": "true",
        "password1": "correct-horse-7",
        "password2": "correct-horse-7",
    }
    assert "already exists" in administrator.post(f"{PEOPLE_URL}add/", made).text


def test_invitations_are_seen_and_withdrawn_here_and_made_on_the_sites_page(curator, staff):
    invitation = Invitation.objects.create(created_by=staff, note="For Bo")
    shown = curator.get(f"{INVITATIONS}?q=bo")
    assert "For Bo" in shown.text
    assert curator.get(f"{INVITATIONS}{invitation.pk}/change/").status_code == 200
    assert curator.get(f"{INVITATIONS}add/").status_code == 403
    curator.post(f"{INVITATIONS}{invitation.pk}/delete/", {"post": "yes"})
    assert not Invitation.objects.exists()
