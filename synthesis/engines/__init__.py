"""Engines turn text into speech. Each is a module of this package, named here and imported on first use.

No engine is imported by a web process or a queue worker: they run in `synthesis.engines.host`.
Nothing in this package imports Django.
"""

from voicesite.modelhost.catalogue import Model, Registry
from voicesite.modelhost.protocol import Cancelled, Progress

from .base import (
    Audio,
    Conditioning,
    Engine,
    EngineError,
    Reference,
    Rejected,
    Utterance,
)

# Best first: `auto` takes the first that works on this machine and has its model here. A remote server's address is
# set on purpose only, so where there is one it goes first.
ENGINES: Registry[Engine] = Registry(
    Engine,
    "VOICESITE_ENGINE",
    {
        "remote": "synthesis.engines.remote.engine.RemoteEngine",
        "mlx": "synthesis.engines.qwen3.mlx.engine.MlxEngine",
        "torch": "synthesis.engines.qwen3.pytorch.engine.TorchEngine",
        "kokoro": "synthesis.engines.kokoro.engine.KokoroEngine",
    },
    EngineError,
)
engine_class = ENGINES.get

__all__ = [
    "ENGINES",
    "Audio",
    "Cancelled",
    "Conditioning",
    "Engine",
    "EngineError",
    "Model",
    "Progress",
    "Reference",
    "Rejected",
    "Utterance",
    "engine_class",
]
