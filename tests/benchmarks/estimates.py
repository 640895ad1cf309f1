"""Estimates against outcomes: `python -m tests.benchmarks.estimates [--engine kokoro] [--texts 50]`.

Three people ask for texts of mixed length, some while others wait. For each is noted what the site said just before, and
how long it then took. A ratio of 1.5 means that one was 1.5 times the other, whichever was longer. It ends after
`--minutes`, with what is ready by then.
"""

import argparse
import json
import random
import statistics
import tempfile
import time
import urllib.error
import urllib.request
from datetime import datetime
from pathlib import Path

from tests import fakes
from tests.e2e.copy import CLIP, Copy, wait_for

PEOPLE = ("ada", "bo", "cy")
KEYS_PROGRAM = """
from voicesite.models import User
from voicesite.people.keys import issue
for user in User.objects.order_by("pk"):
    print(user.username, issue(user, "benchmark", ["speak", "voices"])[1])
"""
SENTENCES = (
    "The old clock on the wall struck nine.",
    "She packed her bag, closed the door behind her, and left the house before dawn.",
    "Nobody in the room had noticed how late it was.",
    "It rained.",
    "By the time the train arrived at the coast, the storm had passed, and the harbour lay quiet under a pale sky.",
)
WARM_UP = 4  # texts before the first estimate
ENDED = ("completed", "failed", "cancelled")


class Person:
    def __init__(self, address: str, name: str, key: str):
        self.address, self.name, self.key = address, name, key

    def ask(self, path: str, **body) -> dict:
        headers = {"Authorization": f"Bearer {self.key}", "Content-Type": "application/json"}
        data = json.dumps(body).encode() if body else None
        request = urllib.request.Request(f"{self.address}{path}", data, headers)
        with urllib.request.urlopen(request, timeout=60) as response:
            return json.load(response)

    def estimate(self, text: str) -> dict | None:
        return self.ask("/api/text/preview", text=text)["estimate"]

    def speak(self, text: str) -> str:
        return self.ask("/api/generations/async", text=text, voice=self.name)["task_id"]

    def task(self, pk: str) -> dict:
        return self.ask(f"/api/generations/tasks/{pk}")


def text_of(chance: random.Random, engine: str) -> str:
    """A text of one sentence to a dozen, most of them short."""
    sentences = chance.choices(SENTENCES, k=min(1 + int(chance.expovariate(0.4)), 12))
    return ("Do-slow " if engine == "fake" else "") + " ".join(sentences)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--engine", choices=("fake", "kokoro"), default="fake")
    parser.add_argument("--texts", type=int, default=50)
    parser.add_argument("--minutes", type=float, default=7.0)
    options = parser.parse_args()
    engine = fakes.ENGINE if options.engine == "fake" else options.engine
    with tempfile.TemporaryDirectory() as folder:
        copy = Copy(Path(folder) / "data", VOICESITE_ENGINE=engine, VOICESITE_STALL_SECONDS="120")
        copy.start()
        try:
            copy.wait_until_ready()
            for name in PEOPLE:
                copy.manage("create_user", name, "--password", "a long enough one")
                copy.manage("create_voice", "--user", name, "--name", name, "--language", "en", str(CLIP))
            keys = dict(
                line.split() for line in copy.manage("shell", "--verbosity", "0", "-c", KEYS_PROGRAM).splitlines()
            )
            people = [Person(f"http://127.0.0.1:{copy.port}", name, keys[name]) for name in PEOPLE]
            report(measure(people, options), options)
        finally:
            copy.stop()


def measure(people: list[Person], options: argparse.Namespace) -> list[tuple[dict, dict]]:
    """Return the estimate and the task of each text that was ready in time."""
    chance = random.Random(7)
    end = time.monotonic() + options.minutes * 60
    for _ in range(WARM_UP):
        pk = people[0].speak(text_of(chance, options.engine))
        wait_for(lambda pk=pk: people[0].task(pk)["status"] in ENDED, 120)
    time.sleep(5)  # the voices' own samples
    asked: list[tuple[Person, dict, str]] = []
    while len(asked) < options.texts and time.monotonic() < end - 60:
        for _ in range(chance.choice((1, 1, 2, 4))):  # several at once, so that they wait for each other
            person, text = chance.choice(people), text_of(chance, options.engine)
            if estimate := person.estimate(text):
                asked.append((person, estimate, person.speak(text)))
        wait_for(lambda: sum(one.task(pk)["status"] not in ENDED for one, _, pk in asked[-8:]) < 3, 120)
    while time.monotonic() < end and any(one.task(pk)["status"] not in ENDED for one, _, pk in asked):
        time.sleep(0.5)
    tasks = [(estimate, one.task(pk)) for one, estimate, pk in asked[: options.texts]]
    return [(estimate, task) for estimate, task in tasks if task["status"] == "completed"]


def report(measured: list[tuple[dict, dict]], options: argparse.Namespace) -> None:
    ready, speech, waited = [], [], 0
    for estimate, task in measured:
        began, ended = (datetime.fromisoformat(task[name]) for name in ("created_at", "finished_at"))
        took = (ended - began).total_seconds()
        ready.append(_factor(estimate["seconds"], took))
        speech.append(_factor(estimate["speech_seconds"], task["result"]["seconds"]))
        waited += estimate["texts_before"] > 0
    print(f"{options.engine}: {len(measured)} texts, {waited} of them with others before")
    print("| | median | 90th percentile | at most |\n|---|---:|---:|---:|")
    for name, factors in (("until ready", ready), ("length of the speech", speech)):
        ninth = statistics.quantiles(factors, n=10, method="inclusive")[-1]
        print(f"| {name} | {statistics.median(factors):.2f} | {ninth:.2f} | {max(factors):.2f} |")


def _factor(estimated: float, actual: float) -> float:
    low, high = sorted((max(estimated, 0.01), max(actual, 0.01)))
    return high / low


if __name__ == "__main__":
    main()
