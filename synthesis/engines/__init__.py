"""What turns text into speech. An engine is one module of this package, named here and imported on first use.

No engine is imported by a web process or a queue worker: they run in `synthesis.engines.host`.
Nothing in this package imports Django.
"""

from importlib import import_module

from voicesite.modelhost.protocol import Cancelled, Progress

from .base import (
    Audio,
    Conditioning,
    Engine,
    EngineError,
    Model,
    Reference,
    Rejected,
    Utterance,
)

ENGINES = {
    "mlx": "synthesis.engines.qwen3.mlx.engine.MlxEngine",
    "torch": "synthesis.engines.qwen3.pytorch.engine.TorchEngine",
    "remote": "synthesis.engines.remote.engine.RemoteEngine",
    "kokoro": "synthesis.engines.kokoro.engine.KokoroEngine",
    "fake": "synthesis.engines.fake.FakeEngine",
}

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


def engine_class(name: str) -> type[Engine]:
    """The class of the engine called `name`. Raises EngineError (permanent) when there is none."""
    try:
        module, _, attribute = ENGINES[name].rpartition(".")
    except KeyError:
        raise EngineError(f"There is no engine called “{name}”.", permanent=True) from None
    return getattr(import_module(module), attribute)
