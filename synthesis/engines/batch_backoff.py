"""Halve a batch that does not fit into memory. Pure."""

from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import closing
from dataclasses import replace

from voicesite.modelhost.protocol import OnProgress, Progress
from voicesite.texts import N_

from .base import Audio, EngineError, Rejected, Utterance

Speak = Callable[[Sequence[Utterance], OnProgress], Generator[Audio | Rejected]]


class BatchBackoff:
    """Speaks batches as large as the memory holds. A size that did not fit is not tried again by this instance.

    is_out_of_memory: returns whether an exception means that; it may free the engine's caches.
    where: whose memory it is, in words.
    """

    def __init__(self, is_out_of_memory: Callable[[Exception], bool], where: str = N_("this machine")):
        self.is_out_of_memory = is_out_of_memory
        self.where = where
        self.max_size: int | None = None  # utterances at once; None until it is known

    def speak(
        self, utterances: Sequence[Utterance], on_progress: OnProgress, speak: Speak
    ) -> Iterator[Audio | Rejected]:
        """Yield what `speak` yields for the batch, or for parts of it in turn.

        When it runs out of memory, the utterances that have not ended start over, in halves. The caller does not notice:
        an engine yields the same samples for the same utterance, so those yielded before are skipped, and progress
        pauses meanwhile. Raises EngineError (permanent) when one utterance alone does not fit.
        """
        batch = _Batch(utterances, on_progress)
        waiting = list(range(len(utterances)))
        size = min(self.max_size or len(waiting), len(waiting))
        while waiting:
            part, waiting = waiting[:size], waiting[size:]
            try:
                yield from batch.part(part, speak)
                continue
            except Exception as error:
                if not self.is_out_of_memory(error):
                    raise
            # After the `except` block the exception is freed, and with it the tensors that its traceback holds.
            if len(part) == 1:
                raise EngineError(
                    N_(
                        "This text doesn’t fit in the memory of {where}. Choose a smaller model, or end other programs "
                        "that use this memory."
                    ).format(where=self.where),
                    permanent=True,
                )
            size = self.max_size = len(part) // 2
            waiting = [index for index in part if index not in batch.ended] + waiting


class _Batch:
    def __init__(self, utterances: Sequence[Utterance], on_progress: OnProgress):
        self.utterances = utterances
        self.on_progress = on_progress
        self.ended: set[int] = set()
        self.done = [0] * len(utterances)  # frames, the most that were reported
        self.yielded = [0] * len(utterances)  # samples

    def part(self, part: list[int], speak: Speak) -> Iterator[Audio | Rejected]:
        """Speak the utterances with these indices from their beginning."""
        skip = {index: self.yielded[index] for index in part}  # samples

        def on_progress(progress: Progress) -> bool:
            index = part[progress.index]
            self.done[index] = max(self.done[index], progress.done)
            dropped = bool(self.on_progress(replace(progress, index=index, done=self.done[index])))
            if dropped:
                self.ended.add(index)
            return dropped

        with closing(speak([self.utterances[index] for index in part], on_progress)) as items:
            for item in items:
                index = part[item.index]
                item = replace(item, index=index)
                if isinstance(item, Audio):
                    samples = item.samples[skip[index] :]
                    skip[index] -= len(item.samples) - len(samples)
                    self.yielded[index] += len(samples)
                    if not len(samples) and not item.last:
                        continue
                    item = replace(item, samples=samples)
                if item.last:
                    self.ended.add(index)
                yield item
