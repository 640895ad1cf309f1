"""The library kept in order: titles, favourites, several texts at once, and an address that follows the filters."""

import io
import zipfile

import pytest
from django.urls import reverse

from synthesis.models import Generation, Rendition
from tests.factories import GenerationFactory, VoiceFactory, wav
from voicesite.jobs.job import State

LIST = reverse("synthesis:list")
DOWNLOAD = reverse("synthesis:download_selected")
DELETE = reverse("synthesis:delete_selected")
HTMX = {"HX-Request": "true", "HX-Target": "found"}


def of(name, generation):
    return reverse(f"synthesis:{name}", args=[generation.pk])


@pytest.fixture
def ready(user):
    jane = VoiceFactory(owner=user, name="Jane")
    return GenerationFactory.create_batch(2, owner=user, completed=True, voice=jane)


def other_take(generation, **fields):
    same = {name: getattr(generation, name) for name in ("owner", "voice", "take_group", "title")}
    return GenerationFactory(**same, is_picked=False, completed=True, **fields)


def keys(*generations) -> dict:
    return {"selected": [str(one.pk) for one in generations]}


def archive(response) -> zipfile.ZipFile:
    content = b"".join(response.streaming_content)
    assert len(content) == int(response["Content-Length"])
    return zipfile.ZipFile(io.BytesIO(content))


# ---------------------------------------------------------------------------------------------------------------------
# Titles and favourites


def test_all_takes_of_a_text_are_renamed(page, ready):
    take = other_take(ready[0])
    shown = page.post(of("rename", ready[0]), {"title": "  The\n harbour "}, follow=True).text
    assert "<h1>The harbour</h1>" in shown
    titles = dict(Generation.objects.values_list("pk", "title"))
    assert titles == {ready[0].pk: "The harbour", take.pk: "The harbour", ready[1].pk: "Good morning"}
    page.post(of("rename", ready[0]), {"title": " "})
    take.refresh_from_db()
    assert take.title == "Good morning to all of you.", "the beginning of the text"


def test_a_title_has_a_limit(page, ready):
    assert (
        "80 characters at most; this one has 81"
        in page.post(of("rename", ready[0]), {"title": "x" * 81}, follow=True).text
    )
    assert page.post(of("rename", ready[0]), {"title": "y" * 80}, follow=True).text.count("y" * 80) > 1


def test_favourites_are_marked_found_and_unmarked(page, ready):
    take = other_take(ready[0])
    assert page.post(of("favourite", ready[0]), {"on": "1", "next": "synthesis:list"}).url == LIST
    take.refresh_from_db()
    assert take.is_favourite, "of the text, whichever take is picked"
    found = page.get(f"{LIST}?starred=1").text
    assert f"row-{ready[0].pk}" in found and f"row-{ready[1].pk}" not in found and 'aria-pressed="true"' in found
    part = page.post(of("favourite", ready[0]), {"on": "0"}, headers={"HX-Request": "true"}).text
    assert 'aria-pressed="false"' in part and "<html" not in part
    assert "Nothing matches" in page.get(f"{LIST}?starred=1").text


def test_another_take_is_as_much_of_a_favourite(page, ready):
    page.post(of("favourite", ready[0]), {"on": "1"})
    page.post(of("another", ready[0]))
    assert Generation.objects.filter(take_group=ready[0].take_group, is_favourite=True).count() == 2


@pytest.mark.parametrize("name", ["rename", "favourite"])
def test_a_strangers_text_is_not_there(page, stranger, name):
    theirs = GenerationFactory(owner=stranger, title="A secret")
    assert page.post(of(name, theirs), {"title": "Mine", "on": "1"}).status_code == 404
    assert page.get(of(name, theirs)).status_code == 405
    theirs.refresh_from_db()
    assert (theirs.title, theirs.is_favourite) == ("A secret", False)


# ---------------------------------------------------------------------------------------------------------------------
# Several at once


