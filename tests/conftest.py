import contextlib
import gc
import os
import subprocess
import threading
from itertools import count
from types import SimpleNamespace

import pytest
from asgiref.sync import sync_to_async
from django.contrib.auth.models import Permission
from django.contrib.contenttypes.models import ContentType
from django.core.management.color import no_style
from django.db import connection
from django.test import TransactionTestCase
from django.test.utils import CaptureQueriesContext

from synthesis.delivery import live_audio
from synthesis.management.commands import speak
from synthesis.models import Generation
from synthesis.queue import estimates, processes
from synthesis.speech import generation_run
from synthesis.workers import tasks
from tests import buckets, children, server
from tests.factories import UserFactory
from voices.intake import sandbox
from voices.models import TranscriptionRequest
from voices.transcription import listener_process
from voicesite import resources, storage
from voicesite.jobs import attempts, doorbell, watching
from voicesite.limits import quotas, rates
from voicesite.modelhost import client, weights
from voicesite.signin import adapters
from voicesite.web import admission

_numbers = count()


def pytest_collection():
    """Imports and tests that are found are kept: a search for garbage among them finds none."""
    gc.disable()


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
    gc.enable()


def pytest_make_parametrize_id(config, val, argname):
    """A long text is named by its beginning: names of tests are for people, and for command lines."""
    return f"{ascii(val[:40])[1:-1]}…{len(val)}" if isinstance(val, str) and len(val) > 100 else None


@pytest.fixture(autouse=True)
def _own_files(settings, tmp_path_factory):
    """A folder for the files of each test, which most tests never make: `tmp_path` would make thousands."""
    settings.MEDIA_ROOT = tmp_path_factory.getbasetemp() / f"media-{next(_numbers)}"


@pytest.fixture
def bucket(settings):
    """An empty bucket, in which the site keeps its files instead."""
    storage._looked_at = float("-inf")
    with buckets.site_in_bucket(settings) as made:
        yield made
    storage._looked_at = float("-inf")


@pytest.fixture(autouse=True)
def _no_full_disk_of_other_tests(monkeypatch):
    """A process that met a full disk begins nothing for some seconds."""
    monkeypatch.setattr(resources, "_refused_until", 0.0)


@pytest.fixture(autouse=True)
def clock(monkeypatch):
    """Set what time it is where requests are counted: at first far from the end of a window, so that none ends in a test."""

    def set_to(seconds):
        monkeypatch.setattr(rates, "time", SimpleNamespace(time=lambda: seconds))

    set_to(30_000_010.0)
    return set_to


@pytest.fixture
def one_day(monkeypatch):
    """The day in which speech is counted does not end while a test runs."""
    day = quotas.today()
    monkeypatch.setattr(quotas, "today", lambda: day)


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
    """A response that a test did not read to its end holds a place until it is deleted; a server closes them all."""
    yield
    if admission._held or +admission._places:
        gc.collect()
        with admission._changed:
            nothing_is_held = admission._changed.wait_for(lambda: not admission._held and not +admission._places, 5)
        assert nothing_is_held, "a slot or a place was not given back"


@pytest.fixture(autouse=True, scope="session")
def _mails_at_once():
    """Send mails about accounts within the request, so that a test finds them."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(adapters, "_post", SimpleNamespace(submit=lambda send, message: send(message)))
        yield


@pytest.fixture(autouse=True)
def _no_guesses_of_other_tests(settings):
    """What one test counted of an address, another must not find, neither in memory nor in Redis."""
    address = settings.REDIS_URL  # before a test names another
    yield
    rates._seen.clear()
    if address:
        counts = rates._redis(address)
        if names := list(counts.scan_iter("voicesite:requests:*:*:*", 1000)):
            counts.delete(*names)


@pytest.fixture(autouse=True, scope="session")
def _short_polls():
    """Look again sooner than a busy site would: the moments between two looks add up."""
    with pytest.MonkeyPatch.context() as patch:
        for module in (live_audio, speak, client, weights, admission):
            patch.setattr(module, "POLL_SECONDS", 0.02)
        patch.setattr(attempts, "WRITE_SECONDS", 0.05)
        patch.setattr(attempts, "RENEW_SECONDS", 0.05)
        patch.setattr(sandbox, "_HEARTBEAT_SECONDS", 0.02)
        patch.setattr(watching, "LOOK_SECONDS", 0.01)
        patch.setattr(estimates, "OUTLOOK_SECONDS", 0.0)
        yield


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup, django_db_blocker):
    """End what threads of servers left open, as on a site: PostgreSQL deletes no database that has a session."""
    yield
    if connection.vendor == "postgresql":
        with django_db_blocker.unblock(), connection.cursor() as cursor:
            others = "datname = current_database() AND pid != pg_backend_pid()"
            cursor.execute(f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE {others}")


def _empty_what_is_full(case):
    """Empty the tables that a test of transactions committed to, but not those that each migration fills the same."""
    kept = {ContentType._meta.db_table, Permission._meta.db_table}
    with connection.cursor() as cursor:
        tables = [name for name in connection.introspection.django_table_names(only_existing=True) if name not in kept]
        full = [name for name in tables if cursor.execute(f'SELECT 1 FROM "{name}" LIMIT 1').fetchone()]  # noqa: S608
    connection.ops.execute_sql_flush(connection.ops.sql_flush(no_style(), full))


@pytest.fixture(autouse=True, scope="session")
def _quick_flush():
    """Django would make all permissions anew after each test that commits, which takes longer than most such tests."""
    with pytest.MonkeyPatch.context() as patch:
        if connection.vendor == "sqlite":
            patch.setattr(TransactionTestCase, "_fixture_teardown", _empty_what_is_full)
        yield


_call = watching._call


@pytest.fixture(autouse=True, scope="session")
def _one_database_connection():
    """Async views ask the database in the test's own thread, whose rows no other sees before a commit."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(watching, "_call", sync_to_async(lambda act, *args, **kwargs: act(*args, **kwargs)))
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
def worker(transactional_db):
    """A worker at its work, as a running site has them: what is asked for is spoken and written down."""
    ended = threading.Event()

    def work():
        while not ended.wait(0.02):
            if Generation.objects.active().exists():
                tasks.run_next()
            if TranscriptionRequest.objects.active().exists():
                tasks.run_background()
        connection.close()

    thread = threading.Thread(target=work)
    thread.start()
    yield
    ended.set()
    thread.join()


@pytest.fixture(scope="session")
def _server():
    """One server for all tests of a run: an application is loaded once, and asks the database anew for each request."""
    from voicesite.asgi import application  # it is put together by the settings: not before they are read

    with server.serve(application) as served:
        yield served


@pytest.fixture
def live_site(_server, transactional_db, monkeypatch):
    """The site as it is really served, streams included; pytest-django's `live_server` takes no part of them on."""
    monkeypatch.setattr(watching, "_call", _call)
    yield _server
    _server.wait_until_idle()


@pytest.fixture
def completion(monkeypatch):
    """No generation is completed before the block of this has been left: what is heard in it comes before the whole."""
    allowed, complete = threading.Event(), generation_run.complete

    def complete_later(*arguments):
        allowed.wait(20)
        complete(*arguments)

    monkeypatch.setattr(generation_run, "complete", complete_later)
    with contextlib.ExitStack() as block:
        block.callback(allowed.set)
        yield block


@pytest.fixture
def sees_all(settings):
    """A site whose staff see and hear all that is private."""
    settings.STAFF_ACCESS = "all"


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
