"""The first sound of a text through the API and the queue, by its share of the whole time, on a site of its own.

    python -m tests.benchmarks.first_sound_site [--rounds 3]

Six sentences of common length, those that `first_sound` measures in the engine's process, and six short ones. Each text
is asked for when the site has come to rest: the voice is fitted, and what was spoken before is evaluated.
"""

import argparse
import statistics
import tempfile
import time
from pathlib import Path

import psutil

from tests.benchmarks.estimates import KEYS_PROGRAM, Person
from tests.benchmarks.first_sound import AIMS, texts
from tests.benchmarks.turns import took
from tests.e2e.copy import CLIP, Copy

TEXTS = {
    "common": " ".join(texts(6)),
    "short": "The ferry left the harbour at dawn, and nobody on board had slept. A thin rain fell on the deck. The captain "
    "counted his passengers twice, as he did every morning. Somebody laughed in the cabin below. When the coast was out of "
    "sight, the wind turned and the old engine began to cough. By noon they could see the islands again, and everyone was "
    "hungry.",
}
REST_SECONDS = 3
BUSY = 0.2  # seconds of processor time a second: less is resting


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        copy = Copy(Path(folder) / "data", VOICESITE_ENGINE="kokoro", VOICESITE_STALL_SECONDS="120")
        copy.start()
        try:
            copy.wait_until_ready()
            copy.manage("create_user", "ada", "--password", "a long enough one")
            copy.manage("create_voice", "--user", "ada", "--name", "ada", "--language", "en", str(CLIP))
            _, key = copy.manage("shell", "--verbosity", "0", "-c", KEYS_PROGRAM).split()
            ada = Person(f"http://127.0.0.1:{copy.port}", "ada", key)
            took(ada, ada.speak("Now everything is loaded."))
            shares: dict[str, list[float]] = {name: [] for name in TEXTS}
            for _ in range(options.rounds):
                for name, text in TEXTS.items():
                    come_to_rest(copy)
                    pk = ada.speak(text)
                    whole = took(ada, pk)
                    first = ada.ask(f"/api/generations/{pk}")["first_audio_seconds"]
                    shares[name].append(first / whole)
                    print(f"{name}, {len(text)} characters: {first:.2f} of {whole:.2f} s", flush=True)
            print(f"\n| six sentences | share, median | of {options.rounds} | aim |\n|---|---|---|---|")
            for name, found in shares.items():
                spread = f"{min(found):.3f}–{max(found):.3f}"
                print(f"| {name} | {statistics.median(found):.3f} | {spread} | {AIMS[6]} |")
        finally:
            copy.stop()


def come_to_rest(copy: Copy) -> None:
    """Wait until none of the site's processes has had anything to do for REST_SECONDS."""
    assert copy.process
    spent, idle = None, 0
    while idle < REST_SECONDS:
        time.sleep(1)
        family = psutil.Process(copy.process.pid).children(recursive=True)
        before, spent = spent, sum(sum(process.cpu_times()[:2]) for process in family)
        idle = idle + 1 if before is not None and abs(spent - before) < BUSY else 0


if __name__ == "__main__":
    main()
