"""Test how settings follow from the environment. Each case executes the file again, as a new process does."""

import contextlib
import os
import re
import runpy
import shutil
import sqlite3
import stat
import subprocess
import sys
from pathlib import Path
from unittest import mock

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.db import connection, transaction

from tests import fakes

ROOT = Path(__file__).resolve().parents[2]
SETTINGS = ROOT / "voicesite" / "settings.py"


@pytest.fixture
def project(tmp_path):
    """A folder that contains the settings only."""
    (tmp_path / "voicesite").mkdir()
    shutil.copy(SETTINGS, tmp_path / "voicesite")
    return tmp_path


@pytest.fixture
def load(project):
    def load(**environment):
        with mock.patch.dict(os.environ, {"HOME": str(project), **environment}, clear=True):
            return runpy.run_path(str(project / "voicesite" / "settings.py"))

    return load


def test_a_fresh_clone_needs_no_environment(load, project):
    settings = load()
    assert settings["DATA_DIR"] == project / "var"
    assert settings["DATABASES"]["default"]["NAME"] == str(project / "var" / "voicesite.sqlite3")
    assert (settings["HOST"], settings["PORT"], settings["DEBUG"]) == ("127.0.0.1", 8000, False)
    assert settings["EMAIL_BACKEND"].endswith("console.EmailBackend")
    assert settings["Q_CLUSTER"]["orm"] == "default" and "CACHES" not in settings
    assert "*" not in settings["ALLOWED_HOSTS"]


def test_the_secret_key_is_made_once_and_for_its_owner_only(load, project):
    key = load()["SECRET_KEY"]
    assert len(key) >= 50
    path = project / "var" / "secret_key"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600 and path.read_text() == key
    assert load()["SECRET_KEY"] == key
    assert os.listdir(project / "var") == ["secret_key"], "nothing is left of its making"
    other = load(VOICESITE_DATA=str(project / "other"))["SECRET_KEY"]
    assert other != key and load(SECRET_KEY="given")["SECRET_KEY"] == "given"


def test_of_two_processes_that_make_a_key_the_first_one_wins(load, project, monkeypatch):
    path = project / "var" / "secret_key"

    def meanwhile():
        path.write_text("the other one's")
        return "too late"

    monkeypatch.setattr("django.core.management.utils.get_random_secret_key", meanwhile)
    assert load()["SECRET_KEY"] == path.read_text() == "the other one's"
    assert os.listdir(project / "var") == ["secret_key"]


def test_dot_env_is_read_and_loses_against_the_environment(load, project):
    (project / ".env").write_text("PORT=9001\nVOICESITE_REGISTRATION=closed\n# PORT=1\n")
    assert (load()["PORT"], load()["REGISTRATION"]) == (9001, "closed")
    settings = load(PORT="9002")
    assert (settings["PORT"], settings["REGISTRATION"]) == (9002, "closed")


@pytest.mark.parametrize(
    ("variable", "value", "words"),
    [
        ("PORT", "abc", "PORT=abc is not a whole number."),
        ("VOICESITE_TEXT_LIMIT", "5e3", "VOICESITE_TEXT_LIMIT=5e3 is not a whole number."),
        ("WEB_THREADS", "", "WEB_THREADS= is not a whole number."),
        ("HTTPS", "enabled", "HTTPS=enabled is neither on nor off: write 1 or 0."),
        ("DEBUG", "2", "DEBUG=2 is neither on nor off"),
        ("TIME_ZONE", "Mars", "TIME_ZONE=Mars is no time zone"),
        ("EMAIL_URL", "mail.example.org", "EMAIL_URL is no mail server"),
        ("DATABASE_URL", "mysql://u:p@h/n", "DATABASE_URL names no database that Voicesite is made for."),
        ("DATABASE_URL", "garbage", "DATABASE_URL names no database"),
        ("VOICESITE_DATA", "/proc/nowhere", "VOICESITE_DATA=/proc/nowhere cannot be written to"),
    ],
)
@pytest.mark.filterwarnings("ignore:Engine not recognized")
def test_a_value_that_cannot_be_read_is_refused_by_its_name(load, variable, value, words):
    with pytest.raises(ImproperlyConfigured, match=re.escape(words)):
        load(**{variable: value})


