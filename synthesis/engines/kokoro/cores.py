"""Several utterances at once, one on each core: quicker than all cores on one, most of whose work is too small to share.

The calling thread decides and reports; the threads of the pool only run the model.
"""

import os
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from typing import Any

import numpy as np

from synthesis.engines.base import Audio
from voicesite.modelhost.protocol import OnProgress, Progress

MOST_CORES = 16  # at once: each one more holds the intermediate results of an inference, some 60 MB
ASK_SECONDS = 0.25  # how often it is asked whether to go on

Inputs = dict[str, np.ndarray]  # of one inference
Infer = Callable[[Inputs, Any], np.ndarray]  # takes onnxruntime's RunOptions too; returns samples, float32 (samples,)


def usable_cores() -> int:
    """Return how many cores this process may use: as OMP_NUM_THREADS says, else those that the system gives it."""
    if told := int(os.environ.get("OMP_NUM_THREADS") or 0):
        return told
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def turns(lengths: Sequence[int], cores: int) -> list[int]:
    """Return the order in which to begin utterances of these lengths: that of the text, but the last ones longest first.

    Somebody listens to the first ones meanwhile. Of the last ones, two a core, the long ones would keep one core busy at
    the end while the others idle: like this all end at nearly the same time. The first of all stays first.
    """
    kept = max(len(lengths) - 2 * cores, 1)
    return [*range(kept), *sorted(range(kept, len(lengths)), key=lambda index: -lengths[index])]


@dataclass
class _Job:
    """An utterance of the batch, chunk by chunk."""

    index: int
    chunks: list[Inputs]
    done: int = 0
    dropped: bool = False

    def progress(self) -> Progress:
        return Progress(self.index, self.done, len(self.chunks))


class Cores:
    """Threads that run one session, which itself uses one thread for each of its runs."""

    def __init__(self, count: int, infer: Infer):
        self.count = count
        self.infer = infer
        self.threads = ThreadPoolExecutor(count, thread_name_prefix="kokoro")

    def speak(self, batch: dict[int, list[Inputs]], rate: int, on_progress: OnProgress) -> Iterator[Audio]:
        """Yield the chunks of each utterance in order, those of different utterances as they are ready.

        batch: the chunks by the index of the utterance. `on_progress` is called by the caller's thread, at the
        beginning of an utterance, after each chunk, and while nothing is ready. When it raises, or the caller closes the
        generator, the runs are ended within milliseconds: no thread computes on when this has returned.
        """
        from onnxruntime import RunOptions

        jobs = [_Job(index, chunks) for index, chunks in batch.items()]
        lengths = [sum(chunk["tokens"].size for chunk in job.chunks) for job in jobs]
        waiting = deque(jobs[place] for place in turns(lengths, self.count))
        running: dict[Future, tuple[_Job, Any]] = {}

        def fill() -> None:
            while waiting and len(running) < self.count:
                job = waiting.popleft()
                if job.done or not on_progress(job.progress()):
                    options = RunOptions()
                    running[self.threads.submit(self.infer, job.chunks[job.done], options)] = job, options

        try:
            fill()
            while running:
                ended = wait(running, ASK_SECONDS, FIRST_COMPLETED).done
                if not ended:
                    for job, options in running.values():
                        if not job.dropped and on_progress(job.progress()):
                            job.dropped = options.terminate = True
                ready = []
                for future in [each for each in running if each in ended]:
                    job, _ = running.pop(future)
                    if job.dropped:
                        continue  # it was ended, which is an error of the run
                    samples = future.result()
                    job.done += 1
                    if on_progress(job.progress()):
                        continue
                    if is_unfinished := job.done < len(job.chunks):
                        waiting.appendleft(job)
                    ready.append(Audio(job.index, samples, rate, last=not is_unfinished))
                fill()  # before the caller takes its time over what is ready
                yield from ready
        finally:
            for _, options in running.values():
                options.terminate = True
            wait(running)
