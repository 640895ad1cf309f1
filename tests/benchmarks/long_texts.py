"""Long texts on a real site: real-time factor, memory of each process, kills on the way, and one sentence changed.

Run with `python -m tests.benchmarks.long_texts [--engine fake|kokoro] [--characters N] [--kills N]`.
"""

import argparse
import itertools
import json
import tempfile
import time
import urllib.request
from pathlib import Path

import numpy as np
import soundfile

from synthesis.speech.loudness import clicks
from tests import fakes
from tests.e2e.copy import Copy

RATE = 24_000

SENTENCES = (
    "The ferry left the harbour at dawn, and nobody on board had slept well.",
    "A gull cried twice above the mast.",
    "Then the engine coughed, the lamps went out, and all was still for a while.",
    "The old captain counted the waves and said nothing.",
    "Somebody below deck began to sing, softly at first, and then with the others.",
    "It was the ninth of May, and the coast was seventeen miles away.",
)
PROCESSES = ("web worker", "synthesis worker", "engine host", "background worker")
VICTIMS = ("synthesis worker", "engine host")


def text_of(characters: int) -> str:
    """Sentences in paragraphs, each with a number of its own, so that no two are alike."""
    parts, length = [], 0
    for number in itertools.count(1):
        sentence = f"Number {number}: {SENTENCES[number % len(SENTENCES)]}" + ("\n\n" if number % 7 == 0 else " ")
        if length + len(sentence) > characters:
            return "".join(parts).strip()
        parts.append(sentence)
        length += len(sentence)
    raise AssertionError


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--engine", choices=("fake", "kokoro"), default="fake")
    parser.add_argument("--characters", type=int, default=100_000)
    parser.add_argument("--kills", type=int, default=2, help="of the worker and of the engine host each")
    parser.add_argument("--changes", type=int, default=3, help="sentences that are changed, one after the other")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        engine = fakes.ENGINE if options.engine == "fake" else options.engine
        copy = Copy(Path(folder) / "data", VOICESITE_ENGINE=engine, VOICESITE_TRANSCRIBER="none")
        copy.start()
        try:
            copy.wait_until_ready()
            copy.settle_in()
            speak(copy, text_of(options.characters), options.kills)
            if options.changes:
                change(copy, text_of(40_000), options.changes)
        finally:
            copy.stop()


def speak(copy: Copy, text: str, kills: int) -> None:
    copy.speak("Everything is warm now.")
    time.sleep(3)
    began = time.monotonic()
    pk = copy.speak(text)
    wait_for_share(copy, pk, 0.05)
    before = memory(copy)
    for number in range(kills * len(VICTIMS)):
        wait_for_share(copy, pk, 0.15 + 0.7 * number / (kills * len(VICTIMS)))
        kind = VICTIMS[number % len(VICTIMS)]
        if victim := copy.find(kind):
            victim.kill()
            print(f"killed the {kind} at {copy.row(pk)['progress']} %, after {time.monotonic() - began:.0f} s")
    wait_for_share(copy, pk, 0.95)
    after = memory(copy)
    row = wait_until_ended(copy, pk)
    seconds = time.monotonic() - began
    takes, files = copy.takes(pk), copy.sounds(pk, "segments")
    print(
        f"{len(text):,} characters, {len(takes)} sentences, {row['seconds'] / 60:.1f} minutes of speech: {row['state']}"
    )
    print(f"{seconds:.0f} s; real-time factor {seconds / row['seconds']:.3f}; attempts {row['attempts']}")
    again = sum(number > 1 for _, number, _ in takes)
    print(f"spoken twice: {again}; lost: {len({index for index, *_ in takes}) - len(takes) + again}; "
          f"files: {len(files)}, different by hash: {len(set(files.values()))}")  # fmt: skip
    if copy.environment["VOICESITE_ENGINE"] == "kokoro":  # tones begin and end at once
        samples, joins = whole_of(copy, pk)
        print(f"clicks at {len(joins)} joins: {len(clicks(samples, RATE, joins))}")
    print("| process | MB at 5 % | MB at 95 % |\n| --- | --- | --- |")
    for kind in PROCESSES:
        print(f"| {kind} | {before.get(kind, 0):.0f} | {after.get(kind, 0):.0f} |")


def whole_of(copy: Copy, pk: str) -> tuple[np.ndarray, list[int]]:
    """Return the sound of a text, and the places where takes and silences meet in it."""
    samples, _ = soundfile.read(copy.folder / "media" / copy.row(pk)["audio"], dtype="float32")
    query = (
        "SELECT s.pause_before, t.seconds, s.pause FROM synthesis_segment s JOIN synthesis_segmenttake t "
        'ON s.take_id = t.id WHERE s.generation_id = {} ORDER BY s."index"'
    )
    lengths = [round(seconds * RATE) for row in copy.query(query, pk) for seconds in row]
    edges = list(itertools.accumulate(lengths))
    assert edges[-1] == len(samples), "the whole is its segments"
    return samples, sorted(set(edges[:-1]) - {0})


def change(copy: Copy, text: str, changes: int) -> None:
    """Edit sentences of a text, and see how long the new whole takes, and that nothing else changes."""
    key = copy.manage("create_api_key", "ada").split()[-1]
    pk = copy.speak(text)
    wait_until_ended(copy, pk)
    sentences = len(copy.takes(pk))
    for number in range(changes):
        before = copy.sounds(pk, "segments")
        index = (number + 1) * sentences // (changes + 1)
        request = urllib.request.Request(
            f"http://127.0.0.1:{copy.port}/api/generations/{pk}/segments/{index}",
            json.dumps({"text": f"This was changed for the sake of reason number {number}."}).encode(),
            {"Authorization": f"Bearer {key}", "Content-Type": "application/json"},
            method="PATCH",
        )
        began = time.monotonic()
        with urllib.request.urlopen(request, timeout=30) as response:
            answered = time.monotonic() - began
            assert response.status == 202
        wait_until_ended(copy, pk)
        seconds, after = time.monotonic() - began, copy.sounds(pk, "segments")
        untouched = sum(after.get(name) == digest for name, digest in before.items())
        print(
            f"one of {sentences} sentences changed: answered in {answered:.2f} s, the new whole in {seconds:.1f} s; "
            f"untouched {untouched} of {len(before)}, new {len(after) - len(before)}"
        )


def wait_for_share(copy: Copy, pk: str, share: float) -> None:
    """Wait until this share of the text is spoken."""
    while (row := copy.row(pk))["state"] in ("pending", "initializing", "generating"):
        if row["progress"] >= 30 + 40 * share:
            return
        time.sleep(0.05)


def wait_until_ended(copy: Copy, pk: str) -> dict:
    while (row := copy.row(pk))["state"] not in ("completed", "failed", "cancelled"):
        time.sleep(0.05)
    assert row["state"] == "completed", row
    return row


def memory(copy: Copy) -> dict[str, float]:
    """The resident memory of each process in MB."""
    found = {kind: copy.find(kind) for kind in PROCESSES}
    return {kind: process.memory_info().rss / 1e6 for kind, process in found.items() if process}


if __name__ == "__main__":
    main()
