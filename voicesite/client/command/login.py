"""`voicesite login` and `voicesite logout`."""

import getpass
import os
import re
import sys
from argparse import Namespace
from contextlib import suppress

from voicesite.client.client import DEFAULT_SERVER
from voicesite.client.errors import Forbidden

from . import profiles
from .profiles import Profile
from .terminal import Usage, ask, is_interactive, note


def login(asked: Namespace) -> None:
    """Ask for what was not said, try it, and keep it."""
    before = profiles.kept(asked.profile)
    server = asked.url or os.environ.get("VOICESITE_SERVER") or ""
    if not server and is_interactive():
        usual = before.server if before else DEFAULT_SERVER
        server = ask(f"Address of the server [{usual}]: ") or usual
    if not server:
        raise Usage("Say which server: voicesite login URL")
    key = os.environ.get("VOICESITE_KEY") or _key(server := _address(server))
    if not key:
        raise Usage("There is no key: make one on your account page.")
    profile = Profile(server, key, str(asked.certificate.resolve()) if asked.certificate else None)
    with profile.client(retries=1) as client, suppress(Forbidden):  # a key for other things is a key
        client.models()
    profiles.keep(asked.profile, profile)
    note(f"Logged in to {server}. The key is in {profiles.file()}.")


def logout(asked: Namespace) -> None:
    if profiles.kept(asked.profile) is None:
        note("There was no key.")
        return
    profiles.keep(asked.profile, None)
    note("The key is forgotten here. It works until you revoke it on your account page.")


def _address(written: str) -> str:
    """Return an address with its scheme: https, but for this machine and bare numbers."""
    if "://" in written:
        return written.rstrip("/")
    is_near = re.match(r"localhost\b|[\d.]+(:|/|$)|\[", written)
    return f"{'http' if is_near else 'https'}://{written}".rstrip("/")


def _key(server: str) -> str:
    """Ask for the key without showing it; or read it from a pipe."""
    if not sys.stdin.isatty():
        return sys.stdin.readline().strip()
    note(f"Make a key on your account page: {server}/account/")
    return getpass.getpass("Key: ").strip()
