"""An engine that plays tones, quickly, and misbehaves when it is told to: once for each word in its file of orders."""

import os
import time
from pathlib import Path

import numpy as np

from synthesis.engines.base import Audio
from tests.fakes.engine import FakeEngine
from voicesite.modelhost.catalogue import Model
from voicesite.modelhost.protocol import Progress

ORDER_VARIABLE = "CHAOS_ENGINE"  # the path of a file with one of ORDERS
ORDERS = ("crash", "hang", "run away", "silence", "not a number", "nobody’s", "half")
FRAME_SECONDS = 0.01  # that a frame of 80 ms takes: slow enough for a fault to meet it


class ChaosEngine(FakeEngine):
    name = "chaos"
    models = (Model("tone", "A tone"),)

    def synthesize(self, utterances, on_progress):
        def slowly(progress):
            time.sleep(FRAME_SECONDS / len(utterances))
            return on_progress(progress)

        order = _taken_order()
        for number, item in enumerate(super().synthesize(utterances, slowly)):
            if order and number == len(utterances) // 2:
                yield from _misbehave(order, item, on_progress)
                if order == "half":
                    return
            yield item


def _taken_order() -> str:
    """Return what one call is to do wrong, and leave nothing for the next."""
    path = Path(os.environ[ORDER_VARIABLE])
    taken = path.with_suffix(f".{os.getpid()}")
    try:
        path.rename(taken)  # of several engines, one takes it
    except FileNotFoundError:
        return ""
    order = taken.read_text()
    taken.unlink()
    return order


def _misbehave(order, item, on_progress):
    match order:
        case "crash":
            os._exit(9)
        case "hang":
            time.sleep(3600)
        case "run away":
            for frame in range(10**9):
                time.sleep(FRAME_SECONDS)
                on_progress(Progress(item.index, frame, 10))
        case "silence":
            yield Audio(item.index, np.zeros(48_000, np.float32), 24_000)
        case "not a number":
            yield Audio(item.index, np.full(48_000, np.nan, np.float32), 24_000)
        case "nobody’s":
            yield Audio(99, np.ones(4_800, np.float32), 24_000)
