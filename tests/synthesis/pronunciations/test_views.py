"""The pages of the dictionary, as their owner, a stranger, staff and a visitor meet them."""

import re
import uuid
from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils import timezone

from synthesis.models import Evaluation, Generation
from synthesis.pronunciations import service
from synthesis.pronunciations.models import PronunciationEntry
from synthesis.workers import tasks
from tests.factories import FittingFactory, GenerationFactory, PronunciationFactory, VoiceFactory
from tests.fakes.engine import FakeEngine
from voicesite.jobs.job import State

LIST = reverse("pronunciations:list")
IMPORT = reverse("pronunciations:import")
HTMX = {"HX-Request": "true"}
OF_ONE = {
    "entry": ["GET"],
    "edit": ["GET", "POST"],
    "delete": ["POST"],
    "listen": ["GET", "POST"],
    "cancel": ["POST"],
}
OF_ALL = {"list": ["GET", "POST"], "import": ["GET", "POST"], "export": ["GET"]}
METHODS = [(name, method) for name, methods in OF_ONE.items() for method in methods]
HOSTILE = "<script>alert(1)</script>&amp;\"'"


def address(name, entry):
    return reverse(f"pronunciations:{name}", args=[entry.pk])


def asked(**changes):
    return {"word": "Nike", "said": "nye-kee", "language": "en"} | changes


def csv(content, name="words.csv"):
    return SimpleUploadedFile(name, content if isinstance(content, bytes) else content.encode(), "text/csv")


@pytest.fixture
def voice(user):
    return FittingFactory(voice__owner=user, voice__name="Ada").voice


@pytest.fixture
def nike(user):
    return PronunciationFactory(owner=user, word="Nike", language="en")


# ---------------------------------------------------------------------------------------------------------------------
# Who may


@pytest.mark.parametrize(("name", "method"), METHODS)
def test_visitors_sign_in_first(client, nike, name, method):
    assert client.generic(method, address(name, nike)).url.startswith("/account/login/?next=")
    assert client.generic(method, address(name, nike), headers=HTMX).status_code == 401
    assert PronunciationEntry.objects.exists() and not Generation.objects.exists()


@pytest.mark.parametrize("name", OF_ALL)
def test_visitors_of_lists_sign_in_first(client, user, name):
    assert client.get(reverse(f"pronunciations:{name}")).url.startswith("/account/login/")


@pytest.mark.parametrize(("name", "method"), METHODS)
def test_a_strangers_entries_are_not_there(page, stranger, voice, name, method):
    theirs = PronunciationFactory(owner=stranger)
    assert page.generic(method, address(name, theirs)).status_code == 404
    assert page.generic(method, address(name, theirs), headers=HTMX).status_code == 404
    assert PronunciationEntry.objects.exists() and not Generation.objects.exists()


@pytest.mark.parametrize(("name", "method"), METHODS)
def test_what_is_gone_is_not_there(page, name, method):
    assert page.generic(method, reverse(f"pronunciations:{name}", args=[uuid.uuid4()])).status_code == 404


@pytest.mark.parametrize("name", [*OF_ONE, *OF_ALL])
def test_wrong_methods_are_refused(page, nike, name):
    methods = (OF_ONE | OF_ALL)[name]
    where = address(name, nike) if name in OF_ONE else reverse(f"pronunciations:{name}")
    for method in {"GET", "POST", "PUT", "DELETE"} - set(methods):
        assert page.generic(method, where).status_code == 405, method


@pytest.mark.parametrize("name", ["edit", "delete"])
def test_what_is_the_sites_is_seen_by_all_and_changed_by_staff(page, staff, client, name):
    of_site = PronunciationFactory(of_site=True, word="SQL")
    shown = page.get(LIST).text
    assert "SQL" in shown and "for everyone" in shown and address(name, of_site) not in shown
    assert page.post(address(name, of_site)).status_code == 404
    client.force_login(staff)
    assert address(name, of_site) in client.get(LIST).text
    client.post(address(name, of_site), asked(word="SQL!"))
    assert not PronunciationEntry.objects.filter(word="SQL").exists()


