"""`python -m tests.chaos --help`: see tests/chaos/__init__.py."""

import argparse
import asyncio
import contextlib
import json
import os
import re
import subprocess
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import psycopg
import redis

from tests.e2e.copy import wait_for
from tests.receiver import receiving

from . import faults, people
from .ground import Ground

ENDED = "SELECT count(*) FROM synthesis_generation WHERE finished_at IS NOT NULL"
STUCK_SECONDS = 180  # after the last fault, in which nothing ends: then it never will. A busy machine takes its time
LOOK = f"""
import json, sys
from tests.chaos import findings
print(json.dumps(findings.look(json.load(sys.stdin), {STUCK_SECONDS})))
"""


@dataclass
class Outcome:
    findings: list[str]
    figures: dict = field(default_factory=dict)
    faults: Counter = field(default_factory=Counter)
    refusals: Counter = field(default_factory=Counter)
    logged: Counter = field(default_factory=Counter)

    def __str__(self) -> str:
        lines = ["", "== Faults", *_lines(self.faults), "", "== Asked for again, by the reason", *_lines(self.refusals)]
        lines += ["", "== Logged", *_lines(Counter(dict(self.logged.most_common(15)))), "", "== What came of it"]
        lines += [f"{name}: {value}" for name, value in self.figures.items()]
        lines += ["", f"== {len(self.findings)} findings", *self.findings]
        return "\n".join(lines)


def run(folder: Path, seed: int, minutes: float, texts: int, **services: str) -> Outcome:
    """Let there be chaos for so many minutes in a site in `folder`, and say what came of it."""
    ground = Ground(folder, **services)
    site, ledger = ground.site, people.Ledger()
    with receiving() as receiver:
        site.start()
        try:
            site.wait_until_ready()
            site.settle_in()
            five = people.open_accounts(site, seed, ledger, receiver.url)
            plan = faults.plan(seed, minutes * 60, bool(services.get("REDIS_URL")))
            counts, late = asyncio.run(_chaos(ground, five, ledger, plan, minutes * 60, texts))
            found = Outcome([*late], faults=counts, refusals=ledger.refusals, logged=_logged(site.log))
            _conclude(ground, ledger, found)
        finally:
            ground.calm()
            site.stop()
    found.findings += [f"a process was left: {process}" for process in site.processes()]
    return found


async def _chaos(ground, five, ledger, plan, seconds: float, texts: int) -> tuple[Counter, list[str]]:
    await asyncio.gather(*(person.settle_in() for person in five))
    happening = faults.Faults(ground)
    keeper = asyncio.create_task(_keep(ground.site))
    try:
        work = asyncio.gather(*(person.work(texts // len(five), seconds) for person in five))
        await happening.happen(plan)
        print(f"{seconds:7.1f} s  the last fault has ended", flush=True)
        late = (
            []
            if await _done(work, ground.site, ledger)
            else [f"for {STUCK_SECONDS} s nothing has come that somebody waits for"]
        )
        return happening.counts, late
    finally:
        happening.end()
        keeper.cancel()


async def _done(work: asyncio.Future, site, ledger) -> bool:
    """Wait for everybody, as long as anything ends: also what nobody looks at yet, where many texts wait."""

    async def ended() -> tuple:
        return ledger.had, await asyncio.to_thread(site.query, ENDED)

    while not work.done():
        before = await ended()
        await asyncio.wait([work], timeout=STUCK_SECONDS)
        if not work.done() and await ended() == before:
            work.cancel()
            return False
    work.result()
    return True


async def _keep(site) -> None:
    """Start the site again when it ended, as the system does that it is installed in."""
    while True:
        await asyncio.sleep(1)
        if site.process.poll() is not None:
            site.start()


def _conclude(ground: Ground, ledger, found: Outcome) -> None:
    site = ground.site
    with contextlib.suppress(AssertionError):
        wait_for(lambda: site.health()[0] == 200, 60)
    status, health = site.health()
    if status != 200:
        found.findings.append(f"the site is not well in the end: {status} {health}")
    told = json.loads(site.manage("shell", "--verbosity", "0", "-c", LOOK, input=ledger.as_json()))
    found.findings += told["findings"]
    found.figures = told["figures"]
    temporary = [path for path in (ground.disk / "tmp").rglob("*") if path.is_file()]
    found.figures["temporary files that were left"] = len(temporary)


def _logged(log: Path) -> Counter:
    """Count the errors in the log, by what they say without names and numbers."""
    said = re.findall(r"^(?:\S+ \S+ (?:ERROR|CRITICAL) .*|\w[\w.]+(?:Error|Exception)\b.*)$", log.read_text(), re.M)
    return Counter(re.sub(r"[0-9a-f-]{8,}|\d+", "…", re.sub(r"^[\d-]+ [\d:,]+ ", "", line))[:160] for line in said)


def _lines(counts: Counter) -> Iterator[str]:
    return (f"{count:6}  {name}" for name, count in sorted(counts.items()))


@contextlib.contextmanager
def services(database: str, redis_url: str) -> Iterator[dict[str, str]]:
    """Make a database of one's own on the server that `database` leads to; empty the Redis database, then and later."""
    found = {}
    with contextlib.ExitStack() as stack:
        if database:
            name = f"chaos_{os.getpid()}"
            server = stack.enter_context(psycopg.connect(database, autocommit=True))
            server.execute(f"CREATE DATABASE {name}")
            stack.callback(server.execute, f"DROP DATABASE {name} WITH (FORCE)")
            found["DATABASE_URL"] = f"{database.rpartition('/')[0]}/{name}"
        if redis_url:
            client = stack.enter_context(redis.Redis.from_url(redis_url))
            client.flushdb()
            stack.callback(client.flushdb)
            found["REDIS_URL"] = redis_url
        yield found


def main() -> None:
    parser = argparse.ArgumentParser(
        prog="python -m tests.chaos", description="Let there be chaos in a site of its own."
    )
    parser.add_argument("--seed", type=int, default=int(time.time()), help="repeats a run's texts and faults")
    parser.add_argument("--minutes", type=float, default=10, help="of faults (10)")
    parser.add_argument("--texts", type=int, default=500, help="that five people ask for (500)")
    parser.add_argument("--database", default="", help="postgres://…/postgres: a database is made there (SQLite)")
    parser.add_argument("--redis", default="", help="redis://…/9: that database of it is emptied (none)")
    parser.add_argument("--keep", action="store_true", help="keep the folder, with the site's log")
    options = parser.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="voicesite-chaos-"))
    print(f"Seed {options.seed}, in {folder}", flush=True)
    with services(options.database, options.redis) as given:
        found = run(folder, options.seed, options.minutes, options.texts, **given)
    print(found)
    if not options.keep and not found.findings:
        subprocess.run(["rm", "-r", folder], check=True)
    raise SystemExit(bool(found.findings))


if __name__ == "__main__":
    main()
