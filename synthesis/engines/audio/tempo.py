"""Faster or slower speech at the same pitch, for engines that have no speed of their own. Pure.

FFmpeg's `atempo` overlaps short pieces of the sound where they fit best (WSOLA: Verhelst and Roelands 1993).
"""

from fractions import Fraction
from typing import Any

import numpy as np

SLOWEST = 0.5  # of one such filter; a slower one is two of them
_BLOCK = 48_000  # samples pushed at once


def change(samples: np.ndarray, rate: int, speed: float) -> np.ndarray:
    """`samples`, float32 (samples,) at `rate` Hz, spoken `speed` times as fast. At speed 1 it is the same array."""
    if speed == 1 or not len(samples):
        return samples
    tempo = Tempo(rate, speed)
    return np.concatenate([tempo.push(samples), tempo.finish()])


class Tempo:
    """The same for sound that comes in chunks. The filter holds back some hundredths of a second until `finish`."""

    def __init__(self, rate: int, speed: float):
        if speed <= 0:
            raise ValueError(f"A speed of {speed} is none.")
        self.rate = rate
        self.speed = speed
        self.pushed = 0
        self._graph: Any = None  # an av.filter.Graph, once there is sound

    def push(self, samples: np.ndarray) -> np.ndarray:
        """What is ready after these samples, which may be nothing."""
        if self.speed == 1:
            return samples
        ready = []
        for start in range(0, len(samples), _BLOCK):
            self._push(samples[start : start + _BLOCK])
            ready += self._pull()
        return np.concatenate([np.zeros(0, np.float32), *ready])

    def finish(self) -> np.ndarray:
        """The rest."""
        if self._graph is None:
            return np.zeros(0, np.float32)
        self._source.push(None)
        return np.concatenate([np.zeros(0, np.float32), *self._pull()])

    def _push(self, samples: np.ndarray) -> None:
        import av

        if self._graph is None:
            self._start()
        block = np.ascontiguousarray(samples, np.float32)[None]
        frame = av.AudioFrame.from_ndarray(block, format="flt", layout="mono")
        frame.sample_rate, frame.pts, frame.time_base = self.rate, self.pushed, Fraction(1, self.rate)
        self.pushed += len(samples)
        self._source.push(frame)

    def _pull(self) -> list[np.ndarray]:
        import av

        ready = []
        try:
            while True:
                ready.append(self._sink.pull().to_ndarray().reshape(-1))
        except (av.BlockingIOError, av.EOFError):
            return ready

    def _start(self) -> None:
        from av.filter import Graph

        self._graph = Graph()
        self._source = last = self._graph.add_abuffer(
            format="flt", sample_rate=self.rate, layout="mono", time_base=Fraction(1, self.rate)
        )
        left = self.speed
        while left != 1:
            step = max(left, SLOWEST)
            tempo = self._graph.add("atempo", f"{step:.6f}")
            last.link_to(tempo)
            last, left = tempo, left / step
        self._sink = self._graph.add("abuffersink")
        last.link_to(self._sink)
        self._graph.configure()
