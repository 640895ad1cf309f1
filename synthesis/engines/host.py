"""The process that runs an engine: `python -m synthesis.engines.host FD`. Imports no Django."""

from multiprocessing.connection import Connection
from typing import ClassVar

from voicesite.modelhost import weights
from voicesite.modelhost.host import Host, release_memory, run
from voicesite.texts import N_

from . import Engine, EngineError, engine_class


class EngineHost(Host):
    what = "engine"
    immediate_verbs: ClassVar = ("cancel", "drop")

    def __init__(self, connection: Connection):
        super().__init__(connection)
        self.dropped: set[tuple[int, int]] = set()  # request, index of an utterance in its batch
        self._loaded: Engine | None = None

    def load(self, number: int, engine: str, model: str) -> tuple[str, int]:
        """Load a model; return what it runs on, in words, and the bytes of device memory that it uses."""
        loaded = engine_class(engine)()
        loaded.load(model)
        self._loaded = loaded
        release_memory()  # of the file that the model was read from
        return loaded.runs_on, loaded.device_memory()

    @property
    def engine(self) -> Engine:
        if self._loaded is None:
            raise EngineError(N_("No model is loaded."))
        return self._loaded

    def condition(self, number, reference):
        return self.engine.condition(reference)

    def refine(self, number, reference, conditioning):
        return self.engine.refine(reference, conditioning, self.on_progress(number))

    def synthesize(self, number, utterances):
        for item in self.engine.synthesize(utterances, self.on_progress(number)):
            self.send((number, "item", item))

    def download(self, number, model):
        weights.download(model, self.on_progress(number))

    def drop(self, number, index):
        self.dropped.add((number, index))

    def forget(self, number):
        super().forget(number)
        self.dropped.clear()

    def on_progress(self, number):
        tell = super().on_progress(number)
        return lambda progress: (number, progress.index) in self.dropped or tell(progress)


if __name__ == "__main__":
    run(EngineHost)
