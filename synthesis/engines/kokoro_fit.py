"""From a speaker's embedding to a Kokoro voice: weights that blend the published voices.

A linear map is learnt on random blends whose embeddings were measured (style_samples.npz); a real person's embedding
then gives a blend at once. Refining searches around that blend by listening to what it says.
"""

from functools import cache

import numpy as np

from . import kokoro_data

RANK = 36  # directions in which the voices differ
RIDGE = 0.3  # of the regression


@cache
def _learnt() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """The map (257, RANK), the voices' coordinates (voices, RANK) and their tables (voices, 510, 256)."""
    data = kokoro_data.samples()
    names, tables = kokoro_data.voices()
    tables = tables[[names.index(name) for name in data["names"]]]
    styles = tables.mean(1)
    centre = styles.mean(0)
    directions = np.linalg.svd(styles - centre, full_matrices=False)[2][:RANK]
    weights = np.vstack([data["weights"], np.eye(len(tables))])
    embeddings = np.vstack([data["embeddings"], data["voice_embeddings"]])
    x = np.hstack([embeddings, np.ones((len(embeddings), 1))])
    y = (weights @ styles - centre) @ directions.T
    matrix = np.linalg.solve(x.T @ x + RIDGE * np.eye(x.shape[1]), x.T @ y)
    return matrix, (styles - centre) @ directions.T, tables


def weights_for(embedding: np.ndarray) -> np.ndarray:
    """The weights (voices,) float32, summing to about one, of the blend for a speaker embedding (256,)."""
    matrix, coordinates, _ = _learnt()
    target = np.append(embedding, 1.0) @ matrix
    system = np.vstack([coordinates.T, 3 * np.ones((1, len(coordinates)))])
    return np.linalg.lstsq(system, np.append(target, 3.0), rcond=None)[0].astype(np.float32)


def table_of(weights: np.ndarray) -> np.ndarray:
    """The style table (510, 256) float32 of a blend."""
    return np.tensordot(weights, _learnt()[2], 1).astype(np.float32)
