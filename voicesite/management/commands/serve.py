"""`manage.py serve`: the whole site under one supervisor, which restarts what dies. What `make run` calls."""

import os
import shlex
import socket
import sys
from pathlib import Path

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.db import OperationalError

MANAGE = settings.BASE_DIR / "manage.py"
SUPERVISED = settings.BASE_DIR / "voicesite" / "supervisord.conf"


class Command(BaseCommand):
    help = "Serve the site: web server, queue workers and sweeper, until Ctrl-C."
    requires_migrations_checks = False

    def add_arguments(self, parser):
        parser.add_argument("--dev", action="store_true", help="start the web server anew when code changes")

    def handle(self, *args, dev: bool, **options):
        require_free_port(settings.HOST, settings.PORT)
        try:
            call_command("migrate", interactive=False, verbosity=0)
        except OperationalError as error:
            raise CommandError(f"The database of DATABASE_URL does not answer: {error}") from error
        if not dev:
            call_command("collectstatic", interactive=False, verbosity=0)
        (settings.DATA_DIR / "run").mkdir(parents=True, exist_ok=True)
        python = shlex.quote(sys.executable)
        manage = f"{python} {shlex.quote(str(MANAGE))}"
        os.environ |= {
            "VOICESITE_DATA": str(settings.DATA_DIR),
            "VOICESITE_MANAGE": manage,
            "VOICESITE_WEB": f"{manage} runserver {_address()}" if dev else f"{python} -m gunicorn {_gunicorn()}",
            "PYTHONUNBUFFERED": "1",
            "PYTHONWARNINGS": "ignore::UserWarning:supervisor.options",
        }
        os.chdir(settings.BASE_DIR)
        # It takes this process's place, so that Ctrl-C, a service manager and `kill` reach it directly.
        supervisord = str(Path(sys.executable).with_name("supervisord"))
        os.execv(supervisord, [supervisord, "-c", str(SUPERVISED)])  # noqa: S606


def require_free_port(host: str, port: int) -> None:
    """Raises CommandError, in words, when nothing could listen there."""
    if not 0 < port < 65536:
        raise CommandError(f"PORT={port} is not a port: choose one from 1 to 65535.")
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except PermissionError:
            raise CommandError(
                f"Only root may listen on port {port}. Choose one above 1023: make run PORT=8001"
            ) from None
        except socket.gaierror:
            raise CommandError(
                f"HOST={host} is no address of this machine. Try HOST=127.0.0.1 or HOST=0.0.0.0."
            ) from None
        except OSError as error:
            if error.errno == 99 or "assign" in str(error):
                raise CommandError(f"HOST={host} is no address of this machine.") from None
            raise CommandError(
                f"Port {port} is taken: another program, perhaps another copy of Voicesite, listens there. "
                f"Stop it, or choose another port: make run PORT={port + 1}"
            ) from None


def _address() -> str:
    return f"[{settings.HOST}]:{settings.PORT}" if ":" in settings.HOST else f"{settings.HOST}:{settings.PORT}"


def _gunicorn() -> str:
    options = {
        "bind": _address(),
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
