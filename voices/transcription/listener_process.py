"""The process of this worker that transcribes; it is started when it is first needed."""

from django.conf import settings

from voices.transcription.choice import transcriber_for
from voices.transcription.client import TranscriptionProcess

IDLE_SECONDS = 120


def _transcriber(language: str) -> tuple[str, str]:
    choice = transcriber_for(language)
    return choice.name, choice.model


transcription_process = TranscriptionProcess(
    _transcriber,
    settings.ENGINE_STALL_SECONDS,
    nice=15,
    environment={"HF_HUB_OFFLINE": "1"},
    # Each worker of the cluster has its own, and they load in a second or two.
    idle_seconds=min(settings.IDLE_SECONDS, IDLE_SECONDS),
)
