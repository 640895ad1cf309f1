"""The menu of what can be downloaded: who may, what is there at once, what is made meanwhile, and what stops it."""

import io
import re
import uuid
import zipfile

import pytest
from django.urls import reverse

from synthesis.delivery import renditions
from synthesis.delivery.encoding import FILE_FORMATS
from synthesis.models import Generation, Rendition
from synthesis.workers import tasks
from tests.factories import GenerationFactory, SegmentFactory
from voicesite.jobs.job import State

HTMX = {"HX-Request": "true"}
ADDRESSES = {
    "downloads": ["GET"],
    "prepare_file": ["POST"],
    "cancel_file": ["POST"],
    "subtitles": ["GET"],
    "sentence_files": ["GET"],
}


def address(name, generation) -> str:
    return reverse(f"synthesis:{name}", args=[getattr(generation, "pk", generation)])


@pytest.fixture
def speech(user):
    made = GenerationFactory(completed=True, owner=user, title="The ferry")
    SegmentFactory(generation=made, text="The ferry left.", take=True, pause=0)
    return made


@pytest.fixture
def long_speech(speech, monkeypatch):
    monkeypatch.setattr(renditions, "SHORT_SECONDS", 0.1)
    return speech


def menu(shown: str) -> str:
    """What a page shows from the menu on, but for the player below it."""
    return shown[shown.index('id="downloads-') :].split("</main>")[0]


@pytest.mark.parametrize("name", ADDRESSES)
def test_a_strangers_speech_is_not_there(page, stranger, name):
    theirs = GenerationFactory(completed=True, owner=stranger)
    SegmentFactory(generation=theirs, take=True, pause=0)
    for where in (address(name, theirs), address(name, uuid.uuid4())):
        assert page.generic(ADDRESSES[name][0], where, {"format": "mp3"}).status_code == 404
    assert not Rendition.objects.exists()


@pytest.mark.parametrize("name", ADDRESSES)
def test_visitors_sign_in_first(client, speech, name):
    assert client.generic(ADDRESSES[name][0], address(name, speech)).url.startswith("/account/login/")


@pytest.mark.parametrize("name", ADDRESSES)
def test_wrong_methods_are_refused(page, speech, name):
    other = "POST" if ADDRESSES[name] == ["GET"] else "GET"
    assert page.generic(other, address(name, speech)).status_code == 405


def test_what_is_short_is_there_at_once(page, speech):
    shown = menu(page.get(address("detail", speech)).text)
    assert "hx-get" not in shown[: shown.index(">")], "and nothing is polled"
    links = re.findall(r'href="([^"]*(?:format=|sentences\.zip)[^"]*)"', shown)
    assert {link.partition("format=")[2].partition("&")[0] for link in links} >= {
        *FILE_FORMATS,
        "srt",
        "vtt",
        "json",
        "wav",
    }
    for link in links:
        answer = page.get(link.replace("&amp;", "&"))
        assert answer.status_code == 200 and answer["Content-Disposition"].startswith("attachment"), link
        assert b"".join(answer)


def test_an_mp3_is_the_first_thing_to_download(page, speech):
    for shown in (page.get(reverse("synthesis:list")).text, page.get(address("detail", speech)).text):
        first = re.search(r'href="([^"]*&amp;download)"', shown)[1].replace("&amp;", "&")
        answer = page.get(first)
        assert (answer["Content-Type"], answer.status_code) == ("audio/mpeg", 200)
        assert answer["Content-Disposition"].endswith('the-ferry.mp3"') and b"".join(answer).startswith(b"ID3")
        assert f'data-share="{first.removesuffix("&download")}"' in shown.replace("&amp;", "&"), "and to share"


def test_without_its_sentences_there_are_no_subtitles(page, user):
    shown = menu(page.get(address("detail", GenerationFactory(completed=True, owner=user))).text)
    assert "format=mp3" in shown and "subtitles" not in shown and "sentences.zip" not in shown


