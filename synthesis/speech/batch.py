"""Speak generations in batches that share a model."""

import logging
import time
from collections import deque
from collections.abc import Iterator
from contextlib import closing, contextmanager

from synthesis.engines import EngineError, engine_class
from synthesis.models import Generation
from synthesis.queue import loaded_model
from synthesis.queue import order as queue
from synthesis.queue.processes import synthesis_process
from voicesite import logs
from voicesite.jobs.attempts import NotYet, require, settle
from voicesite.modelhost.protocol import Cancelled
from voicesite.texts import N_

from .generation_run import GenerationRun
from .utterance_attempt import UtteranceAttempt

logger = logging.getLogger(__name__)

LOOK_SECONDS = 1.0  # between two looks, while a batch is spoken, at who else waits
TURN_LOADS = 3.0  # how many times longer than it took to load a model speaks, at least, before it makes way for another


class BatchRun:
    """Run a generation, and others of the same model that share its batches, until none is left or others have a turn.

    1. Owners share a batch evenly, by characters; of each, texts are spoken in queue order. Before a batch, texts join
       by the rule of `queue.claim_companion`. Where somebody else's cannot join, as it needs another model, those that
       are spoken go back to the queue, after a while, with all that is spoken of them.
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
        self.spoken: dict[int, int] = {}  # characters, by owner; who joins begins with as little as another
        self.begun_at: float | None = None  # when the engine began
        self.looked_at = 0.0
        self.passed_on = False  # whether texts went back to the queue, so that others have a turn

    def speak(self) -> list[Generation]:
        """Speak the claimed generation and companions; return all, each in a terminal state or pending again."""
        try:
            self._admit(self.first)
            while self.runs:
                self._admit_companions()
                if self._is_over():
                    self.passed_on = True
                    for run in list(self.runs):
                        self._leave(run, NotYet(""))
                if self.runs:
                    require("disk")  # what is spoken is kept, and goes on from there
                    self._speak_batch()
        except Exception as error:
            for run in list(self.runs):
                self._leave(run, error)
        return self.seen

    def _admit(self, generation: Generation) -> None:
        run = GenerationRun(generation, self._beat)
        self.seen.append(generation)
        least = min((self.spoken[owner] for owner in self._owners()), default=0)
        if self.begun_at:
            least -= 1  # who comes later goes before those who have just been spoken
        self.spoken[generation.owner_id] = max(self.spoken.get(generation.owner_id, least), least)
        self.runs.append(run)
        with self._settling(run):
            logger.info("%s is begun", generation.kind)
            run.prepare()

    def _admit_companions(self) -> None:
        while self._has_room():
            free = self.places - sum(len(run.attempts) for run in self.runs)
            companion = queue.claim_companion(self.engine, self.model, free, self._owners(), self._priority())
            if companion is None:
                return
            self._admit(companion)

    def _has_room(self) -> bool:
        return not self.alone and len(self.runs) < self.places

    def _owners(self) -> set[int]:
        return {run.generation.owner_id for run in self.runs}

    def _priority(self) -> int:
        return min((run.generation.priority for run in self.runs), default=0)

    def _next(self) -> Generation | None:
        """Return the generation of somebody else whose turn it is once the engine is idle: to join, or to take over."""
        if self.begun_at is None or not self.runs:
            return None
        other = queue.next_of_others(self._owners(), self._priority())
        if other and (other.engine, other.model) != (self.engine, self.model):
            turn = max(queue.TURN_SECONDS, TURN_LOADS * loaded_model.load_seconds)
            return other if time.monotonic() - self.begun_at > turn else None
        return other

    def _is_over(self) -> bool:
        """Return whether these texts make way: for one that cannot join them. A sentence that is tried again is not left."""
        if any(attempt.again for run in self.runs for attempt in run.attempts):
            return False
        other = self._next()
        if other is None:
            return False
        is_same_model = (other.engine, other.model) == (self.engine, self.model)
        return not (is_same_model and self._has_room() and other.failures == 0)  # else it joins the next batch

    def _make_way(self) -> None:
        """Put back what the engine has not begun of a batch, once somebody else has a turn after it."""
        begun = [attempt.begun for _, attempt in self.batch]
        if not any(begun) or all(begun) or time.monotonic() - self.looked_at < LOOK_SECONDS:
            return
        self.looked_at = time.monotonic()
        if self._next() is None:
            return
        for index, (run, attempt) in enumerate(self.batch):
            if not attempt.begun and run in self.runs:
                synthesis_process.drop(index)
                attempt.put_back = True

    def _speak_batch(self) -> None:
        # Again, when the engine died while a companion was prepared.
        loaded_model.load(self.engine, self.model, self._beat)
        self.looked_at = time.monotonic()
        self.begun_at = self.begun_at or self.looked_at
        self.batch = self._compose()
        assert self.batch, "a run without attempts has completed or left"
        for run in self.runs:
            run.begin_batch([attempt for owner, attempt in self.batch if owner is run])
        utterances = [run.utterance(attempt) for run, attempt in self.batch]
        try:
            # The engine speaks for all of them: its lines name the only one, or each.
            about = {"generation": " ".join(sorted({str(run.generation.pk) for run, _ in self.batch}))}
            with logs.bound(**about), closing(synthesis_process.synthesize(utterances, self._beat)) as items:
                for item in items:
                    if not 0 <= item.index < len(self.batch):
                        raise EngineError(N_("The engine spoke what nobody had asked for."))
                    run, attempt = self.batch[item.index]
                    if run in self.runs and not attempt.put_back:
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
        for run, attempt in ended:
            self.spoken[run.generation.owner_id] += 0 if attempt.put_back else len(attempt.text)
        for run in list(self.runs):
            with self._settling(run):
                run.end_batch([attempt for owner, attempt in ended if owner is run])

    def _compose(self) -> list[tuple[GenerationRun, UtteranceAttempt]]:
        """Return what the engine speaks next: as much as it takes, each time of the owner of whom least was spoken.

        Where utterances share the cores, the first of a text is spoken before the others, so that it is heard sooner.
        """
        spoken = {owner: self.spoken[owner] for owner in self._owners()}
        if engine_class(self.engine).divides_cores:
            least = [run for run in self.runs if spoken[run.generation.owner_id] == min(spoken.values())]
            if silent := [run for run in least if run.is_silent]:
                return [(run, run.attempts[0]) for run in silent][: self.places]
        left: dict[int, deque[tuple[GenerationRun, UtteranceAttempt]]] = {}
        for run in self.runs:
            left.setdefault(run.generation.owner_id, deque()).extend((run, attempt) for attempt in run.attempts)
        batch: list[tuple[GenerationRun, UtteranceAttempt]] = []
        while left and len(batch) < self.places:
            owner = min(left, key=spoken.__getitem__)
            run, attempt = left[owner].popleft()
            batch.append((run, attempt))
            spoken[owner] += len(attempt.text)
            if not left[owner]:
                del left[owner]
        return batch

    def _beat(self) -> None:
        """Send the heartbeat of each run, about four times a second. Raises Cancelled when none is left."""
        for run in list(self.runs):
            with self._settling(run):
                run.beat()
        if not self.runs:
            raise Cancelled
        self._make_way()

    @contextmanager
    def _settling(self, run: GenerationRun) -> Iterator[None]:
        """Keep an exception to the run that raised it, and let the log say whose it is."""
        try:
            with logs.bound(**run.generation.log_ids):
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
        with logs.bound(**run.generation.log_ids):
            settle(run.generation, error)
            run.leave()
