"""A site whose files are in a bucket: from a recording to speech that is heard, deleted and restored.

tests/voicesite/test_storage.py holds what the storage does by itself. Tests that are imported here are those of a folder.
"""

import pytest
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from synthesis.models import Generation, Segment
from synthesis.queue.report import in_one_line, queue_report
from synthesis.speech import files
from synthesis.workers import tasks
from tests import FIXTURES
from tests.factories import FittingFactory, GenerationFactory, SegmentFactory
from tests.synthesis.speech.test_segments import (  # noqa: F401
    test_a_sentence_is_heard_while_it_is_spoken,
    test_a_stream_is_the_whole_to_the_sample,
)
from tests.synthesis.workers.test_sweeper import test_leftovers_are_deleted_when_they_are_old_enough  # noqa: F401
from tests.voices.archives.test_archives import test_any_program_reads_an_archive  # noqa: F401
from tests.voicesite.backups.test_making import repository as repository
from tests.voicesite.backups.test_making import site as site
from tests.voicesite.privacy.test_keeping import test_of_a_recording_only_the_excerpts_stay  # noqa: F401
from tests.voicesite.privacy.test_leaving import ada as ada
from tests.voicesite.privacy.test_leaving import test_nothing_of_theirs_is_left  # noqa: F401
from tests.voicesite.privacy.test_takeouts import test_all_of_it_can_be_read_and_heard  # noqa: F401
from voicesite import storage
from voicesite.backups import database, making, restoring
from voicesite.jobs.job import State
from voicesite.people import keys
from voicesite.resources import Unreachable
from voicesite.storage import stored_files

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("bucket")]


def test_from_a_recording_to_speech_that_is_deleted(page, settings, bucket):
    sound = SimpleUploadedFile("voice.wav", (FIXTURES / "english_austen_1.wav").read_bytes(), "audio/wav")
    draft = page.post("/api/recordings", {"audio": sound, "language": "en-gb"}).json()["drafts"][0]
    tasks.run_background()
    said = {"name": "Jane", "language": "en-gb", "consent": "true", "clip": draft["id"]}
    voice = page.post("/api/voices", said).json()
    ask = {"voice": "Jane", "text": "One two three. Four five."}
    task = page.post("/api/generations/async", ask, content_type="application/json")
    assert task.status_code == 202, task.content
    while Generation.objects.active().exists():
        tasks.run_background()
        tasks.run_next()
    address = page.get(task["Location"]).json()["result"]["audio"]
    generation = Generation.objects.get(is_sample=False)
    assert generation.state == State.COMPLETED and default_storage.exists(generation.audio.name)

    whole = page.get(address).getvalue()
    assert whole[:4] == b"RIFF" and len(whole) == generation.bytes
    bucket.asked.clear()
    part = page.get(address, headers={"Range": "bytes=1000-1999"})
    assert part.status_code == 206 and part.getvalue() == whole[1000:2000]
    assert bucket.asked == {"GetObject": 1}, "nothing else was asked"
    assert page.get(f"{address}?format=mp3").getvalue()

    assert page.delete(f"/api/generations/{generation.pk}").status_code == 204
    assert page.delete(f"/api/voices/{voice['id']}").status_code == 204
    Generation.objects.all().delete()  # the voice's sample
    assert {name for name, _ in stored_files("")} <= making.named_files() | {generation.audio.name}
    assert not settings.MEDIA_ROOT.exists()


def test_it_is_backed_up_and_restored(site, repository, monkeypatch, bucket):
    generation = GenerationFactory(completed=True)
    names = making.named_files()
    contents = {name: default_storage.open(name).read() for name in names}
    making.make(repository, lambda *said: None)
    bucket.asked.clear()
    _, manifest = making.make(repository, lambda *said: None)
    assert not bucket.asked["GetObject"], "the next one reads nothing again"
    default_storage.delete(generation.audio.name)
    changed = generation.voice.clip.audio.name
    bucket.client.put_object(Bucket="voices", Key=f"site/files/{changed}", Body=b"damaged")
    monkeypatch.setattr(database, "replace", lambda *tables: None)  # the rows are as they were
    restoring.restore(repository, restoring.check(repository, repository.snapshots()[-1], print), lambda *said: None)
    assert {name: default_storage.open(name).read() for name in names} == contents


# ---- while the bucket does not answer


@pytest.fixture
def take_away(bucket, monkeypatch):
    def fail(*args, **kwargs):
        raise Unreachable("The storage does not answer.")

    def take_away():
        monkeypatch.setattr(storage, "_looked_at", float("-inf"))
        for name in ("read_range", "_head", "_save", "require"):
            monkeypatch.setattr(bucket, name, fail)

    return take_away


def test_work_waits_and_costs_no_attempt(take_away):
    voice = FittingFactory().voice
    generation = GenerationFactory(voice=voice, owner=voice.owner, text="One two three.")
    take_away()
    tasks.run_next()
    generation.refresh_from_db()
    assert (generation.state, generation.attempts, generation.failures) == (State.PENDING, 0, 0)
    assert "not responding" in generation.shown_stage and generation.lacks == "files"


def test_a_take_that_can_not_be_read_is_not_taken_for_a_damaged_one(take_away):
    """It would be spoken again, otherwise than before."""
    segment = SegmentFactory(take=True)
    assert segment.generation.claim()
    take_away()
    with pytest.raises(Unreachable):
        files.complete(segment.generation, segment.generation.revision, lambda **changes: None)
    segment.refresh_from_db()
    assert segment.state == Segment.State.COMPLETED and segment.take


def test_people_and_programs_are_told_in_words(user, client, take_away):
    generation = GenerationFactory(owner=user, completed=True)
    headers = {"Authorization": f"Bearer {keys.issue(user, 'Program', ['speak', 'voices'])[1]}"}
    program = Client(headers=headers, raise_request_exception=False)
    take_away()
    sound = SimpleUploadedFile("voice.wav", (FIXTURES / "english_austen_1.wav").read_bytes(), "audio/wav")
    refused = program.post("/api/recordings", {"audio": sound})
    assert refused.status_code == 503 and refused.json()["error"]["code"] == "files_unreachable"
    assert "file storage" in refused.json()["error"]["message"] and int(refused["Retry-After"]) > 0
    browser = Client(raise_request_exception=False)
    browser.force_login(user)
    page = browser.get(reverse("synthesis:audio", args=[generation.pk]))
    assert page.status_code == 503 and "file storage is not responding" in page.content.decode()
    health = client.get("/api/health")
    assert health.status_code == 503 and health.json()["files"] == "unreachable"
    assert "The file storage is not responding. Work waits until it does." in health.json()["problems"]
    report = queue_report([])
    assert "file storage" in in_one_line(report | {"silent": []}, can_speak=True)
