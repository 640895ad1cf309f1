"""`manage.py backup [FOLDER] [--keep N]`"""

import os
from pathlib import Path

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import DatabaseError

from voicesite.backups import making
from voicesite.backups.repository import Repository, Unusable
from voicesite.backups.sealing import Damaged
from voicesite.management.progress import ProgressLine
from voicesite.resources import Unreachable


class Command(BaseCommand):
    help = (
        "Back up the database, all files and the keys of the site, while it runs, into a folder that keeps each file once. "
        "Sealed where VOICESITE_BACKUP_KEY is set. `manage.py restore` is the way back."
    )
    requires_system_checks = ()  # a site that can't start has all the more reason for a backup

    def add_arguments(self, parser):
        parser.add_argument("folder", nargs="?", help="by default VOICESITE_BACKUP")
        parser.add_argument(
            "--keep", type=int, metavar="N", help="then forget all but the latest N backups of the folder"
        )

    def handle(self, *args, folder, keep, **options):
        if not (folder or settings.BACKUP):
            raise CommandError("Name a folder, or set VOICESITE_BACKUP to one.")
        if keep is not None and keep < 1:
            raise CommandError("Keep 1 backup or more.")
        if not folder and keep is None:
            keep = settings.BACKUPS_KEPT
        place = Path(folder or settings.BACKUP).expanduser().resolve()
        progress = ProgressLine(self.stderr)
        try:
            making.require_outside(place)
            repository = Repository(place, settings.BACKUP_KEY, create=True)
            name, manifest = making.make(repository, progress)
            progress.clear()
            self.stdout.write(f"Backed up {len(manifest['files']):,} files and the database to {place} as {name}.")
            if keep and (forgotten := making.forget(repository, keep)):
                self.stdout.write(f"Forgot {forgotten} older backup{'s' if forgotten > 1 else ''}.")
        except (Unusable, Damaged) as error:
            raise CommandError(str(error)) from error
        except (OSError, DatabaseError, Unreachable) as error:
            raise CommandError(f"The backup is not complete: {error}. Older ones are as they were.") from error
        for lost in manifest["lost"]:
            self.stderr.write(f"The site had lost this file already, though it still names it: {lost}")
        if os.environ.get("SECRET_KEY"):
            self.stderr.write("SECRET_KEY is a variable, which no backup holds: keep it elsewhere.")
