"""The ground that the site stands on while there is chaos: its folders, its clock, its disk, its name."""

import os
import shutil
import subprocess
from pathlib import Path

from tests.e2e.copy import ROOT, Copy

from . import engine

SHIM = Path(__file__).with_name("shim.c")
OLD_HOST = "old-machine"


class Ground:
    """All of a run lies in one folder. `site` is the copy of Voicesite that stands there."""

    def __init__(self, folder: Path, **services: str):
        """services: DATABASE_URL and REDIS_URL, where the site is to use them."""
        self.folder = folder
        self.orders = folder / "orders"
        self.disk = folder / "disk"
        temporary = self.disk / "tmp"
        temporary.mkdir(parents=True)
        shim, control = folder / "shim.so", folder / "control"
        subprocess.run(["cc", "-shared", "-fPIC", "-O2", "-o", shim, SHIM, "-ldl"], check=True)
        control.write_bytes(bytes(16))
        self._control = control.open("r+b", buffering=0)
        self.site = Copy(
            self.disk / "data",
            VOICESITE_ENGINE=f"{engine.__name__}.{engine.ChaosEngine.__name__}",
            VOICESITE_TRANSCRIBER="tests.fakes.transcriber.FakeTranscriber",
            VOICESITE_TRANSCRIBER_MODEL="This is what was said.",
            VOICESITE_STALL_SECONDS="5",
            VOICESITE_REQUESTS_PER_MINUTE="0",
            VOICESITE_WORK_AT_ONCE="0",
            VOICESITE_UNDO_SECONDS="0",  # no row and no file of what was deleted is left when all is counted
            VOICESITE_WEBHOOK_ALLOW="127.0.0.0/8",
            TMPDIR=str(temporary),
            LD_PRELOAD=str(shim),
            CHAOS_CONTROL=str(control),
            CHAOS_FULL=str(self.disk),
            **{engine.ORDER_VARIABLE: str(self.orders)},
            **services,
        )
        self.site.log = folder / "site.log"  # what is written there is never lost to a full disk

    def set_clock(self, seconds: int) -> None:
        """Let the site's clock be off by so many seconds."""
        os.pwrite(self._control.fileno(), seconds.to_bytes(8, "little", signed=True), 0)

    def set_full(self, full: bool) -> None:
        """Let no byte more be written to the site's disk."""
        os.pwrite(self._control.fileno(), int(full).to_bytes(8, "little"), 8)

    def calm(self) -> None:
        self.set_clock(0)
        self.set_full(False)
        self.orders.unlink(missing_ok=True)

    def old_code(self) -> Path:
        """Return a tree with the oldest code that works with today's tables; today's, where there is no history."""
        tree = self.folder / "old"
        if tree.exists():
            return tree
        told = ["git", "-C", str(ROOT), "log", "-1", "--format=%H", "--", "*/migrations/*.py"]
        commit = subprocess.run(told, capture_output=True, text=True).stdout.strip()
        if not commit:
            return ROOT
        tree.mkdir()
        archive = subprocess.run(["git", "-C", str(ROOT), "archive", commit], capture_output=True, check=True)
        subprocess.run(["tar", "-x", "-C", tree], input=archive.stdout, check=True)
        shutil.copytree(Path(__file__).parent, tree / "tests" / "chaos", dirs_exist_ok=True)  # the engine
        return tree

    def run_beside(self, *arguments: str, source: Path = ROOT, **environment: str) -> subprocess.Popen:
        """Start a command of `manage.py` that no supervisor watches."""
        with self.site.log.open("a") as log:
            return subprocess.Popen(
                [*self.site.command()[:1], str(source / "manage.py"), *arguments],
                env={**self.site.environment, **environment},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                cwd=source,
                start_new_session=True,
            )
