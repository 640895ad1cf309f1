"""`manage.py prepare`: what has to be done once before a site starts. `serve` does it by itself."""

from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.db import OperationalError

from voicesite.resources import Unreachable


class Command(BaseCommand):
    """Migrate the database, put the built-in voices there, and collect the static files. Idempotent."""

    help = "Prepare the database and the files, for a site whose parts are started one by one."
    requires_migrations_checks = False

    def add_arguments(self, parser):
        parser.add_argument("--dev", action="store_true", help="leave static files where they are")

    def handle(self, *args, dev: bool, **options):
        try:
            call_command("migrate", interactive=False, verbosity=0)
        except OperationalError as error:
            raise CommandError(f"The database isn't responding, or refuses: {error}") from error
        try:
            call_command("builtin_voices", verbosity=0)
        except Unreachable as error:
            raise CommandError(f"The file storage isn't responding, or refuses: {error}") from error
        if not dev:
            call_command("collectstatic", interactive=False, verbosity=0)
