"""The pages of drafts and clips, and their audio."""

import io
import re
import uuid

import numpy as np
import pytest
import soundfile
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils.html import escape

from tests import FIXTURES
from tests.factories import ClipFactory, RecordingFactory, VoiceFactory, wav
from voices.analysis.reference_audio import AudioRejected
from voices.clips import service as clips
from voices.intake import process as intake
from voices.models import Clip, ExcerptSearch, Transcription, VoiceProfile
from voices.templatetags.transcripts import doubtful_words
from voices.text.passages import passage
from voicesite.jobs.job import State

pytestmark = pytest.mark.backends

WORDS = [["Good", 0.0, 0.2, 0.9], [" day,", 0.2, 0.3, 0.3], [" <b>all</b>.", 0.3, 0.5, 0.95]]


def htmx(target):
    return {"HX-Request": "true", "HX-Target": target}


def flat(response) -> str:
    """Return the response's text with single spaces, since tags span several lines."""
    return " ".join(response.text.split())


def address(name, thing):
    return reverse(f"voices:{name}", args=[thing.pk])


@pytest.fixture
def draft(user):
    return ClipFactory(owner=user, words=WORDS, transcript="Good day, <b>all</b>.", recording__seconds=40.0)


@pytest.fixture
def voice(user):
    return VoiceFactory(owner=user, clip__words=WORDS, clip__transcript="Good day, <b>all</b>.")


@pytest.fixture
def cutting(monkeypatch):
    """Fake the cutting of excerpts; return the list of those asked for."""
    asked = []

    def cut(path, start, end, *, cleanup=False):
        asked.append((start, end, cleanup))
        measured = intake.Measured(end - start, end - start, 30.0, 0.0, -23.0, [1, 100], [["good", "Clear.", ""]])
        return intake.ReferenceAudio(b"RIFF%d" % len(asked), measured, start, end)

    monkeypatch.setattr(intake, "cut", cut)
    return asked


# ---------------------------------------------------------------------------------------------------------------------
# A draft in a form


def test_a_person_cuts_another_stretch_of_a_draft(page, draft, cutting):
    data = {"act": "cut", "clip": draft.pk, "start": "3.5", "end": "12,25"}
    response = page.post("/voices/new/", data, headers=htmx("clip"))
    assert response.status_code == 200 and response.text.strip().startswith('<div id="clip"')
    assert cutting == [(3.5, 12.25, False)]
    new = Clip.objects.exclude(pk=draft.pk).get()
    assert (new.start, new.end, new.transcript, new.voice) == (3.5, 12.25, "", None)
    assert f'value="{new.pk}" checked' in flat(response) and 'name="chosen"' in response.text


def test_what_is_known_of_the_words_goes_with_the_stretch(page, draft, cutting):
    Clip.objects.update(start=0.0, end=20.0, words=[["Good", 0.0, 1.0, 1.0], [" day.", 5.0, 6.0, 0.2]])
    page.post("/voices/new/", {"act": "cut", "clip": draft.pk, "start": "3", "end": "9"}, headers=htmx("clip"))
    new = Clip.objects.exclude(pk=draft.pk).get()
    assert (new.transcript, new.words) == ("day.", [[" day.", 5.0, 6.0, 0.2]])
    assert new.doubtful_words == ["day."]


@pytest.mark.parametrize(
    ("start", "end", "words"),
    [
        ("3", "3.5", "1 to 30 s"),
        ("1", "33", "1 to 30 s"),
        ("-1", "5", "1 to 30 s"),
        ("38", "90", None),  # beyond the end: up to it
        ("50", "60", "1 to 30 s"),
        ("", "5", "in seconds"),
        ("a lot", "5", "in seconds"),
        ("nan", "5", "in seconds"),
        ("1", "inf", "in seconds"),
    ],
)
def test_a_stretch_has_limits_and_what_was_there_stays(page, draft, cutting, start, end, words):
    data = {"act": "cut", "clip": draft.pk, "start": start, "end": end}
    response = page.post("/voices/new/", data, headers=htmx("clip"))
    assert response.status_code == (422 if words else 200)
    assert str(draft.pk) in response.text and (words or "") in response.text
    assert Clip.objects.count() == (1 if words else 2)


