"""The administration of voices. Django looks here for what registers it."""

from . import jobs, pages  # noqa: F401
