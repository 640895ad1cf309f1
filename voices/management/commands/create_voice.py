"""`manage.py create_voice --user NAME --name VOICE --language en CLIP [--transcript …] [--wait]`"""

import time
from pathlib import Path

from django.core.files.uploadedfile import UploadedFile
from django.core.management.base import BaseCommand, CommandError

from voices.extensions import jobs_of, prepared
from voices.languages import language_code
from voices.models import CONSENT_WORDING, VoiceProfile
from voices.profiles.forms import VoiceForm
from voicesite.management.arguments import find_user, form_error


class Command(BaseCommand):
    help = f"Make a voice of a recording, by the same intake as the page. By making it you state: {CONSENT_WORDING}"

    def add_arguments(self, parser):
        parser.add_argument("clip", type=Path, help="a recording of one speaker")
        parser.add_argument("--user", required=True, help="who will own it")
        parser.add_argument("--name", required=True, help="what the voice is called")
        parser.add_argument("--language", required=True, help="what is spoken in the recording: en, es, pt-br …")
        parser.add_argument("--transcript", default="", help="the words of the recording; transcribed if left out")
        parser.add_argument("--description", default="")
        parser.add_argument("--wait", action="store_true", help="until it is transcribed and the voice refined")

    def handle(self, *args, clip: Path, user, name, language, transcript, description, wait, **options):
        owner = find_user(user)
        try:
            data = {"name": name, "language": language_code(language), "transcript": transcript}
            size = clip.stat().st_size
            file = clip.open("rb")
        except (ValueError, OSError) as error:
            raise CommandError(str(error)) from error
        data |= {"description": description, "consent": True}
        with file:
            form = VoiceForm(data, {"recording": UploadedFile(file, clip.name, size=size)}, user=owner)
            voice = form.save() if form.is_valid() else None
        if voice is None:
            raise form_error(form)
        self.stdout.write(f"{voice.name} can speak: {voice.pk}")
        for _level, sentence, _remedy in voice.clip.advice:
            self.stdout.write(f"  {sentence}")
        if wait:
            self._wait(voice)

    def _wait(self, voice: VoiceProfile) -> None:
        """Wait until it is transcribed and fitted, with the progress on a terminal."""
        watched = self.stdout.isatty()
        while True:
            voice = prepared(VoiceProfile.objects.select_related("clip__transcription")).get(pk=voice.pk)
            transcription = getattr(voice.clip, "transcription", None)
            jobs = jobs_of(voice)
            active = next((job for job in (transcription, *jobs) if job and job.is_active), None)
            if None not in jobs and active is None:
                break
            if active and watched:
                self.stdout.write(f"\r{active.progress:3}% {active.stage:50}", ending="")
                self.stdout.flush()
            time.sleep(0.5)
        self.stdout.write(f"\r{'':60}\r" if watched else "", ending="")
        if error := next((job.error for job in jobs if job and job.error), ""):
            raise CommandError(error)
        if transcription and transcription.error:
            self.stdout.write(transcription.error)
        elif voice.clip.transcript:
            self.stdout.write(f"  “{voice.clip.transcript}”")
        for job in filter(None, jobs):
            self.stdout.write(job.get_state_display())
