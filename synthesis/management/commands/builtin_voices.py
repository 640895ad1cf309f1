"""`manage.py builtin_voices`: make the built-in voices that are missing. `serve` calls it."""

from django.conf import settings
from django.core.management.base import BaseCommand

from synthesis.builtin_voices import installing


class Command(BaseCommand):
    help = "Make the built-in voices that are missing. What staff have changed of the others stays."

    def handle(self, *args, verbosity: int, **options):
        made = installing.install() if settings.BUILTIN_VOICES else 0
        if verbosity:
            self.stdout.write(f"{made} built-in voices were made." if made else "Nothing was missing.")
