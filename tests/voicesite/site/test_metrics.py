import json
import re
from datetime import timedelta
from itertools import pairwise

import psutil
import pytest
from django.db import OperationalError
from django.utils import timezone
from prometheus_client.parser import text_string_to_metric_families

from synthesis.models import Cluster, Generation, LoadedModel
from tests.e2e.copy import ROOT
from tests.factories import GenerationFactory, UserFactory
from voicesite.jobs import os_processes
from voicesite.site import metrics

pytestmark = pytest.mark.django_db
TOKEN = "a long token of Prometheus"


@pytest.fixture(autouse=True)
def no_processes(monkeypatch):
    monkeypatch.setattr(os_processes, "ours", list)


@pytest.fixture
def read(client, settings):
    """Return a function that gives the samples of a metric, by their labels."""
    settings.METRICS_TOKEN = TOKEN

    def read(name: str) -> dict[tuple, float]:
        answer = client.get("/metrics", headers={"Authorization": f"Bearer {TOKEN}"})
        assert answer.status_code == 200
        families = text_string_to_metric_families(answer.content.decode())
        samples = [sample for family in families for sample in family.samples if sample.name == name]
        return {tuple(sample.labels.values()): sample.value for sample in samples}

    return read


@pytest.mark.parametrize("token", ["", TOKEN])
def test_to_strangers_there_are_none(client, settings, token):
    settings.METRICS_TOKEN = token
    UserFactory()
    for sent in ({}, {"Authorization": "Bearer wrong"}, {"Authorization": "Bearer "}, {"Authorization": "Bearer ü"}):
        assert client.get("/metrics", headers=sent).status_code == 404
    client.force_login(UserFactory())
    assert client.get("/metrics").status_code == 404


def test_staff_and_the_token_read_them(client, read):
    assert read("voicesite_info"), "on a site without users too"
    client.force_login(UserFactory(is_staff=True))
    answer = client.get("/metrics")
    assert answer.status_code == 200 and b"voicesite_jobs{" in answer.content


def test_the_queue_by_state_and_age(read):
    GenerationFactory(running=True)
    GenerationFactory(abandoned=True)
    Generation.objects.filter(pk=GenerationFactory().pk).update(created_at=timezone.now() - timedelta(seconds=90))
    jobs, oldest = read("voicesite_jobs"), read("voicesite_jobs_oldest_seconds")
    assert jobs["generation", "running"] == 1 and jobs["generation", "waiting"] == 2
    assert jobs["download", "waiting"] == 0 == oldest["download",]
    assert oldest["generation",] == pytest.approx(90, abs=20)


def test_waits_and_the_real_time_factor_of_each_model(read):
    assert read("voicesite_wait_seconds") == {}
    asked = timezone.now() - timedelta(minutes=5)
    for wait, work in ((2, 4), (4, 8)):
        begun = asked + timedelta(seconds=wait)
        Generation.objects.filter(pk=GenerationFactory(completed=True, attempts=1).pk).update(
            created_at=asked, started_at=begun, engine_started_at=begun, seconds=20.0, first_audio_seconds=1.5,
            engine_finished_at=begun + timedelta(seconds=work), engine="kokoro", model="small",
        )  # fmt: skip
    assert read("voicesite_wait_seconds")["0.5",] == pytest.approx(3)
    assert read("voicesite_first_sound_seconds")["0.9",] == 1.5
    assert read("voicesite_real_time_factor") == {("kokoro", "small"): pytest.approx(0.3)}
    assert read("voicesite_speech_seconds") == {("kokoro", "small"): 40}


def test_failures_by_reason_without_their_words(read, client):
    for error in ("The disk of this site is full.", "It was interrupted 10 times.", "Mary’s “secret” word"):
        failed = GenerationFactory(failed=True)
        Generation.objects.filter(pk=failed.pk).update(error=error, finished_at=timezone.now())
    assert read("voicesite_failures") == {
        ("generation", "disk"): 1, ("generation", "interrupted"): 1, ("generation", "other"): 1
    }  # fmt: skip
    assert b"Mary" not in client.get("/metrics", headers={"Authorization": f"Bearer {TOKEN}"}).content


