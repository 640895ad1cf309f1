"""The process that waits while the site runs: `python -m voicesite.standby`, which `manage.py serve` becomes.

It starts `manage.py supervise`, prints the address when the site is ready, and leaves no process behind: it ends the site
with the terminal, restarts a supervisor that was killed, and ends the orphans of killed processes. It also holds the socket
on which the site listens, so that whoever connects while the web server is started anew waits, and is not refused. SIGUSR1
is an update: all is started anew. It reads the settings and has nothing else of Django, for it may wait for years: what
`serve` needs to prepare a site took 130 MB.
"""

import contextlib
import http.client
import json
import logging
import logging.config
import os
import signal
import socket
import subprocess
import sys
import time

import psutil
import urllib3
from django.conf import settings

from voicesite import logs
from voicesite.address import listening
from voicesite.address.network import with_port
from voicesite.jobs import os_processes

logger = logging.getLogger("voicesite.standby")

ANNOUNCEMENT_VARIABLE = "VOICESITE_ANNOUNCEMENT"  # what is printed when the site is ready
READY_SECONDS = 60  # before a site that is not complete yet is reported


class Standby:
    def __init__(self, announcement: str, dev: bool):
        self.announcement, self.dev = announcement, dev
        self.ended = self.reload_wanted = self.reloads = False
        self.supervisor: subprocess.Popen | None = None

    def run(self) -> None:
        """Keep the site running until a signal ends it."""
        signal.signal(signal.SIGUSR1, self._ask_for_reload)
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, self._end)
        try:
            self._supervise()
        finally:
            os_processes.end(os_processes.ours())
            if settings.SOCKET_FILE:
                settings.SOCKET_FILE.unlink(missing_ok=True)

    def _ask_for_reload(self, *args) -> None:
        self.reload_wanted = True

    def _end(self, *args) -> None:
        self.ended = True
        if self.supervisor:
            self.supervisor.terminate()

    def _supervise(self) -> None:
        environment = {
            **os.environ,
            **os_processes.mark(),
            "VOICESITE_DATA": str(settings.DATA_DIR),
            "PYTHONUNBUFFERED": "1",
        }
        manage = [sys.executable, str(settings.BASE_DIR / "manage.py")]
        command = [*manage, "supervise", *(["--dev"] if self.dev else [])]
        while not self.ended:
            # In a session of its own: Ctrl-C and a closed terminal reach it once, through this process.
            self.supervisor = subprocess.Popen(
                command,
                cwd=settings.BASE_DIR,
                env=environment,
                stdin=subprocess.DEVNULL,
                start_new_session=True,
                pass_fds=[int(os.environ[listening.VARIABLE])],
            )
            if self.ended:
                self.supervisor.terminate()
            self._announce(self.supervisor)
            self._watch(self.supervisor)
            code = self.supervisor.wait()
            if self.ended:
                return
            if self.reloads:
                self.reloads = False
                continue
            if code >= 0:
                raise SystemExit("The supervisor stopped unexpectedly. The output above may say why.")
            warn("The supervisor was killed; restarting everything.")
            os_processes.end(os_processes.ours())

    def _announce(self, supervisor: subprocess.Popen) -> None:
        """Print the address once /api/health reports no problems."""
        begun, problems = time.monotonic(), ["the web server isn’t responding."]
        while not self.ended and supervisor.poll() is None:
            if time.monotonic() - begun > READY_SECONDS:
                warn(f"After {READY_SECONDS} s the site is not all there: {' '.join(problems)}")
                warn("The output above may say why. It keeps trying for as long as this runs.")
                return
            health = _health()
            problems = health.get("problems") or problems
            if health.get("status") == "ok":
                if logs.is_json():
                    logger.info("Voicesite %s is ready: %s", settings.VERSION, settings.SOCKET_FILE or url())
                else:
                    print(self.announcement, flush=True)
                return
            time.sleep(0.2)

    def _watch(self, supervisor: subprocess.Popen) -> None:
        """Wait until the supervisor ends. With `dev`, restart workers and sweeper on changes; the web server restarts itself."""
        seen = _changed_at() if self.dev else 0.0
        while supervisor.poll() is None:
            time.sleep(0.2)
            if self.reload_wanted:
                self.reload_wanted = False
                self._reload(supervisor)
            if self.dev and (now := _changed_at()) != seen:
                seen = now
                warn("Code changed; restarting the workers.")
                for process in psutil.Process(supervisor.pid).children():
                    if "web" not in process.cmdline():
                        process.terminate()

    def _reload(self, supervisor: subprocess.Popen) -> None:
        """Start everything anew, of the code as it is now. Who connects meanwhile waits for the next web server."""
        command = [sys.executable, str(settings.BASE_DIR / "manage.py"), "prepare"]
        if subprocess.run(command, cwd=settings.BASE_DIR).returncode:
            warn("The site goes on as it was: it could not be prepared. The output above may say why.")
            return
        warn("Reloading: the code as it is now takes over.")
        self.reloads = True
        supervisor.terminate()


def warn(words: str) -> None:
    if logs.is_json():  # for which every line is an object
        logger.warning(words)
    else:
        print(words, file=sys.stderr, flush=True)


def become(announcement: str, listening_fd: int, dev: bool) -> None:
    """Go on as this module's program, in this process; never return. Open files that are inheritable stay open."""
    os.environ |= {ANNOUNCEMENT_VARIABLE: announcement, listening.VARIABLE: str(listening_fd)}
    sys.stdout.flush()
    sys.stderr.flush()
    os.chdir(settings.BASE_DIR)
    os.execv(sys.executable, [sys.executable, "-m", __name__, *(["--dev"] if dev else [])])  # noqa: S606


def url() -> str:
    """Return the address at which this machine itself reaches the site."""
    loopback = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104
    scheme = "https" if settings.HTTPS_SELF else "http"
    return f"{scheme}://{with_port(loopback.get(settings.HOST, settings.HOST), settings.PORT)}"


def _health() -> dict:
    """Return the response of /api/health; empty while the web server isn’t responding."""
    names = [name.lstrip(".") for name in settings.ALLOWED_HOSTS if name != "*"]
    headers = {"Host": names[0]} if names else {}
    trusted = str(settings.CERTIFICATE_FILE) if settings.HTTPS_SELF else None
    try:
        if settings.SOCKET_FILE:
            with contextlib.closing(_OnFile(headers.get("Host", "localhost"), timeout=5)) as connection:
                connection.request("GET", "/api/health")
                return json.load(connection.getresponse())
        with urllib3.PoolManager(ca_certs=trusted) as pool:
            return pool.request("GET", f"{url()}/api/health", headers=headers, timeout=5, retries=False).json()
    except (urllib3.exceptions.HTTPError, http.client.HTTPException, OSError, ValueError):
        return {}


class _OnFile(http.client.HTTPConnection):
    """A connection to the site's Unix socket."""

    def connect(self) -> None:
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.settimeout(self.timeout)
        self.sock.connect(str(settings.SOCKET_FILE))


def _changed_at() -> float:
    """Return a number that changes with the code: the latest modification time plus the number of files."""
    folders = [settings.BASE_DIR / app for app in settings.INSTALLED_APPS]
    files = [path.stat().st_mtime for folder in folders if folder.is_dir() for path in folder.rglob("*.py")]
    return max(files) + len(files)


if __name__ == "__main__":
    if logs.is_json():
        logging.config.dictConfig(settings.LOGGING)
    Standby(os.environ.pop(ANNOUNCEMENT_VARIABLE, ""), dev="--dev" in sys.argv).run()