@pytest.mark.parametrize("audio_format", ["wav", "mp3", "flac"])
def test_several_are_downloaded_as_an_archive(page, ready, audio_format):
    response = page.post(DOWNLOAD, keys(*ready) | {"format": audio_format})
    assert f"voicesite-{audio_format}.zip" in response["Content-Disposition"]
    with archive(response) as found:
        assert found.testzip() is None
        assert found.namelist() == [f"0{n}-jane-good-morning.{audio_format}" for n in (1, 2)]
        if audio_format == "wav":
            assert {found.read(name) for name in found.namelist()} == {wav()}


def test_a_format_that_nobody_knows_is_mp3(page, ready):
    assert page.post(DOWNLOAD, keys(ready[0]) | {"format": "exe"})["Content-Disposition"].endswith('-mp3.zip"')


def test_only_ones_own_texts_that_can_be_heard_are_sent(page, user, stranger, ready):
    theirs = GenerationFactory(owner=stranger, completed=True)
    waiting = GenerationFactory(owner=user)
    response = page.post(DOWNLOAD, keys(theirs, waiting, ready[0]) | {"format": "wav"})
    assert len(archive(response).namelist()) == 1
    nothing = page.post(DOWNLOAD, keys(theirs, waiting) | {"selected": ["garbage"]}, follow=True)
    assert "Select texts that are ready first." in nothing.text


def test_what_takes_long_is_made_by_workers_and_stays_selected(page, ready):
    Generation.objects.update(seconds=400)
    form = keys(*ready) | {"format": "mp3", "query": "q=good&selected=old"}
    answer = page.post(DOWNLOAD, form, follow=True)
    assert "The MP3 files are being prepared. Download again in a minute." in answer.text
    assert answer.request["QUERY_STRING"].startswith("q=good&selected=") and "old" not in answer.request["QUERY_STRING"]
    assert answer.text.count(" checked\n") == 2
    assert list(Rendition.objects.values_list("state", flat=True)) == [State.PENDING] * 2


def test_a_file_that_is_gone_is_said(page, ready):
    ready[1].audio.storage.delete(ready[1].audio.name)
    assert "is missing: deselect it." in page.post(DOWNLOAD, keys(*ready) | {"format": "wav"}, follow=True).text


def test_several_are_deleted(page, stranger, ready):
    take, theirs = other_take(ready[0]), GenerationFactory(owner=stranger, title="A secret")
    form = keys(*ready, theirs) | {"query": "q=good"}
    answer = page.post(DELETE, form, follow=True)
    assert "Deleted 2 texts." in answer.text and answer.request["QUERY_STRING"] == "q=good"
    assert list(Generation.objects.all()) == [theirs], take
    assert "Select what to delete first." in page.post(DELETE, form, follow=True).text


@pytest.mark.parametrize("where", [DOWNLOAD, DELETE])
def test_visitors_sign_in_first(client, ready, where):
    assert client.post(where, keys(*ready)).url.startswith("/account/login/")
    assert Generation.objects.count() == 2


def test_a_selection_costs_the_same_for_one_and_for_twenty(page, user, count_queries):
    costs = []
    for more in (1, 19):
        GenerationFactory.create_batch(more, owner=user, completed=True)
        costs.append(count_queries(page, LIST))
    assert costs[0] == costs[1]


# ---------------------------------------------------------------------------------------------------------------------
# The address


def test_the_address_follows_what_is_chosen(page, ready):
    part = page.get(f"{LIST}?q=good&state=&voice=&order=", headers=HTMX)
    assert part["HX-Push-Url"] == f"{LIST}?q=good" and "<html" not in part.text and 'id="found"' in part.text
    assert page.get(f"{LIST}?q=&state=", headers=HTMX)["HX-Push-Url"] == LIST
    whole = page.get(f"{LIST}?q=good")
    assert 'name="query" value="q=good"' in part.text, "where one comes back to after what is done with a selection"
    assert "HX-Push-Url" not in whole and "<noscript><button>Show</button></noscript>" in whole.text
    voices = page.get("/voices/?q=jane&whose=mine&language=", headers=HTMX)
    assert voices["HX-Push-Url"] == "/voices/?q=jane&whose=mine" and "<html" not in voices.text
    assert "<noscript><button>Show</button></noscript>" in page.get("/voices/").text