def test_without_a_script_the_page_comes_again_with_all_that_was_written(page, draft, cutting):
    data = {"act": "cut", "clip": draft.pk, "start": "3", "end": "9", "name": "Jane", "language": "es"}
    text = page.post("/voices/new/", data | {"description": "Calm & slow", "consent": "on"}).text
    assert 'value="Jane"' in text and "Calm &amp; slow" in text and '<option value="es" selected>' in text
    assert Clip.objects.count() == 2 and 'role="alert">' not in text


def test_clean_up_makes_another_draft_of_the_same_stretch(page, draft, cutting):
    Clip.objects.update(start=2.0, end=8.0)
    for act in ("clean", "plain"):
        page.post("/voices/new/", {"act": act, "clip": draft.pk}, headers=htmx("clip"))
    assert cutting == [(2.0, 8.0, True), (2.0, 8.0, False)]
    assert Clip.objects.drafts().count() == 3


def test_the_words_to_check_are_marked(page, draft):
    response = page.post("/voices/new/", {"act": "show", "clip": draft.pk}, headers=htmx("chosen"))
    text = flat(response)
    assert '1 word to check: <mark data-from="0.20" data-place="5-9" >day,</mark>' in text
    assert "Optional: you can continue as it is." in text
    assert 'data-transcript="Good day, &lt;b&gt;all&lt;/b&gt;."' in text and "<b>" not in text
    assert f'name="transcript_of" value="{draft.pk}"' in flat(response)


def test_the_places_of_words_are_those_that_scripts_count(draft):
    draft.words = [
        ["  \U0001f600So?", 0.0, 0.2, 0.3],
        [" said", 0.2, 0.3, 0.9],
        ["他", 0.3, 0.4, 0.1],
        [" ok. ", 0.4, 0.5, 0.1],
    ]
    transcript = "\U0001f600So? said他 ok."
    as_scripts_do = transcript.encode("utf-16-le")
    assert draft.doubtful_words == [word.text for word in doubtful_words(draft)] == ["\U0001f600So?", "他", "ok."]
    for word in doubtful_words(draft):
        start, end = (2 * int(unit) for unit in word.place.split("-"))
        assert as_scripts_do[start:end].decode("utf-16-le") == word.text
    draft.words = []
    assert doubtful_words(draft) == []


@pytest.mark.parametrize("name", ["transcription", "search"])
def test_progress_is_shown_until_it_ends(page, draft, name):
    job = (
        Transcription.objects.create(clip=draft, state=State.GENERATING, progress=40, stage="Half of it")
        if name == "transcription"
        else ExcerptSearch.objects.create(
            recording=draft.recording, state=State.GENERATING, progress=40, stage="Half of it"
        )
    )
    response = page.get(address(name, draft))
    assert response.status_code == 200 and "Half of it" in response.text and "every 1s" in response.text
    type(job).objects.update(state=State.COMPLETED)
    response = page.get(address(name, draft))
    assert response.status_code == 286 and "every 1s" not in response.text


@pytest.mark.parametrize("name", ["transcription", "search"])
def test_progress_costs_as_many_queries_however_much_there_is(page, user, count_queries, name):
    few = ClipFactory(owner=user)
    many = ClipFactory(owner=user, words=WORDS * 50)
    ClipFactory.create_batch(6, owner=user, recording=many.recording, words=WORDS)
    for clip in (few, many):
        ExcerptSearch.objects.create(recording=clip.recording, state=State.COMPLETED)
        Transcription.objects.create(clip=clip, state=State.GENERATING)
    costs = [count_queries(page, address(name, clip)) for clip in (few, many)]
    assert costs[0] == costs[1] <= 6


