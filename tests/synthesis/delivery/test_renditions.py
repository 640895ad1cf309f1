"""Speech in another format: made once, kept, made anew when the speech changed, and left to a worker when it is long."""

import threading
from datetime import timedelta

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import connection
from django.utils import timezone
from django_q.models import OrmQ

from synthesis.delivery import renditions
from synthesis.delivery.encoding import FILE_FORMATS
from synthesis.generations import takes
from synthesis.models import Generation, Rendition
from synthesis.workers import sweeper, tasks
from tests.factories import GenerationFactory, SegmentFactory, wav
from voicesite.jobs import attempts
from voicesite.jobs.job import State
from voicesite.modelhost.protocol import ModelError
from voicesite.storage import stored_files
from voicesite.web.rejection import Rejected

pytestmark = pytest.mark.django_db


def files(generation) -> list[str]:
    return [name.rsplit("/")[-1] for name, _ in stored_files(f"generations/{generation.pk}/renditions")]


@pytest.fixture
def speech(user):
    return GenerationFactory(completed=True, owner=user)


@pytest.fixture
def long_speech(speech, monkeypatch):
    monkeypatch.setattr(renditions, "SHORT_SECONDS", 0.1)
    return speech


def change(generation):
    """Give it another whole, as a changed sentence does."""
    generation.audio = ContentFile(wav(0.7), "speech.wav")
    generation.save(update_fields=["audio"])


def pending(speech):
    with pytest.raises(renditions.NotReady) as raised:
        renditions.ready(speech.owner, speech, "mp3")
    return raised.value.rendition


@pytest.mark.parametrize("form", FILE_FORMATS)
def test_what_is_short_is_made_at_once_and_kept(speech, form):
    made = renditions.ready(speech.owner, speech, form)
    assert made.state == State.COMPLETED and made.source == speech.audio.name
    assert made.bytes == made.file.size > 0 and files(speech) == [made.file.name.rsplit("/")[-1]]
    assert OrmQ.objects.count() == 0, "and no worker is woken for it"
    again = renditions.ready(speech.owner, speech, form)
    assert (again.pk, again.file.name, again.attempts) == (made.pk, made.file.name, 1)


def test_a_changed_generation_has_another_file_and_the_old_one_goes(speech):
    old = renditions.ready(speech.owner, speech, "flac")
    change(speech)
    new = renditions.ready(speech.owner, speech, "flac")
    assert new.pk == old.pk and new.source == speech.audio.name and new.file.name != old.file.name
    assert files(speech) == [new.file.name.rsplit("/")[-1]]


def test_a_file_that_was_cut_short_is_made_anew(speech):
    made = renditions.ready(speech.owner, speech, "flac")
    with open(made.file.path, "r+b") as file:
        file.truncate(100)
    assert renditions.ready(speech.owner, speech, "flac").file.size > 100
    default_storage.delete(str(renditions.ready(speech.owner, speech, "flac").file.name))
    assert renditions.ready(speech.owner, speech, "flac").file.size > 100


def test_what_is_long_is_left_to_a_worker(long_speech):
    job = pending(long_speech)
    assert job.state == State.PENDING and OrmQ.objects.filter(key="default").count() == 1
    assert pending(long_speech).pk == job.pk and OrmQ.objects.count() == 1, "once"
    tasks.run_background()
    assert renditions.ready(long_speech.owner, long_speech, "mp3").bytes > 1000


def test_its_progress_is_the_share_that_is_encoded(long_speech, monkeypatch):
    monkeypatch.setattr(renditions, "BLOCK_SAMPLES", 1200)
    job, seen = pending(long_speech), []
    job.claim()

    class Heartbeat(attempts.Heartbeat):
        def __call__(self, **changes):
            seen.append(changes.get("progress"))

    renditions.encode(job, Heartbeat(job))
    shown = [progress for progress in seen if progress]
    assert shown == sorted(shown) and shown[0] == 18 and shown[-1] == 90 and len(shown) == 10
    assert None in seen, "and its job stays alive while the file is copied"


def test_a_cancelled_one_leaves_no_file_and_is_told_once(long_speech):
    job = pending(long_speech)
    assert job.request_cancel()
    with pytest.raises(Rejected, match="cancelled"):
        renditions.ready(long_speech.owner, long_speech, "mp3")
    assert pending(long_speech).state == State.PENDING, "who asks again gets it"


