"""The client of the engine host. Imports no Django."""

from collections.abc import Callable, Generator

from voicesite.modelhost.client import Beat, ModelProcess
from voicesite.modelhost.protocol import Progress

from .base import Audio, Conditioning, EngineError, Reference, Rejected, Utterance


class EngineProcess(ModelProcess):
    """One engine host."""

    module = "synthesis.engines.host"
    what = "engine"
    error = EngineError

    runs_on = ""
    device_memory = 0  # bytes
    failed = False  # the last load; then only a request for speech tries again

    @property
    def is_cold(self) -> bool:
        """Return whether preloading a model would save the next request time."""
        return not self.failed and not self.lives

    def memory(self) -> int:
        """Return the bytes of the host's memory and of its device memory; 0 if there is no host."""
        resident = super().memory()
        return resident and resident + self.device_memory

    def holds(self, engine: str, model: str) -> bool:
        """Return whether a model is loaded."""
        return self.lives and self.loaded == (engine, model)

    def load(self, engine: str, model: str, beat: Beat) -> bool:
        """Load `model` of `engine` in a new host, so that all memory is free; return False if it was loaded already."""
        if self.holds(engine, model):
            return False
        self.end()
        try:
            self.runs_on, self.device_memory = self.result(beat, "load", engine, model)
        except EngineError:
            self.failed = True
            raise
        self.failed = False
        self.loaded = (engine, model)
        return True

    def condition(self, reference: Reference, beat: Beat) -> Conditioning:
        return self.result(beat, "condition", reference)

    def refine(
        self, reference: Reference, conditioning: Conditioning, on_progress: Callable[[Progress], None], beat: Beat
    ) -> Conditioning:
        return self.result(beat, "refine", reference, conditioning, on_progress=on_progress)

    def download(self, model: str, on_progress: Callable[[Progress], None], beat: Beat) -> None:
        """Download the weights of `model`, as `weights.download` does. No model need be loaded."""
        self.result(beat, "download", model, on_progress=on_progress)

    def synthesize(self, utterances: list[Utterance], beat: Beat) -> Generator[Progress | Audio | Rejected]:
        """Yield progress and audio of a batch as they come. Closing the generator, or an exception of `beat`, cancels."""
        for kind, value in self.ask(beat, "synthesize", utterances):
            if kind == "item":
                yield value

    def drop(self, index: int) -> None:
        """Drop the utterance at `index` from the current batch; the others continue."""
        self.tell(self.number, "drop", index)

    def end(self) -> None:
        super().end()
        self.runs_on, self.device_memory = "", 0
