"""The command `voicesite`, started as from a terminal, against a running site."""

import contextlib
import http.server
import json
import os
import pty
import re
import signal
import subprocess
import sys
import threading
import time

import pytest

from .copy import ROOT, wait_for

pytestmark = [pytest.mark.e2e, pytest.mark.xdist_group("pages")]

LONG_TEXT = "Do-slow one two three four five six seven eight nine ten. " * 20
PROGRAM = (
    "import signal; signal.signal(signal.SIGINT, signal.default_int_handler); from voicesite.client.__main__ import *"
)


@pytest.fixture(scope="module")
def environment(site):
    key = site.manage("create_api_key", "ada", "--scope", "speak", "--scope", "voices").strip()
    return {
        "PATH": os.environ["PATH"],
        "PYTHONPATH": str(ROOT),
        "VOICESITE_SERVER": f"http://127.0.0.1:{site.port}",
        "VOICESITE_KEY": key,
    }


def start(environment, *arguments, **options):
    """Start the command. What a shell starts in the background ignores SIGINT, and so would this."""
    options = {"stdin": subprocess.DEVNULL, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE, **options}
    command = [sys.executable, "-c", PROGRAM, *arguments]
    return subprocess.Popen(command, env=environment, start_new_session=True, **options)


def test_a_text_becomes_a_file_and_a_pipe_may_close(environment, tmp_path):
    done = start(environment, "speak", "One two three.", "--voice", "Ada", "-o", "out.mp3", cwd=tmp_path)
    assert done.communicate() == (b"", b"out.mp3: 0.6 s of speech\n") and done.returncode == 0
    assert (tmp_path / "out.mp3").read_bytes()[:3] == b"ID3"
    for arguments in (["speak", "One two.", "--voice", "Ada", "-o", "-"], ["voices"]):
        reader, writer = os.pipe()
        os.close(reader)
        done = start(environment, *arguments, stdout=writer)
        os.close(writer)
        assert done.communicate()[1] == b"" and done.returncode == 0


def test_ctrl_c_cancels_on_the_site(environment, site, tmp_path):
    """In a terminal of 40 columns, whose bar moves."""
    ours, theirs = pty.openpty()
    terminal = environment | {"TERM": "xterm", "COLUMNS": "40", "LINES": "20"}
    asked = start(terminal, "speak", LONG_TEXT, "--voice", "Ada", "-o", "out.wav", stderr=theirs, cwd=tmp_path)
    os.close(theirs)
    shown = ""
    while not re.search(r"speech +[3-9]\d% \|", shown):
        assert asked.poll() is None, shown
        shown += os.read(ours, 10_000).decode()
    asked.send_signal(signal.SIGINT)
    assert asked.wait(timeout=20) == 130
    with contextlib.suppress(OSError):  # the end of a terminal that nobody writes to
        while True:
            shown += os.read(ours, 10_000).decode()
    os.close(ours)
    assert "Cancelled: the server speaks no more of it." in shown and "Traceback" not in shown
    assert all(len(line) <= 40 for line in re.split("[\r\n]", shown) if "%" in line)
    left = "SELECT state FROM synthesis_generation WHERE text LIKE 'Do-slow one two%'"
    assert wait_for(lambda: {state for (state,) in site.query(left)} <= {"cancelled"}, 20)
    assert not (tmp_path / "out.wav").exists()


def test_a_second_ctrl_c_leaves_at_once(environment, tmp_path):
    silent = threading.Event()

    class Server(http.server.BaseHTTPRequestHandler):
        def do_POST(self):
            body = json.dumps({"task_id": "t1", "status": "pending"}).encode()
            self.send_response(202)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def do_GET(self):
            asked_for.set()
            silent.wait(30)

        def do_DELETE(self):
            told.set()
            silent.wait(30)

        def log_message(self, *args):
            pass

    asked_for, told = threading.Event(), threading.Event()
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Server)
    threading.Thread(target=server.serve_forever).start()
    elsewhere = environment | {"VOICESITE_SERVER": f"http://127.0.0.1:{server.server_port}"}
    try:
        asked = start(elsewhere, "speak", "One.", "--voice", "Ada", "-o", "out.wav", cwd=tmp_path)
        assert asked_for.wait(20)
        asked.send_signal(signal.SIGINT)
        assert told.wait(20), "it tries to cancel"
        began = time.monotonic()
        asked.send_signal(signal.SIGINT)
        assert asked.wait(timeout=20) == 130 and time.monotonic() - began < 2
        assert b"Traceback" not in asked.stderr.read()
    finally:
        silent.set()
        server.shutdown()
        server.server_close()
