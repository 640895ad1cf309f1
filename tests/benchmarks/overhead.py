"""What the site adds to the engine: `python -m tests.benchmarks.overhead [--requests N]`.

On an idle site, from the request to the engine's start (what bounds it: the broker is polled every 0.1 s, and a process
hands the message on), and from the last sample to `completed`, for about 10 s of speech.
"""

import argparse
import contextlib
import sqlite3
import statistics
import tempfile
import time
from datetime import datetime
from pathlib import Path

from tests import fakes
from tests.e2e.copy import Copy, wait_for

TEXT_BY_ENGINE = {  # about ten seconds of speech each
    "fake": "word " * 50,
    "kokoro": "The old clock on the wall struck nine, and nobody in the room had noticed how late it was. "
    "She packed her bag, closed the door behind her, and left the house before dawn.",
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--requests", type=int, default=30)
    parser.add_argument("--engines", nargs="*", default=list(TEXT_BY_ENGINE))
    options = parser.parse_args()
    for engine in options.engines:
        with tempfile.TemporaryDirectory() as folder:
            copy = Copy(
                Path(folder) / "data",
                VOICESITE_ENGINE=fakes.ENGINE if engine == "fake" else engine,
                VOICESITE_STALL_SECONDS="120",
            )
            copy.start()
            try:
                copy.wait_until_ready()
                copy.settle_in()
                _quiet(copy)
                for _ in range(options.requests):
                    _speak(copy, TEXT_BY_ENGINE[engine])
                _report(engine, copy)
            finally:
                copy.stop()


def _speak(copy: Copy, text: str) -> None:
    pk = copy.speak(text)
    wait_for(lambda: copy.row(pk)["state"] == "completed", 120, lambda: copy.row(pk))
    time.sleep(0.3)


def _quiet(copy: Copy) -> None:
    """Until the new voice is refined and the model is loaded."""
    wait_for(lambda: "Waiting" not in copy.open(f"/voices/{copy.voice}/fitting")[1], 60)
    wait_for(lambda: copy.open(f"/voices/{copy.voice}/fitting")[0] == 286, 240)
    wait_for(lambda: copy.find("engine host"), 60)
    time.sleep(3)


def _report(engine: str, copy: Copy) -> None:
    columns = "created_at, started_at, engine_started_at, engine_finished_at, finished_at, seconds"
    with contextlib.closing(sqlite3.connect(copy.folder / "voicesite.sqlite3")) as database:
        rows = database.execute(f"SELECT {columns} FROM synthesis_generation").fetchall()
    claimed, begun, ended = [], [], []
    for *times, _ in rows:
        created, started, engine_started, engine_finished, finished = map(datetime.fromisoformat, times)
        claimed.append((started - created).total_seconds())
        begun.append((engine_started - created).total_seconds())
        ended.append((finished - engine_finished).total_seconds())
    print(f"{engine}: {len(rows)} requests, {statistics.mean(row[-1] for row in rows):.1f} s of speech each")
    for name, values in (
        ("request to claim", claimed),
        ("request to engine's start", begun),
        ("last sample to completed", ended),
    ):
        print(f"  {name:28} median {statistics.median(values):.3f} s, p95 {_p95(values):.3f} s")


def _p95(values: list[float]) -> float:
    return statistics.quantiles(values, n=20, method="inclusive")[-1]


if __name__ == "__main__":
    main()
