"""Every library that the project names has been reviewed: docs/dependencies.md says what for, and by whom it is kept."""

import re
import tomllib

import pytest

from tests.e2e.copy import ROOT

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
NAMED = [*PROJECT["dependencies"], *(one for extra in PROJECT["optional-dependencies"].values() for one in extra)]
ROWS = {
    cells[0]: cells
    for line in (ROOT / "docs" / "dependencies.md").read_text().splitlines()
    if line.startswith("| ") and len(cells := [cell.strip() for cell in line.strip("| ").split(" | ")]) == 6
}


def parted(requirement: str) -> tuple[str, str]:
    """The name and the bounds of a requirement."""
    found = re.match(r"([\w.-]+)(?:\[[\w,]+\])?([^;]*)", requirement)
    assert found
    return found[1], found[2].strip()


@pytest.mark.parametrize("requirement", sorted(set(NAMED) - {"voicesite[test]", "voicesite[s3]"}))
def test_a_dependency_is_reviewed(requirement):
    name, bound = parted(requirement)
    assert name in ROWS, f"docs/dependencies.md lacks {name}: what for, its licence, who keeps it, its last release"
    assert all(ROWS[name]), f"{name}: a cell is empty"
    assert not bound or ROWS[name][-1] == f"`{bound}`"


def test_no_row_is_of_a_library_that_is_gone():
    assert set(ROWS) - {"library"} <= {parted(one)[0] for one in NAMED}
