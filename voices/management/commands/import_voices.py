"""`manage.py import_voices --user NAME FILE [--replace]`"""

from pathlib import Path

from django.core.management.base import BaseCommand, CommandError
from django.db import transaction

from voices.archives import importing
from voices.models import CONSENT_WORDING
from voicesite.jobs.job import Lost, State
from voicesite.management.arguments import find_user
from voicesite.web.rejection import Rejected


class Command(BaseCommand):
    help = f"Import all voices of an archive, or none. By importing them, you state for each: {CONSENT_WORDING}"

    def add_arguments(self, parser):
        parser.add_argument("file", type=Path)
        parser.add_argument("--user", required=True, help="who will own them")
        parser.add_argument("--replace", action="store_true", help="voices of the same name; else both are kept")

    def handle(self, *args, file: Path, user, replace, **options):
        owner = find_user(user)
        try:
            job = importing.receive(owner, file, file.name, file.stat().st_size)
        except (Rejected, OSError) as error:
            raise CommandError(str(error)) from error
        choices = []
        for described, (name, namesake) in zip(job.preview["voices"], importing.proposals(job), strict=True):
            if described["problem"]:
                self.stderr.write(f"{described['name']} is left out. {described['problem']}")
                choices.append({"act": "skip", "name": ""})
            elif replace and namesake:
                choices.append({"act": "replace", "name": namesake.name})
            else:
                choices.append({"act": "new", "name": name})
        try:
            with transaction.atomic():  # so that no worker claims it first
                importing.confirm(job, choices)
                job.refresh_from_db()
                job.claim()
        except Rejected as error:
            raise CommandError(str(error)) from error
        try:
            importing.take_in(job, lambda **changes: job.advance(**changes))
        except Lost:
            raise CommandError("It was cancelled.") from None
        job.refresh_from_db()
        if job.state != State.COMPLETED:
            raise CommandError(job.error)
        for voice in job.result:
            self.stdout.write(f"{voice['name']}: {voice['pk']}")
