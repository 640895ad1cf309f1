"""`manage.py backup` and `manage.py restore`, as an administrator calls them: from one data folder into another."""

import os
import signal
import subprocess

import psycopg
import pytest

from tests.e2e.copy import DATABASE, PASSWORD, Copy, migrated

pytestmark = pytest.mark.processes

KEY = {"VOICESITE_BACKUP_KEY": "correct horse battery staple"}


@pytest.fixture
def one(tmp_path):
    """The data folder of a site with an account and some files."""
    copy = Copy(tmp_path / "one")
    copy.folder.mkdir()
    (copy.folder / DATABASE).write_bytes(migrated().read_bytes())
    copy.manage("create_user", "ada", "--password", PASSWORD)
    return copy


def run(copy: Copy, *arguments: str, **environment: str) -> subprocess.CompletedProcess:
    return subprocess.run(
        copy.command(*arguments),
        env=copy.environment | environment,
        capture_output=True,
        text=True,
        cwd=copy.source,
        timeout=300,
    )


def refused(copy: Copy, *arguments: str, **environment: str) -> str:
    done = run(copy, *arguments, **environment)
    assert done.returncode and "Traceback" not in done.stderr
    return done.stderr


def everything(folder) -> dict:
    """What is in a data folder: its files, and the rows of its database."""
    names = [path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()]
    return {name: (folder / name).read_bytes() for name in names if not name.startswith("run/")}


def test_there_and_back(one, tmp_path):
    backups = str(tmp_path / "backups")
    said = one.manage("backup", backups)
    assert "Backed up 0 files" in said
    one.manage("create_user", "eve", "--password", PASSWORD)
    one.manage("shell", "-v0", "-c", RUNNING)
    one.manage("backup", backups)
    names = one.manage("restore", backups, "--list").split()
    assert len(names) == 2 and "is whole" in one.manage("restore", backups, "--check")

    other = Copy(tmp_path / "other")
    assert f"as of {names[0]}" in other.manage("restore", backups, "--snapshot", names[0])
    assert (other.folder / "secret_key").read_text() == (one.folder / "secret_key").read_text()
    assert other.manage("shell", "-v0", "-c", WHO).split() == ["ada"]

    before = everything(other.folder)
    assert "has 1 account: all that is there would be replaced" in refused(other, "restore", backups)
    assert everything(other.folder) == before
    other.manage("restore", backups, "--overwrite")
    assert other.manage("shell", "-v0", "-c", WHO).split() == ["ada", "eve"]
    assert other.manage("shell", "-v0", "-c", GHOSTS).split() == ["0", "0"]

    assert "Forgot 2 older" in one.manage("backup", backups, "--keep", "1")
    assert len(one.manage("restore", backups, "--list").split()) == 1
    assert "is whole" in one.manage("restore", backups, "--check")


def test_a_harmed_backup_touches_nothing(one, tmp_path):
    backups = tmp_path / "backups"
    one.manage("backup", str(backups))
    victim = max((backups / "objects").glob("*/*"))
    victim.write_bytes(victim.read_bytes() + b"?")
    other = Copy(tmp_path / "other")
    before = everything(one.folder)
    for copy in (one, other):
        assert f"{victim} is not what was written" in refused(copy, "restore", str(backups), "--overwrite")
    assert everything(one.folder) == before and not (other.folder / DATABASE).exists()


def test_a_sealed_backup_wants_its_key(one, tmp_path):
    backups = str(tmp_path / "backups")
    done = run(one, "backup", backups, **KEY)
    assert done.returncode == 0, done.stderr
    other = Copy(tmp_path / "other")
    assert "are sealed: set VOICESITE_BACKUP_KEY" in refused(other, "restore", backups)
    assert "is not the key" in refused(other, "restore", backups, VOICESITE_BACKUP_KEY="another")
    done = run(other, "restore", backups, **KEY)
    assert done.returncode == 0, done.stderr


def test_a_running_site_is_not_restored_over(one, tmp_path):
    backups = str(tmp_path / "backups")
    one.manage("backup", backups)
    hold = "from voicesite.management.commands.serve import lock_data_folder as l\nf = l(); print('held', flush=True); input()"
    held = subprocess.Popen(
        one.command("shell", "-v0", "-c", hold),
        env=one.environment,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        cwd=one.source,
    )
    try:
        assert held.stdout.readline() == "held\n"
        assert "already running" in refused(one, "restore", backups, "--overwrite")
    finally:
        held.communicate("\n")


def test_what_cannot_be_is_said_in_words(one, tmp_path):
    assert "Name a folder" in refused(one, "backup")
    assert "belongs elsewhere" in refused(one, "backup", str(one.folder / "backups"))
    assert "Keep 1 backup or more" in refused(one, "backup", str(tmp_path / "backups"), "--keep", "0")
    assert "There are no backups in" in refused(one, "restore", str(tmp_path / "nothing"))
    (tmp_path / "file").touch()
    assert "can't be used for backups" in refused(one, "backup", str(tmp_path / "file"))


def test_a_backup_of_a_newer_version_is_refused(one, tmp_path):
    backups = str(tmp_path / "backups")
    newer = (
        "from django.core.management import call_command; from voicesite.backups import database; real = database.migrations; "
        f"database.migrations = lambda: [*real(), ['voices', '9999_telepathy']]; call_command('backup', {backups!r})"
    )
    one.manage("shell", "-v0", "-c", newer)
    before = everything(one.folder)
    said = refused(one, "restore", backups, "--overwrite")
    assert "newer version" in said and "voices.9999_telepathy" in said and everything(one.folder) == before