def test_the_disk_the_memory_and_the_workers(read):
    now = timezone.now()
    Cluster.objects.create(name="synthesis", host="gpu1", process_group=1, started_at=now, seen_at=now)
    LoadedModel.objects.create(worker="gpu1:9", engine="qwen", model="large", memory=5_000)
    assert read("voicesite_disk_bytes")["total",] >= read("voicesite_disk_bytes")["free",] > 0
    assert read("voicesite_machine_memory_bytes")["available",] > 0
    assert sum(read("voicesite_process_memory_bytes").values()) == pytest.approx(
        psutil.Process().memory_info().rss, rel=0.5
    )
    assert read("voicesite_worker_silence_seconds")["synthesis", "gpu1"] < 60
    assert read("voicesite_model_memory_bytes") == {("qwen", "large", "gpu1:9"): 5_000}


def test_without_a_database_the_machine_is_still_told_of(settings, monkeypatch):
    def fail(self):
        raise OperationalError

    monkeypatch.setattr(metrics.Site, "_workers", fail)
    told = {family.name: family.samples for family in metrics.Site().collect()}
    assert told["voicesite_database_up"][0].value == 0 and "voicesite_disk_bytes" in told
    assert "voicesite_jobs" not in told


def test_requests_by_route_and_status(read):
    metrics.count_request("GET", "join/<str:token>/", 404, 0.02)
    metrics.count_request("BREW", "unknown", 404, 0.02)
    counted = read("voicesite_http_request_duration_seconds_count")
    assert counted["GET", "join/<str:token>/", "404"] == 1 and counted["other", "unknown", "404"] == 1


def test_a_scrape_costs_few_queries_however_much_there_is(client, settings, django_assert_max_num_queries):
    settings.METRICS_TOKEN = TOKEN
    GenerationFactory.create_batch(5)
    with django_assert_max_num_queries(40):
        client.get("/metrics", headers={"Authorization": f"Bearer {TOKEN}"})


@pytest.mark.parametrize(
    ("command", "name"),
    [
        ("python -m synthesis.engines.host 7 0", "engine host"),
        ("python manage.py work default", "background"),
        ("python manage.py sweep", "sweeper"),
        ("python -m voicesite.standby", "serve"),
        ("python manage.py web --reload", "web"),
        ("python -c from multiprocessing.spawn import spawn_main", "web"),
        ("python manage.py shell", "other"),
    ],
)
def test_processes_are_known_by_their_commands(command, name):
    assert metrics.role(command.split(), "python") == name


def test_forks_of_the_supervisor_are_known_by_their_names():
    command = ["python", "manage.py", "supervise"]
    assert metrics.role(command, "background") == "background"
    assert metrics.role(command, "supervisor") == metrics.role(command, "python") == "supervisor"


def test_the_dashboard_asks_for_what_there_is(client, read):
    dashboard = json.loads((ROOT / "deploy" / "grafana.json").read_text())
    queries = [target["expr"] for panel in dashboard["panels"] for target in panel.get("targets", ())]
    assert len(queries) > 8
    body = client.get("/metrics", headers={"Authorization": f"Bearer {TOKEN}"}).content.decode()
    labels = {  # of those that have samples only when something was made
        "voicesite_wait_seconds": {"quantile"}, "voicesite_first_sound_seconds": {"quantile"},
        "voicesite_real_time_factor": {"engine", "model"}, "voicesite_speech_seconds": {"engine", "model"},
        "voicesite_failures": {"kind", "reason"}, "voicesite_worker_silence_seconds": {"cluster", "host"},
        "voicesite_model_memory_bytes": {"worker", "engine", "model"},
    }  # fmt: skip
    metrics.count_request("GET", "api/health", 200, 0.02)
    names = set(re.findall(r"# TYPE (\S+)", body))
    ours = ("_bucket", "_sum", "_count")
    for query in queries:
        named = re.findall(r"voicesite_\w+", query)
        assert named, query
        for name in named:
            family = re.sub(f"({'|'.join(ours)})$", "", name)
            assert family in names, query
            for by in re.findall(r"by \(([^)]*)\)", query):
                known = (
                    {"method", "route", "status", "le"}
                    if name.endswith(ours)
                    else labels.get(name)
                    or {
                        label
                        for found in re.findall(rf"^{name}\{{(.*?)\}} ", body, re.M)
                        for label in re.findall(r'(\w+)="', found)
                    }
                )
                assert set(re.split(r",\s*", by)) <= known, query
    ids = [panel["id"] for panel in dashboard["panels"]]
    assert all(one < other for one, other in pairwise(ids))
