"""Redirects of pages that a script fetches: it is told where they lead."""

import pytest
from django.urls import reverse

pytestmark = pytest.mark.django_db
VISIT = {"X-Visit": "1"}


@pytest.fixture(autouse=True)
def founded(django_user_model):
    django_user_model.objects.create_superuser("grace")


def test_a_visit_is_told_where_it_is_redirected_to(client):
    response = client.get("/voices/", headers=VISIT)
    assert response.status_code == 204 and not response.has_header("Location")
    assert response.headers["X-Visit-Next"] == f"{reverse('account_login')}?next=/voices/"


def test_a_browser_is_redirected_as_ever(client):
    response = client.get("/voices/")
    assert response.status_code == 302 and not response.has_header("X-Visit-Next")


def test_other_answers_to_a_visit_stay_as_they_are(client):
    response = client.get("/licences/", headers=VISIT)
    assert response.status_code == 200 and not response.has_header("X-Visit-Next")


def test_pages_say_whose_they_are(client, django_user_model):
    assert b'data-person=""' in client.get("/licences/").content
    user = django_user_model.objects.create_user("ada")
    client.force_login(user)
    assert f'data-person="{user.pk}"'.encode() in client.get("/licences/").content
