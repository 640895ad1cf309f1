"""`manage.py supervise`: run the programs of the site, and start anew what dies. `serve` starts it, and again if it dies."""

import os
import sys
from importlib import import_module

from django.conf import settings
from django.core.management import call_command, get_commands
from django.core.management.base import BaseCommand
from django.db import connections
from django.urls import get_resolver

from voicesite.jobs import os_processes
from voicesite.supervision import Program, Supervisor, share_memory


class Command(BaseCommand):
    help = "Run the web server, the queue workers and the sweeper, and start anew what dies. `serve` calls it."
    requires_system_checks = ()  # `serve`, which starts it, has run them

    def add_arguments(self, parser):
        parser.add_argument(
            "--dev", action="store_true", help="run what is changed, each program in a Python of its own"
        )

    def handle(self, *args, dev: bool, **options):
        os_processes.call_me("supervisor")
        shares = sys.platform == "linux" and not dev  # Apple's frameworks can't be used in a fork
        programs = programs_of_site(dev)
        if shares:
            import_all(programs)
            connections.close_all()
            share_memory()
        Supervisor(programs, run_here if shares else run_alone).supervise()


def programs_of_site(dev: bool = False) -> list[Program]:
    programs = [
        Program("web", ("web", "--reload") if dev else ("web",), tells_group=True),
        Program("synthesis", ("work", "synthesis"), patience=20),
        Program("background", ("work", "default"), patience=20),
        Program("sweeper", ("sweep",)),
    ]
    if settings.WYOMING_PORT:
        programs.append(Program("wyoming", ("wyoming",)))
    return programs


def import_all(programs: list[Program]) -> None:
    """Import what the programs need, and do what their modules want done before they share what memory it takes."""
    for name in dict.fromkeys(program.arguments[0] for program in programs):
        module = import_module(f"{get_commands()[name]}.management.commands.{name}")
        getattr(module, "prepare", lambda: None)()
    assert get_resolver().url_patterns, "each page's module is imported"


def run_here(program: Program) -> None:
    call_command(*program.arguments)


def run_alone(program: Program) -> None:
    os.execv(sys.executable, [sys.executable, str(settings.BASE_DIR / "manage.py"), *program.arguments])  # noqa: S606
