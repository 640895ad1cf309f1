"""Connections: those that are slow, silent or gone take nothing from the others, and whoever waits is answered."""

import contextlib
import http.client
import json
import socket
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests import fakes

from .conftest import TRANSCRIPT, served
from .copy import CLIP, wait_for

pytestmark = [pytest.mark.e2e, pytest.mark.xdist_group("connections")]

SILENT, AT_ONCE, RECORDINGS = 200, 32, 16
SLOW = "Do-slow one two three four five six seven eight nine ten. Eleven twelve."


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    hearing = {"VOICESITE_TRANSCRIBER": fakes.TRANSCRIBER, "VOICESITE_TRANSCRIBER_MODEL": f"[slow] {TRANSCRIPT}"}
    with served(tmp_path_factory.mktemp("connections"), WEB_THREADS="4", **hearing) as site:
        site.settle_in()
        site.key = site.manage("create_api_key", "ada", "--name", "Program").split()[-1]
        yield site


def connect(site) -> http.client.HTTPConnection:
    return http.client.HTTPConnection("127.0.0.1", site.port, timeout=120)


def speech(site, text: str, **body) -> http.client.HTTPConnection:
    """Ask for speech as a program made for OpenAI does, and leave the answer to be read."""
    connection = connect(site)
    asked = {"model": "tts-1", "voice": "Ada", "input": text, "response_format": "pcm", **body}
    headers = {"Authorization": f"Bearer {site.key}", "Content-Type": "application/json"}
    connection.request("POST", "/v1/audio/speech", json.dumps(asked), headers)
    return connection


def states(site) -> dict[str, int]:
    """How many generations there are in which state."""
    rows = site.query("SELECT state, count(*) FROM synthesis_generation GROUP BY state")
    return dict(rows)


AUTHORIZED = "Host: localhost\r\nAuthorization: Bearer {key}\r\n"
BEGINNINGS = {
    "nothing": "",
    "half a head": "GET /account/login/ HTTP/1.1\r\nHost: loc",
    "a byte of a body": f"POST /api/generations HTTP/1.1\r\n{AUTHORIZED}Content-Type: application/json\r\n"
    "Content-Length: 90\r\n\r\n{{",
    "a byte of a file": f"POST /api/recordings HTTP/1.1\r\n{AUTHORIZED}Content-Type: multipart/form-data; boundary=x\r\n"
    "Content-Length: 900000\r\n\r\n-",
    "a request, and read no answer": "GET /static/ninja/redoc.standalone.js HTTP/1.1\r\nHost: localhost\r\n\r\n" * 3,
    "a request, and stay": "GET /licences/ HTTP/1.1\r\nHost: localhost\r\n\r\n",
}


def visit(site) -> float:
    """Look at two pages, and return how many seconds that took."""
    begun = time.monotonic()
    assert site.open("/")[0] == site.open("/api/health")[0] == 200
    return time.monotonic() - begun


@pytest.mark.parametrize("sent", BEGINNINGS)
def test_connections_that_send_little_or_read_nothing_take_nothing_from_pages(site, sent):
    web, usual = site.find("web"), visit(site)
    before, begun_with = web.memory_info().rss, BEGINNINGS[sent].format(key=site.key).encode()
    with contextlib.ExitStack() as open_ones:
        for _ in range(SILENT):
            silent = open_ones.enter_context(socket.socket())
            silent.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)  # little is taken by the system
            silent.settimeout(30)
            silent.connect(("127.0.0.1", site.port))
            silent.sendall(begun_with)
        # A busy machine is slow without them, too; and what they ask for comes before, where they ask for something.
        wait_for(lambda: visit(site) < 2 + 3 * usual, 60)
        took = [visit(site) for _ in range(3)]
        grown = (web.memory_info().rss - before) / 1e6
        print(f"{SILENT} that sent {sent}: {max(took):.2f} s at most for two pages, {grown:+.0f} MB")
        assert min(took) < 2 + 3 * usual and grown < 150 and web.num_threads() < 40


