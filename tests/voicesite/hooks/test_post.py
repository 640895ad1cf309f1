"""One request: where it goes, what it takes for an answer, and how long it waits for one."""

import socket
import ssl
import threading
import time
from contextlib import contextmanager, suppress

import pytest

from voicesite.address import certificate
from voicesite.hooks import post as posting
from voicesite.hooks.post import Unanswered, post
from voicesite.modelhost import certificates


@contextmanager
def speaking(*pieces: bytes, pause: float = 0.0, secured_by: ssl.SSLContext | None = None):
    """A server that sends `pieces` to whoever posts {}, and then says no more."""
    listening = socket.create_server(("127.0.0.1", 0))
    ended = threading.Event()

    def serve():
        line, _ = listening.accept()
        with suppress(OSError), secured_by.wrap_socket(line, server_side=True) if secured_by else line as line:
            asked = b""
            while not asked.endswith(b"{}"):
                asked += line.recv(65_536)
            for piece in pieces:
                line.sendall(piece)
                if ended.wait(pause):
                    return

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{listening.getsockname()[1]}/"
    finally:
        ended.set()
        thread.join(5)
        listening.close()


@pytest.fixture(autouse=True)
def here(settings):
    settings.WEBHOOK_ALLOW = ["127.0.0.0/8"]


def test_the_name_is_the_host_and_no_proxy_is_asked(receiver, monkeypatch):
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9/")
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: [(2, 1, 6, "", ("127.0.0.1", 0))])
    answer = post(f"http://hook.example:{receiver.port}/a?b=c", b"{}", {"webhook-id": "1"})
    (message,) = receiver.messages
    assert (answer.status, answer.beginning, answer.retry_after) == (200, "ok", None)
    assert (message.path, message.body, message.headers["webhook-id"]) == ("/a?b=c", b"{}", "1")
    assert message.headers["host"] == f"hook.example:{receiver.port}"


def test_a_redirect_is_an_answer_and_is_not_followed(receiver):
    receiver.status, receiver.headers = 302, {"Location": "http://169.254.169.254/latest"}
    assert post(receiver.url, b"{}", {}).status == 302
    assert len(receiver.messages) == 1


@pytest.mark.parametrize(
    ("written", "seconds"),
    [
        ("120", 120),
        ("0", 0),
        (" 7 ", 7),
        ("-5", None),
        ("soon", None),
        ("", None),
        ("Fri, 31 Dec 1999 23:59:59 GMT", -1),
    ],
)
def test_retry_after_is_seconds_or_a_date(receiver, written, seconds):
    receiver.status, receiver.headers = 503, {"Retry-After": written}
    asked = post(receiver.url, b"{}", {}).retry_after
    assert asked == seconds or (seconds == -1 and asked < -1e8)


def test_of_an_answer_the_beginning_is_kept_as_text(receiver):
    receiver.answer = b"\0\xff" + b"x" * 5000
    assert post(receiver.url, b"{}", {}).beginning == "\ufffd\ufffd" + "x" * 1022


@pytest.mark.parametrize(
    ("pieces", "pause", "words"),
    [
        ([], 0.0, "closed the connection without an answer"),
        ([b"SSH-2.0-OpenSSH_9.6\r\n\r\n"], 0.0, "not HTTP"),
        ([b"H"] * 200, 0.02, "No answer within"),
        ([b"HTTP/1.1 200 OK\r\n", *[b"X-Slow: 1\r\n"] * 90], 0.02, "No answer within"),
        ([b"HTTP/1.1 100 Continue\r\n\r\n"] * 200, 0.02, "No answer within"),
        ([b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 500 + b"\r\n"], 0.0, "not HTTP"),
    ],
)
def test_who_says_nothing_of_use_is_given_up_soon(monkeypatch, pieces, pause, words):
    monkeypatch.setattr(posting, "TOTAL_SECONDS", 0.3)
    begun = time.monotonic()
    with speaking(*pieces, pause=pause) as url, pytest.raises(Unanswered, match=words):
        post(url, b"{}", {})
    assert time.monotonic() - begun < 2


def test_a_body_that_never_ends_takes_nothing_from_the_status(monkeypatch):
    monkeypatch.setattr(posting, "TOTAL_SECONDS", 0.3)
    pieces = [b"HTTP/1.1 204 OK\r\n\r\n", b"HTTP/1.1 200 OK\r\nContent-Length: 900\r\n\r\n"]
    with speaking(pieces[1], *[b"x"] * 100, pause=0.02) as url:
        assert post(url, b"{}", {}).status == 200
    with speaking(pieces[0]) as url:
        assert post(url, b"{}", {}).status == 204


def test_nobody_there():
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    with pytest.raises(Unanswered, match="connection refused"):
        post(f"http://127.0.0.1:{port}/", b"{}", {})


@pytest.mark.parametrize(
    ("name", "is_trusted", "words"),
    [("localhost", True, ""), ("hook.example", True, "certificate is not valid"), ("localhost", False, "is not valid")],
)
def test_a_certificate_must_be_vouched_for_and_be_the_names(monkeypatch, tmp_path, name, is_trusted, words):
    """The name is asked for by SNI and compared, though an IP address is called."""
    pem = tmp_path / "https.pem"
    certificate.ensure(pem, "127.0.0.1")
    theirs, ours = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER), ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    theirs.load_cert_chain(pem)
    asked_for = []
    theirs.sni_callback = lambda line, name, context: asked_for.append(name)
    if is_trusted:
        ours.load_verify_locations(pem)
        monkeypatch.setattr(certificates, "context", lambda: ours)
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: [(2, 1, 6, "", ("127.0.0.1", 0))])
    with speaking(b"HTTP/1.1 204 Fine\r\n\r\n", secured_by=theirs) as url:
        url = url.replace("http://127.0.0.1", f"https://{name}")
        if words:
            with pytest.raises(Unanswered, match=words):
                post(url, b"{}", {})
        else:
            assert post(url, b"{}", {}).status == 204
    assert asked_for == [name]
