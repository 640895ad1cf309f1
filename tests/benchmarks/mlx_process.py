"""What it is worth that the mlx engine stays loaded, and that it stays small: `python -m tests.benchmarks.mlx_process`.

Runs in the environment of the mlx engine, .venv-mlx, on the tiny checkpoint of the tests: it measures the site's way of
running the engine, not the model. `--model FOLDER` takes another one, for a machine with real weights.
"""

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import psutil
import soundfile

from synthesis.engines.base import Audio, Reference, Rejected, Utterance
from synthesis.engines.client import EngineProcess
from tests import FIXTURES
from tests.checkpoints import write_checkpoint
from voicesite.modelhost.protocol import Cancelled, Progress

TEXT = "The kettle is on."
TRANSCRIPT = "It is a truth universally acknowledged"
RECORDING = FIXTURES / "english_austen_short.wav"


def reference() -> Reference:
    samples, rate = soundfile.read(RECORDING, dtype="float32")
    return Reference(samples, rate, TRANSCRIPT, "en-us")


# mlx-audio's own program, without the player, which wants a sound card.
PROGRAM_SOURCE = """
import sys
import numpy, soundfile
from mlx_audio.tts.utils import load_model

folder, recording, said, text, frames, output = sys.argv[1:]
results = load_model(folder).generate(
    text=text, ref_audio=recording, ref_text=said, lang_code="english", max_tokens=int(frames)
)
soundfile.write(output, numpy.concatenate([numpy.array(result.audio) for result in results]), 24_000)
"""


def by_subprocess(model: Path, output: Path, frames: int) -> float:
    """Seconds of one generation as the old system made it: a program that starts, loads the model, and ends."""
    begun = time.monotonic()
    arguments = [str(model), str(RECORDING), TRANSCRIPT, TEXT, str(frames), str(output)]
    subprocess.run([sys.executable, "-c", PROGRAM_SOURCE, *arguments], check=True, stdout=subprocess.DEVNULL)
    return time.monotonic() - begun


def by_host(process: EngineProcess, voice, seed: int) -> tuple[float, int]:
    """Seconds of one generation in a host that stays, and the frames that were made."""
    begun, done = time.monotonic(), 0
    for item in process.synthesize([Utterance(TEXT, "en-us", voice, seed=seed)], lambda: None):
        if isinstance(item, Progress):
            done = item.done
    return time.monotonic() - begun, done


def compare(model: Path, times: int) -> None:
    process = EngineProcess()
    begun = time.monotonic()
    process.load("mlx", str(model), lambda: None)
    loading = time.monotonic() - begun
    voice = process.condition(reference(), lambda: None)
    by_host(process, voice, 2)
    hosted = [by_host(process, voice, seed) for seed in range(2, 2 + times)]
    process.end()
    seconds, frames = zip(*hosted, strict=True)
    with tempfile.TemporaryDirectory() as folder:
        output, length = Path(folder) / "sound.wav", round(statistics.mean(frames))
        each = [by_subprocess(model, output, length) for _ in range(times)]
    print(f"start of the host and loading, once: {loading:.2f} s")
    print(
        f"in the host: {statistics.mean(seconds):.2f} s a generation of {statistics.mean(frames):.0f} frames (mean of {times})"
    )
    print(f"a subprocess each: {statistics.mean(each):.2f} s a generation of as many frames at most (mean of {times})")
    print(f"ratio: {statistics.mean(each) / statistics.mean(seconds):.1f}")


def last_long(model: Path, generations: int) -> None:
    """Memory, and whether every frame is reported; every fifth generation is cancelled in its third frame."""
    import mlx.core as mx

    from synthesis.engines.qwen3.mlx.engine import MlxEngine
    from synthesis.engines.qwen3.mlx.frame_loop import FrameLoop

    made = reported = after_cancel = cancelled = 0
    outcomes = {"spoken": 0, "rejected": 0, "cancelled": 0}
    step = FrameLoop.step

    def counted(loop):
        nonlocal made, after_cancel
        written = step(loop)
        made += sum(each.codes is not None for each in written)
        after_cancel += cancelled
        return written

    FrameLoop.step = counted  # type: ignore[method-assign]
    engine = MlxEngine()
    engine.load(str(model))
    voice = engine.condition(reference())
    mine = psutil.Process()
    print("generations   resident MB   mlx active MB   mlx cache MB   mlx peak MB")
    for number in range(1, generations + 1):
        last = 0

        def on_progress(progress, number=number):
            nonlocal reported, last, cancelled
            reported += progress.done > last  # the last report says again that all are done
            last = progress.done
            if number % 5 == 0 and progress.done == 3:
                cancelled = 1
                raise Cancelled

        try:
            items = list(engine.synthesize([Utterance(TEXT, "en-us", voice, seed=number)], on_progress))
            outcomes["rejected" if isinstance(items[-1], Rejected) else "spoken"] += 1
            assert isinstance(items[-1], Audio | Rejected)
        except Cancelled:
            outcomes["cancelled"] += 1
        cancelled = 0
        if number in (20, 100, generations):
            sizes = (mine.memory_info().rss, mx.get_active_memory(), mx.get_cache_memory(), mx.get_peak_memory())
            print(f"{number:11}" + "".join(f"{size / 1e6:15.2f}" for size in sizes), flush=True)
    FrameLoop.step = step  # type: ignore[method-assign]
    print(", ".join(f"{count} {outcome}" for outcome, count in outcomes.items()))
    print(f"frames made: {made}, reported: {reported}; made after a cancel was asked for: {after_cancel}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--model", type=Path, help="a folder with a model; without it the tests' tiny checkpoint")
    parser.add_argument("--times", type=int, default=5)
    parser.add_argument("--generations", type=int, default=200)
    options = parser.parse_args()
    os.environ.setdefault("MLX_DISABLE_COMPILE", "1")
    with tempfile.TemporaryDirectory() as folder:
        model = options.model or write_checkpoint(Path(folder) / "tiny")
        compare(model, options.times)
        last_long(model, options.generations)


if __name__ == "__main__":
    main()
