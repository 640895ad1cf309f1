"""The job of fetching a model, and what waits for it: with a hub, an engine process and a network that are real."""

import time
from datetime import timedelta

import psutil
import pytest
from django.core.files.storage import default_storage
from django.utils import timezone

from synthesis.engines import EngineError, engine_class
from synthesis.models import Download, Generation
from synthesis.queue import downloads, processes
from synthesis.queue import order as queue
from synthesis.queue.estimates import set_waits
from synthesis.workers import lanes, sweeper, tasks
from tests.factories import DownloadFactory, FittingFactory, GenerationFactory
from tests.fakes.engine import FakeEngine
from tests.hub import Hub
from tests.voicesite.modelhost.test_download import CONTENT, LARGE_FILE, NAME, TOTAL_BYTES, asked_for, part
from tests.voicesite.modelhost.test_weights import FILES, write
from voicesite.jobs import attempts, doorbell
from voicesite.jobs.job import State
from voicesite.modelhost import weights
from voicesite.modelhost.catalogue import Model

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.processes]


@pytest.fixture(autouse=True)
def _environment(tmp_path, monkeypatch):
    monkeypatch.setenv("VOICESITE_MODELS", str(tmp_path / "models"))
    monkeypatch.setenv("HF_HOME", str(tmp_path / "huggingface"))
    monkeypatch.setenv("NO_PROXY", "127.0.0.1,localhost")
    models = (*FakeEngine.models, Model(NAME, "A tone from the hub", download=TOTAL_BYTES))
    monkeypatch.setattr(FakeEngine, "models", models)
    processes.synthesis_process.end()  # it looks for models where it did when it was started
    yield
    processes.synthesis_process.end()


@pytest.fixture
def server(tmp_path, monkeypatch):
    with Hub({NAME: write(tmp_path / "upstream", CONTENT)}) as server:
        monkeypatch.setenv("HF_ENDPOINT", server.address)
        yield server


@pytest.fixture
def waiting(server) -> Generation:
    """A generation that has asked for its model."""
    generation = GenerationFactory(model=NAME)
    tasks.run_next()
    return fresh(generation)


def fresh(row):
    return type(row).objects.get(pk=row.pk)


def has_bytes() -> bool:
    return Download.objects.filter(bytes_done__gt=0).exists()


@pytest.mark.backends
def test_a_generation_waits_for_its_model_and_is_spoken_once_it_is_here(waiting):
    assert (waiting.state, waiting.stage, waiting.attempts) == (State.PENDING, downloads.WAITING_STAGE, 0)
    download = Download.objects.get()
    assert (download.engine, download.model, download.state) == ("fake", NAME, State.PENDING)
    set_waits(waiting)
    assert queue.claim_next() is None and waiting.position is None
    tasks.run_background()
    download = fresh(download)
    assert (download.state, download.progress, download.stage) == (State.COMPLETED, 100, "")
    assert download.bytes_done == download.bytes_total == TOTAL_BYTES and weights.verify(NAME) == []
    assert doorbell.rings_unheard("synthesis") > 0 and fresh(waiting).stage == ""
    tasks.run_next()
    spoken = fresh(waiting)
    assert spoken.state == State.COMPLETED and default_storage.exists(spoken.audio.name)
    assert Download.objects.get().finished_at == download.finished_at, "it is here: nobody asked again"


