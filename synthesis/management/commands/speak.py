"""`manage.py speak --user NAME --voice NAME "text" -o out.wav`: a generation through the site's queue.

With `--preview` in place of `-o`, it only prints how the text will be read.
"""

import shutil
import sys
import time
from pathlib import Path

from django.core.management.base import BaseCommand, CommandError

from synthesis.generations import cast as casting
from synthesis.generations.forms import ApiGenerationForm
from synthesis.generations.preview import Preview
from synthesis.models import Generation
from synthesis.queue.estimates import set_waits
from synthesis.queue.report import queue_report
from voices.languages import language_code
from voices.models import VoiceProfile
from voicesite.jobs.job import State
from voicesite.management.arguments import find_user, form_error
from voicesite.web.rejection import Rejected

POLL_SECONDS = 0.2


class Command(BaseCommand):
    help = "Let a voice say a text, and save it as a WAV file. The site must be running: its workers speak."

    def add_arguments(self, parser):
        parser.add_argument("text", help="what to say; - reads it from the standard input")
        parser.add_argument("--user", required=True)
        parser.add_argument("--voice", required=True, help="the name of a voice of theirs, or of a shared one")
        parser.add_argument(
            "--cast",
            action="append",
            default=[],
            metavar="NAME=VOICE",
            help="the voice of a speaker, whose lines begin with “NAME:”; NAME= where it is none; once for each",
        )
        parser.add_argument("--language", default="", help="what the text is written in; the voice's when left out")
        parser.add_argument("--model", default="", help="its name or title; the default when left out")
        parser.add_argument("--speed", type=float, default=1.0)
        parser.add_argument("--seed", type=int)
        what = parser.add_mutually_exclusive_group(required=True)
        what.add_argument("-o", "--output", type=Path)
        what.add_argument("--preview", action="store_true", help="only print how the text will be read")

    def handle(self, *args, output: Path | None = None, preview: bool = False, **options):
        if output is None:
            form = self._form(**options)
            self._print(form.preview())
            self._warn_of_dialogue(form)
        else:
            self._speak(output, options)

    def _print(self, preview: Preview) -> None:
        for segment in preview.segments:
            if segment.pause_before:
                self.stdout.write(f"[pause {segment.pause_before:g} s]")
            speaker = f"{segment.speaker}: " if segment.speaker else ""
            self.stdout.write(speaker + segment.spoken + (f"  [pause {segment.pause:g} s]" if segment.pause else ""))
            for note in segment.notes:
                self.stdout.write(f"  {note}")
        for warning in preview.warnings:
            self.stderr.write(warning)

    def _warn_of_dialogue(self, form: ApiGenerationForm) -> None:
        if form.without_voice:
            names = casting.names_of(form.without_voice)
            self.stderr.write(f"This looks like a dialogue of {names}: --cast NAME=VOICE gives each a voice.")

    def _speak(self, output: Path, options: dict) -> None:
        if not output.absolute().parent.is_dir():
            raise CommandError(f"There is no folder {output.parent}.")
        if output.is_dir():
            raise CommandError(f"{output} is a folder: name the file.")
        form = self._form(**options)
        generation = form.generation()
        for warning in form.preview().warnings:
            self.stderr.write(warning)
        self._warn_of_dialogue(form)
        try:
            generation.submit()
        except Rejected as rejected:
            raise CommandError(rejected.message) from None
        try:
            self._watch(generation)
        except KeyboardInterrupt:
            generation.request_cancel()
            raise CommandError("Cancelled.") from None
        if generation.state != State.COMPLETED:
            raise CommandError(generation.error or "It was cancelled.")
        with generation.audio.open() as sound, output.open("wb") as file:
            shutil.copyfileobj(sound, file)
        self.stdout.write(f"{output}: {generation.seconds:.1f} s of speech")

    def _form(self, *, text, user, voice, language, model, speed, seed, cast=(), **options) -> ApiGenerationForm:
        """Return the valid form of what is asked for. Raises CommandError."""
        owner = find_user(user)
        voices = VoiceProfile.objects.usable_by(owner)
        chosen = voices.filter(name=voice, owner=owner).first() or voices.filter(name=voice).order_by("preset").first()
        if chosen is None:
            names = ", ".join(voices.values_list("name", flat=True)) or "none yet"
            raise CommandError(f"{user} has no voice called {voice}. There are: {names}.")
        try:
            code = language_code(language) if language else ""
        except ValueError as error:
            raise CommandError(str(error)) from error
        written = sys.stdin.read() if text == "-" else text
        for member in cast:
            if "=" not in member:
                raise CommandError(f"Write --cast NAME=VOICE, not {member}.")
        members = dict(member.split("=", 1) for member in cast)
        data = {"voice": str(chosen.pk), "text": written, "language": code, "model": model, "cast": members}
        form = ApiGenerationForm(data | {"speed": speed, "seed": seed}, user=owner)
        if "model" in form.errors:
            names = ", ".join(option.model for option in form.options if form.may_choose(option))
            raise CommandError(f"There is no model {model}. There are: {names}.")
        if not form.is_valid():
            raise form_error(form)
        return form

    def _watch(self, generation: Generation) -> None:
        """Wait until it has ended, with a progress bar on a terminal; warn if no worker answers."""
        begun, warned = time.monotonic(), False
        while generation.is_active:
            time.sleep(POLL_SECONDS)
            try:
                generation.refresh_from_db()
            except Generation.DoesNotExist:
                raise CommandError("It was deleted.") from None
            stage = generation.shown_stage
            if generation.state == State.PENDING and not stage:
                set_waits(generation)
                stage = f"{generation.position} before this one" if generation.position else "Next"
                if not warned and time.monotonic() - begun > 5 and "synthesis" in queue_report([])["silent"]:
                    warned = True
                    self.stderr.write("No worker is responding. Is the site running? Start it with `make run`.")
            if self.stderr.isatty():
                done = generation.progress * 30 // 100
                line = f"\r[{'#' * done}{'.' * (30 - done)}] {generation.progress:3}% {stage[:40]:40}"
                self.stderr.write(line, ending="" if generation.is_active else "\n")
                self.stderr.flush()
