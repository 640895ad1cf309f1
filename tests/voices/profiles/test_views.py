import re
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from synthesis.engines import ENGINES
from tests import FIXTURES
from tests.factories import ClipFactory, FittingFactory, GenerationFactory, VoiceFactory
from tests.synthesis.engines.test_choice import TORCH_AND_KOKORO
from voices.models import CONSENT_WORDING, Clip, VoiceProfile
from voicesite.modelhost import weights


def recording(name="english_austen_1.wav", content=None):
    return SimpleUploadedFile(name, (FIXTURES / name).read_bytes() if content is None else content, "audio/wav")


def answers(**changes):
    return {"name": "Jane", "language": "en-gb", "description": "", "transcript": "", "consent": "on"} | changes


@pytest.mark.own_process
def test_a_recording_becomes_a_voice(page, user):
    response = page.post("/voices/new/", answers(recording=recording()))
    voice = VoiceProfile.objects.get()
    assert response.url == reverse("voices:detail", args=[voice.pk])
    assert (voice.owner, voice.consent_by, voice.consent_wording) == (user, user, CONSENT_WORDING)
    assert 6 < voice.clip.speech_seconds < 8
    assert voice.clip.recording.original.read() == (FIXTURES / "english_austen_1.wav").read_bytes()
    shown = page.get(response.url).text
    assert "approximate voice" in shown and "s of clear speech" in shown


def test_a_wrong_form_keeps_the_recording(page):
    response = page.post("/voices/new/", answers(name="", consent="", recording=recording()))
    assert response.status_code == 422
    assert "consent of its speaker" in response.text
    draft = Clip.objects.get()
    assert f'name="clip" value="{draft.pk}"' in response.text
    page.post("/voices/new/", answers(clip=draft.pk))
    assert VoiceProfile.objects.get().clip == draft


def chosen_language(text: str) -> str:
    (code,) = re.findall(r'<option value="([a-z-]+)" selected>', text)
    (passage,) = re.findall(r'<p class="passage" lang="([a-z-]+)" data-passage="[a-z-]+:0" *>', " ".join(text.split()))
    assert code == passage, "the text to read is in that language"
    return code


@pytest.mark.parametrize(
    ("header", "code"),
    [
        ("", "en-us"),
        ("de-AT,de;q=0.9,en;q=0.8", "de"),
        ("xx, fr-CA;q=0.5", "fr"),
        ("pt-BR", "pt-br"),
        ("pt", "pt"),
        ("zh-Hans-CN", "zh"),
        ("en-GB,en;q=0.9", "en-gb"),
        ("nonsense;;q=,", "en-us"),
    ],
)
def test_the_language_of_the_browser_is_chosen_before(page, header, code):
    assert chosen_language(page.get("/voices/new/", headers={"Accept-Language": header}).text) == code


def test_the_language_of_ones_latest_voice_is_chosen_before_that(page, user, stranger):
    VoiceFactory(owner=user, language="it")
    VoiceFactory(owner=user, language="ru")
    VoiceFactory(owner=stranger, language="hi")
    assert chosen_language(page.get("/voices/new/", headers={"Accept-Language": "de"}).text) == "ru"


def test_a_voice_is_called_after_its_file_where_nobody_named_it(page, user):
    draft = ClipFactory(owner=user, recording__original_name="grandma_interview-2.m4a")
    taken = page.post("/voices/new/", {"act": "look", "clip": draft.pk, "name": "", "language": "es"}).text
    assert 'name="name" value="Grandma interview 2"' in taken and 'data-name="Grandma interview 2"' in taken
    assert 'value="Oma"' in page.post("/voices/new/", {"act": "look", "clip": draft.pk, "name": "Oma"}).text


def test_what_nobody_has_to_look_at_is_folded(page, user):
    draft = ClipFactory(owner=user)
    assert "<details open" not in re.sub(r"\s+", " ", page.get("/voices/new/").text)
    text = page.post("/voices/new/", answers(clip=draft.pk, transcript="x" * 2001, description="y" * 5000)).text
    assert len(re.findall(r"<details[^>]* open", text)) == 2


