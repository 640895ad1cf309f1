"""The bar of the page against the clock: `python -m tests.benchmarks.progress [--engine kokoro] [--texts 50]`.

Texts of mixed length are spoken one after another, and their page is looked at as a browser does. Once one is ready, it is
known which share of its time each look was at: the difference to the share that the bar showed is in percentage points.
"""

import argparse
import random
import re
import statistics
import tempfile
import time
from datetime import datetime
from pathlib import Path

from tests import fakes
from tests.benchmarks.estimates import text_of
from tests.e2e.copy import Copy

LOOKS_A_SECOND = 4
BAR = re.compile(r'<progress[^>]* value="([\d.]+)"')


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--engine", choices=("fake", "kokoro"), default="fake")
    parser.add_argument("--texts", type=int, default=50)
    options = parser.parse_args()
    engine = fakes.ENGINE if options.engine == "fake" else options.engine
    chance = random.Random(5)
    with tempfile.TemporaryDirectory() as folder:
        copy = Copy(Path(folder) / "data", VOICESITE_ENGINE=engine, VOICESITE_STALL_SECONDS="120")
        copy.start()
        try:
            copy.wait_until_ready()
            copy.settle_in()
            time.sleep(5)  # the voice's own sample
            looks = [watch(copy, text_of(chance, options.engine)) for _ in range(options.texts)]
        finally:
            copy.stop()
    report(looks, options.engine)


def watch(copy: Copy, text: str) -> list[tuple[float, float]]:
    """Return the share of its time and the share that was shown, in percent, of each look at a text while it was made."""
    pk = copy.speak(text)
    seen = []
    while copy.row(pk)["state"] in ("pending", "initializing", "generating", "processing"):
        at = time.time()
        bar = BAR.search(copy.open(f"/generations/{pk}/progress")[1])
        if bar:
            seen.append((at, float(bar[1])))
        time.sleep(1 / LOOKS_A_SECOND)
    query = "SELECT started_at, finished_at FROM synthesis_generation WHERE id = {}"
    (times,) = copy.query(query, pk)
    begun, ended = (datetime.fromisoformat(f"{moment}+00:00").timestamp() for moment in times)
    return [(100 * (at - begun) / (ended - begun), shown) for at, shown in seen if begun < at < ended]


def report(looks: list[list[tuple[float, float]]], engine: str) -> None:
    apart = [abs(passed - shown) for look in looks for passed, shown in look]
    each = [statistics.median(abs(passed - shown) for passed, shown in look) for look in looks if look]
    back = sum(later < sooner for look in looks for (_, sooner), (_, later) in zip(look, look[1:], strict=False))
    ninth = statistics.quantiles(apart, n=10, method="inclusive")[-1]
    print(f"{engine}: {len(looks)} texts, {len(apart)} looks; the bar went back {back} times")
    print("| | points |\n|---|---:|")
    print(f"| median of all looks | {statistics.median(apart):.1f} |")
    print(f"| 90th percentile of all looks | {ninth:.1f} |")
    print(f"| median of the texts' medians | {statistics.median(each):.1f} |")
    for low in range(0, 100, 20):
        shown = [shown for look in looks for passed, shown in look if low <= passed < low + 20]
        if shown:
            print(f"| shown at {low} to {low + 20} % of the time, median | {statistics.median(shown):.0f} |")


if __name__ == "__main__":
    main()
