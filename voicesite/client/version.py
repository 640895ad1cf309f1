"""The version of this client, which is that of the distribution it came in."""

from importlib.metadata import PackageNotFoundError, version

try:
    __version__ = version("voicesite")
except PackageNotFoundError:  # a folder that was copied, and not installed
    __version__ = "unknown"
