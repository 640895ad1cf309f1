from datetime import timedelta

import pytest
from django.urls import reverse

from synthesis import sweeper
from synthesis.models import Generation
from tests.factories import ClipFactory, GenerationFactory, UserFactory, VoiceFactory
from voices.models import Clip, VoiceProfile

LIST = "/admin/voices/voiceprofile/"


@pytest.fixture
def curator(client, db):
    client.force_login(UserFactory(username="curator", is_staff=True))  # no permissions one by one
    return client


def act(client, action, *voices):
    data = {"action": action, "_selected_action": [voice.pk for voice in voices]}
    return client.post(LIST, data, follow=True)


def test_a_row_says_what_a_curator_asks(curator, stranger):
    voice = VoiceFactory(owner=stranger, name="Grandmother")
    row = curator.get(LIST).text
    assert f'<audio controls preload="none" src="{reverse("voices:clip_audio", args=[voice.clip_id])}"' in row
    for said in ("Grandmother", "eve", "0.5 s", "30 dB", "Private", f"{voice.consent_at:%Y-%m-%d}"):
        assert said in row


def test_the_list_costs_as_many_queries_for_many_voices(curator, count_queries):
    VoiceFactory.create_batch(2)
    few = count_queries(curator, LIST)
    VoiceFactory.create_batch(20)
    assert count_queries(curator, LIST) == few <= 12


@pytest.mark.parametrize(
    ("query", "shown"),
    [
        ("q=mother", {"Grandmother"}),
        ("q=eve", {"Grandmother"}),
        ("q=zebra", set()),
        ("visibility__exact=shared", {"Newsreader"}),
        ("language__exact=es", {"Newsreader"}),
        ("quality=noisy", {"Newsreader"}),
        ("quality=short", {"Grandmother"}),
        ("quality=good", set()),
        ("", {"Grandmother", "Newsreader"}),
    ],
)
def test_search_and_filters(curator, stranger, query, shown):
    VoiceFactory(owner=stranger, name="Grandmother")
    VoiceFactory(name="Newsreader", visibility="shared", language="es", clip__snr_db=9, clip__speech_seconds=20)
    assert set(curator.get(f"{LIST}?{query}").context["cl"].queryset.values_list("name", flat=True)) == shown


def test_sharing_with_the_whole_site_and_taking_it_back(curator, stranger):
    voice, other = VoiceFactory(owner=stranger), VoiceFactory(owner=stranger)
    assert "Shared with everyone: 1" in act(curator, "share", voice).text
    assert set(VoiceProfile.objects.filter(visibility="shared")) == {voice}
    assert "Private now: 1" in act(curator, "make_private", voice).text
    assert not VoiceProfile.objects.exclude(visibility="private").exists()
    assert VoiceProfile.objects.filter(pk=other.pk).exists()


def test_a_voice_is_corrected_but_its_recording_and_consent_are_not(curator, stranger):
    voice = VoiceFactory(owner=stranger)
    address = f"{LIST}{voice.pk}/change/"
    assert "<audio" in curator.get(address).text
    data = {"name": "Renamed", "description": "", "language": "es", "visibility": "shared", "transcript": ""}
    assert curator.post(address, data | {"owner": "", "consent_wording": "none"}).status_code == 302
    changed = VoiceProfile.objects.get()
    assert (changed.name, changed.visibility) == ("Renamed", "shared")
    assert (changed.owner, changed.consent_wording, changed.clip) == (stranger, voice.consent_wording, voice.clip)


def test_a_name_that_its_owner_has_already_is_refused_in_words(curator, stranger):
    voice = VoiceFactory(owner=stranger, name="One")
    VoiceFactory(owner=stranger, name="Two")
    VoiceFactory(name="Three")
    data = {"description": "", "language": "es", "visibility": "private", "transcript": ""}
    response = curator.post(f"{LIST}{voice.pk}/change/", data | {"name": "Two"})
    assert response.status_code == 200 and "already have a voice of this name" in response.text
    assert curator.post(f"{LIST}{voice.pk}/change/", data | {"name": "Three"}).status_code == 302


@pytest.mark.parametrize("how", ["one", "many"])
def test_deleting_takes_the_files_along_and_leaves_what_was_spoken(how, curator, django_capture_on_commit_callbacks):
    spoken = GenerationFactory(completed=True)
    voice = spoken.voice
    files = [voice.clip.audio, voice.clip.recording.original, voice.clip.recording.audio]
    with django_capture_on_commit_callbacks(execute=True):
        if how == "one":
            curator.post(f"{LIST}{voice.pk}/delete/", {"post": "yes"})
        else:
            curator.post(LIST, {"action": "delete_selected", "_selected_action": [voice.pk], "post": "yes"})
    assert not VoiceProfile.objects.exists() and not Clip.objects.exists()
    assert not any(file.storage.exists(file.name) for file in files)
    assert Generation.objects.get().voice_name == voice.name


def test_there_is_no_adding_without_a_recording(curator):
    assert curator.get(f"{LIST}add/").status_code == 403


def test_people_do_not_get_in(page):
    assert page.get(LIST).status_code in (302, 404)


def test_of_a_person_who_is_deleted_no_file_stays(stranger, settings):
    """Deleting an account deletes its rows at once; their files go with the next sweep after they are a day old."""
    GenerationFactory(owner=stranger, completed=True)
    ClipFactory(owner=stranger)
    kept = VoiceFactory().clip
    stranger.delete()
    sweeper.delete_leftovers(timedelta(0))
    files = {
        path.relative_to(settings.MEDIA_ROOT).as_posix() for path in settings.MEDIA_ROOT.rglob("*") if path.is_file()
    }
    assert files == {kept.recording.original.name, kept.recording.audio.name, kept.audio.name}
