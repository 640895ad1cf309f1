"""How a site takes kills: `python -m tests.benchmarks.kills [--rounds N] [--kokoro]`.

Starts a real site, kills each kind of process in turn while it speaks, and prints how long the speech took from the
kill, and whether it was completed, by one attempt, with one file. The last rows are on the Kokoro engine.
"""

import argparse
import os
import tempfile
from pathlib import Path

from tests import fakes
from tests.e2e.copy import Copy
from tests.e2e.killing import PROCESS_KINDS, kill

SENTENCES = "The old clock on the wall struck nine. She packed her bag and left before dawn. "


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=3, help="times each kind is killed with the fake engine")
    parser.add_argument("--kokoro", nargs="*", default=["engine host", "synthesis worker", "synthesis sentinel"])
    options = parser.parse_args()
    print(f"{'engine':8} {'killed':20} {'seconds':>8} {'attempts':>9}  once")
    done = run(
        "fake", list(PROCESS_KINDS) * options.rounds, "One two three. Do-slow four five six seven. Ten eleven twelve."
    )
    done += run("kokoro", options.kokoro, SENTENCES * 4) if options.kokoro else []
    print(f"{done.count(True)} of {len(done)} completed exactly once")


def run(engine: str, kinds: list[str], text: str) -> list[bool]:
    done = []
    with tempfile.TemporaryDirectory() as folder:
        services = {name: os.environ[name] for name in ("DATABASE_URL", "REDIS_URL") if name in os.environ}
        copy = Copy(
            Path(folder) / "data",
            VOICESITE_ENGINE=fakes.ENGINE if engine == "fake" else engine,
            VOICESITE_STALL_SECONDS="120",
            **services,
        )
        copy.start()
        try:
            copy.wait_until_ready()
            copy.settle_in()
            for kind in kinds:
                try:
                    outcome = kill(copy, kind, text)
                except AssertionError as error:
                    print(f"{engine:8} {kind:20} {'':8} {'':9}  NO: {error}", flush=True)
                    done.append(False)
                    continue
                attempts = outcome.row["attempts"]
                print(f"{engine:8} {kind:20} {outcome.seconds:8.1f} {attempts:9}  yes", flush=True)
                done.append(True)
        finally:
            copy.stop()
        left = copy.processes()
        print(f"{engine:8} processes left behind: {len(left)}")
    return done


if __name__ == "__main__":
    main()
