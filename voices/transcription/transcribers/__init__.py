"""Transcribers turn speech into text. Each is a module of this package, named here and imported on first use.

No transcriber is imported by a web process or a queue worker: they run in `voices.transcription.host`.
Nothing in this package imports Django.
"""

from voicesite.modelhost.catalogue import Model, Registry

from .base import Transcriber, Transcript

# Best first: `auto` takes the first that works on this machine and has its model here.
TRANSCRIBERS: Registry[Transcriber] = Registry(
    Transcriber,
    "VOICESITE_TRANSCRIBER",
    {
        "mlx": "voices.transcription.transcribers.whisper_mlx.MlxWhisper",
        "faster-whisper": "voices.transcription.transcribers.faster_whisper.FasterWhisper",
        "bundled": "voices.transcription.transcribers.bundled.BundledWhisper",
    },
)
transcriber_class = TRANSCRIBERS.get

__all__ = ["TRANSCRIBERS", "Model", "Transcriber", "Transcript", "transcriber_class"]