def test_a_form_without_its_token_is_refused(user):
    from django.test import Client

    strict = Client(enforce_csrf_checks=True)
    strict.force_login(user)
    assert strict.post(LIST, asked()).status_code == 403


# ---------------------------------------------------------------------------------------------------------------------
# The list, and changing it


def test_a_word_is_added_changed_and_deleted(page, user):
    response = page.post(LIST, asked(), follow=True)
    assert "“Nike” will be said like this from now on." in response.text
    nike = PronunciationEntry.objects.get()
    assert (nike.owner, nike.word, nike.said, nike.language, nike.match_case) == (user, "Nike", "nye-kee", "en", False)
    response = page.post(address("edit", nike), asked(said="/ˈnaɪki/", match_case="on"), follow=True)
    assert "Saved." in response.text and "/ˈnaɪki/" in response.text and "case-sensitive" in response.text
    assert "Deleted “Nike”." in page.post(address("delete", nike), follow=True).text
    assert not PronunciationEntry.objects.exists()


def test_it_is_changed_in_its_row(page, nike):
    form = page.get(address("edit", nike), headers=HTMX).text
    assert form.lstrip().startswith("<li") and "autofocus" in form and f'id="{nike.pk}-word"' in form
    wrong = page.post(address("edit", nike), asked(said="5"), headers=HTMX)
    assert wrong.status_code == 422 and "can’t be said" in wrong.text and 'value="Nike"' in wrong.text
    row = page.post(address("edit", nike), asked(said="nigh-key"), headers=HTMX)
    assert row.status_code == 200 and row.text.lstrip().startswith("<li") and "nigh-key" in row.text
    assert "nigh-key" in page.get(address("entry", nike), headers=HTMX).text
    assert page.get(address("entry", nike)).url == f"{LIST}?q=Nike"


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"word": ""}, "required"),
        ({"word": "x" * 81}, "at most 80"),
        ({"word": "…"}, "neither a letter nor a digit"),
        ({"word": "a\0b"}, "Null characters"),
        ({"said": "n1ke"}, "can’t be said"),
        ({"said": "/na5/"}, "not IPA symbols"),
        ({"said": "x" * 121}, "at most 120"),
        ({"language": "xx"}, "not a language of this site"),
        ({"word": "NIKE"}, "already in the dictionary"),
    ],
)
def test_what_is_wrong_is_said_and_nothing_is_lost(page, nike, changes, problem):
    response = page.post(LIST, asked(**changes))
    assert response.status_code == 422 and problem in response.text
    assert 'value="nye-kee"' in response.text or "said" in changes
    assert PronunciationEntry.objects.count() == 1


def test_the_same_word_may_be_there_for_another_language_person_or_case(page, nike, stranger):
    PronunciationFactory(owner=stranger, word="Ikea", language="en")
    for changes in ({"language": ""}, {"language": "en-gb"}, {"match_case": "on"}, {"word": "Ikea"}):
        assert page.post(LIST, asked(**changes)).status_code == 302, changes
    other = PronunciationEntry.objects.get(word="Nike", language="en-gb")
    assert "already" in page.post(address("edit", other), asked(), headers=HTMX).text
    assert page.post(address("edit", nike), asked(word="NIKE")).status_code == 302, "it is no namesake of itself"


def test_of_two_that_add_a_word_at_once_one_is_told(page, nike, monkeypatch):
    monkeypatch.setattr("synthesis.pronunciations.forms.EntryForm.validate_unique", lambda form: None)
    response = page.post(LIST, asked())
    assert response.status_code == 422 and "already in the dictionary" in response.text


def test_a_dictionary_has_an_end(page, user, nike, monkeypatch):
    monkeypatch.setattr(service, "MAX_ENTRIES", 1)
    response = page.post(LIST, asked(word="Ikea"))
    assert response.status_code == 422 and "room for 1 words" in response.text
    assert page.post(address("edit", nike), asked(said="x")).status_code == 302, "what is there can be changed"


