"""What every engine promises, asked of this one."""

import pytest

from tests.synthesis.engines.test_contract import *  # noqa: F403


@pytest.fixture(autouse=True)
def _ends(end_after):
    """A random model ends when it likes, and is rejected where that is too early or late."""
    end_after(lambda seed: 24 - seed % 3)
