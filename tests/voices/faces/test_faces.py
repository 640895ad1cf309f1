"""Faces: like voices look alike, whoever may not see a voice sees nothing of it, and old voices get theirs."""

import json
import re
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pytest
import soundfile
from django.urls import reverse

from synthesis.builtin_voices.installing import FOLDER
from tests.factories import VoiceFactory
from voices.analysis import face
from voices.faces import missing
from voices.faces.drawing import NEUTRAL, draw
from voices.models import Clip, VoiceProfile
from voices.templatetags.faces import face as face_of
from voicesite.modelhost.protocol import ModelError

FIXTURES = Path(__file__).parents[2] / "fixtures"
TRAITS = [12, 107, 55, 204, 9, 65]


@pytest.fixture
def voice(user):
    return VoiceFactory(owner=user, clip__face=TRAITS)


def url(voice: VoiceProfile) -> str:
    return reverse("voices:face", args=[voice.pk])


@pytest.fixture(scope="module")
def halves() -> dict[tuple[str, str, int], np.ndarray]:
    """The traits of either half of recordings of eight speakers, one of whom speaks two languages: by speaker, file, half."""
    made = {}
    for file in (*FOLDER.glob("*.flac"), *FIXTURES.glob("english*1.wav"), *FIXTURES.glob("*ivr.wav")):
        samples, rate = soundfile.read(file, dtype="float32")
        for number, half in enumerate(np.array_split(samples, 2)):
            made["allison" if "ivr" in file.stem else file.stem, file.stem, number] = np.array(face.traits(half, rate))
    return made


def test_the_same_speaker_has_the_nearest_face(halves):
    apart = lambda one, other: float(np.linalg.norm(halves[one] - halves[other]))  # noqa: E731
    nearest = {
        one: min((other for other in halves if other != one), key=lambda other: apart(one, other)) for one in halves
    }
    assert [one for one, other in nearest.items() if one[0] != other[0]] == []
    same = [apart((*one, 0), (*one, 1)) for *one, number in halves if not number]
    others = [apart(one, other) for one in halves for other in halves if one[0] != other[0]]
    assert 2.5 * np.median(same) < np.median(others)


def test_two_recordings_of_a_reader_look_alike_and_others_don_t():
    reader = [face.traits(*soundfile.read(FIXTURES / f"english_austen_{n}.wav", dtype="float32")) for n in (1, 2)]
    builtin = [measured["face"] for measured in json.loads((FOLDER / "voices.json").read_text()).values()]
    between = np.linalg.norm(np.subtract(*reader))
    assert all(between < np.linalg.norm(np.subtract(one, other)) for one in reader for other in builtin)


def test_a_built_in_voice_comes_with_the_face_of_its_clip():
    for preset, measured in json.loads((FOLDER / "voices.json").read_text()).items():
        samples, rate = soundfile.read(FOLDER / f"{preset}.flac", dtype="float32")
        assert np.abs(np.subtract(face.traits(samples, rate), measured["face"])).max() <= 1


def test_a_face_is_a_small_picture_that_changes_with_each_trait():
    drawn = draw(TRAITS)
    assert ElementTree.fromstring(drawn).tag.endswith("svg") and len(drawn) < 1000
    for place in range(face.COUNT):
        changed = [*TRAITS]
        changed[place] = 255 - changed[place]
        assert draw(changed) != drawn, place
    assert draw(None) == draw([]) == NEUTRAL
    assert draw([-5, 999, 0, 0, 0, 255]) == draw([0, 255, 0, 0, 0, 255])


def test_its_owner_sees_it_and_a_browser_keeps_it(page, voice):
    shown = page.get(url(voice))
    assert shown.text == draw(TRAITS) and shown["Content-Type"] == "image/svg+xml"
    assert shown["Cache-Control"] == "private, max-age=3600"
    again = page.get(url(voice), headers={"If-None-Match": shown["ETag"]})
    assert again.status_code == 304 and again["ETag"] == shown["ETag"] and not again.content


