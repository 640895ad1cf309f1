"""The jobs of transcribing clips, in a real transcription process."""

import threading

import pytest
from django.core.files.base import ContentFile

from synthesis.workers import sweeper, tasks
from tests import FIXTURES
from tests.factories import ClipFactory, RecordingFactory, UserFactory, wav
from voices.clips import jobs as clip_jobs
from voices.clips import service as clips
from voices.models import Clip, Transcription
from voices.templatetags.transcripts import doubtful_words
from voices.text.alignment import Word
from voices.text.passages import passage
from voices.transcription import requests as transcription
from voicesite.jobs import attempts
from voicesite.jobs.job import State

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def heard(settings):
    """Return a function that sets what the fake transcriber recognizes."""

    def hear(words: str) -> None:
        settings.TRANSCRIBER_MODEL = words

    return hear


def clip(**changes) -> Clip:
    recording = RecordingFactory(audio=ContentFile(wav(4.0, form="FLAC"), "recording.flac"), seconds=4.0)
    return ClipFactory(recording=recording, owner=recording.owner, **{"start": 1.0, "end": 3.0} | changes)


def transcribe(clip: Clip, **options) -> Transcription:
    """Enqueue a transcription, and run it."""
    assert transcription.enqueue(clip, **options)
    tasks.run_background()
    clip.refresh_from_db()
    return Transcription.objects.get(clip=clip)


def test_the_words_come_with_their_times_in_the_recording(heard):
    heard("this is said")
    row = clip(language="")
    job = transcribe(row)
    assert (job.state, job.progress, job.error, job.transcriber) == (State.COMPLETED, 100, "", "fake")
    assert row.transcript == row.recognized_text == "this is said" and row.language == "en-us"
    assert [Word(*word) for word in row.words] == [
        Word(" this", 1.0, 1.667, 0.9),
        Word(" is", 1.667, 2.333, 0.9),
        Word(" said", 2.333, 3.0, 0.9),
    ]


def test_the_passage_that_was_read_stays_and_what_was_heard_otherwise_of_it_is_doubtful(heard):
    text = passage("en-us:0")
    heard(text.replace("uncle", "ankle").replace(" flour", ""))
    row = clip(language="", transcript=text)
    transcribe(row)
    assert row.transcript == text == "".join(word[0] for word in row.words).strip()
    assert [word.text for word in doubtful_words(row)] == ["uncle", "flour"]
    assert "ankle" in row.recognized_text


def test_what_was_said_instead_of_the_passage_takes_its_place(heard):
    heard("I said what came to my mind")
    row = clip(transcript=passage("en-us:0"))
    transcribe(row)
    assert row.transcript == "I said what came to my mind"
    assert row.words and not doubtful_words(row)


def test_what_a_person_wrote_before_it_began_stays(heard):
    heard("this is said")
    row = clip()
    assert transcription.enqueue(row)
    Clip.objects.filter(pk=row.pk).update(transcript="I know better.")
    tasks.run_background()
    row.refresh_from_db()
    assert (row.transcript, row.recognized_text, row.words) == ("I know better.", "this is said", [])
    job = transcribe(row)
    assert job.state == State.COMPLETED and row.transcript == "this is said", "unless it is asked for again"


def test_the_language_that_was_told_stays_and_another_is_found_out(heard):
    heard("{es} hola")
    row = clip(language="en-gb")
    assert transcribe(row).language == "en-gb" and row.language == "en-gb"
    heard("{nl} hallo")
    job = transcribe(clip(language=""))
    assert job.state == State.FAILED and "sounds like Dutch" in job.error
    heard("{es} hola")
    other = clip(language="")
    transcribe(other)
    assert other.language == "es"


def test_a_failure_is_told_and_may_be_tried_again(heard):
    heard("[fail]")
    row = clip()
    job = transcribe(row)
    assert (job.state, job.error) == (State.FAILED, "The recording was not understood.")
    heard("{en}")
    assert "No words were recognised" in transcribe(row).error
    heard("now it is")
    assert transcribe(row).state == State.COMPLETED and row.transcript == "now it is"


def test_what_is_invented_is_not_taken(heard):
    heard("[invented] I hope you enjoyed this video.")
    row = clip()
    job = transcribe(row)
    assert (job.state, job.error) == (
        State.FAILED,
        "Too few words were clear enough to transcribe. Please type what is said.",
    )
    assert row.transcript == row.recognized_text == "" and row.words == []


def test_a_crash_is_tried_again(heard):
    heard("[crash]")
    row = clip()
    job = transcribe(row)
    assert job.state == State.PENDING and job.failures == 1 and "Trying again" in job.stage
    heard("one")
    tasks.run_background()
    job.refresh_from_db()
    assert job.state == State.COMPLETED


