"""Six numbers of how a voice sounds, of which its face is drawn: alike for one speaker, different for others. Pure.

A speaker embedding is projected on the six directions in which voices differ most: the principal components of those of a
thousand voices, made by `scripts/learn_face_axes.py`.
"""

from functools import cache
from math import erf, sqrt
from pathlib import Path

import numpy as np

from . import speaker_encoder

COUNT = 6
STEPS = 255  # the greatest number: more would tell of the voice what nobody sees


def traits(samples: np.ndarray, sample_rate: int) -> list[int]:
    """Return the traits of the speaker of a recording, float (samples,), mono. Raises ValueError if it is silent."""
    return traits_of(speaker_encoder.embed(samples, sample_rate))


def traits_of(embedding: np.ndarray) -> list[int]:
    """Return the traits of a speaker embedding (256,): COUNT numbers from 0 to STEPS, each as often as any other."""
    axes = _axes()
    deviations = (axes["axes"].astype(np.float64) @ (embedding - axes["mean"])) / axes["deviation"]
    return [round(STEPS * (1 + erf(float(one) / sqrt(2))) / 2) for one in deviations]


@cache
def _axes() -> dict[str, np.ndarray]:
    with np.load(Path(__file__).parent / "data" / "face_axes.npz") as data:
        return dict(data)
