"""What the command line says where nothing is prepared."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

MANAGE = Path(__file__).resolve().parents[1] / "manage.py"


@pytest.mark.processes
def test_a_command_before_the_first_start_says_what_to_do(tmp_path):
    environment = {"PATH": os.environ["PATH"], "VOICESITE_DATA": str(tmp_path / "data")}
    command = [sys.executable, str(MANAGE), "create_user", "ada", "--password", "Anne-of-Green-7"]
    told = subprocess.run(command, env=environment, capture_output=True, text=True)
    assert told.returncode == 1 and "Traceback" not in told.stderr
    assert told.stderr.startswith("The database is not prepared") and "manage.py prepare" in told.stderr