@pytest.mark.parametrize("act", ["stop", "stop-search"])
def test_work_on_a_draft_is_stopped(page, draft, act):
    Transcription.objects.create(clip=draft)
    ExcerptSearch.objects.create(recording=draft.recording)
    page.post("/voices/new/", {"act": act, "clip": draft.pk}, headers=htmx("transcription"))
    assert Transcription.objects.get().is_active == (act != "stop")
    assert ExcerptSearch.objects.get().is_active == (act != "stop-search")


def test_a_long_recording_is_searched_once_more_where_that_failed(page, draft):
    data = {"act": "search", "clip": draft.pk, "chosen": "1"}
    text = page.post("/voices/new/", data, headers=htmx("clip")).text
    assert "Waiting to find the best stretches" in text and 'name="chosen"' not in text
    ExcerptSearch.objects.update(state=State.FAILED)
    page.post("/voices/new/", data, headers=htmx("clip"))
    assert ExcerptSearch.objects.get().is_active
    ExcerptSearch.objects.update(state=State.COMPLETED)
    page.post("/voices/new/", data, headers=htmx("clip"))
    assert ExcerptSearch.objects.get().state == State.COMPLETED


def test_a_short_recording_is_not_searched(page, user):
    draft = ClipFactory(owner=user, recording__seconds=12.0)
    assert page.post("/voices/new/", {"act": "search", "clip": draft.pk}, headers=htmx("clip")).status_code == 200
    assert not ExcerptSearch.objects.exists()


@pytest.fixture
def searched(user):
    """Return the first clip of a recording in which a search found three excerpts."""
    first = ClipFactory(owner=user, recording=RecordingFactory(owner=user, seconds=180.0))
    for rank in (2, 1, 3):
        ClipFactory(owner=user, recording=first.recording, rank=rank, start=10.0 * rank, end=10.0 * rank + 8)
    ExcerptSearch.objects.create(recording=first.recording, state=State.COMPLETED)
    return first


def test_of_the_stretches_that_were_found_the_best_is_chosen(page, searched):
    response = page.get(address("search", searched))
    best = Clip.objects.get(rank=1)
    assert response["HX-Retarget"] == "#clip"
    assert response.text.count('type="radio"') == 3
    assert f'value="{best.pk}" checked' in flat(response) and "suggested" in response.text
    places = [response.text.index(str(Clip.objects.get(rank=rank).pk)) for rank in (1, 2, 3)]
    assert places == sorted(places)


def test_each_stretch_that_was_found_is_tried_in_turn(page, searched):
    at, seen = searched, []
    for _ in range(4):
        text = flat(page.post("/voices/new/", {"act": "next", "clip": at.pk}, headers=htmx("clip")))
        at = Clip.objects.get(pk=re.search(r'value="([0-9a-f-]{36})" checked', text)[1])
        seen.append(at.rank)
    assert seen == [1, 2, 3, 1]


def test_where_no_stretch_is_good_that_is_said(page, searched):
    said = "No stretch of this recording"
    assert said not in page.get(address("search", searched)).text
    searched.recording.clips.exclude(pk=searched.pk).delete()
    assert said in page.get(address("search", searched)).text


def test_what_a_person_chose_stays_chosen(page, searched):
    response = page.get(address("search", searched), {"chosen": "1"})
    assert f'value="{searched.pk}" checked' in flat(response) and response.text.count('type="radio"') == 4


def test_the_stretch_that_was_chosen_becomes_the_voice_with_its_own_words(page, searched):
    best, other = Clip.objects.get(rank=1), Clip.objects.get(rank=2)
    Clip.objects.filter(pk=best.pk).update(transcript="The best one.")
    form = {"name": "Jane", "language": "en-gb", "consent": "on", "clip": best.pk}
    page.post("/voices/new/", form | {"transcript": "Words of another.", "transcript_of": other.pk})
    voice = VoiceProfile.objects.get()
    assert voice.clip == best and voice.clip.transcript == "The best one."


