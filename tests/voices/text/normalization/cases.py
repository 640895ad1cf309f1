"""Tables of what is written and how it is said, by kind."""

import pytest

from voices.text.normalization import normalize


def by_kind(table: dict[str, dict[str, str]]):
    """Parametrize a test with the `cases` of each kind: what is written, and how it is said."""
    return pytest.mark.parametrize("cases", table.values(), ids=table)


def check(cases: dict[str, str], language: str) -> None:
    assert {written: normalize(written, language) for written in cases} == cases
