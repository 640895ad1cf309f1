import gc
import os
import subprocess
from itertools import count

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from synthesis.api import wait
from synthesis.delivery import live_audio
from synthesis.management.commands import speak
from synthesis.queue import processes
from tests import children
from tests.factories import UserFactory
from voices.intake import sandbox
from voices.transcription import listener_process
from voicesite.jobs import attempts, doorbell
from voicesite.modelhost import client, weights
from voicesite.web import admission

_numbers = count()


def pytest_collection_modifyitems(items):
    """Tests of a service run where it is given; elsewhere they are skipped, saying so."""
    for item in items:
        for marker in item.iter_markers("services"):
            variable = {"postgres": "DATABASE_URL", "redis": "REDIS_URL"}[marker.args[0]]
            if not os.environ.get(variable):
                item.add_marker(pytest.mark.skip(reason=f"{variable} is not set"))


def pytest_collection_finish():
    """The tests themselves are no garbage: without this, each search for garbage goes through all of them again."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 20)


def pytest_make_parametrize_id(config, val, argname):
    """A long text is named by its beginning: names of tests are for people, and for command lines."""
    return f"{ascii(val[:40])[1:-1]}…{len(val)}" if isinstance(val, str) and len(val) > 100 else None


@pytest.fixture(autouse=True)
def _own_files(settings, tmp_path_factory):
    """A folder for the files of each test, which most tests never make: `tmp_path` would make thousands."""
    settings.MEDIA_ROOT = tmp_path_factory.getbasetemp() / f"media-{next(_numbers)}"


@pytest.fixture(autouse=True)
def _no_rings_of_other_tests(settings):
    """Redis keeps what other tests rang; the database forgets it with each test."""
    if settings.REDIS_URL:
        for cluster in settings.DOORBELLS:
            doorbell._broker(cluster).purge_queue()


@pytest.fixture(autouse=True)
def _quick_children(request, monkeypatch):
    """Read uploads and archives without a process for each, but where a test is marked `own_process`."""
    if not request.node.get_closest_marker("own_process"):
        monkeypatch.setattr(subprocess, "Popen", children.Popen)


@pytest.fixture(autouse=True)
def _slots_are_given_back():
    """A response that a test did not read to its end holds a slot until it is deleted; a server closes them all."""
    yield
    if admission._held:
        gc.collect()
        with admission._changed:
            assert admission._changed.wait_for(lambda: not admission._held, 5), "a slot was not given back"


@pytest.fixture(autouse=True, scope="session")
def _short_polls():
    """Look again sooner than a busy site would: the moments between two looks add up."""
    with pytest.MonkeyPatch.context() as patch:
        for module in (wait, live_audio, speak, client, weights):
            patch.setattr(module, "POLL_SECONDS", 0.02)
        patch.setattr(attempts, "WRITE_SECONDS", 0.05)
        patch.setattr(attempts, "RENEW_SECONDS", 0.05)
        patch.setattr(sandbox, "_HEARTBEAT_SECONDS", 0.02)
        yield


@pytest.fixture(autouse=True, scope="session")
def _end_engines():
    yield
    processes.synthesis_process.end()
    processes.fitting_process.end()
    listener_process.transcription_process.end()


@pytest.fixture
def user(db):
    return UserFactory(username="ada")


@pytest.fixture
def stranger(db):
    return UserFactory(username="eve")


@pytest.fixture
def staff(db):
    return UserFactory(username="curator", is_staff=True, is_superuser=True)


@pytest.fixture
def page(client, user):
    """A client signed in as `user`."""
    client.force_login(user)
    return client


@pytest.fixture
def count_queries():
    """How many queries a page costs once the process is warm."""

    def count(client, address, **headers):
        client.get(address, **headers)
        with CaptureQueriesContext(connection) as queries:
            assert client.get(address, **headers).status_code in (200, 286)
        return len(queries)

    return count
