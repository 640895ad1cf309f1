import os

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from synthesis.queue import processes
from tests.factories import UserFactory
from voices.transcription import listener_process


def pytest_collection_modifyitems(items):
    """Tests of a service run where it is given; elsewhere they are skipped, saying so."""
    for item in items:
        for marker in item.iter_markers("services"):
            variable = {"postgres": "DATABASE_URL", "redis": "REDIS_URL"}[marker.args[0]]
            if not os.environ.get(variable):
                item.add_marker(pytest.mark.skip(reason=f"{variable} is not set"))


@pytest.fixture(autouse=True)
def _own_files(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path / "media"


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
