"""The programs that a site consists of, and the supervisor that starts them and starts anew what dies.

On Linux each is a fork of the supervisor, which has imported the whole site before: they share the pages of memory that
this takes, and start at once. Elsewhere, and where code changes while it runs, each is a Python of its own.
"""

import gc
import logging
import os
import select
import signal
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass

from voicesite.jobs import os_processes
from voicesite.modelhost.host import release_memory

logger = logging.getLogger(__name__)

SIGNALS = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGCHLD)
STEADY_SECONDS = 5.0  # that a program has run if its death is no sign of a fault that comes again at once
MOST_SECONDS = 10.0  # between two starts of one that dies at once


@dataclass
class Program:
    """A command of manage.py that runs for as long as the site, in a process group of its own."""

    name: str
    arguments: tuple[str, ...]
    patience: float = 10  # seconds from the request to end until it is killed
    tells_group: bool = False  # that it should end, not only its first process
    pid: int = 0  # 0 while it does not run
    started_at: float = 0
    start_at: float = 0  # when it is next started
    delay: float = 0

    def died(self) -> None:
        """Note that it has ended: the next start is at once, or later each time where it did not run for long."""
        steady = time.monotonic() - self.started_at > STEADY_SECONDS
        self.delay = 0 if steady else min(self.delay + 1, MOST_SECONDS)
        self.pid, self.start_at = 0, time.monotonic() + self.delay

    def send(self, number: signal.Signals, group: bool) -> None:
        with suppress(ProcessLookupError, PermissionError):  # a Mac's answer for a zombie
            (os.killpg if group else os.kill)(self.pid, number)


class Supervisor:
    """Keeps programs running until a signal ends it. Ends all at once, and kills what takes longer than its patience."""

    def __init__(self, programs: list[Program], run: Callable[[Program], None]):
        self.programs, self.run = programs, run
        self.ended_at = 0.0  # when it was told to end
        self.bell, self.wake = os.pipe2(os.O_NONBLOCK | os.O_CLOEXEC) if hasattr(os, "pipe2") else os.pipe()
        os.set_blocking(self.wake, False)
        os.set_blocking(self.bell, False)

    def supervise(self) -> None:
        signal.set_wakeup_fd(self.wake, warn_on_full_buffer=False)
        for number in SIGNALS:
            signal.signal(number, lambda *args: None if args[0] == signal.SIGCHLD else self._end())
        while any(program.pid for program in self.programs) or not self.ended_at:
            self._bury()
            pause = self._kill_the_slow() if self.ended_at else self._start_missing()
            select.select([self.bell], [], [], pause)
            with suppress(BlockingIOError):
                os.read(self.bell, 4096)

    def _bury(self) -> None:
        with suppress(ChildProcessError):
            while pid := os.waitpid(-1, os.WNOHANG)[0]:
                for program in self.programs:
                    if program.pid == pid:
                        program.send(signal.SIGKILL, group=True)  # what its death has left
                        program.died()
                        if not self.ended_at:
                            logger.error("%s ended, and is started anew", program.name)

    def _start_missing(self) -> float | None:
        """Start what is due. Return in how many seconds the next is."""
        missing = [program for program in self.programs if not program.pid]
        for program in missing:
            if program.start_at <= time.monotonic():
                self._start(program)
        waits = [program.start_at - time.monotonic() for program in missing if not program.pid]
        return max(0, min(waits)) if waits else None

    def _start(self, program: Program) -> None:
        program.started_at = time.monotonic()
        signal.pthread_sigmask(signal.SIG_BLOCK, SIGNALS)  # the child answers none until it is itself
        program.pid = os.fork()
        if program.pid:
            with suppress(ProcessLookupError, PermissionError):
                os.setpgid(program.pid, program.pid)
            signal.pthread_sigmask(signal.SIG_UNBLOCK, SIGNALS)
            return
        code = 1
        try:
            os.setpgid(0, 0)
            signal.set_wakeup_fd(-1)
            os.close(self.bell)
            os.close(self.wake)
            for number in SIGNALS:
                signal.signal(number, signal.default_int_handler if number == signal.SIGINT else signal.SIG_DFL)
            signal.pthread_sigmask(signal.SIG_UNBLOCK, SIGNALS)
            os_processes.call_me(program.name)
            self.run(program)
            code = 0
        except SystemExit as error:
            code = error.code if isinstance(error.code, int) else int(error.code is not None)
        except BaseException:
            logger.exception("%s failed", program.name)
        finally:
            with suppress(Exception):
                sys.stdout.flush()
                sys.stderr.flush()
            os._exit(code)  # what was made before the fork is the supervisor's to end

    def _end(self) -> None:
        if not self.ended_at:
            self.ended_at = time.monotonic()
            for program in self.programs:
                if program.pid:
                    program.send(signal.SIGTERM, program.tells_group)

    def _kill_the_slow(self) -> float | None:
        """Kill what had its time to end. Return in how many seconds the next has had it."""
        running = [program for program in self.programs if program.pid]
        for program in running:
            if time.monotonic() - self.ended_at >= program.patience:
                program.send(signal.SIGKILL, group=True)
        return min((max(0.1, self.ended_at + one.patience - time.monotonic()) for one in running), default=0)


def share_memory() -> None:
    """Keep what is imported in pages that forks share.

    A search for garbage would write to all it looks at, and an allocation of some size to all that was freed near it,
    unless that was joined before.
    """
    gc.collect()
    gc.freeze()
    release_memory()
