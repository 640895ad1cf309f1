"""How soon a page answers a hand, and whether anything jumps: `python -m tests.benchmarks interactions`.

The processor is slowed four times, as Chromium does it for a phone of the middle class. Of each thing that somebody does, the
slowest event counts, from the hand to the next picture (Event Timing, which Interaction to Next Paint is made of); and all
that moved without a hand (Layout Instability). The aims are the best class of Web Vitals and of docs/design.md.
"""

import argparse
import tempfile
from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import Page, expect, sync_playwright

from tests import fakes
from tests.benchmarks.lighthouse import TEXT, fill
from tests.e2e.conftest import CHROMIUM, CHROMIUM_ARGUMENTS, open_page, served, sign_in

SLOWER = 4
MOST_MS, MOST_SHIFT = 200, 0.02
OBSERVE = """
    window.slowest = 0; window.moved = 0; window.movers = [];
    const named = (node) => node?.nodeName.toLowerCase() + (node?.id && `#${node.id}`) + (node?.className && `.${node.className}`);
    new PerformanceObserver((list) => {
        for (const one of list.getEntries()) if (one.interactionId) window.slowest = Math.max(window.slowest, one.duration);
    }).observe({ type: "event", durationThreshold: 16, buffered: true });
    new PerformanceObserver((list) => {
        for (const one of list.getEntries()) if (!one.hadRecentInput) {
            window.moved += one.value;
            const place = ({ x, y, width, height }) => [x, y, width, height].map(Math.round).join(" ");
            window.movers.push(...one.sources.map(({ node, previousRect, currentRect }) =>
                `${one.value.toFixed(3)} ${named(node ?? {})}: ${place(previousRect)} to ${place(currentRect)}`));
        }
    }).observe({ type: "layout-shift", buffered: true });
"""
SETTLED_MS = 700  # after which all that an event began has been painted, and measured


def write(page: Page) -> None:
    page.get_by_label("Text", exact=True).press_sequentially("It is late, Mr. Bird. ", delay=60)


def paste(page: Page) -> None:
    page.evaluate("(text) => navigator.clipboard.writeText(text)", TEXT * 20)
    page.get_by_label("Text", exact=True).focus()
    page.keyboard.press("Control+V")


def pick(page: Page) -> None:
    page.locator("#pick-voice").click()
    expect(page.locator(".pickable").first).to_be_visible()


def search(page: Page) -> None:
    page.locator("#picker-search").press_sequentially("odet", delay=60)
    expect(page.locator(".pickable", has_text="Odette")).to_be_visible()
    page.keyboard.press("Enter")


def keys(page: Page) -> None:
    if page.viewport_size["width"] < 500:  # a phone has none
        return
    page.get_by_role("button", name="Keyboard shortcuts").click()
    page.keyboard.press("Escape")


def speak(page: Page) -> None:
    page.get_by_role("button", name="Speak", exact=True).click()
    expect(page.get_by_role("progressbar").first).to_be_visible()


def menu(page: Page) -> None:
    page.locator(".top .menu > summary").click()


def play(page: Page) -> None:
    page.get_by_role("button", name="Play").first.click()
    expect(page.locator("#bar")).to_be_visible()


def look_for(page: Page) -> None:
    page.get_by_label("Search texts and voices").press_sequentially("clock", delay=60)
    expect(page.locator("mark").first).to_be_visible()


def select(page: Page) -> None:
    page.locator(".pick").first.check()
    page.locator(".pick").nth(1).check()


def take_back(page: Page) -> None:
    page.get_by_role("button", name="Delete").first.click()
    page.get_by_role("button", name="Undo").click()


def sentence(page: Page) -> None:
    page.locator("#text [data-s]").first.click()


def edit(page: Page) -> None:
    page.get_by_role("link", name="Edit sentence 1").click()
    expect(page.get_by_label("Words")).to_be_visible()


def audition(page: Page) -> None:
    page.locator("main").get_by_role("button", name="Play").first.click()


def describe(page: Page) -> None:
    page.get_by_text("Add a description").click()


DONE: dict[str, tuple[Callable[[Page], None], ...]] = {  # what is done on each page, one after the other
    "library": (play, look_for, select, take_back),
    "generation": (sentence, edit),
    "voices": (menu,),
    "voice": (audition,),
    "new voice": (describe,),
    "studio": (write, paste, pick, search, menu, keys, speak),  # last: what is being spoken changes in lists
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("pages", nargs="*", metavar="PAGE", help="library, studio …; all of them")
    parser.add_argument("--slower", type=int, default=SLOWER, help="how many times the processor is slowed")
    options = parser.parse_args()
    missed = False
    with (
        tempfile.TemporaryDirectory() as folder,
        served(Path(folder), VOICESITE_TRANSCRIBER=fakes.TRANSCRIBER) as site,
        sync_playwright() as playwright,
    ):
        pages = fill(site)
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=list(CHROMIUM_ARGUMENTS))
        print("| width | page | what is done | ms | moved |\n|---|---|---|---|---|")
        for width in (1280, 390):
            page = open_page(
                browser,
                f"http://127.0.0.1:{site.port}",
                viewport={"width": width, "height": 900},
                has_touch=width < 500,
            )
            page.context.grant_permissions(["clipboard-read", "clipboard-write"])
            page.add_init_script(OBSERVE)
            page.goto("/account/login/")
            sign_in(page)
            page.context.new_cdp_session(page).send("Emulation.setCPUThrottlingRate", {"rate": options.slower})
            for name in options.pages or DONE:
                acts = DONE[name]
                page.goto(pages[name])
                page.wait_for_timeout(3 * SETTLED_MS)
                for act in (None, *acts):
                    took, moved, movers = measured(page, act)
                    missed |= took > MOST_MS or moved > MOST_SHIFT
                    print(
                        f"| {width} | {name} | {act.__name__ if act else 'come'} | {took:.0f} | {moved:.3f} |",
                        flush=True,
                    )
                    if moved > MOST_SHIFT:
                        print(*(f"    {mover}" for mover in movers), sep="\n", flush=True)
    if missed:
        raise SystemExit(f"Some took more than {MOST_MS} ms, or moved more than {MOST_SHIFT}.")


def measured(page: Page, act: Callable[[Page], None] | None) -> tuple[float, float, list[str]]:
    """Do something on a page. Returns how long its slowest event took, in ms, how much moved by itself, and what that was."""
    if act:
        page.evaluate("window.slowest = window.moved = window.movers.length = 0")
        act(page)
        page.wait_for_timeout(SETTLED_MS)
    slowest, moved, movers = page.evaluate("[window.slowest, window.moved, window.movers]")
    return slowest, moved, movers


if __name__ == "__main__":
    main()
