"""Staff look after the site's dictionary in the administration."""

import pytest

from synthesis.pronunciations.models import PronunciationEntry
from tests.factories import PronunciationFactory, UserFactory

LIST = "/admin/synthesis/pronunciationentry/"


@pytest.fixture
def curator(client, db):
    client.force_login(UserFactory(is_staff=True))
    return client


def test_staff_add_change_and_delete_entries_of_the_site(curator):
    wrong = curator.post(f"{LIST}add/", {"word": "SQL", "said": "s9l", "language": ""})
    assert wrong.status_code == 200 and "can’t be said" in wrong.text
    assert curator.post(f"{LIST}add/", {"word": "SQL", "said": "sequel", "language": ""}).status_code == 302
    entry = PronunciationEntry.objects.get()
    assert (entry.owner, entry.word, entry.key) == (None, "SQL", "sql")
    again = curator.post(f"{LIST}add/", {"word": "sql", "said": "x", "language": ""})
    assert again.status_code == 200 and "already in the dictionary" in again.text
    where = f"{LIST}{entry.pk}/"
    assert curator.post(f"{where}change/", {"word": "SQL", "said": "es-cue-el", "language": "en"}).status_code == 302
    assert curator.post(f"{where}delete/", {"post": "yes"}).status_code == 302
    assert not PronunciationEntry.objects.exists()


def test_entries_of_people_stay_theirs(curator, user, sees_all):
    entry = PronunciationFactory(owner=user, word="Nike")
    curator.post(f"{LIST}{entry.pk}/change/", {"word": "Nike", "said": "nigh", "language": "en"})
    entry.refresh_from_db()
    assert (entry.owner, entry.said) == (user, "nigh")


@pytest.mark.parametrize(
    ("query", "words"), [("", {"Nike", "SQL"}), ("q=nik", {"Nike"}), ("q=ada", {"Nike"}), ("owner__isempty=1", {"SQL"})]
)
def test_the_list_says_whose_an_entry_is(curator, user, sees_all, query, words):
    PronunciationFactory(owner=user, word="Nike")
    PronunciationFactory(of_site=True, word="SQL")
    response = curator.get(f"{LIST}?{query}")
    assert set(response.context["cl"].queryset.values_list("word", flat=True)) == words
    assert ("ada" in response.text) == ("Nike" in words) and ("everyone’s" in response.text) == ("SQL" in words)


def test_the_list_costs_the_same_for_one_row_and_for_thirty(curator, count_queries):
    PronunciationFactory()
    few = count_queries(curator, LIST)
    PronunciationFactory.create_batch(29)
    assert count_queries(curator, LIST) == few <= 8


def test_people_do_not_get_in(page):
    assert page.get(LIST).status_code in (302, 403)
