"""axe-core in the browser of a test: what it finds wrong with a page, in words that name the place.

`data/axe.min.js.gz` is axe-core 4 by Deque Systems, under the Mozilla Public License 2.0, unchanged but for the
compression; its source is at https://github.com/dequelabs/axe-core. No site is shipped with it.
"""

import gzip
import re
from functools import cache
from pathlib import Path

from playwright.sync_api import Page

WIDTHS = (1280, 390)  # a desk's and a phone's
HEIGHT = 900
OTHERS = re.compile(r"/(admin|docs)\b")  # pages of others' making, whose targets are as large as axe wants them
MEASURES = Path(__file__).with_name("access.js").read_text()
RUN = """async (options) => {
    const found = await axe.run(document, { resultTypes: ["violations"], ...options });
    const words = found.violations.flatMap(({ id, nodes }) => nodes.map((node) => `${id} ${node.target}: ${
        [...node.any, ...node.all, ...node.none].map((check) => check.message).join(" ")}`));
    // Half of a target may be scrolled away, in a table or under a bar that stays: it is whole once one is there.
    return words.filter((one) => !/^target-size .*partially obscured/.test(one));
}"""
# All that axe does by itself, and what it leaves to whoever asks: the size of targets (WCAG 2.5.8), and names that have the
# words which are seen (2.5.3).
RULES = {"rules": {name: {"enabled": True} for name in ("target-size", "label-content-name-mismatch")}}
COLOURS = {"runOnly": ["color-contrast", "link-in-text-block"]}  # what another theme may change


@cache
def script() -> str:
    return gzip.decompress(Path(__file__).with_name("data").joinpath("axe.min.js.gz").read_bytes()).decode()


def violations(page: Page, options=RULES) -> list[str]:
    """Return what axe finds wrong with a page as it is now."""
    if not page.evaluate("typeof axe == 'object'"):
        page.evaluate(script())
    return page.evaluate(RUN, options)


def violations_everywhere(page: Page, name: str) -> list[str]:
    """Return what is wrong with a page as it is now, at both widths and in both themes, each with where that is.

    The page is not loaded anew for them, as that takes longer than to look at it.
    """
    wrong = []
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": HEIGHT})
        for scheme, options in (("light", RULES), ("dark", COLOURS)):
            # A colour that is still changing has no contrast yet.
            page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
            found = violations(page, options)
            if options is RULES and width == WIDTHS[1] and not OTHERS.search(page.url):
                found += page.evaluate(f"(() => {{ {MEASURES}; return small(); }})()")
            wrong += [f"{name} ({scheme}, {width}): {words}" for words in found]
    page.set_viewport_size({"width": WIDTHS[0], "height": HEIGHT})
    return wrong


def violations_at(page: Page, paths, prepare=lambda page: None) -> list[str]:
    """Return what is wrong with pages of a site. prepare: brings one that has just come into the state that is looked at."""
    wrong = []
    for path in paths:
        page.goto(path)
        prepare(page)
        wrong += violations_everywhere(page, path)
    return wrong