def test_a_recording_is_taken_in_before_the_rest_is_written(page):
    response = page.post("/voices/clips/", {"recording": recording()})
    assert response.status_code == 200
    assert "s of clear speech" in response.text
    assert str(Clip.objects.get().pk) in response.text


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "empty"),
        (b"PK\x03\x04 and more", "an archive"),
        (b"no sound at all" * 99, "not a recording"),
    ],
)
def test_what_is_no_recording_is_refused_in_words(page, content, words):
    for address, data in (("/voices/clips/", {}), ("/voices/new/", answers())):
        response = page.post(address, data | {"recording": recording("x.wav", content)})
        assert response.status_code == 422
        assert words in response.text
    assert not Clip.objects.exists()


def test_too_much_is_read_politely_and_not_stored(page, settings, monkeypatch):
    settings.CLIP_MAX_BYTES = 100_000
    response = page.post("/voices/clips/", {"recording": recording("big.wav", b"RIFF" + bytes(3_000_000))})
    assert response.status_code == 422
    assert "3 MB" in response.text and "the limit" in response.text


def test_a_voice_needs_a_recording_and_a_name_of_its_own(page, user):
    assert "Record or choose" in page.post("/voices/new/", answers()).text
    VoiceFactory(owner=user, name="Jane")
    assert "already have a voice of this name" in page.post("/voices/new/", answers(recording=recording())).text


def test_a_strangers_draft_is_not_taken(page, stranger):
    draft = ClipFactory(owner=stranger)
    assert "was deleted" in page.post("/voices/new/", answers(clip=draft.pk)).text
    assert page.get(reverse("voices:clip_audio", args=[draft.pk])).status_code == 404


def test_editing_changes_what_a_voice_is_called_and_nothing_of_its_clips(page, user):
    voice = FittingFactory(voice__owner=user, voice__clip__transcript="Good day.").voice
    address = reverse("voices:edit", args=[voice.pk])
    assert page.post(address, answers(consent="")).status_code == 302
    after = VoiceProfile.objects.select_related("clip").get()
    assert (after.name, after.language) == ("Jane", "en-gb")
    assert (after.clip, after.clip.transcript, after.consent_at) == (voice.clip, "Good day.", voice.consent_at)
    assert page.post(address, answers(name=" ")).status_code == 422


def test_deleting_says_what_happens_and_deletes_the_recording(page, user, django_capture_on_commit_callbacks):
    spoken = GenerationFactory(owner=user, completed=True)
    voice = spoken.voice
    with django_capture_on_commit_callbacks(execute=True):
        answer = page.post(reverse("voices:delete", args=[voice.pk]), follow=True)
    assert "What it spoke stays in the library." in answer.text
    spoken.refresh_from_db()
    assert spoken.voice is None and spoken.voice_name == voice.name
    assert not Clip.objects.exists()
    assert not voice.clip.audio.storage.exists(voice.clip.audio.name)


@pytest.mark.parametrize("name", ["detail", "edit", "delete"])
def test_a_strangers_voice_is_not_there(page, stranger, name):
    voice = VoiceFactory(owner=stranger)
    address = reverse(f"voices:{name}", args=[voice.pk])
    assert page.get(address).status_code in (404, 405)
    assert page.post(address, answers()).status_code in (404, 405)
    assert VoiceProfile.objects.filter(pk=voice.pk).exists()


def test_a_shared_voice_is_heard_by_all_and_changed_by_its_owner(page, stranger):
    voice = VoiceFactory(owner=stranger, visibility="shared", name="Reader")
    assert "Reader" in page.get("/voices/").text
    assert "eve" in page.get(reverse("voices:detail", args=[voice.pk])).text
    assert page.get(reverse("voices:clip_audio", args=[voice.clip_id])).status_code == 200
    assert page.get(reverse("voices:edit", args=[voice.pk])).status_code == 404