@pytest.mark.parametrize("headers", [HTMX, {}])
def test_what_is_long_is_made_while_the_page_shows_how_far_it_is(page, long_speech, headers):
    shown = menu(page.get(address("detail", long_speech)).text)
    assert "Prepare MP3" in shown and "format=mp3&amp;download" not in shown
    answer = page.post(address("prepare_file", long_speech), {"format": "mp3"}, headers=headers)
    shown = answer.text if headers else page.get(answer.url).text
    assert 'hx-trigger="every 1s"' in shown and "rendition-bar" in shown and "Cancel the MP3 file" in shown
    Rendition.objects.update(state=State.GENERATING, progress=46, stage="Making the MP3 file")
    polled = page.get(address("downloads", long_speech), headers=HTMX)
    assert polled.status_code == 200 and 'value="46"' in polled.text
    Rendition.objects.update(state=State.PENDING)
    tasks.run_background()
    polled = page.get(address("downloads", long_speech), headers=HTMX)
    assert (
        polled.status_code == 286
        and "format=mp3&amp;download" in polled.text
        and "These files are ready" in polled.text
    )
    assert "Prepare FLAC" in polled.text


def test_a_link_to_what_is_long_leads_to_its_progress(page, long_speech):
    answer = page.get(f"{address('audio', long_speech)}?format=mp3&download", follow=True)
    assert answer.redirect_chain == [(address("detail", long_speech), 302)]
    assert "The file is being prepared" in answer.text and "rendition-bar" in answer.text


def test_it_can_be_cancelled_and_asked_for_again(page, long_speech):
    prepare, cancel = address("prepare_file", long_speech), address("cancel_file", long_speech)
    page.post(prepare, {"format": "mp3"}, headers=HTMX)
    shown = page.post(cancel, {"format": "mp3"}, headers=HTMX).text
    assert Rendition.objects.get().state == State.CANCELLED and "Prepare MP3" in shown and "every 1s" not in shown
    page.post(prepare, {"format": "mp3"}, headers=HTMX)
    assert Rendition.objects.get().state == State.PENDING


def test_a_failure_says_why(page, long_speech):
    Rendition.objects.create(
        generation=long_speech, audio_format="mp3", state=State.FAILED, error="The disk of this site is full."
    )
    shown = page.get(address("detail", long_speech)).text
    assert "The disk of this site is full." in shown and "Prepare MP3" in shown


@pytest.mark.parametrize(
    ("name", "query"),
    [
        ("subtitles", "format=txt"),
        ("subtitles", "level=letter"),
        ("sentence_files", "format=mp3"),
        ("audio", "format=midi"),
    ],
)
def test_there_is_nothing_else(page, speech, name, query):
    assert page.get(f"{address(name, speech)}?{query}").status_code == 404
    assert page.post(address("prepare_file", speech), {"format": "wav"}).status_code == 404


@pytest.mark.parametrize("name", ["subtitles", "sentence_files"])
def test_why_something_is_not_there_is_said_on_the_page(page, speech, name):
    speech.segments.all().delete()
    answer = page.get(address(name, speech), follow=True)
    assert answer.redirect_chain == [(address("detail", speech), 302)] and "no longer stored" in answer.text


def test_subtitles_open_in_the_browser_and_sentences_are_saved(page, speech):
    shown = page.get(address("subtitles", speech) + "?format=vtt")
    assert shown["Content-Type"] == "text/vtt; charset=utf-8" and shown["Content-Disposition"].startswith("inline")
    assert b"".join(shown).decode().startswith("WEBVTT\n")
    sent = page.get(address("sentence_files", speech))
    data = b"".join(sent)
    assert sent["Content-Length"] == str(len(data)) and "the-ferry.zip" in sent["Content-Disposition"]
    assert zipfile.ZipFile(io.BytesIO(data)).namelist()[1] == "0001-the-ferry-left.flac"
    assert page.head(address("sentence_files", speech))["Content-Length"] == str(len(data))


def test_speech_that_failed_to_change_is_still_heard(page, speech):
    Generation.objects.update(state=State.FAILED, error="The engine failed.")
    assert page.get(address("audio", speech)).status_code == 200
    shown = page.get(reverse("synthesis:list")).text
    assert address("audio", speech) in shown and "The engine failed." in shown
