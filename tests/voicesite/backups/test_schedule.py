"""Backups that the site makes by itself."""

import sys
from datetime import UTC, datetime, timedelta

import pytest

from voicesite.backups import schedule
from voicesite.backups.repository import Repository
from voicesite.site.checks import check_backups


@pytest.fixture
def folder(settings, tmp_path):
    settings.BACKUP = str(tmp_path / "backups")
    return tmp_path / "backups"


def test_one_is_due_where_there_is_none_or_it_is_old(folder, settings):
    assert schedule.is_due()
    Repository(folder, create=True)
    assert schedule.is_due()
    (folder / "snapshots" / (datetime.now(UTC) - timedelta(hours=3)).strftime("%Y-%m-%dT%H-%M-%SZ")).touch()
    settings.BACKUP_HOURS = 4
    assert not schedule.is_due()
    settings.BACKUP_HOURS = 2
    assert schedule.is_due()


class Program:
    """A process in which a backup is made, as long as the test wants."""

    pid, returncode = 0, None

    def __init__(self, command):
        self.command = command

    def poll(self):
        return self.returncode


@pytest.fixture
def started(monkeypatch):
    programs = []

    def start(command):
        programs.append(Program(command))
        return programs[-1]

    monkeypatch.setattr(schedule.subprocess, "Popen", start)
    monkeypatch.setattr(
        schedule.psutil, "Process", lambda pid: type("Polite", (), {"nice": lambda self, value: None})()
    )
    return programs


@pytest.fixture
def clock(monkeypatch):
    now = [1000.0]
    monkeypatch.setattr(schedule.time, "monotonic", lambda: now[0])

    def pass_(seconds):
        now[0] += seconds

    return pass_


def test_one_at_a_time_and_after_a_failure_an_hour_passes(folder, started, clock, caplog):
    backups = schedule.Schedule()
    for _ in range(3):
        backups.turn()
        clock(schedule.LOOK_SECONDS)
    (program,) = started
    assert program.command[0] == sys.executable and program.command[-1] == "backup"
    program.returncode = 1
    backups.turn()
    assert "failed" in caplog.text and len(started) == 1
    clock(schedule.RETRY_SECONDS - 1)
    backups.turn()
    assert len(started) == 1
    clock(1)
    backups.turn()
    assert len(started) == 2
    started[1].returncode = 0
    (Repository(folder, create=True).folder / "snapshots" / datetime.now(UTC).strftime("%Y-%m-%dT%H-%M-%SZ")).touch()
    clock(schedule.LOOK_SECONDS)
    for _ in range(3):
        backups.turn()
        clock(schedule.LOOK_SECONDS)
    assert len(started) == 2


def test_a_site_without_a_folder_makes_none(settings, started):
    settings.BACKUP = ""
    schedule.Schedule().turn()
    assert not started


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"BACKUP": "~/backups"}, []),
        ({"BACKUP": "", "BACKUP_HOURS": 0}, []),
        ({"BACKUP": "~/backups", "BACKUP_HOURS": 0}, ["VOICESITE_BACKUP_HOURS is 0."]),
        ({"BACKUP": "~/backups", "BACKUPS_KEPT": -1}, ["VOICESITE_BACKUPS_KEPT is -1."]),
    ],
)
def test_settings_that_cannot_work_are_refused(settings, changes, words):
    for name, value in changes.items():
        setattr(settings, name, value)
    assert [error.msg for error in check_backups(None)] == words


def test_a_folder_in_the_data_folder_is_refused(settings):
    settings.BACKUP = str(settings.DATA_DIR / "backups")
    (error,) = check_backups(None)
    assert "belongs elsewhere" in error.msg and error.id == "voicesite.E050"
