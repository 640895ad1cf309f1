"""Fit a Kokoro voice to a speaker's embedding: find the blend of the published voices that sounds most like them.

A style is 128 values for the timbre and 128 for the prosody; each half is a blend of its own, so that pitch and timbre
can differ. A Gaussian process (Rasmussen & Williams 2006, chapter 2) predicts the speaker embedding of a blend's speech.
Its training data are blends measured beforehand (speaker_map.npz, made by scripts/learn_speaker_map.py). The one-shot
fit maximizes the expected similarity to the speaker, less a cost for a wrong pitch. Refining measures that blend and its
neighbours, corrects the prediction by these observations, and maximizes again.
"""

from dataclasses import dataclass
from functools import cache

import numpy as np

from . import data as kokoro_data

HALF = 128  # values of the timbre, and of the prosody
RIDGE = 0.01  # keeps the weights of a blend small where voices are nearly alike

# Variances relative to the map's: tuned on the samples, and on recordings of speakers who are not in the test fixtures.
MAP_NOISE = 0.05  # of the map's points, which are averages
UNCERTAINTY_WEIGHT = 0.3  # how much an uncertain prediction counts against a blend: less strays from the known voices
CORRECTION = 1.0  # how far the map may be from a real voice
SENTENCE_EFFECT = 0.15  # shared by all blends that say the same sentence
OBSERVATION_NOISE = 0.05
PITCH_WEIGHT = 2.0  # similarity that a squared difference of natural logarithms of pitch costs: 10 % off costs 0.02


@dataclass(frozen=True)
class Blend:
    """Weights (voices,) float32 of the published voices, for the timbre and for the prosody; each sums to one."""

    timbre: np.ndarray
    prosody: np.ndarray

    def table(self) -> np.ndarray:
        """Return the style table of the blend, (510, 256) float32: a style for each number of phonemes."""
        _, lengths, bases = kokoro_data.voices()
        weights = np.repeat(np.column_stack([self.timbre, self.prosody]), HALF, axis=1)  # (voices, 256)
        used = weights.any(1)
        table = np.hstack(list(lengths[used])) @ np.vstack(list(bases[used] * weights[used, None]))
        return table.astype(np.float32)


def published(name: str) -> Blend:
    """Return the published voice of that name as a blend of itself alone."""
    alone = np.array([name == other for other in kokoro_data.voices().names], np.float32)
    return Blend(alone, alone)


class StyleSpace:
    """Coordinates of blends: the principal components of the voices' mean styles, each half by itself."""

    def __init__(self) -> None:
        _, lengths, bases = kokoro_data.voices()
        styles = np.stack([(factors @ base).mean(0) for factors, base in zip(lengths, bases, strict=True)])
        self.voices, spreads = [], []  # of timbre and prosody; the voices by their coordinates
        for half in (styles[:, :HALF], styles[:, HALF:]):
            offsets = half - half.mean(0)
            _, sizes, directions = np.linalg.svd(offsets, full_matrices=False)
            count = len(styles) - 1
            self.voices.append(offsets @ directions[:count].T)
            spreads.append(sizes[:count] / np.sqrt(len(styles)))
        self.spread = np.concatenate(spreads)  # standard deviation of the voices along each coordinate

    def coordinates(self, timbre: np.ndarray, prosody: np.ndarray) -> np.ndarray:
        """Convert the weights (…, voices) of both halves to coordinates (…, coordinates)."""
        return np.concatenate([timbre @ self.voices[0], prosody @ self.voices[1]], axis=-1)

    def blend(self, point: np.ndarray) -> Blend:
        """Return the blend with the smallest weights at a point (coordinates,)."""
        weights = []
        for voices, part in zip(self.voices, np.split(point, 2), strict=True):
            system = np.hstack([voices, np.full((len(voices), 1), 3.0)])  # the last column makes the weights sum to one
            gram = system @ system.T + RIDGE * np.eye(len(voices))
            weights.append(np.linalg.solve(gram, system @ np.append(part, 3.0)).astype(np.float32))
        return Blend(*weights)


class SpeakerMap:
    """The Gaussian process over the blends that were measured beforehand, and the mean embedding of each."""

    def __init__(self) -> None:
        self.space = StyleSpace()
        data = {name: values.astype(np.float64) for name, values in kokoro_data.load("speaker_map.npz").items()}
        self.points = self.space.coordinates(data["timbre"], data["prosody"])
        self.embeddings = data["embeddings"]
        self.scale = float(data["scale"])
        self.mean = data["mean"]
        self.variance = float(data["variance"])  # of an embedding, summed over its dimensions
        self.pitch = data["pitch"]  # log Hz by coordinates, and a constant: a linear model
        noise = MAP_NOISE * np.eye(len(self.points))
        self.inverse = np.linalg.inv(kernel(self.points, self.points, self.scale) + noise)
        self.factors = self.inverse @ (self.embeddings - self.mean)

    def predict(self, points: np.ndarray) -> np.ndarray:
        """Predict the embeddings (points, 256) of blends at (points, coordinates)."""
        return self.mean + kernel(points, self.points, self.scale) @ self.factors


