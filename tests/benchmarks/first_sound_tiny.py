"""When the first sound of a text comes from the engines that stream, with tiny checkpoints that speak noise.

Run in the environment of the engine: `.venv-torch/bin/python -m tests.benchmarks.first_sound_tiny torch`, or mlx. Random
weights never end an utterance by themselves: each is ended as a runaway, at a length that follows its text, as speech's
does. Shares of the total say how the engine batches and streams, seconds say nothing.
"""

import argparse
import os
import tempfile
import time
from importlib.util import find_spec
from pathlib import Path

import soundfile

from synthesis.engines import engine_class
from synthesis.engines.base import Audio, Reference, Utterance
from synthesis.scripts.script import prepare
from tests import FIXTURES
from tests.checkpoints import write_checkpoint

LIBRARIES = {"torch": "qwen_tts", "mlx": "mlx_audio"}
SENTENCES = Path(__file__).parent / "sentences" / "en-us.txt"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("engine", nargs="?", choices=LIBRARIES, default="torch")
    parser.add_argument("--sentences", type=int, nargs="+", default=[1, 6, 60])
    chosen = parser.parse_args()
    if find_spec(LIBRARIES[chosen.engine]) is None:
        print(f"Left out: {LIBRARIES[chosen.engine]} is not installed in this environment.")
        return
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    engine = engine_class(chosen.engine)()
    lines = [line for line in SENTENCES.read_text().splitlines() if line.strip()]
    samples, rate = soundfile.read(FIXTURES / "english_austen_short.wav", dtype="float32")
    with tempfile.TemporaryDirectory() as folder:
        engine.load(str(write_checkpoint(Path(folder) / "tiny")))
        voice = engine.condition(Reference(samples, rate, "He was not an ill-disposed young man."))
        read(engine, [Utterance("Now everything is loaded.", "en-us", voice)])
        print(f"| {chosen.engine}: sentences | utterances | first sound, s | total, s | share |\n|---|---|---|---|---|")
        for count in chosen.sentences:
            text = " ".join((lines * (count // len(lines) + 1))[:count])
            script = prepare(text, "en-us", type(engine))
            spoken = [Utterance(segment.spoken, "en-us", voice, seed=7) for segment in script.segments]
            first, total = read(engine, spoken)
            print(f"| {count} | {len(spoken)} | {first:.2f} | {total:.2f} | {first / total:.3f} |", flush=True)


def read(engine, spoken: list[Utterance]) -> tuple[float, float]:
    """Return the seconds until the first sound of the first utterance, and until all are spoken, in batches."""
    began, first = time.perf_counter(), 0.0
    for start in range(0, len(spoken), engine.max_batch):
        for item in engine.synthesize(spoken[start : start + engine.max_batch], lambda progress: None):
            if not first and not start and item.index == 0 and isinstance(item, Audio):
                first = time.perf_counter() - began
    return first, time.perf_counter() - began


if __name__ == "__main__":
    main()
