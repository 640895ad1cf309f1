"""A real copy of the site: `manage.py serve` on a free port, with a data folder of its own and the fake engine."""

import atexit
import contextlib
import hashlib
import http.cookiejar
import json
import os
import re
import shutil
import signal
import socket
import sqlite3
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import httpx
import psutil
import psycopg

from tests import fakes

from . import guard

ROOT = Path(__file__).resolve().parents[2]
CLIP = ROOT / "tests" / "fixtures" / "english_austen_short.wav"
PASSWORD = "a long enough one"
DATABASE = "voicesite.sqlite3"


@cache
def migrated() -> Path:
    """A database with all tables and no row. Each site of a run begins with a copy of it, as every migration takes long."""
    folder = Path(tempfile.mkdtemp(prefix="voicesite-template-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    Copy(folder).manage("migrate", "--no-input")
    return folder / DATABASE


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Copy:
    def __init__(self, folder: Path, source: Path = ROOT, **environment: str):
        self.folder, self.source = folder, source
        self.port = free_port()
        self.log = folder.parent / f"{folder.name}.log"
        passed = ("PATH", "HOME", "LANG", "VOICESITE_CACHE")  # a database that is configured may be a real one
        self.environment = {
            **{name: os.environ[name] for name in passed if name in os.environ},
            "VOICESITE_DATA": str(folder),
            "VOICESITE_ENGINE": fakes.ENGINE,
            "VOICESITE_STALL_SECONDS": "20",
            "VOICESITE_BUILTIN_VOICES": "off",  # lists then hold what a test has made
            "PORT": str(self.port),
            "PYTHONUNBUFFERED": "1",
            **environment,
        }
        self.process: subprocess.Popen | None = None
        self.guard: subprocess.Popen | None = None
        self.cookies = http.cookiejar.CookieJar()
        self.browser = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(self.cookies))

    # ---- running it

    def command(self, *arguments: str) -> list[str]:
        return [sys.executable, str(self.source / "manage.py"), *arguments]

    def manage(self, *arguments: str, **options) -> str:
        done = subprocess.run(
            self.command(*arguments), env=self.environment, capture_output=True, text=True, cwd=self.source, **options
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def start(self, *arguments: str) -> None:
        """Start `serve`, and a guard that ends what is left of it when this run has ended, however it came to that."""
        if not self.guard:
            run = [os.getpid()]
            if "PYTEST_XDIST_WORKER" in os.environ:
                run.append(os.getppid())
            command = [sys.executable, str(Path(guard.__file__)), str(self.folder), *map(str, run)]
            self.guard = subprocess.Popen(command, stdin=subprocess.DEVNULL, start_new_session=True)
        database = self.folder / DATABASE
        if "DATABASE_URL" not in self.environment and not database.exists():
            self.folder.mkdir(parents=True, exist_ok=True)
            shutil.copy(migrated(), database)
        with self.log.open("a") as log:
            self.process = subprocess.Popen(
                self.command("serve", *arguments),
                env=self.environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                cwd=self.source,
                start_new_session=True,
            )

    def wait_until_ready(self) -> None:
        wait_for(lambda: "is ready" in self.log.read_text() or self.process.poll() is not None, 240, self.log.read_text)
        assert self.process.poll() is None, self.log.read_text()

    def stop(self, number: int = signal.SIGINT) -> None:
        """As Ctrl-C does it: the whole group of the terminal is told."""
        if self.process and self.process.poll() is None:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self.process.pid, number)
            self.process.wait(timeout=40)

    def processes(self) -> list[psutil.Process]:
        """All that run of this copy, however they came to be."""
        return [process for process in guard.processes(str(self.folder)) if process.pid != os.getpid()]

    def find(self, kind: str) -> psutil.Process | None:
        """The process of a kind, None while there is none: “synthesis monitor”, “web”, “engine host” …"""
        with contextlib.suppress(psutil.Error, IndexError, ValueError):
            return self._find(kind)
        return None

    def _find(self, kind: str) -> psutil.Process:
        if kind == "serve":
            return psutil.Process(self.process.pid)
        supervisor = psutil.Process(self.process.pid).children()[0]
        if kind == "supervisor":
            return supervisor
        where, _, which = kind.partition(" ")
        name = {"engine": "synthesis"}.get(where, where)
        word = {"sweeper": "sweep", "background": "default"}.get(name, name)  # where it is no fork of the supervisor
        (main,) = [one for one in supervisor.children() if one.name() == name or word in one.cmdline()]
        if where in ("web", "sweeper") or which == "main":
            return main
        (sentinel,) = main.children()
        if which == "sentinel":
            return sentinel
        family = sorted(sentinel.children(), key=lambda process: (process.create_time(), process.pid))
        worker, *_, monitor, pusher = family
        if which == "host":
            return worker.children()[0]
        return {"worker": worker, "monitor": monitor, "pusher": pusher}[which]

    # ---- using it

    def open(self, path: str, **form: str) -> tuple[int, str, str]:
        """Status, body and address of a page, after redirects. A form is sent with the page's own CSRF token."""
        address = urllib.parse.urljoin(f"http://127.0.0.1:{self.port}/", path)
        try:
            data = None
            if form:
                body = self.browser.open(address, timeout=20).read().decode()
                token = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', body)[1]
                data = urllib.parse.urlencode({"csrfmiddlewaretoken": token, **form}).encode()
            with self.browser.open(address, data, timeout=20) as response:
                return response.status, response.read().decode(errors="replace"), response.url
        except urllib.error.HTTPError as error:
            return error.code, error.read().decode(errors="replace"), address
        except OSError as error:
            return 0, str(error), address

    def health(self) -> tuple[int, dict]:
        status, body, _ = self.open("/api/health")
        return status, json.loads(body) if status in (200, 503) else {}

    def settle_in(self) -> None:
        """An account, signed in, with a voice that is ready."""
        self.manage("create_user", "ada", "--password", PASSWORD, "--staff")
        self.manage("create_voice", "--user", "ada", "--name", "Ada", "--language", "en", str(CLIP))
        assert self.open("/account/login/", username="ada", password=PASSWORD)[0] == 200
        self.voice = re.search(r'<option value="([0-9a-f-]{36})"', self.open("/")[1])[1]

    def speak(self, text: str, **form: str) -> str:
        """Ask for speech as the page does; the generation's key."""
        status, body, address = self.open(
            "/", **{"voice": self.voice, "text": text, "language": "en-us", "seed": "7", **form}
        )
        assert status == 200 and "/generations/" in address, body
        return re.search(r"/generations/([0-9a-f-]{36})/", address)[1]

    def hear(self, pk: str, key: str, last_id: str = "") -> Iterator[tuple[str, dict]]:
        """The id and the data of each event of a generation's task, until the site ends the stream."""
        address = f"http://127.0.0.1:{self.port}/api/generations/tasks/{pk}/events"
        headers = {"Authorization": f"Bearer {key}", "Last-Event-ID": last_id}
        with httpx.stream("GET", address, headers=headers, timeout=60) as answer:
            assert answer.status_code == 200, answer.read()
            for line in answer.iter_lines():
                name, _, value = line.partition(": ")
                if name == "id":
                    event_id = value
                elif name == "data":
                    yield event_id, json.loads(value)

    def sounds(self, pk: str, of: str = "") -> dict[str, str]:
        """The files that there are of the whole of a generation, or of its `segments`, with their hashes."""
        found = {}
        for path in (self.folder / "media" / "generations" / pk / of).glob("*.*"):
            with contextlib.suppress(FileNotFoundError):  # an older whole is deleted just after a newer is there
                found[path.name] = hashlib.sha256(path.read_bytes()).hexdigest()
        return found

    def takes(self, pk: str) -> list[tuple[int, int, str]]:
        """The takes of a generation's segments, as the database has them: index, number and file of each."""
        query = (
            'SELECT s."index", t.number, t.audio FROM synthesis_segmenttake t JOIN synthesis_segment s '
            "ON t.segment_id = s.id WHERE s.generation_id = {} ORDER BY 1, 2"
        )
        return self.query(query, pk)

    def row(self, pk: str) -> dict:
        """The generation as the database has it."""
        columns = ("state", "attempts", "progress", "audio", "seconds", "claim_token", "error")
        (values,) = self.query(f"SELECT {', '.join(columns)} FROM synthesis_generation WHERE id = {{}}", pk)
        return dict(zip(columns, values, strict=True))

    def forget_drafts(self) -> None:
        """Nobody was writing anything."""
        with contextlib.closing(sqlite3.connect(self.folder / DATABASE, timeout=20)) as database, database:
            database.execute("DELETE FROM synthesis_draft")

    def query(self, query: str, *keys: str) -> list[tuple]:
        """What the database answers; each {} stands for a key, as of a generation."""
        if address := self.environment.get("DATABASE_URL"):
            with psycopg.connect(address) as database:
                return database.execute(query.format(*["%s"] * len(keys)), keys or None).fetchall()
        with contextlib.closing(sqlite3.connect(self.folder / DATABASE, timeout=20)) as database:
            return database.execute(query.format(*"?" * len(keys)), [key.replace("-", "") for key in keys]).fetchall()


def wait_for(condition, seconds: float, about=lambda: ""):
    """What `condition` gives once it is true; AssertionError with `about()` when it never is."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if found := condition():
            return found
        time.sleep(0.05)
    raise AssertionError(f"Not within {seconds} s: {about()}")