@pytest.mark.parametrize(
    ("written", "shown", "kept"),
    [
        ("", False, "As heard."),  # it came meanwhile
        ("", True, ""),  # a person has deleted it
        ("As I wrote.", False, "As I wrote."),
        ("As I wrote.", True, "As I wrote."),
    ],
)
def test_a_transcript_that_nobody_saw_is_not_deleted(page, user, written, shown, kept):
    draft = ClipFactory(owner=user, transcript="As heard.")
    form = {"name": "Jane", "language": "en-gb", "consent": "on", "clip": draft.pk}
    page.post("/voices/new/", form | {"transcript": written, "transcript_of": draft.pk if shown else ""})
    assert VoiceProfile.objects.get().clip.transcript == kept


def test_a_form_that_comes_again_shows_what_was_heard_meanwhile(page, user):
    draft = ClipFactory(owner=user, transcript="As heard.")
    text = page.post("/voices/new/", {"clip": draft.pk, "language": "en-gb"}).text
    assert ">As heard.</textarea>" in text


def test_a_file_that_is_refused_leaves_the_one_before(page, draft, monkeypatch):
    def take_in(path, limits):
        raise AudioRejected("no_speech", "No speech was found.")

    monkeypatch.setattr(intake, "take_in", take_in)
    with draft.audio.open() as file:
        response = page.post("/voices/clips/", {"recording": file, "clip": draft.pk})
    assert response.status_code == 422
    assert "No speech was found." in response.text and f'value="{draft.pk}"' in response.text


@pytest.mark.parametrize("act", ["cut", "clean", "show", "stop", "again", "nonsense"])
@pytest.mark.parametrize("clip", [uuid.uuid4(), "", "no-uuid"])
def test_what_is_no_draft_is_said_to_be_gone(page, act, clip):
    response = page.post("/voices/new/", {"act": act, "clip": clip, "start": 1, "end": 9}, headers=htmx("clip"))
    assert response.status_code == 422 and "Upload it again" in response.text


def test_cuts_by_hand_are_bounded(page, draft, cutting, monkeypatch):
    monkeypatch.setattr(clips, "MAX_CUTS", 3)
    ranked = ClipFactory(owner=draft.owner, recording=draft.recording, rank=1)
    for _ in range(5):
        page.post("/voices/new/", {"act": "cut", "clip": ranked.pk, "start": "3", "end": "9"})
    assert draft.recording.clips.filter(rank=None).count() == 3
    assert draft.recording.clips.filter(rank=1).exists()


def test_the_language_that_is_chosen_is_the_one_that_is_written_down(page, user, settings):
    settings.TRANSCRIBER = "bundled"  # it knows English only
    draft = ClipFactory(owner=user, language="en-us", transcript="Good day.", recognized_text="Good day.", words=WORDS)

    def choose(language):
        data = {"act": "language", "clip": draft.pk, "language": language}
        text = page.post("/voices/new/", data, headers=htmx("transcription")).text
        draft.refresh_from_db()
        return text

    choose("en-gb")
    assert (draft.language, draft.transcript) == ("en-gb", "Good day."), "another accent says the same"
    assert not Transcription.objects.exists()
    assert "not Spanish: type what is said" in choose("es")
    assert (draft.language, draft.transcript, draft.words) == ("es", "", [])
    assert not Transcription.objects.exists()
    assert "Waiting to transcribe" in choose("en-gb")
    assert Transcription.objects.get().language == "en-gb"
    assert "not Spanish" in choose("es")
    assert Transcription.objects.get().state == State.CANCELLED
    choose("tlh")
    assert draft.language == "es"


def taken(page, read, times=1, **data) -> tuple[Clip, str]:
    """Send a recording of somebody who read the passage `read`, and return its draft and the part that comes."""
    samples, rate = soundfile.read(FIXTURES / "english_austen_1.wav")
    sound = io.BytesIO()
    soundfile.write(sound, np.tile(samples, times), rate, format="WAV")
    upload = SimpleUploadedFile("Your recording, 16:39", sound.getvalue(), "audio/wav")
    text = flat(
        page.post(reverse("voices:take_clip"), {"recording": upload, "read": read} | data, headers=htmx("clip"))
    )
    return Clip.objects.get(), text