def test_an_older_backup_is_brought_up_to_date(one, tmp_path):
    """Tables are made as the backup's migrations made them, then migrated as those of any site."""
    backups = str(tmp_path / "backups")
    one.manage("migrate", "voicesite", "0002")
    older = (
        "from django.core.management import call_command; from django.db import connection\n"
        "from django.db.migrations.executor import MigrationExecutor; from voicesite.backups import database, making\n"
        "executor = MigrationExecutor(connection); applied = executor.loader.applied_migrations\n"
        "state = executor.loader.project_state([key for key in applied])\n"
        "database.migrations = lambda: sorted(list(key) for key in applied)\n"
        "of_then = database.tables(state.apps.get_models(include_auto_created=True))\n"
        "database.tables = lambda models=None, real=database.tables: real(models) if models else of_then\n"
        "making.named_files = set\n"
        f"call_command('backup', {backups!r})"
    )
    one.manage("shell", "-v0", "-c", older)
    other = Copy(tmp_path / "other")
    other.manage("restore", backups)
    shown = other.manage("showmigrations", "voicesite")
    assert "[X] 0002" in shown and "[ ] 0003" in shown
    other.manage("migrate", "--no-input", "-v0")
    founder = "from voicesite.models import User; print(*User.objects.values_list('username', 'is_founder'))"
    assert other.manage("shell", "-v0", "-c", founder).strip() == "('ada', True)"


def test_a_database_that_is_not_up_to_date_is_not_backed_up(one, tmp_path):
    one.manage("migrate", "voicesite", "0002")
    assert "not up to date" in refused(one, "backup", str(tmp_path / "backups"))


DYING = """
import os, signal
from django.core.management import call_command
from voicesite.backups import database
real = database.load
def load(model, content):
    if model._meta.label_lower == "voices.voiceprofile":
        os.kill(os.getpid(), signal.SIGKILL)
    real(model, content)
database.load = load
call_command("restore", "{}", overwrite=True)
"""
RUNNING = """
from django.utils import timezone
from synthesis.models import Cluster, LoadedModel
LoadedModel.objects.create(worker="elsewhere:1")
Cluster.objects.create(name="default", host="elsewhere", process_group=1, started_at=timezone.now(), seen_at=timezone.now())
"""
GHOSTS = (
    "from synthesis.models import Cluster, LoadedModel; print(Cluster.objects.count(), LoadedModel.objects.count())"
)
WHO = "from voicesite.models import User; print(*User.objects.order_by('username').values_list('username', flat=True))"


def die_while_restoring(copy: Copy, backups: str) -> None:
    """A restore that is killed in the middle of the rows leaves the site that was there, and may be done again."""
    before = copy.manage("shell", "-v0", "-c", WHO)
    assert run(copy, "shell", "-v0", "-c", DYING.format(backups)).returncode == -signal.SIGKILL
    assert copy.manage("shell", "-v0", "-c", WHO) == before
    copy.manage("restore", backups, "--overwrite")
    assert copy.manage("shell", "-v0", "-c", WHO) != before


def test_a_restore_that_is_killed_leaves_the_site_as_it_was(one, tmp_path):
    backups = str(tmp_path / "backups")
    one.manage("backup", backups)
    one.manage("create_user", "eve", "--password", PASSWORD)
    die_while_restoring(one, backups)
    assert one.manage("shell", "-v0", "-c", WHO).split() == ["ada"]
    assert not list(one.folder.glob("*.restoring*"))


@pytest.fixture
def postgres():
    """The address of an empty database of PostgreSQL, beside the one of the tests."""
    server, _, _ = os.environ["DATABASE_URL"].rpartition("/")
    name = f"voicesite_restored_{os.getpid()}"
    with psycopg.connect(os.environ["DATABASE_URL"], autocommit=True) as database:
        database.execute(f"DROP DATABASE IF EXISTS {name}")
        database.execute(f"CREATE DATABASE {name}")
        yield f"{server}/{name}"
        database.execute(f"DROP DATABASE {name} WITH (FORCE)")


@pytest.mark.services("postgres")
def test_from_one_database_into_the_other_and_back(one, tmp_path, postgres):
    backups = [str(tmp_path / name) for name in ("of-sqlite", "of-postgres", "of-sqlite-again")]
    one.manage("create_user", "eve", "--password", PASSWORD)
    one.manage("create_api_key", "eve")
    one.manage("backup", backups[0])
    large = Copy(tmp_path / "large", DATABASE_URL=postgres)
    large.manage("restore", backups[0])
    assert "has 2 accounts" in refused(large, "restore", backups[0])
    large.manage("restore", backups[0], "--overwrite")
    large.manage("backup", backups[1])
    again = Copy(tmp_path / "again")
    again.manage("restore", backups[1])
    again.manage("backup", backups[2])
    objects = [
        {path.name for path in (tmp_path / name / "objects").glob("*/*")} for name in ("of-sqlite", "of-postgres")
    ]
    assert objects[0] == objects[1] and len(objects[0]) > 3, "the same rows are the same bytes, whatever keeps them"
    large.manage("create_user", "kim", "--password", PASSWORD)  # its key follows those that were restored
    die_while_restoring(large, backups[0])
