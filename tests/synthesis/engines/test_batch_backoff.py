"""Batches that the memory does not hold."""

import numpy as np
import pytest

from synthesis.engines.base import Audio, Conditioning, EngineError, Rejected, Utterance
from synthesis.engines.batch_backoff import BatchBackoff
from voicesite.modelhost.protocol import Cancelled, Progress

FRAMES = 6


class Full(Exception):
    pass


class Machine:
    """Speaks FRAMES frames of one sample an utterance: holds so many at once, and notices in its third frame."""

    def __init__(self, holds: int):
        self.holds = holds
        self.batches: list[str] = []
        self.closed = 0

    def speak(self, utterances, on_progress):
        self.batches.append("".join(utterance.text for utterance in utterances))
        rows = dict(enumerate(utterances))
        try:
            for frame in range(FRAMES):
                for index, utterance in list(rows.items()):
                    if on_progress(Progress(index, frame + 1, FRAMES)):
                        del rows[index]
                    elif utterance.text == "x":
                        yield Rejected(rows.pop(index) and index, "It was an x.")
                    else:
                        yield Audio(index, np.full(1, ord(utterance.text) + frame / 10), 24_000, frame + 1 == FRAMES)
                if frame == 2 and len(utterances) > self.holds:
                    raise Full
        finally:
            self.closed += 1


def backoff(**options) -> BatchBackoff:
    return BatchBackoff(lambda error: isinstance(error, Full), **options)


def batch(texts: str) -> list[Utterance]:
    return [Utterance(text, "en-us", Conditioning(b"")) for text in texts]


def speak(
    backing_off: BatchBackoff, machine: Machine, texts: str, on_progress=lambda progress: None
) -> dict[int, list]:
    """The samples of each utterance, or its rejection."""
    heard: dict[int, list] = {index: [] for index in range(len(texts))}
    for item in backing_off.speak(batch(texts), on_progress, machine.speak):
        heard[item.index] += item.samples.tolist() if isinstance(item, Audio) else [item.reason]
    return heard


def whole(text: str) -> list[float]:
    return [ord(text) + frame / 10 for frame in range(FRAMES)]


@pytest.mark.parametrize("holds, batches", [(8, 1), (4, 3), (3, 6), (1, 12)])
def test_nobody_hears_that_the_memory_was_short(holds, batches):
    machine = Machine(holds)

    heard = speak(backoff(), machine, "abcdefgh")

    assert heard == {index: whole(text) for index, text in enumerate("abcdefgh")}
    assert max(map(len, machine.batches[-2:])) <= holds
    assert machine.closed == len(machine.batches)
    assert len(machine.batches) <= batches


def test_what_fits_is_remembered():
    remembering, machine = backoff(), Machine(2)
    speak(remembering, machine, "abcd")
    machine.batches.clear()

    speak(remembering, machine, "efgh")

    assert machine.batches == ["ef", "gh"]


def test_what_was_rejected_or_dropped_does_not_begin_again():
    machine = Machine(2)
    seen = []

    def drop_the_last(progress):
        seen.append(progress)
        return progress.index == 3

    heard = speak(backoff(), machine, "axbd", drop_the_last)

    assert heard == {0: whole("a"), 1: ["It was an x."], 2: whole("b"), 3: []}
    assert machine.batches == ["axbd", "ab"]
    assert [progress.done for progress in seen if progress.index == 2] == [1, 2, 3, 3, 3, 3, 4, 5, 6]


def test_one_that_does_not_fit_alone_fails_in_words():
    with pytest.raises(EngineError, match="memory of the GPU. Choose a smaller model") as caught:
        speak(backoff(where="the GPU"), Machine(0), "ab")
    assert caught.value.permanent


def test_other_failures_and_a_cancel_go_through_at_once():
    def cancel(progress):
        raise Cancelled

    machine = Machine(1)
    with pytest.raises(Cancelled):
        speak(backoff(), machine, "ab", cancel)
    with pytest.raises(Full):
        speak(BatchBackoff(lambda error: False), machine, "ab")
    assert machine.batches == ["ab", "ab"]


def test_closing_it_closes_what_speaks():
    machine = Machine(8)
    items = backoff().speak(batch("ab"), lambda progress: None, machine.speak)
    next(items)
    items.close()

    assert machine.closed == 1
