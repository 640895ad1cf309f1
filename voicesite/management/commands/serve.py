"""`manage.py serve`: run the whole site under a supervisor that restarts what dies. `make run` calls it."""

import errno
import fcntl
import os
import shlex
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import psutil
import urllib3
from django.apps import apps
from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.db import OperationalError

from voicesite.jobs import os_processes
from voicesite.models import User

MANAGE_FILE = settings.BASE_DIR / "manage.py"
SUPERVISOR_CONFIG = settings.BASE_DIR / "voicesite" / "supervisord.conf"
READY_SECONDS = 60  # before a site that is not complete yet is reported


class Command(BaseCommand):
    """Start supervisord, print the address when the site is ready, and leave no process behind.

    This process remains the parent of supervisord for three things that supervisord does not do: end with the terminal,
    restart when it was killed itself, and end the orphans of killed processes.
    """

    help = "Serve the site: web server, queue workers and sweeper, until Ctrl-C."
    requires_migrations_checks = False

    def add_arguments(self, parser):
        parser.add_argument("--dev", action="store_true", help="restart what runs changed code")

    def handle(self, *args, dev: bool, **options):
        self.ended = False
        self.supervisor: subprocess.Popen | None = None
        lock = lock_data_folder()
        os_processes.end(os_processes.ours())  # left by a `serve` that was killed
        require_free_port(settings.HOST, settings.PORT)
        try:
            call_command("migrate", interactive=False, verbosity=0)
        except OperationalError as error:
            raise CommandError(f"The database does not answer, or refuses: {error}") from error
        if not dev:
            call_command("collectstatic", interactive=False, verbosity=0)
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, self._end)
        try:
            self._supervise(dev)
        finally:
            os_processes.end(os_processes.ours())
            lock.close()

    def _end(self, *args) -> None:
        self.ended = True
        if self.supervisor:
            self.supervisor.terminate()

    def _supervise(self, dev: bool) -> None:
        python = shlex.quote(sys.executable)
        manage = f"{python} {shlex.quote(str(MANAGE_FILE))}"
        environment = {
            **os.environ,
            **os_processes.mark(),
            "VOICESITE_DATA": str(settings.DATA_DIR),
            "VOICESITE_MANAGE": manage,
            "VOICESITE_WEB": f"{manage} runserver {_address(settings.HOST)}"
            if dev
            else f"{python} -m gunicorn {_gunicorn()}",
            "PYTHONUNBUFFERED": "1",
            "PYTHONWARNINGS": "ignore::UserWarning:supervisor.options",
        }
        command = [str(Path(sys.executable).with_name("supervisord")), "-c", str(SUPERVISOR_CONFIG)]
        while not self.ended:
            # In a session of its own: Ctrl-C and a closed terminal reach it once, through this process.
            self.supervisor = subprocess.Popen(
                command, cwd=settings.BASE_DIR, env=environment, stdin=subprocess.DEVNULL, start_new_session=True
            )
            if self.ended:
                self.supervisor.terminate()
            self._announce(self.supervisor)
            self._watch(self.supervisor, dev)
            code = self.supervisor.wait()
            if self.ended:
                return
            if code >= 0:
                raise CommandError("The supervisor ended by itself. What is printed above may say why.")
            self.stderr.write("The supervisor was killed: everything is started anew.")
            os_processes.end(os_processes.ours())

    def _announce(self, supervisor: subprocess.Popen) -> None:
        """Print the address once /api/health reports no problems."""
        begun, problems = time.monotonic(), ["the web server does not answer."]
        while not self.ended and supervisor.poll() is None:
            if time.monotonic() - begun > READY_SECONDS:
                self.stderr.write(f"After {READY_SECONDS} s the site is not all there: {' '.join(problems)}")
                self.stderr.write("What is printed above may say why. It is tried again for as long as this runs.")
                return
            health = _health()
            problems = health.get("problems") or problems
            if health.get("status") == "ok":
                first = "" if User.objects.exists() else "\n  Open it to make the administrator's account."
                self.stdout.write(f"\n  Voicesite {settings.VERSION} is ready; Ctrl-C ends it.{first}\n\n  {_url()}\n")
                self.stdout.flush()
                return
            time.sleep(0.2)

    def _watch(self, supervisor: subprocess.Popen, dev: bool) -> None:
        """Wait until the supervisor ends. With `dev`, restart workers and sweeper on changes; runserver restarts itself."""
        seen = _changed_at() if dev else 0.0
        while supervisor.poll() is None:
            time.sleep(0.2)
            if dev and (now := _changed_at()) != seen:
                seen = now
                self.stderr.write("Code changed: the workers are started anew.")
                for process in psutil.Process(supervisor.pid).children():
                    if "runserver" not in process.cmdline():
                        process.terminate()


