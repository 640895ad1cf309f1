"""Consent that is heard: which recordings of a sentence count, for whom, and how often."""

import io
import itertools
import re
from datetime import timedelta

import numpy as np
import pytest
import soundfile
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from synthesis.workers import sweeper, tasks
from tests import FIXTURES
from tests.factories import GenerationFactory, UserFactory
from tests.voices.files import encode, speech
from voices.consent import listening, service
from voices.consent.phrases import SPELLINGS, WORDS_IN_SENTENCE, sentence, words_of
from voices.curation import service as curation
from voices.languages import LANGUAGES
from voices.models import Clip, SpokenConsent, VoiceProfile
from voicesite.people import keys

PAGE = "/voices/new/"
ANSWERS = {"name": "Jane", "language": "en-us", "description": "", "transcript": "", "consent": "on"}


def upload(name="english_austen_2", content=None):
    data = (FIXTURES / f"{name}.wav").read_bytes() if content is None else content
    return SimpleUploadedFile(f"{name}.wav", data, "audio/wav")


@pytest.fixture
def required(settings):
    settings.SPOKEN_CONSENT = "required"


@pytest.fixture
def draft(page):
    page.post("/voices/clips/", {"recording": upload("english_austen_1")})
    return Clip.objects.get()


@pytest.fixture
def reads(page, draft, settings):
    """Let the page's sentence be read, by default by the speaker of the draft, and be listened to."""

    def read(what=None, heard=None) -> SpokenConsent:
        shown = sentence_on(page.get(PAGE).text)
        response = page.post(
            PAGE, {"act": "speak", "clip": draft.pk, "spoken_consent": shown.pk, "sentence": what or upload()}
        )
        assert response.status_code in (200, 422)
        settings.TRANSCRIBER_MODEL = shown.sentence if heard is None else heard
        tasks.run_background()
        tasks.run_background()  # the draft is transcribed too
        shown.refresh_from_db()
        return shown

    return read


def sentence_on(text: str) -> SpokenConsent:
    consent = SpokenConsent.objects.get(pk=re.search(r'name="spoken_consent" value="([^"]+)"', text)[1])
    assert consent.sentence in text
    return consent


def make(page, draft, consent=None, **changes):
    return page.post(PAGE, ANSWERS | {"clip": draft.pk, "spoken_consent": consent.pk if consent else ""} | changes)


@pytest.mark.parametrize("language", LANGUAGES)
def test_each_language_has_sentences_by_chance(language):
    made = [sentence(language) for _ in range(20)]
    assert len({text for text, _ in made}) > 15
    for text, words in made:
        assert len(set(words)) == WORDS_IN_SENTENCE and all(word in text for word in words) and len(text) <= 300
        assert listening.read(text, words, text) == listening.Reading((), True)
    for (text, words), (other, _) in itertools.permutations(made, 2):
        if text != other:
            found = WORDS_IN_SENTENCE - len(listening.read(text, words, other).missing)
            assert found < listening.MIN_WORDS, "another sentence is not taken for it"
    words = words_of(language)
    assert len(set(words)) == 32
    assert not [(one, other) for one in words for other in words if one != other and one in other], "nor one word"


AGREES = "I agree that my voice is cloned here. My words today are"
SIX = ["apple", "basket", "mountain", "silver", "tiger", "window"]


@pytest.mark.parametrize(
    ("heard", "missing"),
    [
        ("apple basket mountain silver tiger window", []),
        ("Apples, a basket; mountains... and silver! um, a tiger... windows", []),
        ("apple basked mountin silber tigger windo", []),
        ("apple mountain silver tiger", ["basket", "window"]),
        ("", SIX),
    ],
)
def test_each_word_is_heard_in_its_place_or_nearly(heard, missing):
    reading = listening.read(f"{AGREES} {', '.join(SIX)}.", SIX, f"{AGREES} {heard}")
    assert list(reading.missing) == missing


def test_the_same_words_in_another_order_are_another_sentence():
    reading = listening.read(f"{AGREES} {', '.join(SIX)}.", SIX, f"{AGREES} {' '.join(reversed(SIX))}")
    assert WORDS_IN_SENTENCE - len(reading.missing) < listening.MIN_WORDS


