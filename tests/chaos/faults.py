"""What goes wrong, when: a plan that a seed makes, and the hand that carries it out."""

import asyncio
import contextlib
import os
import random
import signal
import sqlite3
import subprocess
import time
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import psutil
import psycopg
import redis

from tests.e2e.copy import DATABASE

from .engine import ORDERS
from .ground import OLD_HOST, Ground

EVERY = (2.0, 6.0)  # seconds between two faults
KINDS = (
    *("kill",) * 4,
    *("freeze",) * 2,
    "disk full",
    "database cut",
    "clock jump",
    *("engine",) * 2,
    "second sweeper",
    "old worker",
)
LASTS = {
    "freeze": (1, 16),  # a lease is 10 s
    "disk full": (3, 15),
    "database cut": (1, 25),
    "second sweeper": (5, 20),
    "old worker": (8, 25),
}
JUMPS = (-7200, -600, -30, 30, 600, 7200)  # seconds


@dataclass(frozen=True)
class Fault:
    at: float  # seconds from the beginning
    kind: str
    lasts: float  # seconds, where it lasts
    number: int  # chooses what is hit


def plan(seed: int, seconds: float, with_redis: bool) -> Iterator[Fault]:
    """Yield the faults of a run; all have ended when it ends."""
    chooser, at = random.Random(seed), 0.0
    kinds = (*KINDS, "redis flushed") if with_redis else KINDS
    while True:
        at += chooser.uniform(*EVERY)
        kind = chooser.choice(kinds)
        fault = Fault(at, kind, chooser.uniform(*LASTS.get(kind, (0, 0))), chooser.getrandbits(32))
        if at > seconds:
            return
        if at + fault.lasts < seconds:
            yield fault


class Faults:
    def __init__(self, ground: Ground):
        self.ground, self.site = ground, ground.site
        self.counts: Counter = Counter()
        self.frozen: list[psutil.Process] = []
        self.beside: list[subprocess.Popen] = []

    async def happen(self, faults: Iterator[Fault]) -> None:
        """Let each happen at its time; return when the last has ended, and the ground is firm again."""
        begun, tasks = asyncio.get_running_loop().time(), []
        try:
            for fault in faults:
                await asyncio.sleep(max(begun + fault.at - asyncio.get_running_loop().time(), 0))
                tasks.append(asyncio.create_task(self._happen(fault)))
            await asyncio.gather(*tasks)
        finally:
            self.end()

    def end(self) -> None:
        self.ground.calm()
        for process in self.frozen:
            with contextlib.suppress(psutil.Error):
                process.resume()
        for process in self.beside:
            _end_group(process)

    async def _happen(self, fault: Fault) -> None:
        await getattr(self, f"_{fault.kind.replace(' ', '_')}")(fault)

    def _note(self, fault: Fault, hit: str = "") -> None:
        what = f"{fault.kind}: {hit}" if hit else fault.kind
        self.counts[what] += 1
        print(f"{fault.at:7.1f} s  {what}{f', for {fault.lasts:.0f} s' if fault.lasts else ''}", flush=True)

    def _victim(self, number: int) -> tuple[str, psutil.Process] | None:
        """Return a process of the site and what it is: each kind is as likely, however many there are of it."""
        kinds = defaultdict(list)
        family = set(self.site.processes())
        for process in list(family):
            with contextlib.suppress(psutil.Error):
                family.update(process.children(recursive=True))  # readers of uploads know nothing of the site
        for process in family:
            with contextlib.suppress(psutil.Error):
                kinds[_kind(process)].append(process)
        if not kinds:
            return None
        kind = sorted(kinds)[number % len(kinds)]
        among = sorted(kinds[kind], key=lambda process: process.pid)
        return kind, among[number // 64 % len(among)]

    async def _kill(self, fault: Fault) -> None:
        if victim := self._victim(fault.number):
            self._note(fault, victim[0])
            with contextlib.suppress(psutil.Error):
                victim[1].kill()

    async def _freeze(self, fault: Fault) -> None:
        if victim := self._victim(fault.number):
            self._note(fault, victim[0])
            self.frozen.append(victim[1])
            with contextlib.suppress(psutil.Error):
                victim[1].suspend()
            await asyncio.sleep(fault.lasts)
            with contextlib.suppress(psutil.Error):
                victim[1].resume()

    async def _disk_full(self, fault: Fault) -> None:
        self._note(fault)
        self.ground.set_full(True)
        await asyncio.sleep(fault.lasts)
        self.ground.set_full(False)

    async def _database_cut(self, fault: Fault) -> None:
        self._note(fault)
        if address := self.site.environment.get("DATABASE_URL"):
            with psycopg.connect(address, autocommit=True) as database:
                database.execute(
                    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                    "WHERE datname = current_database() AND pid <> pg_backend_pid()"
                )
        else:
            await asyncio.to_thread(_lock, self.site.folder / DATABASE, fault.lasts)

    async def _redis_flushed(self, fault: Fault) -> None:
        self._note(fault)
        with redis.Redis.from_url(self.site.environment["REDIS_URL"]) as server:
            server.flushdb()

    async def _clock_jump(self, fault: Fault) -> None:
        """The clock is wrong until it jumps again."""
        seconds = JUMPS[fault.number % len(JUMPS)]
        self._note(fault, f"to {seconds:+} s")
        self.ground.set_clock(seconds)

    async def _engine(self, fault: Fault) -> None:
        order = ORDERS[fault.number % len(ORDERS)]
        self._note(fault, order)
        written = self.ground.orders.with_suffix(".new")
        written.write_text(order)
        written.rename(self.ground.orders)

    async def _second_sweeper(self, fault: Fault) -> None:
        self._note(fault)
        await self._beside(fault, "sweep")

    async def _old_worker(self, fault: Fault) -> None:
        """As of another machine whose upgrade was forgotten."""
        self._note(fault)
        source = await asyncio.to_thread(self.ground.old_code)
        await self._beside(fault, "work", "synthesis", source=source, CHAOS_HOST=OLD_HOST)

    async def _beside(self, fault: Fault, *command: str, **options) -> None:
        process = self.ground.run_beside(*command, **options)
        self.beside.append(process)
        await asyncio.sleep(fault.lasts)
        _end_group(process)


def _lock(database: Path, seconds: float) -> None:
    connection = sqlite3.connect(database, timeout=10, isolation_level=None)
    with contextlib.closing(connection), contextlib.suppress(sqlite3.OperationalError):  # others held it all the time
        connection.execute("BEGIN EXCLUSIVE")
        time.sleep(seconds)


def _end_group(process: subprocess.Popen) -> None:
    with contextlib.suppress(OSError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def _kind(process: psutil.Process) -> str:
    """Return what a process is, by its command line; a fork of the supervisor by its name."""
    words = process.cmdline()
    if "supervise" in words:
        return process.name()
    for word in words:
        if word in ("voicesite.standby", "serve", "web", "sweep", "wyoming"):
            return word
        if word == "work":
            return " ".join(words[words.index(word) :])
        if word.startswith(("synthesis.", "voices.")):
            return word
    return "another"
