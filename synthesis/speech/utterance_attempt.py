"""What the engine is asked for at once, and what it has said of it."""

from dataclasses import dataclass, field

import numpy as np

from synthesis.models import Segment
from synthesis.segments.timeline import samples_in


@dataclass
class UtteranceAttempt:
    """An attempt at one utterance: a segment, or a part of one that is tried again in shorter parts."""

    segment: Segment
    text: str
    pause: float = 0.0  # seconds of silence after it, within its segment
    again: bool = False
    share: float = 0.0  # spoken so far, 0 to 1
    chunks: list[np.ndarray] = field(default_factory=list)
    done: bool = False  # spoken to its end, or rejected: what an engine still says of it is dropped
    begun: bool = False  # by the engine
    put_back: bool = False  # from a batch, before the engine began: it is spoken in a later one

    def samples(self) -> np.ndarray:
        """Return what was spoken and the pause after it, float32 (samples,)."""
        return np.concatenate([*self.chunks, np.zeros(samples_in(self.pause), np.float32)])
