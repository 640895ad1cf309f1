"""The command `voicesite`: what a person does from a terminal, and a script, with a server of theirs.

It ends with 0, with 1 when something failed here or on the way, 2 when it was called wrongly, 3 when the server said no,
and 130 when it was interrupted.
"""

import os
import signal
import sys
from argparse import Namespace
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from types import FrameType

from voicesite.client.errors import Unauthenticated, VoicesiteError

from .arguments import parser
from .terminal import Usage, complain

FAILED, MISUSED, REFUSED, INTERRUPTED = 1, 2, 3, 130


def main(arguments: Sequence[str] | None = None) -> int:
    """Do what the command line says, and return the exit code. No traceback reaches a person."""
    try:
        with _interruptible():
            asked = parser().parse_args(arguments, Namespace(profile="default"))
            done: int = asked.do(asked) or 0
            sys.stdout.flush()
        return done
    except KeyboardInterrupt:
        return INTERRUPTED
    except BrokenPipeError:  # who reads has had enough; Python would complain once more when it flushes at its end
        with suppress(OSError, ValueError):
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except Usage as error:
        complain(error)
        return MISUSED
    except Unauthenticated as error:
        complain(f"{error} (voicesite login keeps another key)")
        return REFUSED
    except VoicesiteError as error:
        complain(error)
        return REFUSED if error.status or error.code.startswith("generation_") else FAILED
    except OSError as error:
        complain(f"{error.filename}: {error.strerror}" if error.filename else error)
        return FAILED
    except Exception as error:
        complain(f"Something went wrong: {type(error).__name__}: {error}")
        return FAILED


@contextmanager
def _interruptible() -> Iterator[None]:
    """Let the first Ctrl-C interrupt, so that what goes on is cancelled, and the second leave at once."""
    if signal.getsignal(signal.SIGINT) is not signal.default_int_handler:  # such as ignored, in the background
        yield
        return

    def leave(number: int, frame: FrameType | None) -> None:
        os._exit(INTERRUPTED)

    def interrupt(number: int, frame: FrameType | None) -> None:
        signal.signal(signal.SIGINT, leave)
        raise KeyboardInterrupt

    signal.signal(signal.SIGINT, interrupt)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, signal.default_int_handler)