def test_its_progress_is_seen_in_both(waiting, server, as_soon_as):
    server.rate = 20_000
    seen = []

    def stages():
        return {stage for stage, _ in seen} - {"", "Contacting the model hub"}

    def look():
        """Look until something moved, however busy the machine is; the rest may come at once."""
        end = time.monotonic() + 9
        while time.monotonic() < end and not (len(stages()) > 2 and len({row.bytes_done for _, row in seen}) > 3):
            seen.append((fresh(waiting).stage, Download.objects.get()))
            time.sleep(0.1)
        server.rate = 0

    as_soon_as(has_bytes, look)
    tasks.run_background()
    assert len(stages()) > 1, stages()
    assert all(stage.startswith("Downloading the model: ") and stage.endswith(" of 201 kB") for stage in stages())
    rows = [row for _, row in seen if row.state == State.GENERATING]
    amounts = [row.bytes_done for row in rows]
    assert amounts == sorted(amounts) and len(set(amounts)) > 2 and {row.bytes_total for row in rows} == {TOTAL_BYTES}
    assert all(row.progress == 99 * row.bytes_done // TOTAL_BYTES for row in rows)


def test_another_model_is_spoken_meanwhile_and_a_voice_fitted(waiting):
    other = GenerationFactory()
    Download.objects.update(state=State.GENERATING, lease_expires_at=timezone.now() + timedelta(hours=1))
    Download.objects.update(claim_token="0" * 32, worker="elsewhere:1")
    fitting = FittingFactory(voice=waiting.voice)
    tasks.run_next()
    tasks.run_background()  # listens to what was spoken
    tasks.run_background()
    assert fresh(other).state == fresh(fitting).state == State.COMPLETED
    assert fresh(waiting).state == State.PENDING


def test_what_can_never_be_fetched_fails_with_all_that_waits_and_its_reason(waiting, server):
    second = GenerationFactory(model=NAME, owner=waiting.owner, voice=waiting.voice)
    other = GenerationFactory(owner=waiting.owner, voice=waiting.voice)
    server.statuses = [(404, "RepoNotFound")]
    tasks.run_background()
    download = Download.objects.get()
    assert (download.state, download.attempts) == (State.FAILED, 1) and "no model called" in download.error
    for generation in (fresh(waiting), fresh(second)):
        assert (generation.state, generation.stage) == (State.FAILED, "") and generation.finished_at
        assert generation.error == f"Its model could not be downloaded. {download.error}"
    assert fresh(other).state == State.PENDING


def test_trying_the_generation_again_begins_the_download_anew(waiting, server):
    server.statuses = [(404, "RepoNotFound")]
    tasks.run_background()
    assert fresh(waiting).retry()
    tasks.run_next()
    assert fresh(waiting).stage == downloads.WAITING_STAGE
    download = Download.objects.get()
    assert (download.state, download.error, download.attempts) == (State.PENDING, "", 0)
    tasks.run_background()
    tasks.run_next()
    assert fresh(waiting).state == State.COMPLETED


def test_what_may_pass_is_tried_three_times_and_what_waits_is_told(waiting, server):
    server.page = b"<html>Welcome to our hotel</html>"
    for attempt in (1, 2):
        tasks.run_background()
        download = Download.objects.get()
        assert (download.state, download.attempts) == (State.PENDING, attempt)
        assert "Trying again" in fresh(waiting).stage and doorbell.rings_unheard("default")
    tasks.run_background()
    assert Download.objects.get().state == State.FAILED
    assert "is not the model hub" in fresh(waiting).error


def test_a_download_that_waits_is_cancelled_at_once_with_what_waits_for_it(waiting):
    assert Download.objects.get().request_cancel()
    assert Download.objects.get().state == State.CANCELLED
    assert (fresh(waiting).state, fresh(waiting).error) == (State.FAILED, "The download of its model was cancelled.")


def test_a_download_that_runs_is_cancelled_also_when_nothing_comes_and_keeps_its_bytes(waiting, server, as_soon_as):
    server.stalls = True
    as_soon_as(
        lambda: has_bytes() and part() and part().stat().st_size, lambda: Download.objects.get().request_cancel()
    )
    tasks.run_background()
    assert Download.objects.get().state == State.CANCELLED
    assert (fresh(waiting).state, fresh(waiting).error) == (State.FAILED, "The download of its model was cancelled.")
    assert part().stat().st_size > 0 and weights.find(NAME) is None


def test_a_worker_that_is_told_to_stop_gives_it_back_and_the_next_goes_on(waiting, server, as_soon_as, monkeypatch):
    server.rate = 50_000
    as_soon_as(lambda: part() and part().stat().st_size > 10_000, lambda: setattr(attempts.stopping, "value", 1))
    try:
        tasks.run_background()
    finally:
        attempts.stopping.value = 0
    download = Download.objects.get()
    assert (download.state, download.attempts) == (State.PENDING, 0) and fresh(waiting).state == State.PENDING
    server.rate = 0
    tasks.run_background()
    assert weights.verify(NAME) == []
    first, second = asked_for(server)
    assert first == "bytes=0-" and second != first


def test_a_deleted_download_stops_and_is_asked_for_again(waiting, server, as_soon_as):
    server.rate = 50_000
    as_soon_as(has_bytes, lambda: Download.objects.all().delete())
    tasks.run_background()
    assert not Download.objects.exists() and fresh(waiting).state == State.PENDING
    tasks.run_next()
    assert Download.objects.get().state == State.PENDING


def test_the_process_that_fetches_ends_with_its_download(waiting, server, as_soon_as):
    pids = []
    server.rate = 100_000
    as_soon_as(has_bytes, lambda: pids.append(downloads.fetcher.process.pid))
    tasks.run_background()
    assert pids and not psutil.pid_exists(pids[0]) and downloads.fetcher.process is None


def test_a_process_that_is_killed_while_it_fetches_costs_an_attempt_and_no_byte(waiting, server, as_soon_as):
    server.rate = 50_000
    as_soon_as(lambda: part() and part().stat().st_size > 10_000, lambda: downloads.fetcher.process.kill())
    tasks.run_background()
    assert Download.objects.get().state == State.PENDING and "Trying again" in fresh(waiting).stage
    there = part().stat().st_size
    server.rate = 0
    tasks.run_background()
    assert weights.verify(NAME) == [] and asked_for(server)[-1] == f"bytes={there}-"


@pytest.mark.parametrize("end", ["cancelled", "exhausted"])
def test_the_sweeper_closes_one_whose_worker_died_and_tells_what_waits(waiting, end):
    past = timezone.now() - timedelta(seconds=1)
    changes = {"cancel_requested": True} if end == "cancelled" else {"attempts": 10}
    Download.objects.update(state=State.GENERATING, lease_expires_at=past, claim_token="0" * 32, **changes)
    sweeper.Sweeper().turn()
    assert Download.objects.get().state == (State.CANCELLED if end == "cancelled" else State.FAILED)
    expected = "was cancelled" if end == "cancelled" else "interrupted 10 times"
    assert fresh(waiting).state == State.FAILED and expected in fresh(waiting).error


def test_the_sweeper_rings_for_a_download_and_not_for_what_waits_for_it(waiting):
    assert sweeper.has_waiting_jobs("default") and not sweeper.has_waiting_jobs("synthesis")
    Download.objects.get().claim()
    assert not lanes.is_waiting()


def test_one_is_fetched_at_a_time_the_oldest_first():
    first = DownloadFactory()
    DownloadFactory(model="Example/Other")
    _, claimed = lanes.claim_next()
    assert claimed == first and lanes.claim_next() is None
    claimed.give_back(failed=False)
    assert lanes.claim_next()[1] == first


def test_the_worker_for_downloads_fits_no_voices_beyond_what_is_set(settings):
    FittingFactory.create_batch(3)
    settings.BACKGROUND_WORKERS = 2
    assert lanes.claim_next() and lanes.claim_next()
    assert lanes.claim_next() is None


def test_a_model_is_asked_for_once_however_often(user):
    download = downloads.enqueue("fake", NAME, user)
    assert download.requested_by == user and doorbell.rings_unheard("default")
    assert downloads.enqueue("fake", NAME) == download
    assert Download.objects.get().requested_by == user


def test_a_model_that_was_removed_is_fetched_again(waiting):
    tasks.run_background()
    weights.remove(NAME)
    Download.objects.update(finished_at=timezone.now() - timedelta(hours=1))
    tasks.run_next()
    assert Download.objects.get().state == State.PENDING and fresh(waiting).stage == downloads.WAITING_STAGE


def test_a_model_that_went_to_another_machine_is_said_in_words(waiting):
    Download.objects.update(state=State.COMPLETED, finished_at=timezone.now())
    tasks.run_next()
    assert fresh(waiting).state == State.FAILED and "not to the machine that speaks" in fresh(waiting).error


def test_a_model_of_ones_own_cache_is_spoken_with_at_once(tmp_path, monkeypatch):
    own = write(tmp_path / "own", FILES)
    monkeypatch.setattr(weights, "find", lambda model: own)
    generation = GenerationFactory(model=NAME)
    downloads.wait_for(generation)
    assert not Download.objects.exists()


def test_which_models_come_from_the_hub():
    assert engine_class("fake").is_fetched(NAME) and engine_class("fake").is_fetched("Example/Finetuned")
    assert not engine_class("fake").is_fetched("tone"), "it comes with its engine"
    assert not engine_class("fake").is_fetched("/srv/models/own")
    assert not engine_class("kokoro").is_fetched("Example/Finetuned"), "it brings all of its models"
    with pytest.raises(EngineError):
        engine_class("nothing").is_fetched(NAME)


def test_a_download_is_no_sign_of_trouble(client, waiting):
    Generation.objects.update(created_at=timezone.now() - timedelta(minutes=5))
    problems = client.get("/api/health").json()["problems"]
    assert not [problem for problem in problems if "waiting" in problem]
    Download.objects.all().delete()
    assert [problem for problem in client.get("/api/health").json()["problems"] if "waiting" in problem]


def test_the_page_of_what_waits_says_how_the_download_stands(client, waiting):
    Generation.objects.update(stage="Downloading the model: 1.2 of 3.5 GB")
    client.force_login(waiting.owner)
    assert "Downloading the model: 1.2 of 3.5 GB" in client.get(f"/generations/{waiting.pk}/").text
    assert LARGE_FILE not in client.get("/").text


def test_a_model_of_the_same_name_elsewhere_waits_for_no_download():
    DownloadFactory(model=NAME)
    elsewhere = GenerationFactory(engine="remote", model=NAME)
    assert list(queue.in_order()) == [elsewhere]
    Download.objects.get().request_cancel()
    assert fresh(elsewhere).state == State.PENDING
