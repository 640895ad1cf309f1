"""Tables of what is written and how it is said, by kind."""

import pytest

from voices.text.normalization import normalize


def by_kind(table: dict[str, dict[str, str]]):
    """Parametrize a test with `written` and `said`, named by the kind of the case."""
    return pytest.mark.parametrize(
        "written, said",
        [
            pytest.param(written, said, id=f"{kind}-{number}")
            for kind, cases in table.items()
            for number, (written, said) in enumerate(cases.items(), 1)
        ],
    )


def check(written: str, said: str, language: str) -> None:
    assert normalize(written, language) == said