@pytest.mark.own_process
def test_a_passage_that_was_read_is_the_transcript_until_something_else_is_heard(page):
    draft, text = taken(page, "en-us:1")
    assert draft.transcript == passage("en-us:1") and draft.language == ""
    assert f'data-transcript="{escape(draft.transcript)}"' in text and "Your recording, 16:39" in text
    job = Transcription.objects.get()
    assert (job.replaces, job.language) == (draft.transcript, ""), "it may be another language after all"


@pytest.mark.own_process
def test_a_passage_in_a_language_that_nothing_transcribes_stays(page, settings):
    settings.TRANSCRIBER = "bundled"
    draft, text = taken(page, "de:0", language="de")
    assert draft.transcript == passage("de:0")
    assert "Filled in from the text on the page." in text and not Transcription.objects.exists()
    page.post("/voices/new/", {"act": "language", "clip": draft.pk, "language": "fr"}, headers=htmx("transcription"))
    draft.refresh_from_db()
    assert draft.transcript == "", "what was filled in goes with its language"


@pytest.mark.own_process
@pytest.mark.parametrize(("read", "times"), [("en-us:1", 3), ("en-us:9", 1), ("nonsense", 1), ("", 1)])
def test_where_nothing_is_known_to_be_read_there_is_no_transcript(page, read, times):
    draft, _ = taken(page, read, times)
    assert draft.transcript == ""


@pytest.fixture
def spanish(user):
    """Return a draft in which a transcriber heard Spanish."""
    return ClipFactory(owner=user, language="es", transcript="Buenos días.", recognized_text="Buenos días.")


WHICH = "This sounds like Spanish, but English is chosen. Which is it?"


def test_a_recording_in_another_language_than_chosen_is_asked_about(page, spanish):
    for chosen, asked in (("en-us", True), ("en-gb", True), ("es", False), ("", False), ("tlh", False)):
        text = flat(page.get(address("transcription", spanish), {"language": chosen}))
        assert (WHICH in text) == asked == ("It’s Spanish" in text) == ("It’s English" in text), chosen


def test_it_is_the_language_that_was_heard(page, spanish):
    data = {"act": "language:es", "clip": spanish.pk, "language": "en-us", "name": "Abuela"}
    assert "Which is it?" not in page.post("/voices/new/", data, headers=htmx("transcription")).text
    spanish.refresh_from_db()
    assert (spanish.language, spanish.transcript) == ("es", "Buenos días."), "there is nothing to be done again"
    without_script = page.post("/voices/new/", data).text
    assert '<option value="es" selected>' in without_script and 'value="Abuela"' in without_script


def test_it_is_the_language_that_was_chosen_after_all(page, spanish):
    data = {"act": "language:en-us", "clip": spanish.pk, "language": "en-us"}
    assert "Waiting to transcribe" in page.post("/voices/new/", data, headers=htmx("transcription")).text
    assert Transcription.objects.get().language == "en-us"


def test_what_was_not_understood_may_be_the_chosen_language_all_the_same(page, user):
    draft = ClipFactory(owner=user, language="", transcript="")
    Transcription.objects.create(clip=draft, state=State.FAILED, error="Little of this was understood.")
    text = flat(page.get(address("transcription", draft), {"language": "en-us"}))
    assert "Little of this was understood. You can continue without it." in text and "It’s English" in text
    page.post(
        "/voices/new/", {"act": "language:en-us", "clip": draft.pk, "language": "en-us"}, headers=htmx("transcription")
    )
    assert Transcription.objects.get().language == "en-us"
    Transcription.objects.update(state=State.FAILED)
    text = page.get(address("transcription", draft), {"language": "en-us"}).text
    assert "It’s English" not in text and "Transcribe again" in text


def test_another_language_leaves_what_a_person_wrote(page, user):
    draft = ClipFactory(owner=user, language="en-us", transcript="Good night.", recognized_text="Good day.")
    page.post("/voices/new/", {"act": "language", "clip": draft.pk, "language": "es"}, headers=htmx("transcription"))
    draft.refresh_from_db()
    assert (draft.language, draft.transcript) == ("es", "Good night.")


