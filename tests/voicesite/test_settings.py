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
    assert settings["Q_CLUSTER"]["orm"] == "default"
    assert settings["CACHES"]["default"]["BACKEND"].endswith("DatabaseCache")
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
        ("HTTPS", "enabled", "HTTPS=enabled is neither on nor off: write 1 or 0, or self."),
        ("DEBUG", "2", "DEBUG=2 is neither on nor off"),
        ("TIME_ZONE", "Mars", "TIME_ZONE=Mars is not a time zone"),
        ("EMAIL_URL", "mail.example.org", "EMAIL_URL is not a mail server"),
        ("DATABASE_URL", "mysql://u:p@h/n", "DATABASE_URL names a kind of database that Voicesite doesn't support."),
        ("DATABASE_URL", "garbage", "DATABASE_URL names a kind of database"),
        ("VOICESITE_URL", "voices.example.org", "VOICESITE_URL=voices.example.org is not the address of a site"),
        ("VOICESITE_URL", "ftp://voices.example.org", "write it as in https://voices.example.org."),
        ("VOICESITE_URL", "https://example.org/voices", "is not the address of a site"),
        ("VOICESITE_URL", "https://example.org:port", "is not the address of a site"),
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
    assert settings["SECURE_SSL_REDIRECT"] is on and settings["PROXIES"] == ["127.0.0.1", "::1"]


def test_https_of_its_own_is_served_on_the_network_and_believes_no_proxy(load):
    settings = load(HTTPS="self", HSTS_SECONDS="3600")
    assert settings["SESSION_COOKIE_SECURE"] is settings["CSRF_COOKIE_SECURE"] is settings["HTTPS"] is True
    assert settings["PROXIES"] == [] and not settings["SECURE_SSL_REDIRECT"]
    assert settings["SECURE_HSTS_SECONDS"] == 0, "browsers would refuse the certificate for good"
    assert settings["HOST"] == "0.0.0.0"
    assert load(HTTPS="Self", HOST="192.168.1.5")["HOST"] == "192.168.1.5"
    plain = load()
    for name in ("SESSION_COOKIE_NAME", "CSRF_COOKIE_NAME"):
        assert settings[name] != plain[name], "whose secure cookies keep plain ones out"


@pytest.mark.parametrize(("https", "prefix"), [("1", "__Host-"), ("self", "__Host-"), ("0", "")])
def test_cookies_are_bound_to_their_host_under_https(load, https, prefix):
    settings = load(HTTPS=https)
    for kind in ("SESSION", "CSRF", "DEVICE"):
        assert settings[f"{kind}_COOKIE_NAME"].startswith(f"{prefix}voicesite_")
        assert settings.get(f"{kind}_COOKIE_PATH", "/") == "/" and not settings.get(f"{kind}_COOKIE_DOMAIN")


def test_forms_lead_to_the_provider_of_single_sign_on_only_where_there_is_one(load):
    def targets(**changed):
        return load(**changed)["CONTENT_SECURITY_POLICY"]["DIRECTIVES"]["form-action"]

    assert targets() == ["'self'"]
    address = "https://login.example.org:8443/realms/people"
    assert targets(VOICESITE_OIDC_URL=address) == ["'self'", "https://login.example.org:8443"]
    assert load()["SOCIALACCOUNT_PROVIDERS"] == {}
    named = load(VOICESITE_OIDC_URL=address, VOICESITE_OIDC_CLIENT="one", VOICESITE_OIDC_SECRET="two")
    (app,) = named["SOCIALACCOUNT_PROVIDERS"]["openid_connect"]["APPS"]
    assert (app["client_id"], app["secret"], app["settings"]["server_url"]) == ("one", "two", address)


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


@pytest.mark.parametrize(
    ("written", "url", "host"),
    [
        ("https://voices.example.org", "https://voices.example.org", "voices.example.org"),
        (" HTTPS://Voices.example.org:443/ ", "https://voices.example.org", "voices.example.org"),
        ("http://192.168.1.5:8000", "http://192.168.1.5:8000", "192.168.1.5"),
        ("https://[FD00::2]:8443", "https://[fd00::2]:8443", "[fd00::2]"),
    ],
)
def test_the_sites_address_is_one_that_it_answers_to(load, written, url, host):
    settings = load(VOICESITE_URL=written, CSRF_TRUSTED_ORIGINS="https://a.example")
    assert settings["SITE_URL"] == url
    assert settings["ALLOWED_HOSTS"][-1] == host and "127.0.0.1" in settings["ALLOWED_HOSTS"]
    assert settings["CSRF_TRUSTED_ORIGINS"] == ["https://a.example", url]


@pytest.mark.processes
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
    server = {path for app in ("voicesite", "voices", "synthesis") for path in (ROOT / app).rglob("*.py")}
    for path in server - set((ROOT / "voicesite" / "client").rglob("*.py")):
        read |= set(re.findall(r'\bos\.environ(?:\.get\(|\[)"(VOICESITE_\w+)"', path.read_text()))  # as engines do
    table = [line for line in (ROOT / "docs" / "deployment.md").read_text().splitlines() if line.startswith("| `")]
    named = set(re.findall(r"`([A-Z_]+)`", " ".join(line.split("|")[1] for line in table)))
    assert read == named


@pytest.mark.parametrize(
    ("written", "options"),
    [
        ("s3://voices", {"bucket_name": "voices"}),
        ("s3://voices/a/b/?region=eu-west-1", {"bucket_name": "voices", "location": "a/b", "region_name": "eu-west-1"}),
        (
            "s3://my.voices?endpoint=https://s3.example.org:9000&addressing=virtual",
            {
                "bucket_name": "my.voices",
                "endpoint_url": "https://s3.example.org:9000",
                "addressing_style": "virtual",
            },
        ),
    ],
)
def test_files_can_be_in_a_bucket(load, written, options):
    settings = load(VOICESITE_FILES=written)
    assert settings["BUCKET"] == options
    assert settings["STORAGES"]["default"] == {"BACKEND": "voicesite.bucket.Bucket", "OPTIONS": options}
    assert load()["STORAGES"]["default"] == {"BACKEND": "voicesite.storage.Folder"} and not load()["BUCKET"]


@pytest.mark.parametrize(
    "written",
    [
        "/srv/files",
        "s3://",
        "https://s3.example.org/voices",
        "s3://key:secret@voices",
        "s3://voices?endpoint=s3.example.org",
        "s3://voices?endpoint=",
        "s3://voices?regin=eu-west-1",
        "s3://voices?addressing=both",
        "s3://voices?endpoint",
        "s3://[voices",
    ],
)
def test_what_is_no_bucket_is_refused_without_repeating_it(load, written):
    with pytest.raises(ImproperlyConfigured, match="VOICESITE_FILES is not a bucket") as refused:
        load(VOICESITE_FILES=written)
    assert "key:secret" not in str(refused.value)