def lock_data_folder():
    """Lock the data folder, and return the open lock file. Raises CommandError if another `serve` has locked it.

    Two with one data folder would end each other's workers. The system releases the lock however the process ends.
    """
    (settings.DATA_DIR / "run").mkdir(parents=True, exist_ok=True)
    file = (settings.DATA_DIR / "run" / "serve.lock").open("a+")
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        file.seek(0)
        raise CommandError(
            f"Voicesite runs already from {settings.DATA_DIR} ({file.read().strip()}). End that one with Ctrl-C; or, for "
            f"a second copy, choose another port and folder: make run PORT={settings.PORT + 1} VOICESITE_DATA=var2"
        ) from None
    file.truncate(0)
    file.write(f"process {os.getpid()}, port {settings.PORT}")
    file.flush()
    return file


def require_free_port(host: str, port: int) -> None:
    """Raise CommandError if the web server could not listen on the address."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except (OSError, UnicodeError) as error:  # the latter from a host name that can't be encoded
            words = f"HOST={host} is no address of this machine. Try HOST=127.0.0.1 or HOST=0.0.0.0."
            if isinstance(error, PermissionError):
                words = f"Only root may listen on port {port}. Choose one above 1023: make run PORT=8001"
            elif isinstance(error, OSError) and error.errno == errno.EADDRINUSE:
                words = (
                    f"Port {port} is taken: another program, perhaps another copy of Voicesite, listens there. "
                    f"Stop it, or choose another port: make run PORT={port + 1 if port < 65535 else 8001}"
                )
            raise CommandError(words) from None


def _address(host: str) -> str:
    return f"[{host}]:{settings.PORT}" if ":" in host else f"{host}:{settings.PORT}"


def _url() -> str:
    loopback = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104
    return f"http://{_address(loopback.get(settings.HOST, settings.HOST))}"


def _health() -> dict:
    """Return the response of /api/health; empty while the web server does not answer."""
    names = [name.lstrip(".") for name in settings.ALLOWED_HOSTS if name != "*"]
    headers = {"Host": names[0]} if names else {}
    try:
        return urllib3.request("GET", f"{_url()}/api/health", headers=headers, timeout=5, retries=False).json()
    except (urllib3.exceptions.HTTPError, ValueError):
        return {}


def _changed_at() -> float:
    """Return a number that changes with the code: the latest modification time plus the number of files."""
    apps_here = [Path(app.path) for app in apps.get_app_configs() if Path(app.path).parent == settings.BASE_DIR]
    files = [path.stat().st_mtime for folder in apps_here for path in folder.rglob("*.py")]
    return max(files) + len(files)


def _gunicorn() -> str:
    options = {
        "bind": _address(settings.HOST),
        "workers": settings.WEB_WORKERS,
        "worker-class": "gthread",
        "threads": settings.WEB_THREADS,
        "max-requests": 20_000,
        "max-requests-jitter": 1_000,
        "timeout": 120,
        "graceful-timeout": 5,
        "log-level": "warning",
        "worker-tmp-dir": "/dev/shm" if Path("/dev/shm").is_dir() else "/tmp",  # noqa: S108
    }
    return " ".join(f"--{name}={value}" for name, value in options.items()) + " voicesite.wsgi"