@pytest.mark.parametrize("address", ["/voices/", "/voices/new/"])
def test_visitors_sign_in_first(client, user, address):
    assert client.get(address).url.startswith("/account/login/")


def test_the_list_costs_as_many_queries_for_many_voices(page, user, count_queries):
    FittingFactory.create_batch(2, voice__owner=user)
    few = count_queries(page, "/voices/")
    FittingFactory.create_batch(10, voice__owner=user)
    assert count_queries(page, "/voices/") == few <= 9


def test_search(page, user):
    VoiceFactory(owner=user, name="Grandmother")
    VoiceFactory(owner=user, name="Newsreader")
    text = page.get("/voices/?q=mother").text
    assert "Grandmother" in text and "Newsreader" not in text
    assert "No voice matches" in page.get("/voices/?q=zebra").text


# ---------------------------------------------------------------------------------------------------------------------
# What a transcript is good for, where an engine copies voices


@pytest.fixture
def copying(settings, monkeypatch):
    """Install an engine that copies voices, with its model's weights."""
    settings.ENGINE = "torch"
    monkeypatch.setattr(ENGINES, "paths", TORCH_AND_KOKORO)
    monkeypatch.setattr(weights, "find", Path)


TRANSCRIPT_PROMISE = "With a transcript, the copy follows the way of speaking too"


@pytest.mark.parametrize(
    ("transcript", "words"),
    [
        ("", TRANSCRIPT_PROMISE),
        ("Good day to you all.", "Thanks to the transcript"),
        ("Much more than anybody can say in so short a time. " * 5, "it says more than can be heard."),
    ],
)
def test_a_voices_page_says_what_its_transcript_does(page, user, copying, transcript, words):
    voice = VoiceFactory(owner=user, clip__transcript=transcript, clip__speech_seconds=2.0)
    edit = reverse("voices:clip", args=[voice.clip_id])
    shown = page.get(reverse("voices:detail", args=[voice.pk])).text
    assert words in shown and "Big copies this voice" in shown
    assert "embedded engine" in shown and "Waiting to be refined" in shown, "and what is refined is the other's"
    assert (f"{edit}#id_transcript" in shown) == ("Thanks" not in words)
    form = page.get(edit).text
    assert "With a transcript, the copy follows the way of speaking too" in form
    assert ("Until that’s fixed, only the sound of the voice is copied" in form) == ("heard" in words)


def test_whose_voice_it_is_not_is_told_but_not_asked(page, stranger, copying):
    voice = VoiceFactory(owner=stranger, visibility="shared")
    shown = page.get(reverse("voices:detail", args=[voice.pk])).text
    assert TRANSCRIPT_PROMISE in shown and "#id_transcript" not in shown


def test_where_voices_are_only_approximated_no_transcript_is_asked_for(page, user):
    voice = VoiceFactory(owner=user)
    shown = page.get(reverse("voices:detail", args=[voice.pk])).text
    assert "approximate voice" in shown and "copies this voice" not in shown and TRANSCRIPT_PROMISE not in shown
    for address in (reverse("voices:clip", args=[voice.clip_id]), "/voices/new/"):
        assert "You can leave it empty." in page.get(address).text


@pytest.mark.parametrize(
    "host, secure, records",
    [
        ("localhost", False, True),
        ("[::1]:8000", False, True),
        ("192.168.7.3:8000", False, False),
        ("studio", True, True),
    ],
)
def test_recording_is_offered_where_browsers_allow_it(page, settings, host, secure, records):
    settings.ALLOWED_HOSTS = ["*"]
    shown = page.get("/voices/new/", headers={"host": host}, secure=secure).text
    assert bool(re.search(r"data-record\s+data-when=\"idle\"\s+hidden", shown)) is not records
    assert bool(re.search(r'data-no-microphone="insecure"\s+hidden', shown)) is records
