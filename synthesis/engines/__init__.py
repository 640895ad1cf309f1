"""Engines turn text into speech. Each is a class in this package, named here and imported on first use.

Engines run in `synthesis.engines.host`: no web process or queue worker imports the libraries of one.
"""

from voicesite.modelhost.catalogue import Registry

from .base import Engine, EngineError

# Best first: `auto` takes the first that works and has its model here. A remote server is only set up on purpose.
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
