"""Change the tempo of speech without changing its pitch, for engines that have no speed of their own. Pure.

By FFmpeg's filter `atempo` (WSOLA: Verhelst and Roelands 1993, overlap-add of short pieces where they fit best) through
PyAV, which the site has anyway. Only the feeding of chunks is our own, so that speech can be streamed: librosa stretches
whole recordings by a phase vocoder, and pyrubberband needs the program Rubber Band.
"""

from fractions import Fraction

import numpy as np

MIN_FILTER_TEMPO = 0.5  # of one such filter; slower is two of them
PUSH_SAMPLES = 1200  # at once: the filter outputs nothing of a block before it has processed all of it


class Tempo:
    """Makes audio at `rate` Hz `speed` times as fast, chunk by chunk; at speed 1 it passes unchanged.

    Chunks are float32 (samples,). The filter holds back some hundredths of a second until `finish`.
    """

    def __init__(self, rate: int, speed: float):
        if speed <= 0:
            raise ValueError(f"A speed of {speed} is none.")
        self.rate = rate
        self.speed = speed
        self.pushed = 0  # samples
        if speed == 1:
            return
        from av.filter import Graph

        self._graph = Graph()
        nodes = [
            self._graph.add_abuffer(format="flt", sample_rate=rate, layout="mono", time_base=Fraction(1, rate)),
        ]
        while speed != 1:
            tempo = max(speed, MIN_FILTER_TEMPO)
            nodes.append(self._graph.add("atempo", f"{tempo:.6f}"))
            speed /= tempo
        self._graph.link_nodes(*nodes, self._graph.add("abuffersink")).configure()

    def push(self, samples: np.ndarray) -> np.ndarray:
        """Take the next samples; return what is ready, which may be nothing."""
        if self.speed == 1:
            return samples
        import av

        ready = [np.zeros(0, np.float32)]
        for start in range(0, len(samples), PUSH_SAMPLES):
            block = np.ascontiguousarray(samples[start : start + PUSH_SAMPLES], np.float32)[None]
            frame = av.AudioFrame.from_ndarray(block, format="flt", layout="mono")
            frame.sample_rate, frame.pts, frame.time_base = self.rate, self.pushed, Fraction(1, self.rate)
            self.pushed += block.size
            self._graph.push(frame)
            ready += self._pull()
        return np.concatenate(ready)

    def finish(self) -> np.ndarray:
        """Return the rest."""
        ready = [np.zeros(0, np.float32)]
        if self.speed != 1:
            self._graph.push(None)
            ready += self._pull()
        return np.concatenate(ready)

    def _pull(self) -> list[np.ndarray]:
        import av

        ready: list[np.ndarray] = []
        try:
            while True:
                ready.append(self._graph.pull().to_ndarray().reshape(-1))
        except (av.BlockingIOError, av.EOFError):
            return ready
