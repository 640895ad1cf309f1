"""How generations become sound: a worker's turn at the engine, batch by batch."""

import logging
from collections.abc import Iterator
from contextlib import closing, contextmanager

from synthesis.engines import Cancelled, EngineError, engine_class
from synthesis.models import Generation
from synthesis.queue import loaded_model
from synthesis.queue import order as queue
from synthesis.queue.processes import speaker
from voicesite.jobs.attempts import settle

from .generation_run import Speech, Take

logger = logging.getLogger(__name__)


class Turn:
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
        self.speeches: list[Speech] = []
        self.batch: list[tuple[Speech, Take]] = []
        self.seen: list[Generation] = []

    def speak(self, first: Generation) -> list[Generation]:
        """Speak `first`, which was claimed, and who joins. All of them, with what became of each; none is left running."""
        try:
            self._admit(first)
            while self.speeches:
                self._admit_companions()
                if self.speeches:
                    self._speak_batch()
        except Exception as error:
            for speech in list(self.speeches):
                self._leave(speech, error)
        return self.seen

    def _admit(self, generation: Generation) -> None:
        speech = Speech(generation)
        self.seen.append(generation)
        self.speeches.append(speech)
        with self._settling(speech):
            speech.prepare(self._beat)

    def _admit_companions(self) -> None:
        while not self.alone and (free := self.places - sum(len(speech.takes) for speech in self.speeches)) > 0:
            companion = queue.claim_companion(self.engine, self.model, free)
            if companion is None:
                return
            self._admit(companion)

    def _speak_batch(self) -> None:
        loaded_model.load(
            self.engine, self.model, self._beat
        )  # again, when the engine died while a companion was prepared
        self.batch = [(speech, take) for speech in self.speeches for take in speech.takes][: self.places]
        assert self.batch, "a speech without takes has completed or left"
        for speech in self.speeches:
            speech.say_what_is_spoken([take for owner, take in self.batch if owner is speech])
        utterances = [speech.utterance(take) for speech, take in self.batch]
        try:
            with closing(speaker.synthesize(utterances, self._beat)) as items:
                for item in items:
                    speech, take = self.batch[item.index]
                    if speech in self.speeches:
                        with self._settling(speech):
                            speech.hear(take, item)
        except EngineError as error:
            involved = {id(speech): speech for speech, _ in self.batch if speech in self.speeches}
            permanent = error.permanent and len(involved) == 1
            for speech in involved.values():
                self._leave(speech, EngineError(error.message, permanent=permanent))
            return
        finally:
            self.batch, ended = [], self.batch
        for speech in list(self.speeches):
            with self._settling(speech):
                speech.end_batch([take for owner, take in ended if owner is speech])

    def _beat(self) -> None:
        """Beat for each, about four times a second. Raises Cancelled when nobody is left."""
        for speech in list(self.speeches):
            with self._settling(speech):
                speech.beat()
        if not self.speeches:
            raise Cancelled

    @contextmanager
    def _settling(self, speech: "Speech") -> Iterator[None]:
        """Whatever ends one speech ends that one only."""
        try:
            yield
        except Exception as error:
            self._leave(speech, error)
        else:
            if speech.completed and speech in self.speeches:
                self.speeches.remove(speech)

    def _leave(self, speech: "Speech", error: Exception) -> None:
        if speech in self.speeches:
            self.speeches.remove(speech)
            for index, (owner, _) in enumerate(self.batch):
                if owner is speech:
                    speaker.drop(index)
        settle(speech.generation, error)
