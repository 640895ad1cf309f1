from datetime import timedelta

import pytest
from django.db import DatabaseError
from django.utils import timezone

from synthesis.models import Cluster, Generation
from synthesis.queue import report as report_module
from tests.factories import FittingFactory, GenerationFactory
from tests.outages import fill_disk
from voicesite.site import health
from voicesite.site.api import document

pytestmark = pytest.mark.django_db


@pytest.fixture
def clusters():
    now = timezone.now()
    for name in ("synthesis", "default"):
        Cluster.objects.create(name=name, host="here", process_group=1, started_at=now, seen_at=now)


def silent(name: str) -> None:
    Cluster.objects.filter(name=name).update(
        seen_at=timezone.now() - report_module.CLUSTER_SILENCE - timedelta(seconds=1)
    )


def ask(client):
    response = client.get("/api/health")
    return response.status_code, response.json()


def test_an_idle_site_is_well(client, clusters, django_assert_num_queries):
    with django_assert_num_queries(2):
        status, report = ask(client)
    assert status == 200 and report["status"] == "ok" and report["problems"] == []
    assert report["queue"] == {"pending": 0, "running": 0, "oldest_seconds": 0.0}
    assert (report["database"], report["engine"], report["model"]) == ("ok", "fake", "tone")
    assert [(worker["name"], worker["responds"]) for worker in report["workers"]] == [
        ("default", True),
        ("synthesis", True),
    ]
    assert all(set(worker) == {"name", "last_word_at", "responds"} for worker in report["workers"]), (
        "no machine is named"
    )
    assert report["disk"]["state"] == "ok" and 0 < report["disk"]["free"] < report["disk"]["total"]
    assert report["version"]


def test_it_counts_what_waits_and_what_runs(client, clusters):
    GenerationFactory(running=True)
    GenerationFactory()
    GenerationFactory(abandoned=True)
    GenerationFactory(completed=True)
    status, report = ask(client)
    assert status == 200 and (report["queue"]["pending"], report["queue"]["running"]) == (2, 1)


def test_work_that_nobody_takes_is_degraded_long_before_the_silence_is_noticed(client, clusters):
    GenerationFactory()
    assert ask(client)[0] == 200
    Generation.objects.update(created_at=timezone.now() - timedelta(seconds=report_module.WAIT_SECONDS + 1))
    status, report = ask(client)
    assert (
        status == 503
        and report["status"] == "degraded"
        and report["queue"]["oldest_seconds"] > report_module.WAIT_SECONDS
    )
    assert "no worker has taken it" in report["problems"][0]


def test_an_attempt_whose_worker_died_waits_as_well(client, clusters):
    GenerationFactory(abandoned=True)
    Generation.objects.update(created_at=timezone.now() - timedelta(minutes=1))
    status, report = ask(client)
    assert status == 503 and report["queue"]["running"] == 0


def test_a_cluster_that_does_not_answer_is_degraded(client, clusters):
    silent("synthesis")
    status, report = ask(client)
    assert status == 503
    assert [worker["responds"] for worker in report["workers"] if worker["name"] == "synthesis"] == [False]
    assert report["problems"] == ["No worker speaks: the synthesis cluster is not responding."]


def test_a_busy_worker_is_heard_of_by_its_lease(client, clusters):
    silent("synthesis")
    GenerationFactory(running=True, worker="here:1")
    assert all(worker["responds"] for worker in ask(client)[1]["workers"])


def test_a_full_disk_is_degraded_and_no_fault_of_a_worker(client, clusters, monkeypatch, settings):
    GenerationFactory()
    Generation.objects.update(created_at=timezone.now() - timedelta(minutes=1))
    fill_disk(monkeypatch, free=7_000_000)
    status, report = ask(client)
    assert status == 503 and report["disk"]["state"] == "full" and report["disk"]["free"] == 7_000_000
    assert report["disk"]["reserve"] == settings.DISK_RESERVE_BYTES
    assert report["problems"] == ["The disk of this site is full: 7 MB are free. Work waits until there is room."]


def test_a_site_without_clusters_is_degraded(client):
    status, report = ask(client)
    assert status == 503 and len(report["problems"]) == 2


def test_a_cluster_that_is_busy_need_not_answer(client, clusters):
    silent("synthesis")
    silent("default")
    GenerationFactory(running=True)
    fitting = FittingFactory()
    assert fitting.claim()
    assert ask(client)[0] == 200


def test_a_database_that_does_not_answer_is_said(client, monkeypatch):
    def refuse(problems):
        raise DatabaseError("the connection is closed")

    monkeypatch.setattr(health, "queue_report", refuse)
    status, report = ask(client)
    assert status == 503 and report["database"] == "unreachable" and report["queue"] is None
    assert report["problems"] == ["The database is not responding."]


def test_an_engine_that_does_not_exist_is_said(client, clusters, settings):
    settings.ENGINE = "gramophone"
    status, report = ask(client)
    assert status == 503 and report["engine"] is None and "gramophone" in report["problems"][0]


def test_only_reading_is_allowed(client):
    assert client.post("/api/health").status_code == 405


def test_it_is_what_the_document_says(client, db):
    payload = client.get("/api/health").json()
    assert set(payload) == set(health.Health.model_fields)
    assert health.Health(**payload).model_dump() == payload
    assert set(document()["paths"]["/api/health"]["get"]["responses"]) == {200, 503}
