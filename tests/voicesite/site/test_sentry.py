import errno
import importlib.util
import json
import logging
import subprocess
import sys
from unittest import mock

import pytest
from django.core.files.storage import FileSystemStorage
from django.urls import reverse_lazy

from tests import FIXTURES
from tests.e2e.copy import ROOT
from voicesite import logs
from voicesite.site import sentry

SECRET = "the text of Ada"


@pytest.fixture
def sent(settings, monkeypatch):
    """What is sent to a Sentry that keeps it here."""
    sentry_sdk = pytest.importorskip("sentry_sdk")
    envelopes = []

    class Kept(sentry_sdk.transport.Transport):
        def capture_envelope(self, envelope):
            envelopes.append(envelope)

    monkeypatch.setattr("sentry_sdk.client.make_transport", lambda options: Kept(options))
    settings.SENTRY_DSN = "https://public@sentry.invalid/1"
    sentry.start()
    yield envelopes
    sentry_sdk.init(
        default_integrations=False, auto_enabling_integrations=False
    )  # that of Django ignores its logger for good


def test_an_error_is_reported_without_anybodys_words(sent):
    logger = logging.getLogger("voicesite.jobs.attempts")
    text = SECRET
    with logs.bound(job="generation:5", key=3):
        try:
            raise ValueError(text)
        except ValueError:
            logger.exception("%s failed", text)
    logger.error("%s failed", SECRET)
    first, second = (envelope.items[0].payload.json for envelope in sent)
    assert first["exception"]["values"][0]["type"] == "ValueError" and first["tags"] == {"job": "generation:5"}
    assert first["exception"]["values"][0]["stacktrace"]["frames"][-1]["lineno"]
    assert second["logger"] == "voicesite.jobs.attempts"
    assert SECRET not in json.dumps([first, second])
    assert not {"request", "user", "extra", "breadcrumbs", "logentry", "server_name"} & {*first, *second}


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    ("address", "field"),
    [(reverse_lazy("voices:take_clip"), "recording"), ("/api/recordings", "audio")],
    ids=["page", "api"],
)
def test_a_full_disk_is_a_warning_and_a_fault_an_error(sent, page, monkeypatch, caplog, address, field):
    page.raise_request_exception = False

    def answer(error: Exception) -> tuple[int, list[str]]:
        monkeypatch.setattr(FileSystemStorage, "_save", mock.Mock(side_effect=error))
        caplog.clear()
        with (FIXTURES / "english_austen_1.wav").open("rb") as file:
            status = page.post(address, {field: file}).status_code
        return status, [one.levelname for one in caplog.records if one.name == "django.request"]

    assert answer(OSError(errno.ENOSPC, "No space left on device")) == (507, ["WARNING"])
    assert not sent
    assert answer(ValueError("a fault")) == (500, ["ERROR"])
    assert len(sent) == 1


@pytest.mark.processes
def test_without_the_setting_the_library_is_not_imported():
    code = "import django; django.setup(); import sys; sys.exit('sentry_sdk' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], cwd=ROOT, env=_environment()).returncode == 0


def test_a_missing_library_is_said(settings, monkeypatch):
    from voicesite.site.checks import check_sentry

    assert list(check_sentry(None)) == []
    settings.SENTRY_DSN = "https://public@sentry.invalid/1"
    found = importlib.util.find_spec
    monkeypatch.setattr("voicesite.site.checks.find_spec", lambda name: None if name == "sentry_sdk" else found(name))
    (error,) = check_sentry(None)
    assert error.id == "voicesite.E060" and "pip install" in error.hint


def _environment():
    import os

    return {**os.environ, "DJANGO_SETTINGS_MODULE": "tests.settings", "SENTRY_DSN": ""}
