"""Draw the icons of the installed site from static/icon.svg: `.venv/bin/python scripts/make_icons.py`.

Phones want pixels, and each in its own way: Android cuts its shape out of a full square (maskable: what matters lies in the
middle 80%), iOS rounds the corners itself and paints what is transparent black. Chromium draws them.
"""

import re
from pathlib import Path

from playwright.sync_api import sync_playwright

CHROMIUM = "/usr/bin/chromium"
STATIC = Path(__file__).resolve().parents[1] / "static"
# Name, edge in pixels, and how much of it the drawing takes; less than all lies on a square of the logo's own ground.
ICONS = [
    ("icon-192.png", 192, 1.0),
    ("icon-512.png", 512, 1.0),
    ("icon-maskable.png", 512, 0.8),
    ("apple-touch-icon.png", 180, 0.9),
]
PAGE = """<style>
  body {{ margin: 0; width: {edge}px; height: {edge}px; display: grid; place-items: center; background: {ground} }}
  svg {{ width: {drawing}px; height: {drawing}px; display: block }}
</style>{svg}"""


def ground(svg):
    """Return the colour of the logo's ground: the fill of its first rectangle."""
    found = re.search(r'<rect[^>]*\bfill="(#\w+)"', svg)
    if not found:
        raise SystemExit(
            "static/icon.svg begins with no rectangle whose fill is a colour: there is no ground to extend."
        )
    return found[1]


def draw(svg, folder):
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu"])
        for name, edge, share in ICONS:
            page = browser.new_page(viewport={"width": edge, "height": edge})
            filled = ground(svg) if share < 1 else "transparent"
            page.set_content(PAGE.format(edge=edge, drawing=round(edge * share), ground=filled, svg=svg))
            page.screenshot(path=folder / name, omit_background=True)
            page.close()


if __name__ == "__main__":
    draw((STATIC / "icon.svg").read_text(), STATIC)