def test_what_was_written_down_is_written_down_again(page, draft):
    Transcription.objects.create(clip=draft, state=State.COMPLETED)
    text = page.post("/voices/new/", {"act": "look", "clip": draft.pk}, headers=htmx("transcription")).text
    assert "Transcribe again" in text
    data = {"act": "again", "clip": draft.pk, "language": "en-gb"}
    text = page.post("/voices/new/", data, headers=htmx("transcription")).text
    assert "Waiting to transcribe" in text
    assert Transcription.objects.get().replaces == draft.transcript


def test_a_stretch_that_is_chosen_is_written_down(page, draft):
    Clip.objects.update(transcript="", words=[])
    for _ in range(2):
        page.post("/voices/new/", {"act": "show", "clip": draft.pk}, headers=htmx("chosen"))
    assert Transcription.objects.get().is_active


def test_the_page_says_before_what_it_can_write_down(page, settings):
    assert "Transcribed for you." in page.get("/voices/new/").text
    settings.TRANSCRIBER = "bundled"
    assert "Speech in English is transcribed for you. For other languages, please type" in page.get("/voices/new/").text
    settings.TRANSCRIBER = "none"
    assert "Please type what is said." in page.get("/voices/new/").text


# ---------------------------------------------------------------------------------------------------------------------
# The clips of a voice


def test_a_voice_gets_another_clip(page, voice, draft):
    where = address("add_clip", voice)
    assert "Another clip" in page.get(where).text
    form = {"clip": draft.pk, "language": "es", "transcript": "Buenos días.", "transcript_of": draft.pk}
    assert page.post(where, form).status_code == 422  # without consent
    response = page.post(where, form | {"consent": "on"})
    assert response.url == address("detail", voice)
    draft.refresh_from_db()
    assert (draft.voice, draft.language, draft.transcript) == (voice, "es", "Buenos días.")
    shown = page.get(response.url).text
    assert "Buenos días." in shown and "Spanish" in shown and "main clip" in shown
    assert "used by A tone" in shown


def test_a_transcript_is_corrected_and_keeps_its_times(page, voice):
    where = address("clip", voice.clip)
    assert "Good day, &lt;b&gt;all&lt;/b&gt;.</textarea>" in page.get(where).text
    assert page.post(where, {"transcript": "Good night, <b>all</b>.", "language": "en-gb"}).status_code == 302
    clip = Clip.objects.get()
    assert (clip.transcript, clip.language) == ("Good night, <b>all</b>.", "en-gb")
    assert [word[0].strip() for word in clip.words] == ["Good", "night,", "<b>all</b>."]
    assert clip.words[1][1:] == [0.2, 0.3, 1.0] and not clip.doubtful_words
    assert page.post(where, {"transcript": "x" * 2001, "language": "en-gb"}).status_code == 422
    assert page.post(where, {"transcript": "x", "language": "tlh"}).status_code == 422


def test_another_stretch_takes_the_place_of_a_clip(page, voice, cutting, django_capture_on_commit_callbacks):
    before = voice.clip
    before.recording.seconds = 40.0
    before.recording.save()
    with django_capture_on_commit_callbacks(execute=True):
        response = page.post(address("clip", before), {"act": "cut", "start": "2", "end": "8"})
    after = VoiceProfile.objects.select_related("clip").get().clip
    assert response.url == address("clip", after)
    assert (after.start, after.end, after.recording) == (2.0, 8.0, before.recording)
    assert not Clip.objects.filter(pk=before.pk).exists()
    assert not before.audio.storage.exists(before.audio.name)
    response = page.post(address("clip", after), {"act": "cut", "start": "2", "end": "2.1"})
    assert response.status_code == 422 and "1 to 30 s" in response.text


def test_a_clip_that_is_shown_is_chosen_and_one_is_deleted_but_the_last(page, voice):
    other = ClipFactory(owner=voice.owner, voice=voice)
    page.post(address("choose_main", other))
    voice.refresh_from_db()
    assert voice.clip == other
    page.post(address("delete_clip", other))
    voice = VoiceProfile.objects.get()
    assert voice.clips.get() == voice.clip != other
    response = page.post(address("delete_clip", voice.clip), follow=True)
    assert "needs at least one clip" in response.text and VoiceProfile.objects.get().clip == voice.clip


