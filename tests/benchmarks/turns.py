"""A short text behind a long one: `python -m tests.benchmarks.turns [--engine kokoro] [--rounds 3]`.

Somebody's text of `--characters` is being spoken when somebody else asks for a sentence. Printed is how long the sentence
took until it was heard and ready, and how long the long text took, beside what both take alone.
"""

import argparse
import tempfile
import time
from datetime import datetime
from pathlib import Path

from tests import fakes
from tests.benchmarks.estimates import ENDED, KEYS_PROGRAM, SENTENCES, Person
from tests.e2e.copy import CLIP, Copy, wait_for

SHORT_TEXT = "The old clock on the wall struck nine."


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--engine", choices=("fake", "kokoro"), default="fake")
    parser.add_argument("--characters", type=int, default=2000)
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    slowly = "Do-slow " if options.engine == "fake" else ""
    engine = fakes.ENGINE if options.engine == "fake" else options.engine
    long_text = (slowly + " ".join(SENTENCES * 10))[: options.characters].rpartition(".")[0] + "."
    with tempfile.TemporaryDirectory() as folder:
        copy = Copy(Path(folder) / "data", VOICESITE_ENGINE=engine, VOICESITE_STALL_SECONDS="120")
        copy.start()
        try:
            copy.wait_until_ready()
            for name in ("ada", "bo"):
                copy.manage("create_user", name, "--password", "a long enough one")
                copy.manage("create_voice", "--user", name, "--name", name, "--language", "en", str(CLIP))
            keys = dict(
                line.split() for line in copy.manage("shell", "--verbosity", "0", "-c", KEYS_PROGRAM).splitlines()
            )
            ada, bo = (Person(f"http://127.0.0.1:{copy.port}", name, keys[name]) for name in ("ada", "bo"))
            for person in (ada, bo):
                took(person, person.speak(slowly + SHORT_TEXT))
            time.sleep(8)  # the voices' own samples
            alone = took(ada, ada.speak(long_text)), took(bo, bo.speak(slowly + SHORT_TEXT))
            print(
                f"{options.engine}: alone, the long text took {alone[0]:.1f} s, the short one {alone[1]:.1f} s",
                flush=True,
            )
            for _ in range(options.rounds):
                behind(ada, bo, long_text, slowly + SHORT_TEXT)
        finally:
            copy.stop()


def behind(ada: Person, bo: Person, long_text: str, short_text: str) -> None:
    long = ada.speak(long_text)
    wait_for(lambda: ada.task(long)["progress"] > 34, 120)
    short = bo.speak(short_text)
    told = bo.task(short)["eta_seconds"]
    waited = took(bo, short)
    print(f"the short one took {waited:.1f} s (told: {told}); the long one {took(ada, long):.1f} s", flush=True)


def took(person: Person, pk: str) -> float:
    wait_for(lambda: person.task(pk)["status"] in ENDED, 900)
    task = person.task(pk)
    assert task["status"] == "completed", task["error"]
    created, finished = (datetime.fromisoformat(task[name]) for name in ("created_at", "finished_at"))
    return (finished - created).total_seconds()


if __name__ == "__main__":
    main()
