"""What every engine promises, asked of this one."""

import pytest

from tests.synthesis.engines.test_contract import *  # noqa: F403


@pytest.fixture(autouse=True)
def _fluent(fluent):
    pass
