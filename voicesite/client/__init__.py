"""Ask a Voicesite server, from any Python program: `from voicesite.client import Client, AsyncClient`.

It needs httpx and nothing of the server, not even Django. docs/client.md shows how to use it.
"""

from .client import AsyncClient, Client
from .errors import (
    Conflict,
    ConnectionFailed,
    Forbidden,
    GenerationCancelled,
    GenerationFailed,
    Invalid,
    NotFound,
    RateLimited,
    ServerFailed,
    TooLarge,
    Unauthenticated,
    VoicesiteError,
)
from .things import Advice, Book, Clip, Generation, Model, Segment, Speech, Task, Transcription, Usage, Voice, Word
from .version import __version__

__all__ = [
    "Advice",
    "AsyncClient",
    "Book",
    "Client",
    "Clip",
    "Conflict",
    "ConnectionFailed",
    "Forbidden",
    "Generation",
    "GenerationCancelled",
    "GenerationFailed",
    "Invalid",
    "Model",
    "NotFound",
    "RateLimited",
    "Segment",
    "ServerFailed",
    "Speech",
    "Task",
    "TooLarge",
    "Transcription",
    "Unauthenticated",
    "Usage",
    "VoicesiteError",
    "Voice",
    "Word",
    "__version__",
]
