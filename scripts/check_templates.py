"""Check the templates for what djangofmt does not fix: `python3 scripts/check_templates.py [folder]`.

Reports lines of more than 120 characters, and `{% if %}` inside an HTML tag, where `{% attr %}` is easier to read.
"""

import re
import sys
from pathlib import Path

MAX_LINE_LENGTH = 120
TEMPLATE_TAG = re.compile(r"\{%.*?%\}|\{\{.*?\}\}|\{#.*?#\}")
IF_TAG = "\0"
IF_IN_TAG = re.compile(rf"<[a-zA-Z][^<>]*{IF_TAG}")


def problems(text: str) -> list[tuple[int, str]]:
    """Return each problem: line number and description."""
    found = [
        (number, f"{len(line)} characters, {MAX_LINE_LENGTH} at most")
        for number, line in enumerate(text.splitlines(), 1)
        if len(line) > MAX_LINE_LENGTH
    ]
    html = TEMPLATE_TAG.sub(lambda tag: IF_TAG if re.match(r"\{%\s*if\b", tag[0]) else "", text)
    found += [(html.count("\n", 0, tag.end()) + 1, "{% if %} inside a tag") for tag in IF_IN_TAG.finditer(html)]
    return sorted(found)


def main(folder: str = "templates") -> int:
    found = [
        f"{file}:{number}: {reason}"
        for file in sorted(Path(folder).rglob("*.*"))
        for number, reason in problems(file.read_text())
    ]
    print(*found, sep="\n", end="\n" if found else "")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