@pytest.mark.parametrize(
    ("heard", "agrees"), [(AGREES, True), ("I agreed my voice is clone year. My word today are", True), ("", False)]
)
def test_the_words_by_which_one_agrees_are_heard_too(heard, agrees):
    reading = listening.read(f"{AGREES} {', '.join(SIX)}.", SIX, f"{heard} {' '.join(SIX)}")
    assert reading == listening.Reading((), agrees)


def test_a_transcriber_may_write_japanese_words_in_chinese_characters():
    words = ["じてんしゃ", "うさぎ", "りんご", "とけい", "はなび", "こうえん"]
    text = f"ここでわたしの声を複製することに同意します。今日の言葉は、{'、'.join(words)}です。"
    heard = "ここで私の声を複製することに同意します 今日の言葉は自転車 ウサギ リンゴ 時計 花火 公園です"
    assert listening.read(text, words, heard, SPELLINGS) == listening.Reading((), True)


def test_a_copy_of_a_recording_is_known_and_another_reading_is_not():
    wave, other = speech("english_austen_1"), speech("english_austen_2")
    copy = soundfile.read(io.BytesIO(encode(wave, "mp3", "libmp3lame", 24_000)), dtype="float32")[0][: len(wave)]
    shape = listening.envelope(wave)
    assert listening.is_replay(listening.envelope(0.5 * copy), [shape])
    assert not listening.is_replay(listening.envelope(other), [shape])
    assert not listening.is_replay(listening.envelope(np.zeros(100)), [listening.envelope(np.zeros(100)), shape])


