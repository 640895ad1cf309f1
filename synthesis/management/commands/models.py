"""`manage.py models`: list the models, and `download`, `remove` or `verify` one. The site need not run."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from synthesis.engines import choice as engine_choice
from voices.transcription import choice as transcriber_choice
from voicesite.modelhost import weights
from voicesite.modelhost.catalogue import ModelOption
from voicesite.modelhost.protocol import ModelError, Progress


class Command(BaseCommand):
    help = "List the models that can speak or transcribe here, or download, remove or verify the weights of one."
    requires_system_checks = ()  # one of them fails if a model is missing
    requires_migrations_checks = False

    def add_arguments(self, parser):
        actions = parser.add_subparsers(dest="action", metavar="ACTION")
        actions.add_parser("list", help="every model for this site, and where it is (this is also the default)")
        download = actions.add_parser("download", help="download a model; an interrupted download resumes")
        download.add_argument("model", help="its name on the hub, as the list has it")
        remove = actions.add_parser("remove", help="delete a downloaded model from the disk")
        remove.add_argument("model")
        verify = actions.add_parser("verify", help="read all files of the models that are here, and check them")
        verify.add_argument("model", nargs="?", help="only this one")

    def handle(self, *args, action: str | None, model: str = "", **options):
        try:
            match action:
                case "download":
                    self._download(model)
                case "remove":
                    freed = weights.remove(model)
                    self.stdout.write(f"{model} was removed, freeing {weights.in_words(freed)}.")
                case "verify":
                    self._verify([model] if model else self._here())
                case _:
                    self._list()
        except ModelError as error:
            raise CommandError(error.message) from error
        except OSError as error:
            raise CommandError(f"{error.filename or weights.store()}: {error.strerror}.") from error
        except KeyboardInterrupt:
            raise CommandError("Stopped. What was downloaded is kept: the same command resumes from there.") from None

    def _list(self) -> None:
        options = _options()
        rows = [("", "engine", "model", "title", "download", "where")]
        for option in options:
            size = weights.in_words(option.download) if option.download else "–"
            place = str(weights.find(option.model) or ("with its engine" if option.is_here else "not here"))
            mark = "*" if option.is_default and option.speaks else ""
            title = option.title if option.speaks else f"{option.title} (transcribes)"
            rows.append((mark, option.engine, option.model, title, size, place))
        for model in weights.stored():
            if model not in [option.model for option in options]:
                found = weights.find(model)
                rows.append(("", "–", model, "–", weights.in_words(weights.size(model)), str(found or "not complete")))
        widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
        for row in rows:
            self.stdout.write("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip())
        self.stdout.write(f"\n* speaks here: {engine_choice.reason()}.")
        for engine, reason in engine_choice.unavailable().items():
            self.stdout.write(f"{engine} can't run here: {reason}")

    def _here(self) -> list[str]:
        """Return the downloaded models on this machine, in whichever folder."""
        found = [option.model for option in _options() if weights.find(option.model)]
        return list(dict.fromkeys(found + weights.stored()))

    def _download(self, model: str) -> None:
        if weights.is_path(model):
            raise CommandError(f"{model} is a folder, not a name on the model hub: those look like owner/model.")
        place = weights.find(model)
        if place and place != weights.folder(model) and not weights.verify(model):
            self.stdout.write(f"{model} is here already, in the cache that Hugging Face’s tools share: {place}")
            return
        with _progress_bar(self.stderr) as show:
            place = weights.download(model, show)
        self.stdout.write(f"{model} is here, whole and verified: {weights.in_words(weights.size(model))} in {place}")

    def _verify(self, models: list[str]) -> None:
        if not models:
            self.stdout.write(f"No model was downloaded to {settings.MODELS_DIR} yet.")
        damaged = []
        for model in models:
            problems = weights.verify(model)
            well = "no file is missing." if weights.is_path(model) else "all files are as the hub has them."
            self.stdout.write(f"{model}: {' '.join(problems) or well}")
            if problems:
                damaged.append(model)
        if damaged:
            cures = [f"\n  manage.py models download {model}" for model in damaged if not weights.is_path(model)]
            raise CommandError(f"Fetch it again:{''.join(cures)}" if cures else "Copy it there again.")


def _options() -> list[ModelOption]:
    return engine_choice.options() + transcriber_choice.options()


@contextmanager
def _progress_bar(stream) -> Iterator[Callable[[Progress], None]]:
    """Yield a function that shows progress: a bar on a terminal; elsewhere, as in a log, a line every ten seconds."""
    is_terminal, written_at = stream.isatty(), 0.0

    def show(progress: Progress) -> None:
        nonlocal written_at
        if is_terminal:
            done = int(30 * progress.share)
            line = f"\r[{'#' * done}{'.' * (30 - done)}] {int(100 * progress.share):3}% {progress.stage[:70]:70}"
            stream.write(line, ending="")
            stream.flush()
        elif time.monotonic() - written_at > 10:
            written_at = time.monotonic()
            stream.write(progress.stage)

    try:
        yield show
    finally:
        if is_terminal:
            stream.write("")
