"""Long requests leave threads to the pages: each kind, all kinds together, and on a threaded server."""

import http.client
import json
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer

import pytest
from django.core.handlers.wsgi import WSGIHandler

from synthesis.api import wait
from tests.factories import FittingFactory, UserFactory, VoiceFactory
from voices.analysis.reference_audio import AudioRejected
from voices.archives import exporting
from voices.clips import service as clips
from voices.intake import process as intake
from voicesite.people import keys
from voicesite.web import admission
from voicesite.web.admission import Admission, Stream
from voicesite.web.rejection import Rejected

ADMISSIONS = (clips.uploads, exporting.exports, wait.waiting)


def until(condition, seconds=5.0):
    end = time.monotonic() + seconds
    while not condition() and time.monotonic() < end:
        time.sleep(0.01)
    return condition()


@pytest.fixture
def let_go():
    """An event until which slots are held; afterwards, check that none is."""
    event = threading.Event()
    yield event
    event.set()
    assert until(lambda: not admission._held)
    assert not any(kind._admitted or kind._working for kind in ADMISSIONS)


def hold(let_go, kind, people):
    """Request a slot for each of `people`, on a thread each; return the list that collects the codes of rejections."""
    codes = []

    def ask(person):
        try:
            with kind.slot(person):
                let_go.wait(10)
        except Rejected as rejected:
            codes.append(rejected.code)

    for person in people:
        threading.Thread(target=ask, args=[person]).start()
    return codes


def test_of_one_persons_uploads_one_is_decoded_and_one_waits(let_go):
    codes = hold(let_go, clips.uploads, [1] * 6)
    assert until(lambda: len(codes) == 4) and set(codes) == {"busy"}
    assert clips.uploads._admitted == [1, 1] and clips.uploads._working == [1]
    hold(let_go, clips.uploads, [2])
    assert until(lambda: clips.uploads._working == [1, 2])


@pytest.mark.parametrize(("threads", "held"), [(1, 1), (2, 1), (4, 3), (16, 12)])
def test_all_kinds_together_leave_threads_to_the_pages(let_go, settings, threads, held):
    settings.WEB_THREADS = threads
    refused = [hold(let_go, kind, range(threads)) for kind in ADMISSIONS]
    assert until(lambda: sum(map(len, refused)) == 3 * threads - held)
    assert len(admission._held) == held


@pytest.mark.parametrize("threads", [1, 2])
def test_a_request_of_two_kinds_takes_one_thread(let_go, settings, threads):
    settings.WEB_THREADS = threads
    with wait.waiting.slot(1), clips.uploads.slot(1):
        assert len(admission._held) == 1
        codes = hold(let_go, exporting.exports, [2])
        assert until(lambda: codes == ["busy"])


def test_whoever_waits_in_vain_holds_nothing(let_go):
    kind = Admission(AudioRejected, "Busy.", share=3, workers=1, patience=0.01)
    with kind.slot(1), pytest.raises(AudioRejected, match=r"Busy\."), kind.slot(2):
        pass
    assert not kind._admitted and not kind._working


def test_a_stream_that_is_never_read_gives_its_slot_back(let_go):
    with ExitStack() as held:
        held.enter_context(exporting.exports.slot(1))
        stream = Stream([b"one", b"two"], held.pop_all())
    assert admission._held
    stream.close()
    assert not admission._held
    stream.close()  # Django closes once more than is needed


class PooledServer(WSGIServer):
    """Serves the site on WEB_THREADS threads, as gunicorn's gthread does."""

    request_queue_size = 64

    def process_request(self, request, client_address):
        self.pool.submit(self._serve, request, client_address)

    def _serve(self, request, client_address):
        try:
            self.finish_request(request, client_address)
        except OSError:  # the client is gone
            pass
        finally:
            self.shutdown_request(request)


class Quiet(WSGIRequestHandler):
    def log_message(self, *args):
        pass


@pytest.fixture
def server(transactional_db, settings):
    settings.WEB_THREADS = 16
    settings.ALLOWED_HOSTS = ["*"]
    with PooledServer(("127.0.0.1", 0), Quiet) as server, ThreadPoolExecutor(16) as server.pool:
        server.set_app(WSGIHandler())
        threading.Thread(target=server.serve_forever, args=[0.05]).start()
        yield server
        server.shutdown()


def request(server, person, method, address, body=b"", kind="application/json"):
    """Send a request on its own connection, and leave that open."""
    connection = http.client.HTTPConnection(*server.server_address, timeout=10)
    connection.request(method, address, body, {"Authorization": f"Bearer {person}", "Content-Type": kind})
    return connection


RECORDING = (
    b'--x\r\nContent-Disposition: form-data; name="audio"; filename="a.wav"\r\n\r\nRIFF....WAVE\r\n'
    b'--x\r\nContent-Disposition: form-data; name="language"\r\n\r\nen-us\r\n--x--\r\n'
)


def test_pages_answer_while_all_long_requests_are_at_their_limit(server, let_go, monkeypatch):
    def take_in(path, limits):
        let_go.wait(10)
        raise AudioRejected("no_speech", "None.")

    class Endless:
        voices = ({"name": "Jane"},)

        def __len__(self):
            return 6 + 2**20

        def __iter__(self):
            yield b"first,"
            let_go.wait(10)
            yield bytes(2**20)

    monkeypatch.setattr(intake, "take_in", take_in)
    monkeypatch.setattr(exporting, "Archive", lambda *_: Endless())
    monkeypatch.setattr(wait, "wait_until_ended", lambda job, seconds: let_go.wait(10))
    secrets, voices = [], []
    for number in range(4):
        person = UserFactory(username=f"person-{number}")
        voices.append(FittingFactory(voice=VoiceFactory(owner=person, name="Jane")).voice.pk)
        secrets.append(keys.issue(person, "Program", ["read", "voices", "speak"])[1])
    text = json.dumps({"voice": "Jane", "text": "Good morning.", "wait": 60}).encode()
    form = "multipart/form-data; boundary=x"
    sent = []
    for secret, voice in zip(secrets * 3, voices * 3, strict=True):
        sent += [
            request(server, secret, "POST", "/api/recordings", RECORDING, form),
            request(server, secret, "GET", f"/api/voices/{voice}/export"),
            request(server, secret, "POST", "/api/generations", text),
        ]
    assert until(lambda: len(admission._held) == 12)
    for secret in secrets:
        begun = time.monotonic()
        answer = request(server, secret, "GET", "/api/voices").getresponse()
        assert answer.status == 200 and json.load(answer)["count"] == 1
        assert time.monotonic() - begun < 2
    assert len(admission._held) == 12
    for connection in sent:  # all of them hang up
        connection.close()


def test_a_client_that_goes_away_gives_its_slot_back(server, let_go, monkeypatch):
    class Endless:
        voices = ({"name": "Jane"},)

        def __len__(self):
            return 2**30

        def __iter__(self):
            while True:
                yield bytes(2**16)

    monkeypatch.setattr(exporting, "Archive", lambda *_: Endless())
    person = UserFactory()
    voice = VoiceFactory(owner=person)
    secret = keys.issue(person, "Program", ["voices"])[1]
    connection = request(server, secret, "GET", f"/api/voices/{voice.pk}/export")
    answer = connection.getresponse()
    assert answer.read(2**16) and len(admission._held) == 1
    answer.close()
    connection.close()
    assert until(lambda: not admission._held)