@pytest.mark.django_db(transaction=True)
class TestRequired:
    @pytest.fixture(autouse=True)
    def _required(self, required):
        pass

    def test_a_voice_is_made_when_its_speaker_has_read_the_sentence(self, page, draft, reads):
        consent = reads()
        assert consent.is_good and consent.words_heard == 6 and consent.similarity > 0.8, consent.problem
        assert make(page, draft, consent).status_code == 302
        consent.refresh_from_db()
        assert consent.voice == VoiceProfile.objects.get() and consent.audio.size > 0

    def test_without_it_no_voice_is_made(self, page, draft):
        response = make(page, draft)
        assert response.status_code == 422 and "Read the sentence aloud" in response.text
        assert not VoiceProfile.objects.exists()

    def test_another_speaker_does_not_count(self, page, draft, reads):
        consent = reads(upload("english_ivr"))
        assert consent.similarity < 0.7 and "doesn’t sound like" in consent.problem
        assert "doesn’t sound like" in make(page, draft, consent).text and not VoiceProfile.objects.exists()

    def test_other_words_do_not_count(self, page, draft, reads):
        consent = reads(heard="Something else entirely, with nothing of it.")
        assert "None of the words was heard" in consent.problem and make(page, draft, consent).status_code == 422

    def test_it_is_good_once(self, page, draft, reads, user):
        consent = reads()
        make(page, draft, consent)
        page.post("/voices/clips/", {"recording": upload("english_austen_1")})
        again = Clip.objects.drafts().get()
        assert make(page, again, consent, name="Second").status_code == 422
        assert VoiceProfile.objects.count() == 1

    def test_it_is_good_for_a_quarter_of_an_hour(self, page, draft, reads):
        consent = reads()
        SpokenConsent.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
        assert make(page, draft, consent).status_code == 422

    def test_it_is_good_for_one_session_and_one_person(self, page, client, draft, reads, user):
        consent = reads()
        client.logout()
        client.force_login(user)
        assert make(client, draft, consent).status_code == 422
        client.force_login(UserFactory())
        assert client.get(f"/voices/consent/{consent.pk}/").status_code == 404
        assert client.get(f"/voices/consent/{consent.pk}/audio").status_code == 404

    def test_it_is_good_for_one_recording(self, page, draft, reads):
        consent = reads()
        page.post("/voices/clips/", {"recording": upload("english_ivr")})
        other = Clip.objects.exclude(pk=draft.pk).get()
        assert "compared with another recording" in make(page, other, consent).text

    def test_a_recording_that_was_sent_before_is_refused(self, page, draft, reads):
        reads()
        again = reads()
        assert not again.audio, "the same file"
        flac = io.BytesIO()
        soundfile.write(flac, *soundfile.read(FIXTURES / "english_austen_2.wav", dtype="int16"), format="FLAC")
        assert not reads(upload(content=flac.getvalue())).audio, "the same samples"
        mp3 = encode(speech("english_austen_2"), "mp3", "libmp3lame", 24_000)
        assert "used before" in reads(upload(content=mp3)).problem, "the same sound, encoded anew"

    @pytest.mark.parametrize("form", ["wav", "bare"])
    def test_speech_that_was_made_here_is_refused(self, page, draft, user, form):
        GenerationFactory(owner=user)
        tasks.run_next()
        from synthesis.models import Generation

        data = Generation.objects.get().audio.read()
        if form == "bare":
            bare = io.BytesIO()
            soundfile.write(bare, *soundfile.read(io.BytesIO(data), dtype="int16"), format="WAV")
            data = bare.getvalue()
        shown = sentence_on(page.get(PAGE).text)
        answer = page.post(
            PAGE, {"act": "speak", "clip": draft.pk, "spoken_consent": shown.pk, "sentence": upload(content=data)}
        )
        assert "This is speech that this site made." in answer.text
        shown.refresh_from_db()
        assert not shown.audio

    def test_a_sentence_is_read_once(self, page, draft, reads):
        consent = reads(upload("english_ivr"))
        page.post(PAGE, {"act": "speak", "clip": draft.pk, "spoken_consent": consent.pk, "sentence": upload()})
        consent.refresh_from_db()
        assert consent.problem and not consent.is_good

    def test_the_page_shows_how_far_it_is(self, page, draft):
        shown = sentence_on(page.get(PAGE).text)
        asked = {"act": "speak", "clip": draft.pk, "spoken_consent": shown.pk, "sentence": upload()}
        answer = page.post(PAGE, asked, headers={"HX-Request": "true", "HX-Target": "spoken"})
        assert re.match(r'\s*<div\s+id="spoken"', answer.text), "only that part of the page"
        assert "Waiting to check the sentence" in answer.text
        assert "Waiting to check the sentence" in page.get(f"/voices/consent/{shown.pk}/").text
        assert "still being checked" in make(page, draft, shown).text

    def test_the_words_that_were_not_heard_are_named(self, page, reads):
        words = sentence_on(page.get(PAGE).text).words
        consent = reads(heard=f"{AGREES} {' '.join(words[:4])}")
        assert consent.words == words
        assert consent.problem.startswith(f"“{words[4]}” and “{words[5]}” were not heard.")

    def test_the_check_can_be_cancelled(self, page, draft, user):
        shown = sentence_on(page.get(PAGE).text)
        asked = {"clip": draft.pk, "spoken_consent": shown.pk}
        assert "stop-sentence" in page.post(PAGE, asked | {"act": "speak", "sentence": upload()}).text
        stopped = page.post(PAGE, asked | {"act": "stop-sentence"})
        assert "Cancelled. The sentence was not checked." in stopped.text and "Read a new sentence" in stopped.text
        shown.refresh_from_db()
        assert shown.state == "cancelled"
        assert make(page, draft, shown).status_code == 422

    def test_a_reading_of_a_sentence_that_has_expired_is_not_taken_for_the_next(self, page, draft):
        shown = sentence_on(page.get(PAGE).text)
        SpokenConsent.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
        asked = {"act": "speak", "clip": draft.pk, "spoken_consent": shown.pk, "sentence": upload()}
        answer = page.post(PAGE, asked)
        assert "older than 15 minutes. Read this one." in answer.text
        assert sentence_on(answer.text) != shown and not SpokenConsent.objects.exclude(audio="").exists()

    def test_nobody_asks_until_one_comes_of_which_they_have_a_recording(self, page, draft, monkeypatch):
        monkeypatch.setattr(service, "SENTENCES_AN_HOUR", 2)
        first = sentence_on(page.get(PAGE).text)
        assert sentence_on(page.get(PAGE).text) == first, "the page shows the same one again"
        second = sentence_on(page.post(PAGE, {"act": "sentence", "spoken_consent": first.pk}).text)
        answer = page.post(PAGE, {"act": "sentence", "spoken_consent": second.pk})
        assert "You had 2 sentences in an hour." in answer.text and sentence_on(answer.text) == second
        SpokenConsent.objects.all().delete()
        assert "You had 2 sentences in an hour." in page.get(PAGE).text

    def test_another_sentence_is_shown_when_one_asks(self, page, draft):
        shown = sentence_on(page.get(PAGE).text)
        kept = sentence_on(page.post(PAGE, {"act": "look", "spoken_consent": shown.pk, "language": "en-us"}).text)
        assert kept == shown
        assert sentence_on(page.post(PAGE, {"act": "sentence", "spoken_consent": shown.pk}).text) != shown
        spanish = page.post(PAGE, {"act": "look", "spoken_consent": shown.pk, "language": "es"}).text
        assert sentence_on(spanish).language == "es"

    def test_another_clip_needs_it_too(self, page, draft, reads):
        make(page, draft, reads())
        page.post("/voices/clips/", {"recording": upload("english_austen_short")})
        clip = Clip.objects.drafts().get()
        address = f"/voices/{VoiceProfile.objects.get().pk}/clips/new/"
        response = page.post(address, ANSWERS | {"clip": clip.pk})
        assert response.status_code == 422 and "Read the sentence" in response.text and clip.voice is None

    def test_an_archive_shows_no_spoken_consent(self, page):
        response = page.post("/voices/import/", {"archive": SimpleUploadedFile("voices.zip", b"PK\x03\x04")})
        assert response.status_code == 422 and "Staff may import it" in response.text

    def test_its_recording_goes_with_the_voice_and_with_the_day(self, page, draft, reads, user):
        consent = reads()
        make(page, draft, consent)
        consent.refresh_from_db()
        storage, name = consent.audio.storage, consent.audio.name
        curation.delete(user, VoiceProfile.objects.get())
        assert not storage.exists(name) and not SpokenConsent.objects.filter(pk=consent.pk).exists()
        service.ask(user, "x", "en-us")
        sweeper.delete_leftovers(timedelta(0))
        assert not SpokenConsent.objects.exists()

    def test_staff_hear_it_when_they_judge_the_voice(self, page, client, draft, reads, user):
        make(page, draft, reads())
        voice = VoiceProfile.objects.get()
        audio = f"/voices/consent/{voice.spoken_consents.get().pk}/audio"
        client.force_login(UserFactory(is_staff=True, is_superuser=True))
        assert client.get(audio).status_code == 404, "not of a private voice"
        curation.request_sharing(user, voice)
        text = client.get("/admin/voices/voiceprofile/review/").text
        assert voice.spoken_consents.get().sentence in text and "6 of 6 words" in text and audio in text
        assert f"likeness {voice.spoken_consents.get().similarity:.0%}" in text and "just now" in text
        assert client.get(audio).status_code == 200
        assert voice.audit.filter(act="listened", detail__startswith="spoken consent").exists()

    def test_a_program_does_the_same(self, user, client, draft, settings):
        headers = {"Authorization": f"Bearer {keys.issue(user, 'Program', ['voices'])[1]}"}
        asked = client.post("/api/voices/consent", {"language": "en-us"}, "application/json", headers=headers)
        assert asked.status_code == 201, asked.content
        consent = asked.json()
        address = asked["Location"]
        sent = client.post(f"{address}/audio", {"clip": str(draft.pk), "audio": upload()}, headers=headers)
        assert sent.status_code == 202 and not sent.json()["is_good"], sent.content
        settings.TRANSCRIBER_MODEL = consent["sentence"]
        tasks.run_background()
        tasks.run_background()
        told = client.get(address, headers=headers).json()
        assert told["is_good"] and told["status"] == "completed" and told["similarity"] > 0.8
        body = {"name": "Jane", "language": "en-us", "consent": "true", "clip": str(draft.pk)}
        refused = client.post("/api/voices", body, headers=headers)
        assert refused.status_code == 422 and "spoken_consent" in refused.json()["error"]["fields"]
        made = client.post("/api/voices", body | {"spoken_consent": consent["id"]}, headers=headers)
        assert made.status_code == 201, made.content
        assert client.get(address, headers=headers).status_code == 404, "it is used"


@pytest.mark.django_db(transaction=True)
def test_where_it_is_only_asked_for_a_voice_is_made_without(page, draft, settings):
    settings.SPOKEN_CONSENT = "asked"
    assert "You may leave that out" in page.get(PAGE).text
    assert make(page, draft).status_code == 302


def test_where_it_is_off_nothing_is_said_of_it(page, user, client):
    assert "spoken_consent" not in page.get(PAGE).text and not SpokenConsent.objects.exists()
    headers = {"Authorization": f"Bearer {keys.issue(user, 'Program', ['voices'])[1]}"}
    answer = client.post("/api/voices/consent", {"language": "en-us"}, "application/json", headers=headers)
    assert answer.status_code == 409
