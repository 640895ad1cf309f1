"""`manage.py serve`: run the whole site under a supervisor that restarts what dies. `make run` calls it."""

import errno
import fcntl
import io
import os
import socket

import segno
from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError

from voicesite import standby
from voicesite.address import certificate, listening
from voicesite.address.links import command_for_network, network_urls
from voicesite.address.listening import hand_down
from voicesite.address.network import EVERYWHERE, is_loopback
from voicesite.jobs import os_processes
from voicesite.models import User


class Command(BaseCommand):
    """Prepare the database and the files of the site, then become voicesite.standby, which runs it."""

    help = "Serve the site: web server, queue workers and sweeper, until Ctrl-C."
    requires_migrations_checks = False

    def add_arguments(self, parser):
        parser.add_argument("--dev", action="store_true", help="restart what runs changed code")

    def handle(self, *args, dev: bool, **options):
        lock = lock_data_folder()
        os_processes.end(os_processes.ours())  # left by a `serve` that was killed
        listening_fd = hand_down(open_listener())
        fingerprint = certificate.ensure(settings.CERTIFICATE_FILE, settings.HOST) if settings.HTTPS_SELF else ""
        call_command("prepare", dev=dev)
        said = announcement(is_new=not User.objects.exists(), fingerprint=fingerprint)
        if fingerprint and self.stdout.isatty():
            said += "\n" + code_for_phones()
        os.set_inheritable(lock.fileno(), True)
        standby.become(said, listening_fd, dev)


def lock_data_folder():
    """Lock the data folder, and return the open lock file. Raises CommandError if another `serve` has locked it.

    Two with one data folder would end each other's workers. The system releases the lock however the process ends.
    """
    (settings.DATA_DIR / "run").mkdir(parents=True, exist_ok=True)
    file = (settings.DATA_DIR / "run" / "serve.lock").open("a+")
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        file.seek(0)
        raise CommandError(
            f"Voicesite is already running from {settings.DATA_DIR} ({file.read().strip()}). End that one with Ctrl-C; or, for "
            f"a second copy, choose another port and folder: make run PORT={settings.PORT + 1} VOICESITE_DATA=var2"
        ) from None
    file.truncate(0)
    file.write(f"process {os.getpid()}, port {settings.PORT}")
    file.flush()
    return file


def open_listener() -> socket.socket:
    """Return the socket on which the site listens. Raises CommandError if it can't."""
    host, port, file = settings.HOST, settings.PORT, settings.SOCKET_FILE
    try:
        return listening.listen(host, port, file)
    except (OSError, UnicodeError) as error:  # the latter from a host name that can't be encoded
        words = f"HOST={host} is not an address of this machine. Try HOST=127.0.0.1 or HOST=0.0.0.0."
        if file:
            words = f"HOST=unix:{file} can't be listened on: {getattr(error, 'strerror', None) or error}."
        elif isinstance(error, PermissionError):
            words = f"Only root may listen on port {port}. Choose one above 1023: make run PORT=8001"
        elif isinstance(error, OSError) and error.errno == errno.EADDRINUSE:
            words = (
                f"Port {port} is taken: another program, perhaps another copy of Voicesite, listens there. "
                f"Stop it, or choose another port: make run PORT={port + 1 if port < 65535 else 8001}"
            )
        raise CommandError(words) from None


def announcement(is_new: bool, fingerprint: str) -> str:
    """Return what is printed when the site is ready: its addresses, and what browsers will ask if it has a `fingerprint`."""
    lines = [f"Voicesite {settings.VERSION} is ready; Ctrl-C ends it."]
    if is_new:
        lines.append("Open it to create the administrator's account.")
    if settings.SOCKET_FILE:
        lines.append(f"It listens on {settings.SOCKET_FILE}, for a proxy of this machine.")
        return "\n" + "\n".join(f"  {line}" for line in lines) + "\n"
    elsewhere = network_urls("https" if fingerprint else "http") if settings.HOST in EVERYWHERE else []
    lines += ["", standby.url(), *(f"{url}  for other devices on your network" for url in elsewhere)]
    if fingerprint:
        lines += [
            "",
            "Your browser will warn once that it doesn't know this certificate: Voicesite made it itself.",
            "  Chrome, Edge:  Advanced → Proceed",
            "  Firefox:       Advanced → Accept the Risk and Continue",
            "  iPhone, Mac:   Show Details → visit this website",
            "To be sure that it is this one, compare its SHA-256 fingerprint:",
            f"  {fingerprint[:47]}",
            f"  {fingerprint[48:]}",
        ]
    elif is_loopback(settings.HOST) and not settings.HTTPS:
        lines += ["", f"It opens only on this computer. For phones and other people: {command_for_network()}"]
    return "\n" + "\n".join(f"  {line}".rstrip() for line in lines) + "\n"


def code_for_phones() -> str:
    """Return the site's address on the network as a QR code for a terminal; empty without a network."""
    drawn = io.StringIO()
    for url in network_urls("https")[:1]:
        segno.make(url).terminal(drawn, border=2, compact=True)
    # Its light parts are blocks of text: white on black, since many phones read no code whose colours are inverted.
    return "".join(f"  \033[97;40m{line}\033[0m\n" for line in drawn.getvalue().splitlines())
