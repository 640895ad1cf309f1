import threading

import numpy as np
import pytest

from synthesis.engines.kokoro.cores import Cores, turns, usable_cores
from voicesite.modelhost.protocol import Cancelled, Progress

RATE = 24_000


class Model:
    """Infers a chunk when the test lets it; a run ends by its options, too, as onnxruntime's does."""

    def __init__(self):
        self.begun: list[int] = []
        self.ended_early: list[int] = []
        self.allowed = threading.Semaphore(0)
        self.finished: list[int] = []

    @property
    def running(self):
        return len(self.begun) - len(self.finished)

    def infer(self, inputs, options):
        chunk = int(inputs["tokens"][0, 0])
        self.begun.append(chunk)
        try:
            for _ in range(2000):
                if self.allowed.acquire(timeout=0.005):
                    return np.full(4, chunk, np.float32)
                if options.terminate:
                    self.ended_early.append(chunk)
                    raise RuntimeError("Exiting due to terminate flag being set to true.")
            raise AssertionError("nobody let it go on, or ended it")
        finally:
            self.finished.append(chunk)


def chunk(number, length=1):
    return {"tokens": np.full((1, length), number, np.int64)}


@pytest.fixture
def model():
    return Model()


@pytest.fixture
def cores(model):
    return Cores(2, model.infer)


def test_the_first_stay_in_order_and_the_last_go_longest_first():
    assert turns([1, 5, 9, 3, 2, 7, 1, 8], 2) == [0, 1, 2, 3, 7, 5, 4, 6]
    assert turns([1, 5, 9], 2) == [0, 2, 1]
    assert turns([4], 2) == [0]


def test_the_environment_says_how_many_cores(monkeypatch):
    monkeypatch.setenv("OMP_NUM_THREADS", "3")
    assert usable_cores() == 3
    monkeypatch.delenv("OMP_NUM_THREADS")
    assert usable_cores() >= 1


def test_each_core_speaks_an_utterance_and_chunks_come_in_order(cores, model):
    model.allowed.release(100)
    batch = {0: [chunk(1), chunk(2), chunk(3)], 2: [chunk(21), chunk(22)], 3: [chunk(31)]}

    items = list(cores.speak(batch, RATE, lambda progress: None))

    for index, chunks in batch.items():
        parts = [item for item in items if item.index == index]
        assert [int(part.samples[0]) for part in parts] == [each["tokens"][0, 0] for each in chunks]
        assert [part.last for part in parts] == [False] * (len(chunks) - 1) + [True]


def test_progress_is_told_by_the_thread_that_asked_while_it_waits(cores, model):
    threads, seen = set(), []

    def on_progress(progress):
        threads.add(threading.current_thread())
        seen.append(progress)
        if seen.count(Progress(0, 0, 1)) == 2:  # once at its beginning, and again
            model.allowed.release(10)

    list(cores.speak({0: [chunk(1)], 1: [chunk(2)]}, RATE, on_progress))

    assert threads == {threading.current_thread()}
    assert Progress(0, 1, 1) in seen
    assert Progress(1, 1, 1) in seen


def test_one_that_is_dropped_before_its_turn_is_never_computed(cores, model):
    model.allowed.release(10)

    items = list(cores.speak({n: [chunk(n)] for n in range(6)}, RATE, lambda progress: progress.index in (0, 4)))

    assert sorted(item.index for item in items) == [1, 2, 3, 5]
    assert sorted(model.begun) == [1, 2, 3, 5]


def test_one_that_is_dropped_meanwhile_ends_and_makes_room(cores, model):
    def on_progress(progress):
        if model.ended_early:
            model.allowed.release(10)
        return progress.index == 0 and len(model.begun) == 2

    items = list(cores.speak({n: [chunk(n)] for n in range(4)}, RATE, on_progress))

    assert sorted(item.index for item in items) == [1, 2, 3]
    assert model.ended_early == [0]


def test_cancelling_ends_the_runs_before_it_returns(cores, model):
    def cancel(progress):
        if len(model.begun) == 2:
            raise Cancelled

    with pytest.raises(Cancelled):
        list(cores.speak({n: [chunk(n)] for n in range(4)}, RATE, cancel))

    assert model.running == 0
    assert sorted(model.begun) == sorted(model.ended_early) == [0, 1]


def test_closing_the_generator_ends_the_runs(cores, model):
    model.allowed.release(1)
    items = cores.speak({n: [chunk(n)] for n in range(4)}, RATE, lambda progress: None)
    next(items)
    items.close()

    assert model.running == 0
    assert 3 not in model.begun


def test_an_error_of_the_model_ends_the_batch(model):
    def infer(inputs, options):
        if inputs["tokens"][0, 0] == 0:
            raise MemoryError
        return model.infer(inputs, options)

    with pytest.raises(MemoryError):
        list(Cores(2, infer).speak({n: [chunk(n)] for n in range(4)}, RATE, lambda progress: None))

    assert model.running == 0
