"""`manage.py web`: the web server. `serve` runs it under its supervisor."""

import contextlib
import os
import resource
import tempfile
from collections.abc import Iterator
from pathlib import Path

import uvicorn
from django.apps import apps
from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from uvicorn.supervisors import ChangeReload, Multiprocess, multiprocess

from voicesite.address import protocols
from voicesite.address.listening import handed_down, listen
from voicesite.temporary import PREFIX

IDLE_SECONDS = 75  # that a connection is kept without a request: longer than proxies keep theirs, which is 60 as a rule
OPEN_FILES = 65_536
SHUTDOWN_SECONDS = 5  # for answers that are on their way when the site ends


class Command(BaseCommand):
    """Serve voicesite.asgi by uvicorn, in WEB_WORKERS processes.

    With several, SIGHUP replaces each by one of the code as it is now, a new one before the old: nobody is refused. With one,
    whoever connects while it is restarted waits for the next, where `serve` or systemd holds the socket.
    """

    help = "Run the web server alone: `serve` runs it with all that the site needs."

    def add_arguments(self, parser):
        parser.add_argument("--reload", action="store_true", help="restart when code changes")

    def handle(self, *args, reload: bool, **options):
        allow_connections()
        try:
            listener = handed_down() or listen(settings.HOST, settings.PORT, settings.SOCKET_FILE)
        except (OSError, UnicodeError) as error:
            raise CommandError(f"The web server can’t listen there: {error}") from error
        config = uvicorn.Config(
            "voicesite.asgi:application",
            http=protocols.HTTPS if settings.HTTPS_SELF else protocols.HTTP,
            ws="none",
            loop="uvloop",
            workers=None if reload else settings.WEB_WORKERS,
            reload=reload,
            reload_dirs=[app.path for app in apps.get_app_configs() if app.path.startswith(str(settings.BASE_DIR))],
            proxy_headers=False,  # voicesite/site/observing.py does that
            timeout_keep_alive=IDLE_SECONDS,
            timeout_graceful_shutdown=SHUTDOWN_SECONDS,
            timeout_worker_healthcheck=60,  # a process that is busy is not hung
            log_config=None,  # Django's
            log_level="error",
            access_log=False,
            server_header=False,
        )
        with sums_of_processes(config.workers > 1):
            if reload:
                ChangeReload(config, protocols.Server(config).run, [listener]).run()
            elif config.workers > 1:
                listener.set_inheritable(True)
                vars(multiprocess)["Process"] = protocols.Process  # there is no other way to name it
                Multiprocess(config, [listener]).run()
            else:
                protocols.Server(config).run([listener])


@contextlib.contextmanager
def sums_of_processes(several: bool) -> Iterator[None]:
    """Let `several` processes count requests for /metrics together, in files that end with this one."""
    if not several:
        yield
        return
    with tempfile.TemporaryDirectory(prefix=PREFIX) as folder, Path(folder, "in-use").open("w"):
        os.environ["PROMETHEUS_MULTIPROC_DIR"] = folder
        yield


def allow_connections() -> None:
    """Ask for more open files, of which each connection is one: many systems give a process 1024 unless it asks."""
    now, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = OPEN_FILES if most == resource.RLIM_INFINITY else min(OPEN_FILES, most)
    if now != resource.RLIM_INFINITY and now < wanted:
        with contextlib.suppress(OSError, ValueError):  # a Mac says that it has no limit, and has one
            resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, most))