def test_only_staff_make_entries_of_the_site(page, staff, client):
    assert "For everyone" not in page.get(LIST).text
    page.post(LIST, asked(site="on"))
    assert PronunciationEntry.objects.get().owner is not None
    client.force_login(staff)
    assert "For everyone on this site" in client.get(LIST).text
    client.post(LIST, asked(site="on"))
    assert PronunciationEntry.objects.get(owner=None).word == "Nike"


def test_the_list_is_searched(page, user, stranger):
    for word, language in (("Nike", "en"), ("Émile", "fr"), ("Brighton", "en-gb"), ("Texas", "en-us"), ("Ada", "")):
        PronunciationFactory(owner=user, word=word, language=language, said=f"said-{word[:2]}")
    PronunciationFactory(of_site=True, word="SQL", language="en")
    PronunciationFactory(owner=stranger, word="Secret")

    def words(query=""):
        return re.findall(r"<h3>(.*?) <span", page.get(f"{LIST}?{query}").text)

    assert words() == ["Ada", "Brighton", "Nike", "SQL", "Texas", "Émile"]
    assert words("q=NIK") == ["Nike"] and words("q=said-te") == ["Texas"] and words("q=ÉMILE") == ["Émile"]
    assert words("language=en") == ["Ada", "Brighton", "Nike", "SQL", "Texas"]
    assert words("language=en-gb") == ["Ada", "Brighton", "Nike", "SQL"] and words("language=fr") == ["Ada", "Émile"]
    assert words("whose=site") == ["SQL"] and "SQL" not in words("whose=mine")
    assert words("q=secret") == [] and "Nothing matches" in page.get(f"{LIST}?q=secret").text
    assert len(words("language=xx&whose=yours&page=x")) == 6 and words("q=%00") == words()


def test_an_address_fills_the_form_in(page, nike):
    shown = page.get(f"{LIST}?word=Ikea&language=en-gb&said={HOSTILE[:8]}").text
    assert 'value="Ikea"' in shown and '<option value="en-gb" selected>' in shown and "Nike" in shown
    assert "<script" not in shown.partition("<main")[2]


def test_a_hostile_word_is_only_shown(page, user):
    entry = PronunciationFactory(owner=user, word=HOSTILE, said="bold")
    escaped = "&lt;script&gt;alert(1)&lt;/script&gt;&amp;amp;&quot;&#x27;"
    for where in (LIST, address("edit", entry)):
        shown = page.get(where).text.partition("<main")[2]
        assert escaped in shown and "<script>alert" not in shown
    preview = page.post(IMPORT, {"file": csv(f'word,said\n"{HOSTILE[:-2]}",5\n</textarea><b>,bold')}).text
    assert "<b>" not in preview and "<script>alert" not in preview and "&lt;/textarea&gt;" in preview


def test_the_list_costs_as_many_queries_for_many_words(page, user, voice, count_queries):
    def more(count):
        for number in range(count):
            entry = PronunciationFactory(owner=user)
            GenerationFactory(owner=user, voice=voice, pronounces=entry, completed=number % 2 == 0)

    more(2)
    few = count_queries(page, LIST)
    more(12)
    assert count_queries(page, LIST) == few <= 14


def test_a_long_list_has_pages(page, user):
    PronunciationFactory.create_batch(51, owner=user)
    first = page.get(LIST).text
    assert first.count('class="card row entry"') == 50 and "Page 1 of 2" in first and ">Next<" in first
    assert page.get(f"{LIST}?page=2").text.count('class="card row entry"') == 1


# ---------------------------------------------------------------------------------------------------------------------
# Listen


def test_a_word_is_heard_by_the_queue_and_stays_out_of_the_library(page, user, voice, nike):
    waiting = page.post(address("listen", nike), headers=HTMX)
    trial = Generation.objects.get()
    assert (trial.title, trial.text, trial.voice, trial.language) == ("Nike", "Nike, Nike.", voice, "en-us")
    assert "Next" in waiting.text and "hx-get" in waiting.text and "Cancel" in waiting.text
    assert page.get(address("listen", nike), headers=HTMX).status_code == 200
    tasks.run_next()
    ready = page.get(address("listen", nike), headers=HTMX)
    assert ready.status_code == 286 and "data-player" in ready.text and "data-begin" in ready.text
    assert b"".join(page.get(reverse("synthesis:audio", args=[trial.pk])))[:4] == b"RIFF"
    shown = page.get(LIST).text
    assert "data-player" in shown and "data-begin" not in shown, "a page does not begin to speak by itself"
    assert "Nike" not in page.get(reverse("synthesis:list")).text
    assert page.get(reverse("synthesis:detail", args=[trial.pk])).status_code == 404
    assert page.get("/api/generations").json()["count"] == 0
    assert page.get(f"/api/generations/tasks/{trial.pk}").status_code == 404
    assert not Evaluation.objects.exists()


