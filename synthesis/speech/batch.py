"""How generations become sound: a worker's turn at the engine, batch by batch."""

import logging
from collections.abc import Iterator
from contextlib import closing, contextmanager

from synthesis.engines import Cancelled, EngineError, engine_class
from synthesis.models import Generation
from synthesis.queue import loaded_model
from synthesis.queue import order as queue
from synthesis.queue.processes import synthesis_process
from voicesite.jobs.attempts import settle

from .generation_run import GenerationRun, UtteranceAttempt

logger = logging.getLogger(__name__)


class BatchRun:
    """One worker's turn at the engine: a generation, and others of the same model that share its batches.

    1. A batch is filled with the segments of the text that came first, then of the others in the order of the queue.
       Others join only where places are free, and by the rule of `queue.claim_companion`.
    2. Each generation has its own claim, heartbeat and fence. One that is cancelled, deleted or overtaken leaves the
       batch, and so do its utterances; the others go on.
    3. A generation fails alone for what it alone does. When the engine itself fails, nobody can tell whose text it was:
       the attempt failed for all in the batch, and each of them is tried again by itself.
    """

    def __init__(self, first: Generation):
        self.engine, self.model = first.engine, first.model
        self.alone = first.failures > 0
        # An engine that died may have had too little memory.
        self.places = max(engine_class(first.engine).max_batch >> first.failures, 1)
        self.runs: list[GenerationRun] = []
        self.batch: list[tuple[GenerationRun, UtteranceAttempt]] = []
        self.seen: list[Generation] = []

    def speak(self, first: Generation) -> list[Generation]:
        """Speak `first`, which was claimed, and who joins. All of them, with what became of each; none is left running."""
        try:
            self._admit(first)
            while self.runs:
                self._admit_companions()
                if self.runs:
                    self._speak_batch()
        except Exception as error:
            for run in list(self.runs):
                self._leave(run, error)
        return self.seen

    def _admit(self, generation: Generation) -> None:
        run = GenerationRun(generation)
        self.seen.append(generation)
        self.runs.append(run)
        with self._settling(run):
            run.prepare(self._beat)

    def _admit_companions(self) -> None:
        while not self.alone and (free := self.places - sum(len(run.attempts) for run in self.runs)) > 0:
            companion = queue.claim_companion(self.engine, self.model, free)
            if companion is None:
                return
            self._admit(companion)

    def _speak_batch(self) -> None:
        loaded_model.load(
            self.engine, self.model, self._beat
        )  # again, when the engine died while a companion was prepared
        self.batch = [(run, attempt) for run in self.runs for attempt in run.attempts][: self.places]
        assert self.batch, "a run without attempts has completed or left"
        for run in self.runs:
            run.update_stage([attempt for owner, attempt in self.batch if owner is run])
        utterances = [run.utterance(attempt) for run, attempt in self.batch]
        try:
            with closing(synthesis_process.synthesize(utterances, self._beat)) as items:
                for item in items:
                    run, attempt = self.batch[item.index]
                    if run in self.runs:
                        with self._settling(run):
                            run.receive(attempt, item)
        except EngineError as error:
            involved = {id(run): run for run, _ in self.batch if run in self.runs}
            permanent = error.permanent and len(involved) == 1
            for run in involved.values():
                self._leave(run, EngineError(error.message, permanent=permanent))
            return
        finally:
            self.batch, ended = [], self.batch
        for run in list(self.runs):
            with self._settling(run):
                run.end_batch([attempt for owner, attempt in ended if owner is run])

    def _beat(self) -> None:
        """Beat for each, about four times a second. Raises Cancelled when nobody is left."""
        for run in list(self.runs):
            with self._settling(run):
                run.beat()
        if not self.runs:
            raise Cancelled

    @contextmanager
    def _settling(self, run: "GenerationRun") -> Iterator[None]:
        """Whatever ends one run ends that one only."""
        try:
            yield
        except Exception as error:
            self._leave(run, error)
        else:
            if run.completed and run in self.runs:
                self.runs.remove(run)

    def _leave(self, run: "GenerationRun", error: Exception) -> None:
        if run in self.runs:
            self.runs.remove(run)
            for index, (owner, _) in enumerate(self.batch):
                if owner is run:
                    synthesis_process.drop(index)
        settle(run.generation, error)
