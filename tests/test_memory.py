"""What processes hold that wait for most of their time: libraries that they have no use for are not among it."""

import json
import os
import subprocess
import sys

import pytest

INFERENCE = {"torch", "mlx", "onnxruntime", "faster_whisper", "ctranslate2", "av", "transformers", "espeakng_loader"}
OF_A_SITE = {"django.apps", "django.db", "django.urls", "numpy", "ninja", "pydantic", "redis", "babel", "cryptography"}


def imported(program: str, tmp_path) -> set[str]:
    """Return the modules that a program in a Python of its own has imported when it ends."""
    environment = {**os.environ, "VOICESITE_DATA": str(tmp_path), "DJANGO_SETTINGS_MODULE": "voicesite.settings"}
    program += "\nimport json, sys\nprint(json.dumps(sorted(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", program], env=environment, capture_output=True, text=True, check=True)
    return set(json.loads(done.stdout.splitlines()[-1]))


@pytest.mark.processes
def test_the_process_that_waits_holds_no_site(tmp_path):
    assert not imported("import voicesite.standby", tmp_path) & (INFERENCE | OF_A_SITE)


@pytest.mark.processes
def test_what_the_supervisor_shares_has_no_inference_library_and_no_thread(tmp_path):
    """A lock that a thread holds at the moment of a fork is held for ever in the fork."""
    found = imported(
        "import django; django.setup()\n"
        "import threading\n"
        "from synthesis.management.commands import supervise, sweep, work\n"
        "from voicesite.management.commands import web\n"
        "from django.urls import get_resolver\n"
        "assert get_resolver().url_patterns\n"
        "assert threading.active_count() == 1, threading.enumerate()",
        tmp_path,
    )
    assert not found & INFERENCE