def test_what_is_heard_is_the_entry(page, user, voice, nike):
    of_site = PronunciationFactory(of_site=True, word="Nike", said="the sites")
    page.post(address("listen", of_site))
    trial = Generation.objects.get()
    assert [entry.said for entry in trial.dictionary()] == ["the sites", "nye-kee", "the sites"]


def test_a_trial_is_kept_until_its_entry_changes(page, voice, nike):
    for _ in range(2):
        page.post(address("listen", nike), headers=HTMX)
    first = Generation.objects.get()
    tasks.run_next()
    page.post(address("listen", nike), headers=HTMX)
    assert Generation.objects.get() == first
    page.post(address("edit", nike), asked(said="nigh"))
    assert "data-player" not in page.get(LIST).text
    page.post(address("listen", nike), headers=HTMX)
    assert Generation.objects.get() != first


def test_a_trial_is_cancelled_and_its_failure_told(page, voice, nike):
    page.post(address("listen", nike), headers=HTMX)
    stopped = page.post(address("cancel", nike), headers=HTMX)
    assert Generation.objects.get().state == State.CANCELLED and "Listen" in stopped.text
    page.post(address("listen", nike))
    assert Generation.objects.get().state == State.PENDING
    Generation.objects.update(state=State.FAILED, error="The engine failed.")
    assert "The engine failed." in page.get(address("listen", nike), headers=HTMX).text
    assert page.post(address("cancel", nike)).status_code == 302


def test_trials_are_ones_own(page, user, stranger, voice):
    of_site = PronunciationFactory(of_site=True)
    theirs = GenerationFactory(owner=stranger, pronounces=of_site)
    assert "Cancel" not in page.get(LIST).text
    page.post(address("cancel", of_site))
    page.post(address("listen", of_site))
    theirs.refresh_from_db()
    assert theirs.state == State.PENDING and user.generations.count() == 1
    completed = GenerationFactory(owner=stranger, pronounces=of_site, completed=True)
    assert page.get(reverse("synthesis:audio", args=[completed.pk])).status_code == 404


def test_only_the_last_trials_are_kept_and_an_entry_takes_its_own_along(page, user, voice, nike, monkeypatch):
    monkeypatch.setattr(service, "MAX_TRIALS", 3)
    for number in range(4):
        old = GenerationFactory(owner=user, voice=voice, pronounces=PronunciationFactory(owner=user), completed=True)
        Generation.objects.filter(pk=old.pk).update(created_at=timezone.now() - timedelta(hours=9 - number))
    page.post(address("listen", nike))
    assert Generation.objects.count() == 3 and old in Generation.objects.all()
    page.post(address("delete", nike))
    assert not Generation.objects.filter(title="Nike").exists()


def test_the_last_used_voice_is_heard(page, user, voice):
    assert service.voice_of(user) == voice
    newer = VoiceFactory(owner=user)
    GenerationFactory(owner=user, voice=newer)
    assert service.voice_of(user) == newer
    type(newer).objects.filter(pk=newer.pk).update(retired_at="2026-01-01T00:00Z")
    assert service.voice_of(user) == voice


def test_without_a_voice_nothing_can_be_heard(page, nike):
    assert "Listen" not in page.get(LIST).text
    assert "Create a voice first" in page.post(address("listen", nike), headers=HTMX).text
    assert "Create a voice first" in page.post(address("listen", nike), follow=True).text