@pytest.mark.parametrize("act", ["cancel", "delete"])
def test_one_that_is_cancelled_or_asked_for_anew_writes_nothing(heard, act, monkeypatch):
    heard("[slow] [slow] one")
    row = clip()
    transcription.enqueue(row)
    beaten = attempts.Heartbeat.__call__

    def meddle(heartbeat, **changes):
        if changes.get("state") == State.GENERATING:
            job = Transcription.objects.get(pk=heartbeat.job.pk)
            assert job.request_cancel() if act == "cancel" else job.delete()
            monkeypatch.setattr(attempts.Heartbeat, "__call__", beaten)
        beaten(heartbeat, **changes)

    monkeypatch.setattr(attempts.Heartbeat, "__call__", meddle)
    tasks.run_background()
    row.refresh_from_db()
    assert row.transcript == row.recognized_text == ""
    states = [job.state for job in Transcription.objects.all()]
    assert states == ([State.CANCELLED] if act == "cancel" else [])


def test_a_recording_that_is_gone_is_told(heard):
    row = clip()
    row.recording.audio.storage.delete(row.recording.audio.name)
    assert transcribe(row).error == "The recording has been deleted."


def test_asking_twice_is_asking_once_and_another_language_begins_anew():
    row = clip()
    first = transcription.enqueue(row)
    assert transcription.enqueue(row) == first
    other = transcription.enqueue(row, "es")
    assert other != first and Transcription.objects.get() == other and other.language == "es"
    other.claim()
    assert transcription.enqueue(row, "es") == other
    other.request_cancel()
    assert transcription.enqueue(row, "es") != other, "one that is being cancelled is not it"


def test_a_clip_that_is_deleted_meanwhile_is_not_asked_for():
    row = clip()
    gone = Clip.objects.get(pk=row.pk)
    clips.delete_clip(row)
    assert transcription.enqueue(gone) is None


@pytest.mark.parametrize(
    ("transcriber", "language", "words"),
    [
        ("none", "en-us", "Nothing is transcribed on this site: type"),
        ("bundled", "es", "Only English can be transcribed on this site, and not Spanish: type"),
        ("bundled", "", ""),
        ("bundled", "en-gb", ""),
        ("fake", "zh", ""),
    ],
)
def test_what_cannot_be_done_is_said_before_it_starts(settings, transcriber, language, words):
    settings.TRANSCRIBER = transcriber
    row = clip(language=language)
    assert transcription.why_not(language).startswith(words)
    assert (transcription.enqueue(row) is None) == bool(words)
    assert Transcription.objects.exists() != bool(words)


def test_a_recording_that_arrives_is_transcribed_by_itself(heard, monkeypatch):
    rung = []
    monkeypatch.setattr("voicesite.jobs.job.ring", lambda cluster: rung.append(threading.get_ident()))
    row = clips.store_recording(UserFactory(), FIXTURES / "english_austen_short.wav", "short.wav")
    assert row.transcription.state == State.PENDING and rung
    assert Transcription in sweeper.JOBS_BY_CLUSTER["default"], "the sweeper rings for it too"


@pytest.mark.xdist_group("bundled transcriber")
@pytest.mark.real_models
def test_a_real_recording_is_written_down_by_the_bundled_model(settings):
    settings.TRANSCRIBER, settings.TRANSCRIBER_MODEL = "bundled", ""
    row = clips.store_recording(UserFactory(), FIXTURES / "english_austen_2.wav", "austen.wav")
    tasks.run_background()
    row.refresh_from_db()
    said = "Unless to be rather cold-hearted and rather selfish is to be ill-disposed."
    assert row.transcript == row.recognized_text and row.language == "en-us"
    assert row.transcript.replace("coldhearted", "cold-hearted") == said, "the processor decides about the hyphen"
    assert row.transcription.state == State.COMPLETED and row.transcription.transcriber == "bundled"
    words = [Word(*word) for word in row.words]
    assert len(words) == 12 and words[0].start >= 0 and words[-1].end <= row.end
    heard = next(word for word in words if word.text.strip() == "selfish")
    assert 2.6 < heard.start < 3.2 and 3.2 < heard.end < 3.8


def test_samples_are_those_of_the_stretch():
    audio = clip().recording.audio
    assert len(clip_jobs.read_samples(audio, 1.0, 3.0)) == 2 * 16_000
    assert len(clip_jobs.read_samples(audio, 3.5, 9.0)) == 0.5 * 16_000
