"""All targets."""

from tests.fuzz import files, requests, texts  # noqa: F401 -- each makes its functions targets
from tests.fuzz.target import TARGETS

__all__ = ["TARGETS"]
