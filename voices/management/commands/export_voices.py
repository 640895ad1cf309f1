"""`manage.py export_voices --user NAME FILE [VOICE …]`"""

from pathlib import Path

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from voices.archives.exporting import Export
from voices.models import VoiceProfile
from voicesite.management.arguments import find_user
from voicesite.web.rejection import Rejected


class Command(BaseCommand):
    help = "Write voices of a person into an archive: those named, or all."

    def add_arguments(self, parser):
        parser.add_argument("file", type=Path, help="the archive that is written; it must not be there yet")
        parser.add_argument("voice", nargs="*", help="names of voices")
        parser.add_argument("--user", required=True, help="whose voices")

    def handle(self, *args, file: Path, voice, user, **options):
        owner = find_user(user)
        voices = VoiceProfile.objects.editable_by(owner)
        if unknown := set(voice) - set(voices.filter(name__in=voice).values_list("name", flat=True)):
            raise CommandError(f"{user} has no voice called {', '.join(sorted(unknown))}.")
        voices = voices.filter(name__in=voice) if voice else voices
        if not voices.exists():
            raise CommandError(f"{user} has no voices.")
        try:
            with file.open("xb") as archive:
                for chunk in Export(owner, voices, settings.ALLOWED_HOSTS[0]):
                    archive.write(chunk)
        except FileExistsError:
            raise CommandError(f"{file} is there already.") from None
        except (Rejected, OSError) as error:
            file.unlink(missing_ok=True)
            raise CommandError(str(error)) from error
        self.stdout.write(f"{voices.count()} in {file}, {file.stat().st_size / 2**20:.1f} MB")
