"""Learn the directions in which voices differ most, for their faces: `python scripts/learn_face_axes.py`.

Of the speaker embeddings of a thousand voices, those of kokoro's speaker map (scripts/learn_speaker_map.py), the mean and
the first principal components, each with the standard deviation along it: voices/analysis/data/face_axes.npz, 5 kB.
"""

from pathlib import Path

import numpy as np

from voices.analysis import face

SPEAKER_MAP = Path("synthesis/engines/kokoro/tables/speaker_map.npz")
AXES = Path(face.__file__).parent / "data" / "face_axes.npz"


def main() -> None:
    embeddings = np.load(SPEAKER_MAP)["embeddings"].astype(np.float64)
    embeddings /= np.linalg.norm(embeddings, axis=1, keepdims=True)
    mean = embeddings.mean(0)
    _, singular, axes = np.linalg.svd(embeddings - mean, full_matrices=False)
    deviation = singular[: face.COUNT] / np.sqrt(len(embeddings))
    np.savez(
        AXES,
        axes=axes[: face.COUNT].astype(np.float16),
        mean=mean.astype(np.float32),
        deviation=deviation.astype(np.float32),
    )


if __name__ == "__main__":
    main()