def test_a_command_says_so_in_one_line(project):
    environment = {"PATH": os.environ["PATH"], "VOICESITE_DATA": str(project / "var"), "PORT": "abc"}
    done = subprocess.run(
        [sys.executable, ROOT / "manage.py", "serve"], env=environment, capture_output=True, text=True
    )
    assert (done.returncode, done.stdout, done.stderr) == (1, "", "PORT=abc is not a whole number.\n")


@pytest.mark.parametrize(("value", "on"), [("1", True), ("true", True), ("Yes", True), ("0", False), ("off", False)])
def test_on_and_off(load, value, on):
    settings = load(HTTPS=value)
    assert settings["SESSION_COOKIE_SECURE"] is settings["CSRF_COOKIE_SECURE"] is settings["HTTPS"] is on
    assert bool(settings["SECURE_PROXY_SSL_HEADER"]) is on, "the proxy is believed only where there is one"


def test_services_are_chosen_by_their_addresses(load):
    settings = load(DATABASE_URL="postgres://ada:secret@db:5433/voices", REDIS_URL="redis://cache:6379/2")
    database = settings["DATABASES"]["default"]
    assert database["ENGINE"] == "django.db.backends.postgresql"
    assert (database["HOST"], database["PORT"], database["NAME"]) == ("db", 5433, "voices")
    assert "OPTIONS" not in database or "transaction_mode" not in database["OPTIONS"]
    assert settings["CACHES"]["default"]["LOCATION"] == settings["Q_CLUSTER"]["redis"] == "redis://cache:6379/2"
    assert "orm" not in settings["Q_CLUSTER"]


def test_two_copies_on_one_machine_keep_their_cookies_apart(load):
    one, two = load(PORT="8000"), load(PORT="8001")
    for name in ("SESSION_COOKIE_NAME", "CSRF_COOKIE_NAME"):
        assert one[name] != two[name]


def test_it_answers_to_names_of_this_machine_unless_told_otherwise(load):
    assert "voices.example.org" not in load()["ALLOWED_HOSTS"]
    assert load(HOST="0.0.0.0")["ALLOWED_HOSTS"] == ["*"]
    assert load(HOST="0.0.0.0", ALLOWED_HOSTS="a.example,b.example")["ALLOWED_HOSTS"] == ["a.example", "b.example"]


def test_a_site_behind_https_has_nothing_to_be_warned_of(project):
    environment = {
        "PATH": os.environ["PATH"],
        "VOICESITE_DATA": str(project / "var"),
        "HTTPS": "1",
        "ALLOWED_HOSTS": "voices.example.org",
        "CSRF_TRUSTED_ORIGINS": "https://voices.example.org",
        "VOICESITE_ENGINE": fakes.ENGINE,
    }
    command = [sys.executable, ROOT / "manage.py", "check", "--deploy", "--fail-level", "WARNING"]
    done = subprocess.run(command, env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


@pytest.mark.django_db(transaction=True)
def test_sqlite_lets_readers_read_and_writers_wait_their_turn():
    if connection.vendor != "sqlite":
        pytest.skip("of SQLite only")
    with connection.cursor() as cursor:
        pragmas = {
            name: cursor.execute(f"PRAGMA {name}").fetchone()[0]
            for name in ("journal_mode", "synchronous", "foreign_keys", "busy_timeout")
        }
    assert pragmas == {"journal_mode": "wal", "synchronous": 1, "foreign_keys": 1, "busy_timeout": 20_000}
    name = connection.settings_dict["NAME"]
    with transaction.atomic(), contextlib.closing(sqlite3.connect(name, timeout=0)) as other:
        other.execute("SELECT count(*) FROM voicesite_user").fetchone()
        with pytest.raises(sqlite3.OperationalError, match="locked"):
            other.execute("BEGIN IMMEDIATE")


def test_every_variable_is_in_the_table_for_operators():
    read = set(re.findall(r'\benv\.\w+\(\s*"([A-Z_]+)"', SETTINGS.read_text()))
    assert len(read) > 20
    for path in (path for app in ("voicesite", "voices", "synthesis") for path in (ROOT / app).rglob("*.py")):
        read |= set(re.findall(r'\bos\.environ(?:\.get\(|\[)"(VOICESITE_\w+)"', path.read_text()))  # as engines do
    table = [line for line in (ROOT / "docs" / "deployment.md").read_text().splitlines() if line.startswith("| `")]
    named = set(re.findall(r"`([A-Z_]+)`", " ".join(line.split("|")[1] for line in table)))
    assert read == named
