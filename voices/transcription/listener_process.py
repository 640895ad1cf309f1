"""The process of this worker that transcribes; it is started when it is first needed."""

from django.conf import settings

from .choice import transcriber_for
from .client import TranscriptionProcess

IDLE_SECONDS = 120


def _choose(language: str) -> tuple[str, str]:
    option = transcriber_for(language)
    return option.engine, option.model


transcription_process = TranscriptionProcess(
    _choose,
    settings.ENGINE_STALL_SECONDS,
    nice=15,
    environment={"HF_HUB_OFFLINE": "1"},
    # Each worker of the cluster has its own, and they load in a second or two.
    idle_seconds=min(settings.IDLE_SECONDS, IDLE_SECONDS),
)