def test_what_does_not_fit_is_shown_beside_what_was_heard(page, user):
    voice = VoiceFactory(
        owner=user,
        clip__transcript="Much more than anybody can say. " * 9,
        clip__recognized_text="Only this.",
        name="Misfit",
    )
    for where in (address("clip", voice.clip), address("detail", voice)):
        text = page.get(where).text
        assert "more than can be heard" in text and "Only this." in text and "What was heard" in text


def test_a_voices_page_costs_as_many_queries_for_many_clips(page, voice, count_queries):
    few = count_queries(page, address("detail", voice))
    for _ in range(5):
        Transcription.objects.create(clip=ClipFactory(owner=voice.owner, voice=voice, words=WORDS))
    assert count_queries(page, address("detail", voice)) == few


@pytest.mark.parametrize("name", ["clip", "choose_main", "delete_clip", "add_clip", "transcription", "search"])
@pytest.mark.parametrize("shared", ["private", "shared"])
def test_a_strangers_clip_is_not_there(page, stranger, name, shared):
    voice = VoiceFactory(owner=stranger, visibility=shared)
    where = address(name, voice if name == "add_clip" else voice.clip)
    assert page.get(where).status_code in (404, 405)
    assert page.post(where, {"act": "cut", "start": 1, "end": 9}).status_code in (404, 405)
    assert Clip.objects.get() == voice.clip


def test_a_strangers_draft_is_no_part_of_a_form(page, stranger, cutting):
    draft = ClipFactory(owner=stranger)
    response = page.post("/voices/new/", {"act": "cut", "clip": draft.pk, "start": 1, "end": 9}, headers=htmx("clip"))
    assert response.status_code == 422 and str(draft.pk) not in response.text and not cutting
    assert page.get(address("transcription", draft)).status_code == 404


@pytest.mark.parametrize("name", ["choose_main", "take_clip"])
def test_what_changes_something_is_posted(page, voice, name):
    where = reverse("voices:take_clip") if name == "take_clip" else address(name, voice.clip)
    assert page.get(where).status_code == 405


# ---------------------------------------------------------------------------------------------------------------------
# Sound


def test_sound_is_its_owners(page, client, voice, draft, stranger, staff, settings):
    Clip.objects.filter(pk=voice.clip_id).update(original_audio=voice.clip.audio.name)
    recording = voice.clip.recording
    mine = [
        address("clip_audio", voice.clip),
        address("original_audio", voice.clip),
        address("recording_audio", recording),
        address("clip_audio", draft),
        address("recording_audio", draft.recording),
    ]
    assert [page.get(where).status_code for where in mine] == [200] * 5
    assert b"".join(page.get(mine[2]).streaming_content) == wav(form="FLAC")
    assert page.get(mine[2])["Content-Type"] == "audio/flac"
    assert page.get(mine[2], headers={"Range": "bytes=0-3"}).status_code == 206
    assert page.get(address("original_audio", draft)).status_code == 404
    client.force_login(stranger)
    assert [client.get(where).status_code for where in mine] == [404] * 5
    client.force_login(staff)
    assert [client.get(where).status_code for where in mine] == [404] * 5
    settings.STAFF_ACCESS = "all"
    assert [client.get(where).status_code for where in mine] == [200, 200, 200, 404, 404]


def test_the_recording_of_a_shared_voice_is_not_shared(page, stranger):
    voice = VoiceFactory(owner=stranger, visibility="shared")
    assert page.get(address("clip_audio", voice.clip)).status_code == 200
    assert page.get(address("recording_audio", voice.clip.recording)).status_code == 404
    assert page.post(address("recording_audio", voice.clip.recording)).status_code == 405


@pytest.mark.parametrize("name", ["clip", "transcription", "search", "delete_clip", "clip_audio", "original_audio"])
def test_visitors_sign_in_first(client, voice, name):
    assert client.get(address(name, voice.clip)).url.startswith("/account/login/")
