"""Make the blends that kokoro's one-shot fit is learnt from: `python scripts/learn_speaker_map.py --minutes 20`.

Adds to synthesis/engines/data/style_samples.npz: for each sample a random blend of the published voices says a random
sentence, and the speaker embedding of what it said is kept beside the blend's weights. About one second of one core a
sample. May be interrupted and repeated; `--seed` must differ between runs that are to be added up.
"""

import argparse
import time
from pathlib import Path

import numpy as np

from synthesis.engines import Utterance, kokoro_data, kokoro_fit, speaker
from synthesis.engines.kokoro import RATE, KokoroEngine, _pack

SENTENCES = {
    "en-us": [
        "The train to the coast leaves every morning at half past seven.",
        "Nobody had expected so much snow this early in the year.",
        "He put the book back on the shelf and closed the window.",
    ],
    "es": ["La biblioteca abre sus puertas a las nueve de la mañana."],
    "fr": ["Le marché du village ouvre tous les samedis matin."],
    "it": ["La finestra della cucina guarda verso il giardino."],
}


def blend(random: np.random.Generator, voices: int) -> np.ndarray:
    """Weights over two to four voices, half of the time pushed away from their mean: people lie outside the hull."""
    weights = np.zeros(voices)
    chosen = random.choice(voices, random.integers(2, 5), replace=False)
    weights[chosen] = random.dirichlet(np.ones(len(chosen)))
    if random.random() < 0.5:
        weights += random.uniform(0.1, 0.6) * (weights - 1 / voices)
    return weights.astype(np.float32)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--minutes", type=float, default=20)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--out", type=Path, default=Path(kokoro_data.__file__).parent / "data" / "style_samples.npz")
    options = parser.parse_args()

    random = np.random.default_rng(options.seed)
    engine = KokoroEngine()
    engine.load(engine.models[0])
    data = kokoro_data.samples()
    weights, embeddings = [], []
    end = time.monotonic() + options.minutes * 60
    while time.monotonic() < end:
        made = blend(random, len(data["names"]))
        language = random.choice(list(SENTENCES), p=[0.7, 0.1, 0.1, 0.1])
        text = random.choice(SENTENCES[language])
        audio = next(engine.synthesize([Utterance(text, str(language), _pack(made))], lambda progress: None))
        if np.abs(audio.samples).max() > 1e-3:
            weights.append(made)
            embeddings.append(speaker.embed(audio.samples, RATE))
        if len(weights) % 100 == 0:
            _save(options.out, data, weights, embeddings)
    _save(options.out, data, weights, embeddings)
    print(f"{len(weights)} blends added; {len(data['weights']) + len(weights)} in all: {options.out}")
    kokoro_fit._learnt.cache_clear()


def _save(out: Path, data: dict, weights: list, embeddings: list) -> None:
    if weights:
        together = {
            "weights": np.vstack([data["weights"], weights]).astype(np.float16),
            "embeddings": np.vstack([data["embeddings"], embeddings]).astype(np.float16),
        }
        np.savez_compressed(out, **{**data, **together})


if __name__ == "__main__":
    main()
