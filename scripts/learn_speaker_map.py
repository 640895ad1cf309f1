"""Train the speaker map of kokoro's fit: `python scripts/learn_speaker_map.py blends.npz --minutes 60`.

Random sentences are synthesized with random blends of the published voices; the weights of each blend and the speaker
embedding of its speech are added to blends.npz. One takes a core one to two seconds; the shipped map was made from
4,300, of which the first 2,600 have the same blend for timbre and prosody. A Gaussian process over all of them then
predicts, for a thousand of them, the mean embedding without the influence of the sentence: synthesis/engines/kokoro/
tables/speaker_map.npz. It also holds a linear model of the pitch (the shipped one was made from 146 blends).
Can be interrupted and repeated; each run adds to the file.
"""

import argparse
import time
from pathlib import Path

import numpy as np

from synthesis.engines.base import Utterance
from synthesis.engines.kokoro import data as kokoro_data
from synthesis.engines.kokoro.engine import RATE, KokoroEngine, _pack
from synthesis.engines.kokoro.fit import Blend, StyleSpace, kernel
from voices.analysis import speaker_encoder
from voices.analysis.pitch import median_pitch

SENTENCES = {
    "en-us": [
        "The train to the coast leaves at seven.",
        "Nobody had expected so much snow.",
        "He put the book back on the shelf.",
        "She asked for a glass of water.",
        "My uncle keeps bees behind the barn.",
        "Turn left, then follow the river.",
        "The doctor will see you in a minute.",
        "I never understood why he sold it.",
        "Thank you for calling, how may I help?",
        "They danced under the summer stars.",
        "A small dog barked at the garden gate.",
        "What would you do with a million?",
        "Please leave your name and number.",
        "Good judgment comes from experience.",
        "We could hear music from the next room.",
        "Open the window, it is far too warm.",
        "All of them arrived before the storm.",
        "Her younger brother works in Boston.",
    ],
    "es": ["La biblioteca abre a las nueve.", "Gracias por llamar, es muy amable."],
    "fr": ["Le marché ouvre tous les samedis.", "Je vous remercie de votre visite."],
    "it": ["La finestra guarda verso il giardino."],
    "pt-br": ["O menino correu para casa."],
}
VOICE_SHARES = [0.72, 0.08, 0.08, 0.06, 0.06]  # of the languages
MIXED_VOICES = 1000  # of the map
PITCH_RIDGE = 1.0
BIAS_INPUT = 10.0  # large, so that the ridge hardly shrinks it
NOISE = 0.2  # variance of an embedding around its blend's mean, as a part of the variance between blends


def weights(random: np.random.Generator, voices: int) -> np.ndarray:
    """Return weights of two to five voices, mostly pushed away from their mean: people lie outside the convex hull."""
    made = np.zeros(voices)
    chosen = random.choice(voices, random.integers(2, 6), replace=False)
    made[chosen] = random.dirichlet(np.ones(len(chosen)))
    if random.random() < 0.6:
        made += random.uniform(0.1, 0.7) * (made - 1 / voices)
    return made.astype(np.float32)


def measure_blends(path: Path, minutes: float) -> dict[str, np.ndarray]:
    """Measure blends for `minutes`, add them to the file at `path`, and return all blends in it."""
    columns: dict[str, list] = {"timbre": [], "prosody": [], "embeddings": [], "pitch": []}
    if path.exists():
        with np.load(path) as data:
            columns = {name: list(data[name]) for name in columns}
    random = np.random.default_rng(len(columns["timbre"]))  # a different sequence in each run
    voices = len(kokoro_data.voices()[0])
    engine = KokoroEngine()
    engine.load(engine.models[0].name)
    end = time.monotonic() + minutes * 60
    while time.monotonic() < end:
        timbre = weights(random, voices)
        prosody = timbre if random.random() < 0.3 else weights(random, voices)
        language = str(random.choice(list(SENTENCES), p=VOICE_SHARES))
        utterance = Utterance(str(random.choice(SENTENCES[language])), language, _pack(Blend(timbre, prosody)))
        (audio,) = engine.synthesize([utterance], lambda progress: None)
        if np.abs(audio.samples).max() < 1e-3:
            continue
        measured = speaker_encoder.embed(audio.samples, RATE), median_pitch(audio.samples, RATE)
        for column, value in zip(columns.values(), (timbre, prosody, *measured), strict=True):
            column.append(value)
        if len(columns["timbre"]) % 100 == 0:
            np.savez(path, **columns)
    np.savez(path, **columns)
    return {name: np.array(values, np.float64) for name, values in columns.items()}


def learn(data: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    """Return the map: the Gaussian process over all blends, evaluated at MIXED_VOICES of them."""
    points = StyleSpace().coordinates(data["timbre"], data["prosody"])
    squares = (points**2).sum(1)
    scale = np.median(squares[:, None] + squares - 2 * points @ points.T)
    covariance = kernel(points, points, scale)
    mean = data["embeddings"].mean(0)
    factors = np.linalg.solve(covariance + NOISE * np.eye(len(points)), data["embeddings"] - mean)
    residual = data["embeddings"] - mean
    chosen = np.sort(np.random.default_rng(0).choice(len(points), min(MIXED_VOICES, len(points)), replace=False))
    return {
        "timbre": data["timbre"][chosen].astype(np.float16),
        "prosody": data["prosody"][chosen].astype(np.float16),
        "embeddings": (mean + covariance[chosen] @ factors).astype(np.float16),
        "mean": mean.astype(np.float32),
        "scale": np.float32(scale),
        "pitch": learn_pitch(points, data["pitch"]).astype(np.float32),
        "variance": np.float32((residual**2).sum(1).mean() * 0.6),  # the part that the blend explains
    }


def learn_pitch(points: np.ndarray, pitch: np.ndarray) -> np.ndarray:
    """Return the coefficients of a linear model of log pitch by coordinates, the intercept last. Skips NaN."""
    voiced = np.isfinite(pitch)
    inputs = np.hstack([points[voiced], np.full((voiced.sum(), 1), BIAS_INPUT)])
    gram = inputs.T @ inputs + PITCH_RIDGE * np.eye(inputs.shape[1])
    model = np.linalg.solve(gram, inputs.T @ np.log(pitch[voiced]))
    return np.append(model[:-1], BIAS_INPUT * model[-1])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("blends", type=Path)
    parser.add_argument("--minutes", type=float, default=60, help="0 learns from the blends that are there")
    parser.add_argument("--out", type=Path, default=Path(kokoro_data.__file__).parent / "tables" / "speaker_map.npz")
    options = parser.parse_args()
    data = measure_blends(options.blends, options.minutes)
    np.savez_compressed(options.out, **learn(data))
    print(f"Learnt from {len(data['timbre'])} blends: {options.out}")


if __name__ == "__main__":
    main()
