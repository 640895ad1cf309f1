"""The transcription process of this worker, started on first use."""

from django.conf import settings

from .choice import transcriber_for
from .client import TranscriptionProcess

transcription_process = TranscriptionProcess(
    transcriber_for,
    settings.ENGINE_STALL_SECONDS,
    nice=15,
    environment={"HF_HUB_OFFLINE": "1"},
    idle_seconds=min(settings.IDLE_SECONDS, 120),  # each worker has one, and loading takes a second or two
)
