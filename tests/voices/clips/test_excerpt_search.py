"""The search of a long upload for its best excerpts, which become ranked drafts."""

import io

import numpy as np
import pytest
import soundfile
from django.core.files.base import ContentFile

from synthesis.workers import lanes, tasks
from tests.factories import RecordingFactory, UserFactory, VoiceFactory
from tests.voices.files import speech
from voices.analysis.best_excerpts import Excerpt
from voices.analysis.reference_audio import LONG_SECONDS, AudioRejected, Measured
from voices.analysis.vad import SAMPLE_RATE
from voices.clips import service as clips
from voices.intake import process as intake
from voices.models import Clip, ExcerptSearch, Transcription
from voices.transcription import listener_process
from voicesite.jobs.job import State
from voicesite.modelhost.protocol import Progress

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.processes]

WORDS = [speech("english_ivr"), speech("spanish_ivr")]
EXCERPTS = [Excerpt(8.0, 17.6, 0.9), Excerpt(0.2, 7.9, 0.8), Excerpt(18.0, 18.1, 0.7)]


def sound(form: str) -> bytes:
    buffer = io.BytesIO()
    pause = 1e-4 * np.random.default_rng(1).standard_normal(2 * SAMPLE_RATE).astype("f4")
    soundfile.write(
        buffer, np.concatenate([part for words in WORDS for part in (words, pause)]), SAMPLE_RATE, format=form
    )
    return buffer.getvalue()


@pytest.fixture
def recording():
    return RecordingFactory(audio=ContentFile(sound("FLAC"), "recording.flac"), seconds=20.6)


@pytest.fixture
def found(monkeypatch):
    """Fake the search, which finds EXCERPTS, and the cutting; return a list of functions to call during the search."""
    meddlers = []

    def search(path, on_progress, beat):
        on_progress(Progress(0, 500, 1000, "Identifying speakers"))
        for meddle in meddlers:
            meddle()
        beat()
        return EXCERPTS

    def cut(path, start, end):
        if end - start < 1:
            raise AudioRejected("too_short", "There is too little speech.")
        measured = Measured(end - start, end - start, 40, 0, -20, [], {"mos": 3.3}, Clip.Grade.EXCELLENT)
        return intake.ReferenceAudio(b"sound", measured, start, end)

    monkeypatch.setattr(listener_process.transcription_process, "search", search)
    monkeypatch.setattr(intake, "cut", cut)
    return meddlers


def test_a_long_recording_is_searched_by_itself_and_its_clips_are_written_down(tmp_path):
    path = tmp_path / "long.wav"
    path.write_bytes(sound("WAV"))
    first = clips.store_recording(UserFactory(), path, path.name)
    assert first.end - first.start < LONG_SECONDS < first.recording.seconds
    while lanes.is_waiting():
        tasks.run_background()
    job = ExcerptSearch.objects.get()
    assert (job.state, job.error) == (State.COMPLETED, "")
    proposed = list(Clip.objects.exclude(rank=None).order_by("rank"))
    assert [clip.rank for clip in proposed] == [1, 2]
    for clip in proposed:
        assert clip.voice is None and clip.owner == first.owner and 5 <= clip.end - clip.start <= 15
        assert clip.grade == Clip.Grade.EXCELLENT and clip.quality["mos"] > 2.5 and clip.advice[0][0] == "good"
        assert clip.transcript and clip.transcription.state == State.COMPLETED


def test_a_short_recording_is_not_searched(tmp_path):
    path = tmp_path / "short.wav"
    soundfile.write(path, WORDS[0], SAMPLE_RATE)
    clips.store_recording(UserFactory(), path, path.name)
    assert not ExcerptSearch.objects.exists()


def test_what_cannot_be_cut_out_is_left_out_and_the_language_is_that_of_the_recording(recording, found):
    taken = VoiceFactory(owner=recording.owner, clip__recording=recording, clip__language="es").clip
    ExcerptSearch.objects.create(recording=recording)
    tasks.run_background()
    proposed = Clip.objects.exclude(rank=None).order_by("rank")
    assert [(clip.start, clip.end, clip.language) for clip in proposed] == [(8.0, 17.6, "es"), (0.2, 7.9, "es")]
    assert [job.clip.rank for job in Transcription.objects.order_by("created_at")] == [1, 2]
    taken.refresh_from_db()
    assert taken.voice and all(clip.voice is None for clip in proposed), "a voice keeps what it took"


@pytest.mark.parametrize("act", ["cancel", "delete"])
def test_a_search_that_is_cancelled_or_whose_recording_goes_leaves_nothing(recording, found, act):
    job = ExcerptSearch.objects.create(recording=recording)
    found.append(job.request_cancel if act == "cancel" else recording.delete)
    tasks.run_background()
    assert not Clip.objects.exists() and not Transcription.objects.exists()
    assert [job.state for job in ExcerptSearch.objects.all()] == ([State.CANCELLED] if act == "cancel" else [])


def test_a_recording_without_its_file_is_told(recording, found):
    recording.audio.storage.delete(recording.audio.name)
    job = ExcerptSearch.objects.create(recording=recording)
    found.append(lambda: open(recording.audio.path).close())
    tasks.run_background()
    job.refresh_from_db()
    assert (job.state, job.error) == (State.FAILED, "The recording has been deleted.")
