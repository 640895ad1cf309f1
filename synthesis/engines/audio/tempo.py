"""Change the tempo of speech at the same pitch, for engines that have no speed of their own. Pure.

FFmpeg's filter `atempo` does it (WSOLA: Verhelst and Roelands 1993, overlap-add of short pieces where they fit best),
through PyAV, which the site has anyway. Only the feeding of chunks is our own, so that speech is handed on while it is
made: librosa stretches whole recordings by a phase vocoder, and pyrubberband needs Rubber Band's program beside it.
"""

from fractions import Fraction
from typing import Any

import numpy as np

MIN_FILTER_TEMPO = 0.5  # of one such filter; slower is two of them
PUSH_SAMPLES = 1200  # at once: the filter gives nothing of a block before it has done with all of it


class Tempo:
    """Makes audio at `rate` Hz `speed` times as fast, chunk by chunk; at speed 1 it passes unchanged.

    Chunks are float32 (samples,). The filter holds back some hundredths of a second until `finish`.
    """

    def __init__(self, rate: int, speed: float):
        if speed <= 0:
            raise ValueError(f"A speed of {speed} is none.")
        self.rate = rate
        self.speed = speed
        self.pushed = 0
        self._graph: Any = None  # an av.filter.Graph, once there is sound

    def push(self, samples: np.ndarray) -> np.ndarray:
        """Take the next samples; return what is ready, which may be nothing."""
        if self.speed == 1:
            return samples
        ready = []
        for start in range(0, len(samples), PUSH_SAMPLES):
            self._push(samples[start : start + PUSH_SAMPLES])
            ready += self._pull()
        return np.concatenate([np.zeros(0, np.float32), *ready])

    def finish(self) -> np.ndarray:
        """Return the rest."""
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
            step = max(left, MIN_FILTER_TEMPO)
            tempo = self._graph.add("atempo", f"{step:.6f}")
            last.link_to(tempo)
            last, left = tempo, left / step
        self._sink = self._graph.add("abuffersink")
        last.link_to(self._sink)
        self._graph.configure()
