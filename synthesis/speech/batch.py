"""Speak generations in batches that share a model."""

import logging
from collections.abc import Iterator
from contextlib import closing, contextmanager

from synthesis.engines import EngineError, engine_class
from synthesis.models import Generation
from synthesis.queue import loaded_model
from synthesis.queue import order as queue
from synthesis.queue.processes import synthesis_process
from voicesite.jobs.attempts import settle
from voicesite.modelhost.protocol import Cancelled

from .generation_run import GenerationRun, UtteranceAttempt

logger = logging.getLogger(__name__)


class BatchRun:
    """Run a generation, and others of the same model that fill its batches, until none is left.

    1. A batch attempts the segments of the first generation, then those of the others in queue order. Others join only
       where there is room, and by the rule of `queue.claim_companion`.
    2. Each generation has its own claim, heartbeat and fencing token. One that is cancelled, deleted or overtaken
       leaves the batch with its utterances; the others go on.
    3. A rejected utterance fails its own generation only. When the engine itself fails, any text may have caused it:
       the attempt fails for all in the batch, and each is tried again alone.
    """

    def __init__(self, first: Generation):
        self.first = first
        self.engine, self.model = first.engine, first.model
        self.alone = first.failures > 0
        # An engine that died may have had too little memory.
        self.places = max(engine_class(first.engine).max_batch >> first.failures, 1)
        self.runs: list[GenerationRun] = []
        self.batch: list[tuple[GenerationRun, UtteranceAttempt]] = []
        self.seen: list[Generation] = []

    def speak(self) -> list[Generation]:
        """Speak the claimed generation and companions; return all, each in a terminal state or pending again."""
        try:
            self._admit(self.first)
            while self.runs:
                self._admit_companions()
                if self.runs:
                    self._speak_batch()
        except Exception as error:
            for run in list(self.runs):
                self._leave(run, error)
        return self.seen

    def _admit(self, generation: Generation) -> None:
        run = GenerationRun(generation, self._beat)
        self.seen.append(generation)
        self.runs.append(run)
        with self._settling(run):
            run.prepare()

    def _admit_companions(self) -> None:
        while not self.alone and (free := self.places - sum(len(run.attempts) for run in self.runs)) > 0:
            companion = queue.claim_companion(self.engine, self.model, free)
            if companion is None:
                return
            self._admit(companion)

    def _speak_batch(self) -> None:
        # Again, when the engine died while a companion was prepared.
        loaded_model.load(self.engine, self.model, self._beat)
        self.batch = self._compose()
        assert self.batch, "a run without attempts has completed or left"
        for run in self.runs:
            run.begin_batch([attempt for owner, attempt in self.batch if owner is run])
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

    def _compose(self) -> list[tuple[GenerationRun, UtteranceAttempt]]:
        """Return what the engine speaks next: as much as it takes, in order.

        Where utterances share the cores, the first of a text is spoken before the others, so that it is heard sooner.
        """
        if engine_class(self.engine).divides_cores and (silent := [run for run in self.runs if run.is_silent]):
            return [(run, run.attempts[0]) for run in silent][: self.places]
        return [(run, attempt) for run in self.runs for attempt in run.attempts][: self.places]

    def _beat(self) -> None:
        """Send the heartbeat of each run, about four times a second. Raises Cancelled when none is left."""
        for run in list(self.runs):
            with self._settling(run):
                run.beat()
        if not self.runs:
            raise Cancelled

    @contextmanager
    def _settling(self, run: GenerationRun) -> Iterator[None]:
        """Keep an exception to the run that raised it."""
        try:
            yield
        except Exception as error:
            self._leave(run, error)
        else:
            if run.completed and run in self.runs:
                self.runs.remove(run)

    def _leave(self, run: GenerationRun, error: Exception) -> None:
        if run in self.runs:
            self.runs.remove(run)
            for index, (owner, _) in enumerate(self.batch):
                if owner is run:
                    synthesis_process.drop(index)
        settle(run.generation, error)
        run.leave()