@pytest.mark.parametrize(
    ("entry", "spoken", "expected"),
    [
        ("", "es", "es"),
        ("en", "es", "en-us"),
        ("en", "en-gb", "en-gb"),
        ("en-gb", "en-us", "en-gb"),
        ("pt", "es", "pt-br"),
    ],
)
def test_a_word_is_heard_in_its_language(page, user, entry, spoken, expected):
    VoiceFactory(owner=user, language=spoken)
    page.post(address("listen", PronunciationFactory(owner=user, language=entry)))
    assert Generation.objects.get().language == expected


def test_what_no_model_can_say_is_told(page, user, voice, monkeypatch):
    japanese = PronunciationFactory(owner=user, language="ja")
    assert "No model here speaks Japanese." in page.post(address("listen", japanese), headers=HTMX).text
    ipa = PronunciationFactory(owner=user, said="/ˈnaɪki/")
    assert "No model here can pronounce IPA" in page.post(address("listen", ipa), headers=HTMX).text
    assert "no model supports it" in page.get(LIST).text
    monkeypatch.setattr(FakeEngine, "takes_ipa", True)
    shown = page.get(LIST).text
    assert "A tone and An overtone pronounce IPA." in shown and "IPA: A tone, An overtone only" in shown
    assert "Next" in page.post(address("listen", ipa), headers=HTMX).text


# ---------------------------------------------------------------------------------------------------------------------
# CSV


def test_a_file_is_previewed_then_imported(page, user, nike):
    text = "word,said,language\nNike,nigh-key,en\nAnnecy,an-see,fr\nX,5\n"
    preview = page.post(IMPORT, {"file": csv(text)})
    assert preview.status_code == 200 and "1 new, 1 changed, 0 unchanged, 1 skipped" in " ".join(preview.text.split())
    assert "Line 4" in preview.text and "5 can’t be said" in preview.text and "Import 2 words" in preview.text
    assert PronunciationEntry.objects.get().said == "nye-kee", "nothing is changed before"
    carried = re.search(r'<textarea name="csv" hidden>\n(.*?)</textarea>', preview.text, re.S)[1]
    assert carried == text
    done = page.post(IMPORT, {"csv": carried, "confirm": "yes"}, follow=True)
    assert "Imported: 1 new, 1 changed, 1 refused." in done.text
    assert {entry.said for entry in PronunciationEntry.objects.filter(owner=user)} == {"nigh-key", "an-see"}


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (None, "Choose a file first."),
        (b"a\0b", "not a CSV"),
        ("é".encode("latin-1"), "not in UTF-8"),
        (b"x" * 1_000_001, "too large"),
    ],
)
def test_a_file_that_is_none_is_told(page, content, problem):
    response = page.post(IMPORT, {"file": csv(content)} if content else {})
    assert response.status_code == 422 and problem in response.text
    assert page.post(IMPORT, {"csv": "a\0b" if content == b"a\0b" else "x" * 200_000}).status_code == 422


def test_an_empty_file_offers_nothing_to_import(page):
    assert "0 new" in (shown := page.post(IMPORT, {"file": csv("word,said\n")}).text) and "confirm" not in shown


def test_only_staff_import_for_the_site(page, user, staff, client):
    body = {"csv": "Nike,nye-kee", "confirm": "yes", "site": "on"}
    page.post(IMPORT, body)
    assert PronunciationEntry.objects.get().owner == user
    client.force_login(staff)
    assert "for everyone on this site" in client.post(IMPORT, {"file": csv("Nike,x"), "site": "on"}).text
    client.post(IMPORT, body)
    assert PronunciationEntry.objects.filter(owner=None).count() == 1


def test_the_export_is_ones_own_or_the_sites(page, nike, stranger):
    PronunciationFactory(of_site=True, word="SQL")
    PronunciationFactory(owner=stranger, word="Secret")
    response = page.get(reverse("pronunciations:export"))
    assert response.headers["Content-Disposition"] == 'attachment; filename="pronunciations.csv"'
    assert response.content.startswith(b"\xef\xbb\xbfword,said,language,match_case\r\nNike,nye-kee,en,no")
    assert b"SQL" not in response.content and b"Secret" not in response.content
    assert b"SQL" in page.get(reverse("pronunciations:export") + "?whose=site").content
