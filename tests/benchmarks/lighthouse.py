"""What Lighthouse says of the pages that people are on most, at a desk and on a phone: `python -m tests.benchmarks lighthouse`.

It needs npx, which comes with npm and fetches Lighthouse into a folder of its own the first time, and Chromium; nothing else
of Voicesite needs npm. The site is one of its own with voices and texts. Lighthouse slows the processor and the line as it
does by default, so its points for performance are also the machine's: `machine` is how fast Lighthouse found that, about 1500
for an idle laptop. On one that does other things too, `--times 3` keeps of each page what was measured while it was fastest.
A page that has fewer than LEAST points is followed by what took them, and ends the command with an error.
"""

import argparse
import contextlib
import json
import os
import shutil
import subprocess
import tempfile
from pathlib import Path

from playwright.sync_api import sync_playwright

from tests import FIXTURES, fakes
from tests.e2e.conftest import CHROMIUM, CHROMIUM_ARGUMENTS, served, sign_in
from tests.e2e.copy import free_port, wait_for

VERSION = "12"  # the newest that Node.js 20 runs
LEAST = 95  # of 100
CATEGORIES = ("performance", "accessibility", "best-practices")
DEVICES = {"desk": ["--preset=desktop"], "phone": []}  # a phone is what Lighthouse takes everybody for
VOICES = ("Edward", "Elinor", "Emma", "Jane", "Odette", "Zacharias")
ROWS = 40  # two pages of the library
TEXT = (
    "In a house at the edge of the wood lived a clockmaker who had never once been late. "
    "One morning, at a quarter past seven, every clock in the house stopped. "
)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("pages", nargs="*", metavar="PAGE", help="studio, voices …; all of them")
    parser.add_argument("--times", type=int, default=1, help="how often each is measured")
    parser.add_argument("--reports", type=Path, metavar="FOLDER", help="where to keep the whole reports, as HTML")
    options = parser.parse_args()
    if not shutil.which("npx"):
        raise SystemExit("Lighthouse comes by npm, which is not here: https://nodejs.org has it.")
    missed = False
    with tempfile.TemporaryDirectory() as folder, served(Path(folder), VOICESITE_TRANSCRIBER=fakes.TRANSCRIBER) as site:
        pages = fill(site)
        with signed_in(site) as port:
            print(f"{'page':<12}{'device':<8}{'machine':>8}" + "".join(f"{name:>16}" for name in CATEGORIES))
            for name in options.pages or pages:
                for device, arguments in DEVICES.items():
                    report = (options.reports or Path(folder)) / f"{name}-{device}".replace(" ", "-")
                    tries = [look(site, pages[name], port, report, arguments) for _ in range(options.times)]
                    said = max(tries, key=speed)
                    points = [round(100 * said["categories"][category]["score"]) for category in CATEGORIES]
                    print(f"{name:<12}{device:<8}{speed(said):>8.0f}" + "".join(f"{one:>16}" for one in points))
                    if min(points) < LEAST:
                        missed = True
                        print(*wanting(said), sep="\n", flush=True)
    if missed:
        raise SystemExit(f"Some have fewer than {LEAST} points.")


def fill(site) -> dict[str, str]:
    """Give a site an account with voices and texts. Returns the pages that are looked at."""
    site.settle_in()
    for name in VOICES:
        clip = str(FIXTURES / "english_austen_1.wav")
        site.manage("create_voice", "--user", "ada", "--name", name, "--language", "en", clip)
    keys = [site.speak(f"{number}. {TEXT * (1 + number % 3)}") for number in range(ROWS)]
    wait_for(lambda: 'hx-trigger="every' not in site.open("/generations/")[1], 240)  # all is made, and checked
    return {
        "studio": "/",
        "voices": "/voices/",
        "voice": f"/voices/{site.voice}/",
        "new voice": "/voices/new/",
        "generation": f"/generations/{keys[-1]}/",
        "library": "/generations/",
    }


@contextlib.contextmanager
def signed_in(site):
    """A browser in which somebody is signed in: the port of its protocol, for Lighthouse."""
    port = free_port()
    with tempfile.TemporaryDirectory() as profile, sync_playwright() as playwright:
        context = playwright.chromium.launch_persistent_context(
            profile, executable_path=CHROMIUM, args=[*CHROMIUM_ARGUMENTS, f"--remote-debugging-port={port}"]
        )
        page = context.new_page()
        page.goto(f"http://127.0.0.1:{site.port}/account/login/")
        sign_in(page)
        page.close()
        yield port
        context.close()


def look(site, path: str, port: int, report: Path, arguments: list[str]) -> dict:
    """Let Lighthouse open a page in that browser. Returns what it says."""
    report.parent.mkdir(parents=True, exist_ok=True)
    address = f"http://127.0.0.1:{site.port}{path}"
    command = ["npx", "--yes", f"lighthouse@{VERSION}", address, "--quiet", f"--port={port}", *arguments]
    command += [
        f"--only-categories={','.join(CATEGORIES)}",
        "--output=json",
        "--output=html",
        f"--output-path={report}",
    ]
    subprocess.run(command, check=True, env={**os.environ, "CHROME_PATH": CHROMIUM})
    said = json.loads(Path(f"{report}.report.json").read_text())
    assert said["finalDisplayedUrl"] == address, f"{said['finalDisplayedUrl']} came instead"
    return said


def speed(said: dict) -> float:
    return said["environment"]["benchmarkIndex"]


def wanting(said: dict) -> list[str]:
    """Return what took points away, and how it was measured."""
    lines = []
    for category in CATEGORIES:
        for one in said["categories"][category]["auditRefs"]:
            audit = said["audits"][one["id"]]
            if one["weight"] and audit["score"] is not None and audit["score"] < 1:
                lines.append(f"    {audit['score']:.2f} {audit['title']} {audit.get('displayValue', '')}")
    return lines


if __name__ == "__main__":
    main()