def test_one_that_is_not_measured_yet_is_asked_for_again(page, user):
    shown = page.get(url(VoiceFactory(owner=user, clip__face=None)))
    assert shown.text == NEUTRAL and "max-age=0" in shown["Cache-Control"]


def test_what_has_no_voice_any_more_has_the_neutral_one(page):
    shown = page.get(re.search('src="([^"]*)"', face_of(None))[1])
    assert shown.status_code == 200 and shown.text == NEUTRAL and "max-age=3600" in shown["Cache-Control"]


@pytest.mark.parametrize("is_there", [True, False])
def test_a_stranger_sees_the_neutral_one_whether_there_is_a_voice_or_not(client, stranger, voice, is_there):
    client.force_login(stranger)
    address = url(voice)
    if not is_there:
        voice.delete()
    shown = client.get(address)
    assert shown.status_code == 404 and shown.text == NEUTRAL and shown["Cache-Control"] == "private, no-store"
    assert "ETag" not in shown


def test_a_face_is_for_people_who_are_signed_in_and_nobody_posts_to_it(client, page, voice):
    assert page.post(url(voice)).status_code == 405
    client.logout()
    assert client.get(url(voice)).status_code == 302


def test_cards_and_the_page_of_a_voice_show_it(page, voice):
    for address in (reverse("voices:list"), reverse("voices:detail", args=[voice.pk])):
        assert f'<img class="face" src="{url(voice)}" alt=""' in page.get(address).text


def test_a_voice_from_before_is_measured_once(voice, user, monkeypatch):
    old, silent = VoiceFactory(owner=user, clip__face=None).clip, VoiceFactory(owner=user, clip__face=None).clip
    asked = []

    def embed(samples, rate, beat):
        asked.append((samples.shape, rate))
        if len(asked) > 1:
            raise ModelError("There is only silence in this recording.", permanent=True)
        return np.eye(256)[0]

    monkeypatch.setattr(missing.transcription_process, "embed", embed)
    assert missing.measure(lambda: None) == 2 and missing.measure(lambda: None) == 0
    assert asked == [((12_000,), 24_000)] * 2
    faces = sorted(Clip.objects.filter(pk__in=[old.pk, silent.pk]).values_list("face", flat=True))
    assert faces == [[], face.traits_of(np.eye(256)[0])]


def test_a_process_that_fails_leaves_it_for_later(user, monkeypatch):
    VoiceFactory(owner=user, clip__face=None)

    def embed(*_):
        raise ModelError("The process ended.")

    monkeypatch.setattr(missing.transcription_process, "embed", embed)
    assert missing.measure(lambda: None) == 0 and missing.clips_without_face().count() == 1


def test_a_clip_whose_file_is_gone_stays_neutral(user, monkeypatch):
    clip = VoiceFactory(owner=user, clip__face=None).clip
    clip.audio.storage.delete(clip.audio.name)
    assert missing.measure(lambda: None) == 1 and Clip.objects.get(pk=clip.pk).face == []


def test_the_page_of_a_voice_has_its_star(page, user, voice):
    assert 'aria-pressed="false"' in page.get(reverse("voices:detail", args=[voice.pk])).text
    voice.favoured_by.add(user)
    assert 'aria-pressed="true"' in page.get(reverse("voices:detail", args=[voice.pk])).text


def test_a_favourite_is_one_persons(page, client, user, stranger, voice):
    address = reverse("voices:favourite", args=[voice.pk])
    shared = VoiceFactory(visibility="shared")
    for one in (voice, shared):
        assert page.post(reverse("voices:favourite", args=[one.pk]), {"on": "1"}).status_code == 302
    assert set(user.favourite_voices.all()) == {voice, shared} and not stranger.favourite_voices.exists()
    answer = page.post(address, {"on": "0"}, headers={"HX-Request": "true"}).text
    assert 'aria-pressed="false"' in answer and list(user.favourite_voices.all()) == [shared]
    client.force_login(stranger)
    assert client.post(address, {"on": "1"}).status_code == 404 and not stranger.favourite_voices.exists()
    assert client.get(address).status_code == 405
    client.logout()
    assert client.post(address, {"on": "1"}).status_code == 302 and not voice.favoured_by.exists()
