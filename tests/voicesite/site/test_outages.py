"""What people and programs are told while the disk is full, or the database can only be read: in words, and no 500."""

import errno
from contextlib import contextmanager

import psycopg
import pytest
from asgiref.sync import async_to_sync
from django.core.files.storage import FileSystemStorage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import OperationalError, connection
from django.test import Client
from django.urls import reverse

from synthesis.models import Generation
from tests import FIXTURES
from tests.factories import FittingFactory, GenerationFactory
from tests.outages import fill_disk, let_change
from voices.models import Recording
from voicesite.people import keys
from voicesite.web.bodies import MEMORY_BYTES, Incoming
from voicesite.web.rejection import Rejected

pytestmark = pytest.mark.django_db(transaction=True)
PASSWORD = "Anne-of-Green-7"


@pytest.fixture
def read_only():
    let_change(False)
    yield
    let_change(True)


@pytest.fixture
def full_disk(monkeypatch):
    fill_disk(monkeypatch)


@pytest.fixture
def program(user):
    headers = {"Authorization": f"Bearer {keys.issue(user, 'Program', ['speak', 'voices'])[1]}"}
    return Client(headers=headers, raise_request_exception=False)


@pytest.fixture
def page(page):
    page.raise_request_exception = False
    return page


def sound() -> SimpleUploadedFile:
    return SimpleUploadedFile("voice.wav", (FIXTURES / "english_austen_1.wav").read_bytes(), "audio/wav")


def voice_of(user):
    return FittingFactory(voice__owner=user).voice


def problem(response, status: int, code: str) -> None:
    error = response.json()["error"]
    assert (response.status_code, error["code"]) == (status, code), response.content
    assert len(error["message"].split()) > 5 and int(response["Retry-After"]) > 0


def test_an_upload_is_refused_in_words_where_there_is_no_room(page, program, full_disk):
    problem(program.post("/api/recordings", {"audio": sound()}), 507, "disk_full")
    shown = page.post(reverse("voices:take_clip"), {"recording": sound()}, headers={"HX-Request": "true"})
    assert shown.status_code == 422 and "The disk of this site is full" in shown.text
    assert not Recording.objects.exists()


def test_an_archive_too(page, program, full_disk):
    archive = {"archive": SimpleUploadedFile("x.zip", b"PK")}
    problem(program.post("/api/voices/import", archive), 507, "disk_full")
    assert "The disk of this site is full" in page.post(reverse("voices:import"), archive).text


def test_a_disk_that_fills_up_meanwhile_is_said_and_nothing_is_left(page, program, monkeypatch, settings):
    def fill(self, name, content):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(FileSystemStorage, "_save", fill)
    problem(program.post("/api/recordings", {"audio": sound()}), 507, "disk_full")
    shown = page.post(reverse("voices:take_clip"), {"recording": sound()})
    assert shown.status_code == 507 and "<h1>The disk of this site is full</h1>" in shown.text
    assert not Recording.objects.exists()


def test_a_text_waits_and_a_program_that_waits_for_it_is_told(user, page, program, full_disk):
    voice = voice_of(user)
    asked = program.post("/api/generations", {"text": "Hello.", "voice": str(voice.pk)}, "application/json")
    assert asked.status_code == 202 and asked.json()["message"] == "The disk of this site is full: waiting."
    assert asked.json()["stage"] == "The disk of this site is full: waiting"
    assert Generation.objects.get().stage == ""
    assert (
        "The disk of this site is full: waiting"
        in page.get(reverse("synthesis:detail", args=[Generation.objects.get().pk])).text
    )
    assert "The disk of this site is full." in page.get("/").text
    body = {"model": "tts-1", "input": "Hello.", "voice": voice.name}
    spoken = program.post("/v1/audio/speech", body, "application/json")
    assert spoken.status_code == 507 and spoken["Retry-After"]
    assert spoken.json()["error"]["code"] == "disk_full" and spoken.json()["error"]["type"] == "server_error"


def test_signing_in_goes_on_with_what_is_reserved(user, full_disk):
    user.set_password(PASSWORD)
    user.save()
    asked = {"username": "ada", "password": PASSWORD}
    assert "The disk of this site is full." in Client().get("/account/login/").text
    assert Client().post("/account/login/", asked).status_code == 302


def test_signing_in_where_nothing_can_be_written_is_a_page_in_words(user, read_only):
    client = Client(raise_request_exception=False)
    let_change(True)
    user.set_password(PASSWORD)
    user.save()
    let_change(False)
    shown = client.post("/account/login/", {"username": "ada", "password": PASSWORD})
    assert shown.status_code == 503 and "<h1>Nothing can be changed right now</h1>" in shown.text
    assert int(shown["Retry-After"]) > 0