@pytest.mark.parametrize("when", ["encoding", "saving"])
def test_one_that_is_cancelled_while_it_runs_stops(long_speech, monkeypatch, when):
    monkeypatch.setattr(attempts, "WRITE_SECONDS", -1)
    job = pending(long_speech)
    save = default_storage.save

    def cancel(*args):
        Rendition.objects.get(pk=job.pk).request_cancel()
        return save(*args) if args else None

    if when == "saving":
        monkeypatch.setattr(renditions.default_storage, "save", cancel)
    else:
        write = renditions.encode_file
        monkeypatch.setattr(renditions, "encode_file", lambda *args: (cancel(), write(*args)))
    tasks.run_background()
    job.refresh_from_db()
    assert job.state == State.CANCELLED and not files(long_speech) and job.claim_token is None


def test_a_failure_is_told_once(speech, monkeypatch):
    def fail(*args):
        raise ModelError("The speech is damaged.", permanent=True)

    with monkeypatch.context() as patch:
        patch.setattr(renditions, "encode_file", fail)
        with pytest.raises(Rejected, match="is damaged"):
            renditions.ready(speech.owner, speech, "mp3")
    assert renditions.ready(speech.owner, speech, "mp3").state == State.COMPLETED


def test_an_attempt_that_was_interrupted_is_taken_up(long_speech):
    job = pending(long_speech)
    job.claim()
    Rendition.objects.filter(pk=job.pk).update(lease_expires_at=timezone.now() - timedelta(seconds=1))
    tasks.run_background()
    job.refresh_from_db()
    assert job.state == State.COMPLETED and job.attempts == 2


def test_without_a_free_slot_the_background_encodes(speech):
    with renditions.encoders.slot(0), renditions.encoders.slot(-1):
        renditions.encoders.patience, patience = 0.0, renditions.encoders.patience
        try:
            assert pending(speech).state == State.PENDING
        finally:
            renditions.encoders.patience = patience
    assert OrmQ.objects.filter(key="default").count() == 1


@pytest.mark.django_db(transaction=True)
def test_two_requests_at_once_make_one(speech, monkeypatch):
    begun, encode, made = threading.Event(), renditions.encode_file, []

    def slowly(*args):
        begun.set()
        second.start()
        encode(*args)

    def ask():
        try:
            made.append(renditions.ready(speech.owner, speech, "mp3"))
        finally:
            connection.close()

    monkeypatch.setattr(renditions, "encode_file", slowly)
    monkeypatch.setattr(renditions.encoders, "patience", 5.0)
    second = threading.Thread(target=ask)
    made.append(renditions.ready(speech.owner, speech, "mp3"))
    assert begun.is_set()
    second.join()
    assert len({(one.pk, one.file.name, one.attempts) for one in made}) == 1 and len(files(speech)) == 1


def test_what_nobody_asks_for_is_deleted(speech, settings, django_capture_on_commit_callbacks):
    kept = renditions.ready(speech.owner, speech, "flac")
    old = renditions.ready(speech.owner, speech, "mp3")
    Rendition.objects.filter(pk=old.pk).update(asked_at=timezone.now() - timedelta(days=settings.RENDITION_DAYS + 1))
    with django_capture_on_commit_callbacks(execute=True):
        sweeper.delete_leftovers()
    assert [*speech.renditions.all()] == [kept] and files(speech) == [kept.file.name.rsplit("/")[-1]]
    change(speech)
    with django_capture_on_commit_callbacks(execute=True):
        sweeper.delete_leftovers()
    assert not speech.renditions.exists() and not files(speech), "nor what was made of another whole"


def test_asking_for_it_keeps_it(speech):
    made = renditions.ready(speech.owner, speech, "flac")
    Rendition.objects.filter(pk=made.pk).update(asked_at=timezone.now() - timedelta(days=29))
    renditions.ready(speech.owner, speech, "flac")
    made.refresh_from_db()
    assert timezone.now() - made.asked_at < timedelta(minutes=1)


def test_a_deleted_generation_leaves_no_file(speech, django_capture_on_commit_callbacks):
    made = renditions.ready(speech.owner, speech, "flac")
    take = SegmentFactory(generation=speech, take=True).take
    with django_capture_on_commit_callbacks(execute=True):
        takes.delete(speech)
    assert not Generation.objects.exists()
    assert not any(default_storage.exists(str(file.name)) for file in (speech.audio, made.file, take.audio))


@pytest.mark.django_db(transaction=True)
def test_of_what_was_deleted_since_it_was_looked_up_no_file_is_made(speech):
    takes.delete(Generation.objects.get())
    with pytest.raises(Rejected) as raised:
        renditions.ready(speech.owner, speech, "mp3")
    assert (raised.value.code, Rendition.objects.count(), files(speech)) == ("not_found", 0, [])
