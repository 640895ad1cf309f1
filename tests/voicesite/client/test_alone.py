"""The client and its command need httpx and tqdm, and nothing of the server."""

import shutil
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]
PROGRAM = """
import sys
from voicesite.client import AsyncClient, Client
from voicesite.client.command import main
ours = {name for name in sys.modules if name.partition(".")[0] in ("voicesite", "voices", "synthesis")}
print({name for name in ours if not name.startswith("voicesite.client")} - {"voicesite"})
print({"django", "ninja", "numpy", "environ", "av"} & set(sys.modules))
"""


def test_it_imports_nothing_of_the_server():
    done = subprocess.run([sys.executable, "-c", PROGRAM], capture_output=True, text=True, cwd=ROOT)
    assert done.stdout == "set()\nset()\n", done.stderr


@pytest.mark.processes
def test_a_wheel_has_the_client_and_no_folder_of_the_site(tmp_path):
    source = tmp_path / "source"  # a copy: building leaves folders behind
    for name in ("pyproject.toml", "README.md", "LICENSE"):
        source.mkdir(exist_ok=True)
        shutil.copy(ROOT / name, source)
    for name in ("voicesite", "voices", "synthesis"):
        shutil.copytree(ROOT / name, source / name, ignore=shutil.ignore_patterns("__pycache__"))
    offline = ("--no-build-isolation", "--no-deps", "--no-index", "--disable-pip-version-check")
    command = [sys.executable, "-m", "pip", "wheel", "-q", *offline, "-w", tmp_path, source]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    (wheel,) = tmp_path.glob("*.whl")
    with zipfile.ZipFile(wheel) as opened:
        names = set(opened.namelist())
        opened.extractall(tmp_path / "installed")
    client = {path.relative_to(ROOT).as_posix() for path in (ROOT / "voicesite" / "client").glob("*.py")}
    assert client | {"voicesite/__init__.py", "voicesite/client/py.typed"} <= names
    folders = {name.rpartition("/")[0] for name in names if ".dist-info/" not in name}
    assert {"/".join(folder.split("/")[:2]) for folder in folders} == {"voicesite", "voicesite/client"}
    program = [sys.executable, "-c", "import sys; from voicesite.client.command import main; main()", "--help"]
    done = subprocess.run(program, capture_output=True, text=True, cwd=tmp_path / "installed")
    assert "speak" in done.stdout, done.stderr


def test_the_script_is_installed_and_the_types_are_shipped():
    described = tomllib.loads((ROOT / "pyproject.toml").read_text())
    assert described["project"]["scripts"] == {"voicesite": "voicesite.client.command:main"}
    assert described["tool"]["setuptools"]["package-data"]["voicesite.client"] == ["py.typed"]
    assert (ROOT / "voicesite" / "client" / "py.typed").exists()
