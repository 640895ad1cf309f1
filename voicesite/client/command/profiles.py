"""Servers and their keys, as `voicesite login` keeps them: in a file that only its owner may read."""

import json
import os
import sys
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from voicesite.client.client import Client

from .terminal import Usage


@dataclass(frozen=True)
class Profile:
    """A server, and the key for it."""

    server: str
    key: str
    certificate: str | None = None  # the file of one that the server made itself

    def client(self, retries: int = 4) -> Client:
        """Return a client for it. Raises Usage."""
        try:
            return Client(self.server, self.key, retries=retries, certificate=self.certificate)
        except ValueError as error:
            raise Usage(error) from None


def file() -> Path:
    """Return where the profiles are, by the custom of the platform."""
    if sys.platform == "win32":
        folder = Path(os.environ.get("APPDATA") or Path.home() / "AppData" / "Roaming")
    elif sys.platform == "darwin":
        folder = Path.home() / "Library" / "Application Support"
    else:
        folder = Path(os.environ.get("XDG_CONFIG_HOME") or Path.home() / ".config")
    return folder / "voicesite" / "profiles.json"


def kept(name: str) -> Profile | None:
    """Return the profile of a name; None if there is none."""
    found = _read().get(name)
    return Profile(**found) if found else None


def chosen(name: str) -> Profile:
    """Return the profile to use: what the environment says stands for what is kept. Raises Usage."""
    found, server, key = kept(name), os.environ.get("VOICESITE_SERVER"), os.environ.get("VOICESITE_KEY")
    if found is None and name != "default":
        raise Usage(f"There is no profile “{name}”: voicesite login --profile {name}")
    if server and found and server.rstrip("/") != found.server.rstrip("/"):
        found = None  # its key is for nobody else to see
    if not (key or found):
        raise Usage("There is no key for the server: run `voicesite login`, or set VOICESITE_KEY.")
    found = found or Profile("", "")
    return Profile(server or found.server, key or found.key, found.certificate)


def keep(name: str, profile: Profile | None) -> None:
    """Keep a profile, or forget it if it is None. Raises OSError."""
    everything = _read() | {name: profile and asdict(profile)}
    target = file()
    target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    beside = target.with_name(f"{target.name}.{os.getpid()}")
    try:
        with open(os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as written:
            json.dump({each: found for each, found in everything.items() if found}, written, indent=2)
        beside.replace(target)
    finally:
        beside.unlink(missing_ok=True)


def _read() -> dict[str, Any]:
    try:
        found = json.loads(file().read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    except ValueError:
        found = None
    if not isinstance(found, dict):
        raise Usage(f"{file()} can’t be read: delete it, and run `voicesite login` again.")
    return found
