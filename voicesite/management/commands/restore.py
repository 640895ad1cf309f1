"""`manage.py restore FOLDER [--snapshot NAME] [--check] [--overwrite] [--list]`"""

from pathlib import Path

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import DatabaseError

from voicesite.backups import restoring
from voicesite.backups.repository import Repository, Unusable
from voicesite.backups.sealing import Damaged
from voicesite.management.progress import ProgressLine
from voicesite.resources import Unreachable

from .serve import lock_data_folder


class Command(BaseCommand):
    help = (
        "Make this site what a backup holds: its database, files and keys. All of the backup is checked before anything is "
        "touched. The site must be stopped."
    )
    requires_system_checks = ()
    requires_migrations_checks = False

    def add_arguments(self, parser):
        parser.add_argument("folder", help="that `manage.py backup` wrote into")
        parser.add_argument("--snapshot", metavar="NAME", help="by default the latest")
        parser.add_argument(
            "--list", action="store_true", help="only name the backups of the folder, the latest at the end"
        )
        parser.add_argument(
            "--check", action="store_true", help="only check that all of it is there, and as it was written"
        )
        parser.add_argument("--overwrite", action="store_true", help="even where people have accounts on this site")

    def handle(self, *args, folder, snapshot, list, check, overwrite, **options):
        place = Path(folder).expanduser().resolve()
        progress = ProgressLine(self.stderr)
        try:
            repository = Repository(place, settings.BACKUP_KEY)
            names = repository.snapshots()
            if list:
                self.stdout.write("\n".join(names))
                return
            if not names:
                raise Unusable(f"No backup in {place} was completed.")
            with repository.lock(shared=True):
                name = snapshot or names[-1]
                if check:
                    manifest = restoring.check(repository, name, progress)
                    progress.clear()
                    self.stdout.write(f"{name} is whole: {len(manifest['files']):,} files and the database.")
                    return
                with lock_data_folder():
                    manifest = self._restore(repository, name, overwrite, progress)
        except (Unusable, Damaged) as error:
            progress.clear()
            raise CommandError(str(error)) from error
        except (OSError, DatabaseError, Unreachable) as error:
            progress.clear()
            raise CommandError(
                f"The backup could not be restored: {error}. Do it again when that is put right."
            ) from error
        progress.clear()
        self.stdout.write(f"Restored {len(manifest['files']):,} files and the database as of {name}. Start the site.")
        if restoring.has_another_secret(manifest):
            self.stderr.write(
                "SECRET_KEY is another than the backed-up site had, as a variable: people sign in anew. "
                "Set it to the same value if you have it."
            )

    def _restore(self, repository, name, overwrite, progress) -> dict:
        if not overwrite:
            restoring.require_nobody()
        manifest = restoring.check(repository, name, progress)
        restoring.restore(repository, manifest, progress)
        return manifest
