"""Test how the web server treats connections, with one of its own: the limits of time, and HTTPS=self."""

import contextlib
import json
import socket
import ssl
import time

import pytest
import urllib3

from tests.e2e.copy import wait_for
from tests.server import serve
from voicesite.address import certificate, protocols
from voicesite.address.protocols import redirect


async def app(scope, receive, send):
    """Say by which scheme it was asked."""
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": scope["scheme"].encode()})


@pytest.fixture(scope="module")
def https(tmp_path_factory):
    """The port of a server of HTTPS=self, and its certificate."""
    file = tmp_path_factory.mktemp("tls") / "https.pem"
    certificate.ensure(file, "127.0.0.1")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(protocols.settings, "CERTIFICATE_FILE", file)
        protocols._context.cache_clear()
        with serve(app, protocols.HTTPS) as served:
            yield served.port, str(file)
        protocols._context.cache_clear()


def ask(https, **headers: str) -> str:
    port, trusted = https
    with urllib3.PoolManager(ca_certs=trusted) as pool:
        return pool.request(
            "GET", f"https://127.0.0.1:{port}/", headers=headers, timeout=30, retries=False
        ).data.decode()


def test_it_is_asked_by_https_whatever_a_header_says(https):
    assert ask(https) == ask(https, **{"X-Forwarded-Proto": "http"}) == "https"


def test_connections_without_a_request_hold_up_nobody(https):
    port, trusted = https
    context = ssl.create_default_context(cafile=trusted)
    with contextlib.ExitStack() as open_ones:
        for _ in range(6):  # of those that only shook hands; then one that falls asleep halfway
            plain = open_ones.enter_context(socket.create_connection(("127.0.0.1", port), timeout=30))
            open_ones.enter_context(context.wrap_socket(plain, server_hostname="127.0.0.1"))
        open_ones.enter_context(socket.create_connection(("127.0.0.1", port), timeout=30)).sendall(b"\x16\x03\x01")
        assert ask(https) == "https"


def test_who_falls_asleep_halfway_is_dropped(https, monkeypatch):
    monkeypatch.setattr(protocols, "HANDSHAKE_SECONDS", 0.05)
    for begin in (b"", b"\x16\x03\x01", b"GET / HT"):
        with socket.create_connection(("127.0.0.1", https[0]), timeout=10) as plain:
            plain.sendall(begin)
            assert plain.recv(100) == b"", begin


def test_who_does_not_trust_the_certificate_harms_nobody(https):
    port, _ = https
    with pytest.raises(ssl.SSLError), socket.create_connection(("127.0.0.1", port), timeout=30) as plain:
        ssl.create_default_context().wrap_socket(plain, server_hostname="127.0.0.1")
    assert ask(https) == "https"


def test_a_plain_request_is_redirected(https):
    port, _ = https
    with urllib3.PoolManager() as pool:
        answer = pool.request("GET", f"http://127.0.0.1:{port}/account/", redirect=False, timeout=30, retries=False)
    assert answer.status == 307 and answer.headers["Location"] == f"https://127.0.0.1:{port}/account/"


def test_half_a_head_is_dropped_and_a_whole_one_is_not(monkeypatch):
    monkeypatch.setattr(protocols, "HEAD_SECONDS", 0.2)
    request = b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n"
    with serve(app) as served:
        for begin in (b"", request[:20], request + request[:20]):
            with socket.create_connection(("127.0.0.1", served.port), timeout=10) as plain:
                plain.sendall(begin)
                said = b""
                while data := plain.recv(1000):
                    said += data
                assert said.count(b" 200 OK") == begin.count(b"\r\n\r\n")
        with socket.create_connection(("127.0.0.1", served.port), timeout=10) as plain:
            for _ in range(3):
                plain.sendall(request)
                assert b"200 OK" in plain.recv(1000)
                plain.settimeout(0.3)
                with pytest.raises(TimeoutError):  # it is open, and nothing comes
                    plain.recv(1000) and plain.recv(1000)
                plain.settimeout(10)


def test_whoever_has_just_connected_is_answered_before_the_server_ends():
    with serve(app) as served, socket.create_connection(("127.0.0.1", served.port), timeout=10) as plain:
        wait_for(lambda: served.server.server_state.connections, 10)
        served.server.should_exit = True
        time.sleep(0.2)  # longer than until it begins to end
        plain.sendall(b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")
        assert b"200 OK" in plain.recv(1000)


def test_who_says_nothing_does_not_hold_up_the_end_of_the_server():
    with serve(app) as served, socket.create_connection(("127.0.0.1", served.port), timeout=10) as plain:
        wait_for(lambda: served.server.server_state.connections, 10)
        served.server.should_exit = True
        assert plain.recv(1000) == b""


def test_an_answer_without_end_is_broken_off_and_nothing_is_an_error(caplog):
    ended = []

    async def endless(scope, receive, send):
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b"for ever", "more_body": True})
        while (await receive())["type"] != "http.disconnect":
            pass
        ended.append(scope["state"]["ending"].done())

    with serve(endless) as served, socket.create_connection(("127.0.0.1", served.port), timeout=10) as plain:
        plain.sendall(b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")
        assert b"for ever" in plain.recv(1000)
        served.server.should_exit = True
        with contextlib.suppress(ConnectionResetError):
            assert plain.recv(1000) == b""
    assert ended == [True] and caplog.records == []


@pytest.mark.parametrize("head", [b"GET /" + b"x" * 70_000 + b" HTTP/1.1\r\nHost: a\r\n\r\n", b"Hello?\r\n\r\n"])
def test_what_the_server_itself_refuses_has_the_shape_of_other_errors(head):
    with serve(app) as served, socket.create_connection(("127.0.0.1", served.port), timeout=10) as plain:
        plain.sendall(head)
        said = b""
        with contextlib.suppress(ConnectionResetError):  # it closes with some of the head unread
            while data := plain.recv(1000):
                said += data
    status, _, body = said.partition(b"\r\n\r\n")
    assert status.startswith(b"HTTP/1.1 400") and json.loads(body)["error"]["code"] == "bad_request"


def test_a_plain_request_is_sent_to_the_same_address_with_https():
    said = redirect(b"GET /join/x/?a=1 HTTP/1.1\r\nHost: 192.168.1.5:8000\r\nAccept: */*\r\n\r\n").decode()
    assert said.startswith("HTTP/1.1 307 ") and "\r\nLocation: https://192.168.1.5:8000/join/x/?a=1\r\n" in said
    assert "no-store" in said, "tomorrow it may be served without"


@pytest.mark.parametrize(
    "head",
    [
        b"",
        b"\x00\x01garbage",
        b"GET / HTTP/1.1\r\n\r\n",
        b"GET //evil HTTP/1.1\r\nHost: a b\r\n\r\n",
        b"GET http://evil/ HTTP/1.1\r\nHost: a\r\n\r\n",
        b"POST /account/login/ HTTP/1.1\r\nHost: a\r\n\r\n",  # a password that was sent in the open is not sent again
    ],
)
def test_what_is_no_request_of_a_page_is_refused(head):
    assert redirect(head).startswith(b"HTTP/1.1 400 ") and b"Location" not in redirect(head)
