"""Test that a database of the migrations before the first release keeps its voices and speech."""

import os
import sqlite3
import subprocess
import sys
from contextlib import closing

import pytest
from django.core.management import CommandError
from django.db import connections

from tests import FIXTURES
from tests.test_layers import ROOT
from voicesite.site.early_databases import rename_early_tables

SCHEMA_QUERY = "SELECT type, tbl_name, name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'"
INDEXES_QUERY = "SELECT name FROM sqlite_master WHERE type = 'index' AND name LIKE '%_idx'"


@pytest.fixture
def database(tmp_path):
    """A database from before the first release, with a user, a voice, a completed and a pending generation."""
    with closing(sqlite3.connect(tmp_path / "voicesite.sqlite3")) as connection:
        connection.executescript((FIXTURES / "before_first_release.sql").read_text())
        yield connection


@pytest.fixture
def early(database, tmp_path, monkeypatch, django_db_blocker):
    """The same database as Django knows it, by its alias."""
    settings = {**connections.databases["default"], "ENGINE": "django.db.backends.sqlite3"}
    settings |= {"NAME": str(tmp_path / "voicesite.sqlite3"), "OPTIONS": {}}
    monkeypatch.setitem(connections.databases, "early", settings)
    with django_db_blocker.unblock():
        yield "early"
        connections["early"].close()
    del connections["early"]


def manage(data, *arguments):
    environment = {"PATH": os.environ["PATH"], "VOICESITE_DATA": str(data), "VOICESITE_ENGINE": "kokoro"}
    command = [sys.executable, "manage.py", *arguments]
    return subprocess.run(command, env=environment, cwd=ROOT, capture_output=True, text=True)


def columns(connection):
    return {
        (table, column[1])
        for _, table, _ in connection.execute(SCHEMA_QUERY).fetchall()
        for column in connection.execute(f"PRAGMA table_info({table})")
    }


@pytest.mark.e2e
def test_it_becomes_a_database_of_today_and_loses_nothing(database, tmp_path):
    for _ in range(2):
        done = manage(tmp_path, "migrate", "--verbosity", "0")
        assert done.returncode == 0, done.stderr
    fresh = tmp_path / "fresh"
    assert manage(fresh, "migrate", "--verbosity", "0").returncode == 0
    with closing(sqlite3.connect(fresh / "voicesite.sqlite3")) as new:
        assert columns(database) == columns(new)
        assert set(database.execute(INDEXES_QUERY)) == set(new.execute(INDEXES_QUERY))
        history = "SELECT app, name FROM django_migrations"
        assert set(database.execute(history)) == set(new.execute(history))
    assert database.execute("SELECT name FROM voices_voiceprofile").fetchall() == [("Jane",)]
    assert database.execute("SELECT original_audio, transcript != '' FROM voices_clip").fetchall() == [
        ("clips/plain.wav", 1)
    ]
    spoken = "SELECT text, take_group FROM synthesis_generation WHERE state = 'completed'"
    assert database.execute(spoken).fetchall() == [
        ("A quiet morning by the river is worth a long walk.", "39f885eae2684da4896f16bc46bfe9a4")
    ]
    for table in ("voices_transcriptionrequest", "synthesis_evaluation", "synthesis_loadedmodel"):
        assert database.execute(f"SELECT count(*) FROM {table}").fetchone() == (1,)


@pytest.mark.parametrize(
    "missing",
    [
        "app = 'voices' AND name = '0008_dictations'",
        "app = 'voices' AND name > '0002'",
        "app IN ('voicesite', 'voices', 'synthesis') AND name > '0002'",
    ],
)
def test_one_that_is_older_still_is_left_alone_and_told_what_to_do(database, early, missing):
    database.execute(f"DELETE FROM django_migrations WHERE {missing}")
    database.commit()
    before = columns(database)
    with pytest.raises(CommandError, match="git checkout 9e988b3 && make run"):
        rename_early_tables(using=early)
    assert columns(database) == before
