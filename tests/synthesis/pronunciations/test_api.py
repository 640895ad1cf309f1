"""Pronunciations by the API, beyond what tests/voices/profiles/test_api.py asks of every operation."""

import pytest

from synthesis.pronunciations.models import PronunciationEntry
from tests.factories import PronunciationFactory
from tests.fakes.engine import FakeEngine
from tests.synthesis.pronunciations.test_views import csv
from tests.voices.profiles.test_api import error, sending, signed_in
from voicesite.people import keys

pytestmark = pytest.mark.backends
URL = "/api/pronunciations"


def post(page, **body):
    return page.post(URL, body, content_type="application/json")


def patch(page, entry, **body):
    return page.patch(f"{URL}/{entry.pk}", body, content_type="application/json")


def test_a_word_is_added_listed_changed_and_deleted(page):
    made = post(page, word=" Nike ", said="nye-kee", language="en")
    entry = PronunciationEntry.objects.get()
    assert made.status_code == 201 and made.headers["Location"] == f"{URL}/{entry.pk}"
    body = made.json()
    assert (body["id"], body["word"], body["site"], body["is_ipa"]) == (str(entry.pk), "Nike", False, False)
    assert page.get(URL).json()["results"] == [body] == [page.get(made.headers["Location"]).json()]
    changed = patch(page, entry, said="/ˈnaɪki/", match_case=True).json()
    assert (changed["word"], changed["language"], changed["match_case"], changed["is_ipa"]) == (
        "Nike",
        "en",
        True,
        True,
    )
    assert patch(page, entry, language="").json()["language"] == ""
    assert page.delete(f"{URL}/{entry.pk}").status_code == 204 and page.get(URL).json()["count"] == 0


@pytest.mark.parametrize(
    ("changes", "field", "problem"),
    [
        ({"word": ""}, "word", "required"),
        ({"word": "x" * 81}, "word", "80"),
        ({"said": "n1ke"}, "said", "can’t be said"),
        ({"language": "xx"}, "language", "not a language of this site"),
        ({"word": "IKEA"}, "word", "already"),
        ({"match_case": "yes"}, "match_case", "boolean"),
        ({"owner": "eve"}, "owner", "no such field"),
        ({"site": True}, "site", "Only staff"),
    ],
)
def test_what_is_wrong_is_told_by_its_field(page, user, changes, field, problem):
    PronunciationFactory(owner=user, word="Ikea")
    payload = error(post(page, **({"word": "Nike", "said": "nye-kee"} | changes)), 422)
    assert problem in payload["fields"][field][0] and PronunciationEntry.objects.count() == 1


def test_each_thing_is_told_once(page):
    payload = error(post(page, word="x" * 81, said=""), 422)
    assert [len(payload["fields"][field]) for field in ("word", "said")] == [1, 1]


@pytest.mark.parametrize(("language", "status"), [("", 201), ("en", 201), ("en-us", 422), ("de", 201)])
def test_a_symbol_that_no_model_can_say_is_told(page, monkeypatch, language, status):
    monkeypatch.setattr(FakeEngine, "takes_ipa", True)
    monkeypatch.setattr(FakeEngine, "unknown_ipa", lambda said, code: ["ʘ"] * (code == "en-us" and "ʘ" in said))
    assert post(page, word="Xam", said="/am/", language=language).status_code == 201
    response = post(page, word="Xoo", said="/ʘo/", language=language)
    assert response.status_code == status
    if status == 422:
        assert error(response, 422)["fields"] == {"said": ["No model here can say ʘ in this language."]}


def test_the_list_finds_and_comes_in_pages(page, user, stranger):
    for word, language in (("Nike", "en"), ("Annecy", "fr"), ("Leeds", "en-gb")):
        PronunciationFactory(owner=user, word=word, language=language)
    PronunciationFactory(of_site=True, word="SQL")
    PronunciationFactory(owner=stranger, word="Secret")

    def words(query=""):
        return [entry["word"] for entry in page.get(f"{URL}?{query}").json()["results"]]

    assert words() == ["Annecy", "Leeds", "Nike", "SQL"] and words("q=nik") == ["Nike"]
    assert words("language=en") == ["Leeds", "Nike", "SQL"] and words("language=en-us") == ["Nike", "SQL"]
    assert words("whose=site") == ["SQL"] and words("limit=1&offset=1") == ["Leeds"]
    error(page.get(f"{URL}?whose=yours"), 422)


def test_the_list_costs_as_many_queries_for_many_words(page, user, count_queries):
    PronunciationFactory.create_batch(2, owner=user)
    few = count_queries(page, URL)
    PronunciationFactory.create_batch(15, owner=user)
    assert count_queries(page, URL) == few <= 5


def test_what_is_the_sites_is_changed_by_staff_only(page, user, staff):
    curator = signed_in(staff)
    made = post(curator, word="SQL", said="sequel", site=True)
    of_site = PronunciationEntry.objects.get(owner=None)
    assert made.status_code == 201 and made.json()["site"] and page.get(f"{URL}/{of_site.pk}").json()["site"]
    error(patch(page, of_site, said="x"), 404)
    error(page.delete(f"{URL}/{of_site.pk}"), 404)
    assert patch(curator, of_site, said="ess-cue-ell").json()["said"] == "ess-cue-ell"
    assert PronunciationEntry.objects.get().owner is None
    assert curator.delete(f"{URL}/{of_site.pk}").status_code == 204


def test_a_key_that_only_reads_changes_nothing(user):
    entry = PronunciationFactory(owner=user)
    reading = sending(keys.issue(user, "Reads", ["read"])[1])
    assert reading.get(URL).json()["count"] == 1 and reading.get(f"{URL}/export").status_code == 200
    error(post(reading, word="Nike", said="x"), 403, "scope_missing")
    error(patch(reading, entry, said="x"), 403, "scope_missing")
    error(reading.delete(f"{URL}/{entry.pk}"), 403, "scope_missing")
    error(reading.post(f"{URL}/import", {"file": csv("Nike,x")}), 403, "scope_missing")


def test_a_file_is_previewed_and_imported(page, user, staff):
    PronunciationFactory(owner=user, word="Nike")
    text = "word,said,language\nNike,nigh,\nAnnecy,an-see,fr\nX,5,\n"
    expected = {"new": 1, "changed": 1, "same": 0}
    preview = page.post(f"{URL}/import", {"file": csv(text), "preview": "true"}).json()
    assert preview.items() >= expected.items() and PronunciationEntry.objects.get().said == "nye-kee"
    assert (preview["refused"][0]["line"], preview["refused"][0]["word"]) == (4, "X")
    assert page.post(f"{URL}/import", {"file": csv(text)}).json() == preview
    assert PronunciationEntry.objects.filter(owner=user).count() == 2
    assert b"Nike,nigh,,no" in page.get(f"{URL}/export").content
    assert "Only staff" in error(page.post(f"{URL}/import", {"file": csv(text), "site": "true"}), 422)["message"]
    assert signed_in(staff).post(f"{URL}/import", {"file": csv(text), "site": "true"}).json()["new"] == 2
    assert b"Annecy" in page.get(f"{URL}/export?whose=site").content


@pytest.mark.parametrize(("content", "status"), [(b"a\0b", 422), (b"x" * 1_000_001, 413), (b"a,b\n" * 10_001, 413)])
def test_a_file_that_is_none_is_told(page, content, status):
    payload = error(page.post(f"{URL}/import", {"file": csv(content)}), status)
    assert payload["fields"]["file"] == [payload["message"]]
    error(page.post(f"{URL}/import", {}), 422)