def test_all_who_ask_for_speech_at_once_are_answered_in_turn(site):
    def hear(number: int) -> int:
        with contextlib.closing(speech(site, f"Number {number}.")) as connection:
            answer = connection.getresponse()
            assert answer.status == 200, answer.read()
            return len(answer.read())

    with ThreadPoolExecutor(AT_ONCE) as programs:
        heard = [programs.submit(hear, number) for number in range(AT_ONCE)]
        begun = time.monotonic()
        assert site.open("/account/")[0] == 200
        assert time.monotonic() - begun < 5, "pages answer meanwhile"
        assert all(each.result() > 1000 for each in heard)


def transcription(site, **form: str) -> http.client.HTTPConnection:
    """Send a recording to be written down, and leave the answer to be read."""
    parts = [f'--x\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{said}\r\n' for name, said in form.items()]
    head = '--x\r\nContent-Disposition: form-data; name="file"; filename="a.wav"\r\n\r\n'
    body = "".join([*parts, head]).encode() + CLIP.read_bytes() + b"\r\n--x--\r\n"
    connection = connect(site)
    headers = {"Authorization": f"Bearer {site.key}", "Content-Type": "multipart/form-data; boundary=x"}
    connection.request("POST", "/v1/audio/transcriptions", body, headers)
    return connection


def transcriptions(site) -> int:
    return site.query("SELECT count(*) FROM voices_transcriptionrequest")[0][0]


def test_all_who_have_recordings_transcribed_at_once_are_answered_in_turn(site):
    def read(number: int) -> str:
        with contextlib.closing(transcription(site)) as connection:
            answer = connection.getresponse()
            said = answer.read()
            assert answer.status == 200, said
            return json.loads(said)["text"]

    with ThreadPoolExecutor(RECORDINGS) as programs:
        written = [programs.submit(read, number) for number in range(RECORDINGS)]
        while not all(each.done() for each in written):
            begun = time.monotonic()
            assert site.open("/account/")[0] == 200
            assert time.monotonic() - begun < 5, "pages answer meanwhile"
            time.sleep(0.2)
        assert [each.result() for each in written] == [TRANSCRIPT] * RECORDINGS


@pytest.mark.parametrize("form", [{}, {"stream": "true"}], ids=["whole", "streamed"])
def test_who_hangs_up_ends_their_transcription(site, form):
    connections = [transcription(site, **form) for _ in range(6)]
    wait_for(lambda: transcriptions(site), 20)
    for connection in connections:
        connection.close()
    wait_for(lambda: not transcriptions(site), 20, lambda: transcriptions(site))
    assert not list(site.folder.rglob("transcription_requests/**/*.flac"))


@pytest.mark.parametrize("after", ["nothing", "the first part"])
def test_who_hangs_up_ends_the_work(site, after):
    before, made = states(site).get("cancelled", 0), sum(states(site).values())
    connection = speech(site, SLOW)
    wait_for(lambda: sum(states(site).values()) > made, 10)
    if after == "the first part":
        assert connection.getresponse().read(1)
    connection.close()
    wait_for(lambda: states(site).get("cancelled", 0) == before + 1, 10, lambda: states(site))


def test_who_hangs_up_in_line_ends_what_has_not_begun(site):
    first = speech(site, SLOW)
    second = speech(site, "Two.")
    wait_for(lambda: states(site).get("pending"), 10, lambda: states(site))
    second.close()
    wait_for(lambda: not states(site).get("pending"), 10, lambda: states(site))
    first.close()


def test_a_large_body_that_is_refused_leaves_the_connection_usable(site):
    for path, size in (("/v1/audio/speech", 400_000), ("/api/recordings", 3_000_000), ("/api/generations", 20_000_000)):
        with contextlib.closing(connect(site)) as connection:
            headers = {"Authorization": "Bearer wrong", "Content-Type": "application/json"}
            connection.request("POST", path, bytes(size), headers)
            answer = connection.getresponse()
            assert answer.status == 401 and answer.read() and answer.headers["Connection"] != "close"
            own = connection.sock
            connection.request("GET", "/api/openapi.json")
            assert connection.getresponse().status == 200 and connection.sock is own


def test_an_idle_connection_is_kept(site):
    with contextlib.closing(connect(site)) as connection:
        connection.request("GET", "/licences/")
        assert connection.getresponse().read()
        own = connection.sock
        time.sleep(8)  # more than servers allow where nobody says how long
        connection.request("GET", "/licences/")
        assert connection.getresponse().read() and connection.sock is own
