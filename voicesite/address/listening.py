"""The socket on which the site listens. Who holds it outlives the web server, so that a restart refuses nobody.

`serve` opens it and hands it down, as systemd's socket units do: while no web server runs, who connects waits.
"""

import contextlib
import fcntl
import os
import socket
import stat
from pathlib import Path

BACKLOG = 2048  # who may wait to be accepted
VARIABLE = "VOICESITE_LISTEN_FD"
LOWEST_FD = 256  # above what programs open for themselves
SYSTEMD_FD = 3  # the first that it passes
ENDING = "ending"  # what requests have in their ASGI state: a future that is done when their server ends


class Taken(OSError):
    """Something else listens there."""


def listen(host: str, port: int, file: Path | None = None) -> socket.socket:
    """Return a socket that listens on an address, or on a file. Raises Taken and other OSErrors, and UnicodeError.

    The file can be opened by its owner and group: whoever opens it is believed as a proxy is.
    """
    if file:
        return _listen_on_file(file)
    listener = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    return _listen(listener, (host, port))


def _listen_on_file(file: Path) -> socket.socket:
    with contextlib.suppress(FileNotFoundError):
        if stat.S_ISSOCK(file.stat().st_mode):
            with socket.socket(socket.AF_UNIX) as probe:
                if probe.connect_ex(str(file)) == 0:
                    raise Taken(f"another program listens on {file}")
            file.unlink()  # left by one that was killed
    before = os.umask(0o117)
    try:
        return _listen(socket.socket(socket.AF_UNIX), str(file))
    finally:
        os.umask(before)


def _listen(listener: socket.socket, address: tuple[str, int] | str) -> socket.socket:
    try:
        listener.bind(address)
        listener.listen(BACKLOG)
    except BaseException:
        listener.close()
        raise
    return listener


def hand_down(listener: socket.socket) -> int:
    """Return a number under which programs that are started with it have the socket; VARIABLE tells it to them."""
    number = fcntl.fcntl(listener.fileno(), fcntl.F_DUPFD, LOWEST_FD)
    os.set_inheritable(number, True)
    return number


def handed_down() -> socket.socket | None:
    """Return the socket that `serve` or systemd handed to this process; None where it is to open one itself."""
    if os.environ.get("LISTEN_PID") == str(os.getpid()) and os.environ.get("LISTEN_FDS") == "1":
        return socket.socket(fileno=SYSTEMD_FD)
    number = os.environ.get(VARIABLE, "")
    return socket.socket(fileno=int(number)) if number else None
