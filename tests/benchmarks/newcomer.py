"""How many presses and seconds a newcomer needs, on a fresh site with the engine that a new clone has.

The steps are those of `tests.e2e.newcomer`. Seconds are the machine's: nobody reads or hesitates.
"""

import tempfile
from pathlib import Path

from playwright.sync_api import sync_playwright

from tests.e2e.conftest import CHROMIUM, CHROMIUM_ARGUMENTS, served
from tests.e2e.newcomer import Keyboard, Mouse, Touch, walk
from voicesite.address.network import lan_addresses


def main() -> None:
    address = next(iter(lan_addresses()), "127.0.0.1")
    print("| hand | step | presses | seconds |\n|---|---|---|---|")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=[*CHROMIUM_ARGUMENTS])
        for hand in (Mouse, Touch, Keyboard):
            with (
                tempfile.TemporaryDirectory() as folder,
                served(Path(folder), VOICESITE_ENGINE="auto", HOST="0.0.0.0", VOICESITE_BUILTIN_VOICES="on") as site,
            ):
                for step in walk(browser, site, hand, f"http://{address}:{site.port}", most_seconds=180):
                    print(
                        f"| {hand.__name__.lower()} | {step.name} | {step.presses} | {step.seconds:.1f} |", flush=True
                    )


if __name__ == "__main__":
    main()