@pytest.mark.backends
def test_a_database_that_can_only_be_read_is_read(user, page, program):
    generation, voice = GenerationFactory(completed=True, owner=user), voice_of(user)
    let_change(False)
    try:
        for address in (
            "/",
            "/voices/",
            reverse("voices:detail", args=[voice.pk]),
            reverse("synthesis:list"),
            reverse("synthesis:detail", args=[generation.pk]),
            "/account/",
        ):
            assert page.get(address).status_code == 200, address
        for address in ("/api/generations", "/api/voices", f"/api/generations/{generation.pk}", "/api/health"):
            assert program.get(address).status_code in (200, 503 if "health" in address else 200), address
        assert Client().get("/account/login/").status_code == 200
    finally:
        let_change(True)


@pytest.mark.backends
def test_what_would_change_it_is_refused_in_words(user, page, program):
    generation, voice = GenerationFactory(completed=True, owner=user), voice_of(user)
    body = {"text": "Hello.", "voice": str(voice.pk)}
    speech = {"model": "tts-1", "input": "Hello.", "voice": voice.name}
    let_change(False)
    try:
        problem(program.post("/api/generations", body, "application/json"), 503, "read_only")
        problem(program.delete(f"/api/generations/{generation.pk}"), 503, "read_only")
        problem(program.post("/api/recordings", {"audio": sound()}), 503, "read_only")
        spoken = program.post("/v1/audio/speech", speech, "application/json")
        assert spoken.status_code == 503 and spoken.json()["error"]["code"] == "read_only"
        shown = page.post("/", {"text": "Hello.", "voice": str(voice.pk)})
        assert shown.status_code == 503 and "only lets itself be read" in shown.text
    finally:
        let_change(True)
    assert Generation.objects.count() == 1


def test_a_body_without_room_is_read_and_refused(full_disk):
    """A browser shows an answer only once it has sent everything."""
    pieces = [{"type": "http.request", "body": bytes(MEMORY_BYTES), "more_body": number < 3} for number in range(4)]

    async def gather():
        async def receive():
            return pieces.pop(0)

        incoming = Incoming({"headers": [(b"content-length", b"%d" % (4 * MEMORY_BYTES))]}, receive)
        sender = type("Sender", (), {"person": 1, "limit": 10**9})()
        return incoming, await incoming.gather_for(sender)

    incoming, body = async_to_sync(gather)()
    assert not pieces and incoming.is_settled.is_set()
    with pytest.raises(Rejected) as refused:
        body.read()
    assert refused.value.status == 507
    assert incoming.file.tell() == 0 and not incoming.file.read(), "none of it was kept"


class NoConnection(Exception):
    sqlstate = None  # what psycopg's have where no server says what is wrong


@contextmanager
def cut_off(queries: int):
    """Let the connection to the database end after some queries: of PostgreSQL really, by another connection."""
    asked = []

    def count(execute, sql, params, many, context):
        asked.append(sql)
        if len(asked) > queries and connection.vendor == "sqlite":
            raise OperationalError("the connection is closed") from NoConnection()
        if len(asked) == queries + 1:
            found = connection.get_connection_params()
            found = {name: found[name] for name in ("dbname", "user", "password", "host", "port") if name in found}
            with psycopg.connect(**found, autocommit=True) as other:
                other.execute("SELECT pg_terminate_backend(%s, 5000)", [connection.connection.info.backend_pid])
        return execute(sql, params, many, context)

    with connection.execute_wrapper(count):
        yield
    connection.close()  # as a server does it between two requests


@pytest.mark.backends
@pytest.mark.parametrize("queries", [0, 3])
def test_a_database_that_ends_its_connections_is_said_and_may_be_asked_again(page, program, user, queries):
    with cut_off(queries):
        shown = page.get("/")
    assert shown.status_code == 503 and "<h1>The database is not responding</h1>" in shown.text
    assert 0 < int(shown["Retry-After"]) <= 5
    with cut_off(queries):
        problem(program.get("/api/generations"), 503, "database_unreachable")
    with cut_off(0):
        spoken = program.get("/v1/models")
    assert spoken.status_code == 503 and spoken.json()["error"]["code"] == "database_unreachable"
    assert page.get("/").status_code == program.get("/api/generations").status_code == 200


def test_another_error_of_the_database_is_a_fault(page):
    def fail(*arguments):
        raise OperationalError("database is locked")

    with connection.execute_wrapper(fail):
        assert page.get("/").status_code == 500