class Search:
    """A search for the blend that sounds most like a speaker; observations of blends improve it.

    target: the speaker's embedding (256,). pitch: their median pitch in Hz, NaN if unknown.
    """

    def __init__(self, target: np.ndarray, pitch: float = np.nan):
        self.map = speaker_map()
        self.space = self.map.space
        self.target = np.asarray(target, np.float64)
        self.pitch = np.log(pitch)
        self.pitch_errors: list[float] = []  # of the linear model, in the observations
        self.scale = self.map.scale / 2  # corrections are more local than the map
        self.observations: list[tuple[np.ndarray, np.ndarray, int]] = []
        self.points = np.empty((0, len(self.space.spread)))
        self.factors = np.empty((0, 256))
        self.best = self.map.points[np.argmax(self.map.embeddings @ self.target)]

    def blend(self) -> Blend:
        """Return the blend with the greatest expected score, given all observations."""
        self.best = maximize(self._score, self.best)
        return self.space.blend(self.best)

    def neighbour(self, random: np.random.Generator, step: float = 0.2) -> Blend:
        """Return a random blend near the best one, at `step` of the voices' spread, to observe next."""
        away = random.standard_normal(len(self.best)) * self.space.spread
        return self.space.blend(self.best + step * away)

    def observe(self, blend: Blend, sentence: int, embedding: np.ndarray, pitch: float = np.nan) -> None:
        """Learn from the embedding (256,) and the pitch (Hz, or NaN) of a sentence, by its number, that `blend` spoke."""
        point = self.space.coordinates(blend.timbre, blend.prosody)
        self.observations.append((point, embedding, sentence))
        if np.isfinite(pitch):
            self.pitch_errors.append(np.log(pitch) - np.append(point, 1) @ self.map.pitch)
        points, embeddings, sentences = (np.array(column) for column in zip(*self.observations, strict=True))
        covariance = (
            CORRECTION * kernel(points, points, self.scale)
            + SENTENCE_EFFECT * (sentences[:, None] == sentences)
            + OBSERVATION_NOISE * np.eye(len(points))
        )
        self.points, self.factors = points, np.linalg.solve(covariance, embeddings - self.map.predict(points))

    def _score(self, point: np.ndarray) -> tuple[float, np.ndarray]:
        """Return the similarity at a point, less the cost of a wrong pitch, and its gradient."""
        similarity, gradient = self._similarity(point)
        if not np.isfinite(self.pitch):
            return similarity, gradient
        # The mean error shrunk towards 0: one sentence says little about the pitch of all.
        error = sum(self.pitch_errors) / (len(self.pitch_errors) + 2)
        off = np.append(point, 1) @ self.map.pitch + error - self.pitch
        return similarity - PITCH_WEIGHT * off**2, gradient - 2 * PITCH_WEIGHT * off * self.map.pitch[:-1]

    def _similarity(self, point: np.ndarray) -> tuple[float, np.ndarray]:
        """Return the expected cosine of target and embedding at a point, and its gradient."""
        known = kernel(point[None], self.map.points, self.map.scale)[0]
        corrected = CORRECTION * kernel(point[None], self.points, self.scale)[0]
        expected = self.map.mean + known @ self.map.factors + corrected @ self.factors
        explained = self.map.inverse @ known
        uncertainty = UNCERTAINTY_WEIGHT * self.map.variance * (1 - known @ explained)
        norm = np.sqrt(expected @ expected + uncertainty)
        similarity = expected @ self.target / norm
        by_expected = self.target / norm - similarity * expected / norm**2
        penalty = similarity / norm**2 * UNCERTAINTY_WEIGHT * self.map.variance * explained
        by_known = self.map.factors @ by_expected + penalty
        # Of the kernel exp(-d²/scale): -2/scale times itself times the offset.
        gradient = -2 / self.map.scale * (known * by_known) @ (point - self.map.points)
        gradient += -2 / self.scale * (corrected * (self.factors @ by_expected)) @ (point - self.points)
        return float(similarity), gradient


def kernel(left: np.ndarray, right: np.ndarray, scale: float) -> np.ndarray:
    """Return exp(-d²/scale) for the distances d of points (left, coordinates) and (right, coordinates)."""
    squares = (left**2).sum(1)[:, None] + (right**2).sum(1) - 2 * left @ right.T
    return np.exp(-np.maximum(squares, 0) / scale)


def maximize(function, point: np.ndarray) -> np.ndarray:
    """Return a local maximum near `point` of a function that returns (value, gradient), by Barzilai-Borwein steps."""
    value, gradient = function(point)
    size = 0.1 / max(float(np.linalg.norm(gradient)), 1e-9)
    for _ in range(80):
        moved = point + size * gradient
        next_value, next_gradient = function(moved)
        while next_value < value:
            size /= 2
            if size * np.linalg.norm(gradient) < 1e-4:
                return point
            moved = point + size * gradient
            next_value, next_gradient = function(moved)
        step, change, gain = moved - point, gradient - next_gradient, next_value - value
        size = float(step @ step / (step @ change)) if step @ change > 1e-12 else 2 * size
        point, value, gradient = moved, next_value, next_gradient
        if gain < 1e-6:
            break
    return point


@cache
def speaker_map() -> SpeakerMap:
    """Return the map. Computed once, in about half a second."""
    return SpeakerMap()
