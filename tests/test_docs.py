"""The documentation: all of it is in the site's navigation, and each of its links leads somewhere."""

import re
import tomllib

import pytest

from scripts import build_docs
from tests.e2e.copy import ROOT

PAGES = build_docs.pages()
TEXTS = {page: (ROOT / page).read_text() for page in PAGES}


def named(nav):
    """The files that a navigation leads to."""
    for entry in nav:
        for value in entry.values():
            yield from named(value) if isinstance(value, list) else [value]


def anchors(text):
    """The anchors of a page's headings, as GitHub and the site make them."""
    headings = re.findall(r"^#+ (.*)$", re.sub(r"(?ms)^ *```.*?^ *```", "", text), re.MULTILINE)
    plain = [re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", heading) for heading in headings]
    return {re.sub(r"[^\w\- ]", "", heading.strip().lower()).replace(" ", "-") for heading in plain}


def test_the_navigation_has_each_page_once():
    nav = list(named(tomllib.loads((ROOT / "zensical.toml").read_text())["project"]["nav"]))
    assert sorted(nav) == sorted(PAGES.values())


@pytest.mark.parametrize("page", PAGES)
def test_each_link_leads_somewhere(page):
    build_docs.rewrite(page, TEXTS[page])
    for number, found in build_docs.links(TEXTS[page]):
        if not build_docs.ELSEWHERE.match(found["target"]):
            file, anchor = build_docs.resolve(page, found["target"])
            assert not anchor or anchor in anchors(TEXTS.get(file, "")), f"{page}:{number}: {found['target']}"


def test_each_picture_is_shown_somewhere():
    shown = {
        build_docs.resolve(page, found["target"])[0]
        for page, text in TEXTS.items()
        for _, found in build_docs.links(text)
        if found["image"]
    }
    shown |= {f"docs/{name}" for text in TEXTS.values() for name in re.findall(r'<img src="([^"]+)"', text)}
    there = {
        file.relative_to(ROOT).as_posix() for file in (ROOT / "docs").rglob("*") if file.suffix in (".png", ".webp")
    }
    assert there == shown


@pytest.mark.parametrize(
    ("page", "written", "in_the_site"),
    [
        ("docs/api.md", "[keys](client.md#keys)", "[keys](client.md#keys)"),
        ("docs/api.md", "[it](../README.md#more), [x](#webhooks)", "[it](index.md#more), [x](api.md#webhooks)"),
        ("README.md", "[API](docs/api.md) and [what staff see](docs/voices.md#a)", "[API](api.md) and [what staff see](voices.md#a)"),
        ("docs/voices.md", "([`quality.py`](../voices/analysis/quality.py))", "(`voices/analysis/quality.py`)"),
        ("docs/voices.md", "[the fixtures](../tests/fixtures/README.md)", "the fixtures (`tests/fixtures/README.md`)"),
        ("docs/api.md", "[Qwen](https://github.com/QwenLM/Qwen3-TTS)", "[Qwen](https://github.com/QwenLM/Qwen3-TTS)"),
        ("docs/api.md", "```\n[a](nowhere.md)\n```", "```\n[a](nowhere.md)\n```"),
    ],
)  # fmt: skip
def test_a_link_becomes_one_that_the_site_can_follow(page, written, in_the_site):
    assert build_docs.rewrite(page, written) == in_the_site


def test_a_broken_link_is_named_with_its_line():
    with pytest.raises(ValueError, match=r"docs/api.md:2: nowhere.md leads nowhere"):
        build_docs.rewrite("docs/api.md", "# API\n[a](nowhere.md)")
