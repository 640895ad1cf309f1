"""What a site costs when nobody is there: `python -m tests.benchmarks.idle [--seconds 60] [--engine kokoro]`. Linux only.

On a site of its own: when it has just come up, after a text was spoken, and when its engine gave back its memory. Memory is
the proportional set size: pages that processes share count once. Processor time is of one core.
"""

import argparse
import tempfile
import time
from collections import Counter
from pathlib import Path

import psutil

from tests.benchmarks.estimates import KEYS_PROGRAM, Person
from tests.benchmarks.first_sound_site import come_to_rest
from tests.benchmarks.turns import took
from tests.e2e.copy import CLIP, Copy, wait_for

MEGABYTES, SHARE = 600, 1.5  # the aims: MB, and % of a core
IDLE_SECONDS = 60  # after which the engine gives its memory back, here


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=int, default=60, help="of each measurement")
    parser.add_argument("--engine", default="kokoro")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        copy = Copy(
            Path(folder) / "data",
            VOICESITE_ENGINE=options.engine,
            VOICESITE_STALL_SECONDS="120",
            VOICESITE_IDLE_SECONDS=str(IDLE_SECONDS + options.seconds),
        )
        copy.start()
        try:
            copy.wait_until_ready()
            wait_for(lambda: copy.find("engine host"), 60, copy.log.read_text)
            come_to_rest(copy)
            show("just started", copy, options.seconds)
            copy.manage("create_user", "ada", "--password", "a long enough one")
            copy.manage("create_voice", "--user", "ada", "--name", "ada", "--language", "en", str(CLIP))
            _, key = copy.manage("shell", "--verbosity", "0", "-c", KEYS_PROGRAM).split()
            ada = Person(f"http://127.0.0.1:{copy.port}", "ada", key)
            took(ada, ada.speak("Now everything is loaded."))
            come_to_rest(copy)
            show("after a text", copy, options.seconds)
            wait_for(lambda: not copy.find("engine host"), 2 * IDLE_SECONDS + 3 * options.seconds, copy.log.read_text)
            show("after the engine’s idle time", copy, options.seconds)
        finally:
            copy.stop()


def show(when: str, copy: Copy, seconds: int) -> None:
    """Measure the site for a while, and print what each kind of process takes."""
    before = {process: sum(process.cpu_times()[:2]) for process in copy.processes()}
    time.sleep(seconds)
    number: Counter[str] = Counter()
    memory: Counter[str] = Counter()
    spent: Counter[str] = Counter()
    for process in copy.processes():
        try:
            kind = kind_of(process)
            memory[kind] += process.memory_full_info().pss
            spent[kind] += sum(process.cpu_times()[:2]) - before.get(process, 0.0)
            number[kind] += 1
        except psutil.Error:
            continue
    print(f"\n{when}, {seconds} s:\n\n| process | number | MB | % of a core |\n|---|---|---|---|")
    for kind, size in memory.most_common():
        print(f"| {kind} | {number[kind]} | {size / 1e6:.0f} | {100 * spent[kind] / seconds:.2f} |")
    total = memory.total() / 1e6, 100 * spent.total() / seconds
    print(f"| all (aims: {MEGABYTES}, {SHARE}) | {number.total()} | {total[0]:.0f} | {total[1]:.2f} |", flush=True)


def kind_of(process: psutil.Process) -> str:
    """Return what a process is: a fork of the supervisor tells it by its name, a Python of its own by its module."""
    words = process.cmdline()
    if "supervise" in words:
        return process.name()
    return words[words.index("-m") + 1] if "-m" in words else words[0]


if __name__ == "__main__":
    main()
