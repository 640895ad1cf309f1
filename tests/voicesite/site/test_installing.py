"""The site as an app: what a browser is told of it, and what it may keep."""

import json
import re
import struct
from pathlib import Path

import pytest
from django.contrib.staticfiles import finders
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from voices.models import Recording
from voicesite.site.installing import paper

PATHS = ["/manifest.webmanifest", "/service-worker.js", "/offline/"]


@pytest.fixture
def anyone(user):
    """Somebody without an account, at a site that has people."""
    return Client()


def size(icon):
    """The width and height of a PNG file of ours, by its header."""
    data = Path(finders.find(icon["src"].removeprefix("/static/"))).read_bytes()
    assert data[:8] == b"\x89PNG\r\n\x1a\n"
    return "{}x{}".format(*struct.unpack(">II", data[16:24]))


@pytest.mark.django_db
@pytest.mark.parametrize("path", PATHS)
def test_they_are_the_same_for_everybody_and_set_no_cookie(anyone, page, path):
    ours, theirs = anyone.get(path), page.get(path)
    assert ours.status_code == theirs.status_code == 200
    assert ours.content == theirs.content
    assert not ours.cookies
    assert anyone.post(path).status_code == 405


@pytest.mark.django_db
@pytest.mark.parametrize("path", PATHS)
def test_they_are_there_before_anybody_is(client, path):
    assert client.get(path).status_code == 200


@pytest.mark.django_db
def test_the_manifest_names_icons_of_their_sizes_and_pages_that_are_there(anyone, page, settings):
    settings.PUBLIC_NAME = "Voices of the Bakers"
    answer = anyone.get("/manifest.webmanifest")
    assert answer["Content-Type"] == "application/manifest+json"
    described = json.loads(answer.content)
    assert described["name"] == "Voices of the Bakers"
    assert described["background_color"] == paper()[0]
    assert [size(icon) for icon in described["icons"]] == [icon["sizes"] for icon in described["icons"]]
    assert {"192x192", "512x512"} <= {icon["sizes"] for icon in described["icons"]}
    assert "maskable" in {icon.get("purpose") for icon in described["icons"]}
    for shortcut in described["shortcuts"]:
        assert page.get(shortcut["url"]).status_code == 200
    assert described["share_target"]["params"]["files"][0]["name"] == "recording"


@pytest.mark.django_db
def test_pages_name_the_manifest_and_the_colour_of_both_themes(page):
    text = page.get("/licences/").text
    assert '<link rel="manifest" href="/manifest.webmanifest">' in text
    assert re.findall(r'name="theme-color" content="(#\w+)"', text) == list(paper())


@pytest.mark.django_db
def test_the_worker_keeps_what_is_nobodys_and_is_asked_for_anew(anyone):
    answer = anyone.get("/service-worker.js")
    assert answer["Content-Type"] == "text/javascript" and answer["Cache-Control"] == "no-cache"
    site = json.loads(re.search(r"const site = (.*);\n", answer.text)[1])
    assert {"/static/site.css", "/static/icon.svg", "/static/offline.js"} <= set(site["kept"])
    assert all(finders.find(address.removeprefix("/static/")) for address in site["kept"])
    assert anyone.get(site["offline"]).status_code == 200


@pytest.mark.django_db
def test_the_worker_changes_exactly_when_what_it_keeps_does(anyone, monkeypatch, settings):
    def version():
        return re.search(r'"version": "(\w{16})"', anyone.get("/service-worker.js").text)[1]

    first = version()
    assert version() == first
    monkeypatch.setattr("voicesite.site.installing.render_to_string", lambda name: '<img src="/static/another.svg">')
    assert version() != first
    monkeypatch.undo()
    assert version() == first
    settings.VERSION = "another"
    assert version() != first


@pytest.mark.django_db
@pytest.mark.parametrize("signed_in", [False, True])
def test_a_shared_recording_that_no_worker_took_is_neither_kept_nor_trusted(user, signed_in):
    strict = Client(enforce_csrf_checks=True)
    if signed_in:
        strict.force_login(user)
    answer = strict.post("/share-recording", {"recording": SimpleUploadedFile("morning.m4a", b"sound")})
    assert answer.status_code == 302 and answer["Location"] == "/voices/new/?shared"
    assert strict.get("/share-recording")["Location"] == "/voices/new/?shared"
    assert strict.put("/share-recording").status_code == 405
    assert not Recording.objects.exists()


@pytest.mark.django_db
def test_the_page_of_a_new_voice_says_where_a_shared_recording_went(page):
    text = page.get("/voices/new/?shared").text
    assert 'data-shared-into="id_recording" hidden' in text and 'id="id_recording"' in text
