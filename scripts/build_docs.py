"""Build the documentation as a site: `make docs` (docs/ and the files of PAGES → build/docs).

The pages of docs/ are written for whoever reads the repository: they link to its files. A site has only some of these, so
a copy is built in which a link to another page leads there, and one to a file of code has become its name. A link to what is
not there fails the build, here or in the generator, which looks at anchors too.
"""

import re
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
DOCS = ROOT / "docs"
SOURCE = ROOT / "build" / "docs-source"
# Pages that are no file of docs/, and what else the site shows: file of the repository → file of the site.
PAGES = {"README.md": "index.md", "CHANGELOG.md": "changelog.md", "SECURITY.md": "security.md"}
FILES = {"static/icon.svg": "icon.svg"}

LINK = re.compile(r"(?P<image>!?)\[(?P<text>[^\]]*)\]\((?P<target>[^)\s]+)\)")
ELSEWHERE = re.compile(r"[a-z]+:|<")
FENCE = re.compile(r"^ *```")


def pages():
    """Return the pages of the site: file of the repository → its path in the site."""
    return PAGES | {f"docs/{file.name}": file.name for file in sorted(DOCS.glob("*.md"))}


def links(text):
    """Yield the links of a page outside its examples, as (line number, match)."""
    is_example = False
    for number, line in enumerate(text.split("\n"), 1):
        if FENCE.match(line):
            is_example = not is_example
        elif not is_example:
            yield from ((number, found) for found in LINK.finditer(line))


def resolve(page, target):
    """Return the file of the repository that a link of `page` leads to, and the anchor in it: ("docs/api.md", "keys")."""
    path, _, anchor = target.partition("#")
    file = (ROOT / page).parent / path if path else ROOT / page
    return file.resolve().relative_to(ROOT).as_posix(), anchor


def rewrite(page, text):
    """Return the text of a page with the links that the site needs. Raise ValueError, with the line, for a broken one."""
    there, lines = pages(), text.split("\n")
    for number, found in links(text):
        target = found["target"]
        if ELSEWHERE.match(target):
            continue
        file, anchor = resolve(page, target)
        if file in there:
            link = f"[{found['text']}]({there[file]}{'#' * bool(anchor)}{anchor})"
        elif not (ROOT / file).exists():
            raise ValueError(f"{page}:{number}: {target} leads nowhere")
        elif found["image"]:
            link = f"![{found['text']}]({file.removeprefix('docs/')})"
        elif found["text"].strip("`").endswith(Path(file).name):
            link = f"`{file}`"
        else:
            link = f"{found['text']} (`{file}`)"
        lines[number - 1] = lines[number - 1].replace(found[0], link, 1)
    return "\n".join(lines)


def stage(folder):
    """Write what the generator reads into an empty folder."""
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(DOCS, folder, ignore=shutil.ignore_patterns("*.md"))
    for file, name in pages().items():
        (folder / name).write_text(rewrite(file, (ROOT / file).read_text()))
    for file, name in FILES.items():
        shutil.copy(ROOT / file, folder / name)


def main():
    try:
        stage(SOURCE)
    except ValueError as error:
        sys.exit(str(error))
    generator = Path(sys.executable).with_name("zensical")
    done = subprocess.run([generator, "build", "--strict", "--clean"], cwd=ROOT)
    if not done.returncode:
        print(f"Built into {(ROOT / 'build' / 'docs').relative_to(ROOT)}: open index.html there.")
    return done.returncode


if __name__ == "__main__":
    sys.exit(main())
