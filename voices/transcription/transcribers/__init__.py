"""What writes down speech. A transcriber is one module of this package, named here and imported on first use.

No transcriber is imported by a web process or a queue worker: they run in `voices.transcription.host`.
Nothing in this package imports Django.
"""

from importlib import import_module

from voicesite.modelhost.protocol import ModelError

from .base import Model, Transcriber, Transcript

TRANSCRIBERS = {
    "mlx": "voices.transcription.transcribers.whisper_mlx.MlxWhisper",
    "faster-whisper": "voices.transcription.transcribers.faster_whisper.FasterWhisper",
    "bundled": "voices.transcription.transcribers.bundled.BundledWhisper",
    "fake": "voices.transcription.transcribers.fake.FakeTranscriber",
}

__all__ = ["TRANSCRIBERS", "Model", "Transcriber", "Transcript", "transcriber_class"]


def transcriber_class(name: str) -> type[Transcriber]:
    """The class of the transcriber called `name`. Raises ModelError (permanent) when there is none."""
    try:
        module, _, attribute = TRANSCRIBERS[name].rpartition(".")
    except KeyError:
        raise ModelError(f"There is no transcriber called “{name}”.", permanent=True) from None
    return getattr(import_module(module), attribute)
