"""The files of deploy/: linted, and every command in them run as far as this machine can, in a copy of the site."""

import json
import os
import re
import shlex
import shutil
import subprocess
import sys
from configparser import ConfigParser
from fnmatch import fnmatch
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
import yaml

from synthesis.management.commands.supervise import programs_of_site
from tests.e2e.copy import ROOT, Copy, free_port, wait_for

DEPLOY = ROOT / "deploy"
DOCKERFILE = DEPLOY / "Dockerfile"
UNITS = sorted((DEPLOY / "systemd").iterdir())
COMPOSE = sorted(DEPLOY.glob("compose*.yaml"))
SITE_FOLDER = "/srv/voicesite"
COMMANDS = {"serve", "web", "work", "sweep", "prepare"}


def instructions() -> list[tuple[str, str]]:
    """The instructions of the Dockerfile, and what each says."""
    text = "\n".join(line for line in DOCKERFILE.read_text().splitlines() if not line.startswith("#"))
    lines = re.sub(r"\\\n\s*", " ", text).splitlines()
    return [(kind, said) for kind, _, said in (line.partition(" ") for line in lines if line.strip())]


def said(kind: str) -> list[str]:
    return [words for name, words in instructions() if name == kind]


def test_the_dockerfile_has_no_fault():
    hadolint = shutil.which("hadolint", path=f"{Path(sys.executable).parent}:{os.environ['PATH']}")
    if not hadolint:
        pytest.skip("hadolint is not installed")
    done = subprocess.run([hadolint, DOCKERFILE], capture_output=True, text=True)
    assert done.returncode == 0, done.stdout


def test_the_units_have_no_fault(tmp_path):
    """But for the folder and the user, which are the operator's to make."""
    if not shutil.which("systemd-analyze"):
        pytest.skip("systemd is not here")
    (tmp_path / "python").symlink_to(sys.executable)
    for unit in UNITS:
        text = unit.read_text().replace(f"{SITE_FOLDER}/.venv/bin/python", str(tmp_path / "python"))
        text = text.replace(f"WorkingDirectory={SITE_FOLDER}", f"WorkingDirectory={ROOT}").replace(
            "User=voicesite", "User=root"
        )
        (tmp_path / unit.name.replace("@.", "@synthesis.")).write_text(text)
    names = [str(file) for file in sorted(tmp_path.glob("voicesite*"))]
    done = subprocess.run(["systemd-analyze", "verify", "--man=no", *names], capture_output=True, text=True)
    ours = [line for line in done.stderr.splitlines() if "voicesite" in line]
    assert done.returncode == 0 and ours == [], done.stderr


@pytest.mark.parametrize("unit", UNITS, ids=lambda unit: unit.name)
def test_a_unit_starts_a_command_that_there_is(unit):
    read = ConfigParser(strict=False, interpolation=None)
    read.optionxform = str
    read.read(unit)
    if unit.suffix == ".socket":
        assert read["Socket"]["ListenStream"]
        return
    python, manage, command, *arguments = shlex.split(read["Service"]["ExecStart"])
    assert (python, manage) == (f"{SITE_FOLDER}/.venv/bin/python", "manage.py") and command in COMMANDS
    assert arguments in ([], ["%i"]) and read["Service"]["User"] == "voicesite"
    for name in read["Unit"].get("Requires", "").split():
        assert (DEPLOY / "systemd" / name).exists(), name


@pytest.mark.parametrize("file", COMPOSE, ids=lambda file: file.name)
def test_a_compose_file_says_what_there_is(file):
    composed = yaml.safe_load(file.read_text())
    volumes = set(composed.get("volumes", {}))
    for name, service in composed["services"].items():
        assert set(service) <= {
            "build", "image", "init", "restart", "stop_grace_period", "ports", "env_file", "environment", "volumes",
            "command", "healthcheck", "depends_on", "deploy",
        }, name  # fmt: skip
        assert "image" in service or "build" in service
        assert {volume.partition(":")[0] for volume in service.get("volumes", ())} <= volumes
        assert set(service.get("depends_on", ())) <= set(composed["services"])
        if "build" in service:
            assert (file.parent / service["build"]["context"] / service["build"]["dockerfile"]).resolve() == DOCKERFILE
            assert set(service["build"]["args"]) <= {words.partition("=")[0] for words in said("ARG")}
            assert service.get("command", ["serve"])[0] in COMMANDS
        for variable in service.get("environment", {}):
            assert f"`{variable}`" in (ROOT / "docs" / "deployment.md").read_text() or variable.startswith("POSTGRES_")


def test_the_parts_together_are_the_whole_site():
    services = yaml.safe_load((DEPLOY / "compose.services.yaml").read_text())["services"]
    of_compose = {" ".join(service["command"]) for service in services.values() if "build" in service}
    assert of_compose == {"prepare", "web", "work synthesis", "work default", "sweep"}
    assert {" ".join(program.arguments) for program in programs_of_site()} == of_compose - {"prepare"}


def test_each_service_that_the_site_is_told_of_is_there():
    services = yaml.safe_load((DEPLOY / "compose.services.yaml").read_text())["services"]
    told = services["web"]["environment"]
    addresses = [
        told["DATABASE_URL"].rpartition("@")[2],
        told["REDIS_URL"],
        parse_qs(urlsplit(told["VOICESITE_FILES"]).query)["endpoint"][0],
    ]
    hosts = [re.sub(r"^\w+://", "", address).partition(":")[0] for address in addresses]
    assert hosts == ["postgres", "redis", "files"] and set(hosts) <= services["migration"]["depends_on"].keys()
    keys = ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY")
    assert [services["files"]["environment"][key] for key in keys] == [told[key] for key in keys]
    assert "ports" not in services["files"], "nobody else reaches it"
    assert " s3 " in next(words for words in said("RUN") if "install.py" in words), "the image has what it needs"


def test_what_an_image_gets_is_what_the_site_needs():
    """Nothing private of the folder it is built in, and all that is read at run time."""
    ignored = [line for line in (ROOT / ".dockerignore").read_text().splitlines() if line and not line.startswith("#")]

    def is_ignored(path: str) -> bool:
        return any(fnmatch(path, pattern.removeprefix("**/")) for pattern in ignored)

    assert all(map(is_ignored, (".env", ".git", "var", ".venv", ".venv-torch", "__pycache__", "tests")))
    for name in (
        "manage.py",
        "voicesite",
        "voices",
        "synthesis",
        "templates",
        "static",
        "scripts",
        "deploy",
        "LICENSE",
    ):
        assert (ROOT / name).exists() and not is_ignored(name)
    for sources in said("COPY"):
        for source in sources.split()[:-1]:
            assert (ROOT / source).exists(), source


@pytest.mark.e2e
def test_the_commands_of_the_image_are_run(tmp_path):
    """In a copy, without Docker: each RUN but for what needs root or the network, the entrypoint, and the health check."""
    site, data, tools = tmp_path / "srv" / "voicesite", tmp_path / "data", tmp_path / "bin"
    for folder in (site, tools):
        folder.mkdir(parents=True)
    for name in ("useradd", "chown"):  # they would change this machine
        (tools / name).write_text("#!/bin/sh\nexit 0\n")
        (tools / name).chmod(0o755)
    (tools / "python").symlink_to(shutil.which("python3"))
    values = dict(pair.split("=", 1) for words in said("ENV") for pair in shlex.split(words))
    packages = next(Path(path) for path in sys.path if path.endswith("site-packages"))
    environment = {
        **{name: value.replace("/data", str(data)) for name, value in values.items()},
        "PATH": f"{tools}:{os.environ['PATH']}",
        "HOME": str(tmp_path),
        "ENGINE": dict(words.split("=") for words in said("ARG"))["ENGINE"],
        # Without the network: the libraries are those of this environment.
        **{"PIP_NO_INDEX": "1", "PIP_NO_DEPS": "1", "PIP_NO_BUILD_ISOLATION": "0", "PYTHONPATH": str(packages)},
    }
    for kind, words in instructions():
        if kind == "COPY":
            *sources, target = words.split()
            for source in sources:
                copy(
                    ROOT / source, site / target / (Path(source).name if target.endswith("/") and source != "." else "")
                )
        elif kind == "RUN":
            words = re.sub(r"(?<=[\s])/data\b", str(data), words)
            done = subprocess.run(["sh", "-ec", words], cwd=site, env=environment, capture_output=True, text=True)
            assert done.returncode == 0, words + done.stdout + done.stderr
    environment |= {"PORT": str(free_port()), "HOST": "127.0.0.1", "VOICESITE_ENGINE": "kokoro"}
    environment |= {"VOICESITE_CACHE": os.environ["VOICESITE_CACHE"]} if "VOICESITE_CACHE" in os.environ else {}
    entry, begun = (json.loads(said(kind)[0]) for kind in ("ENTRYPOINT", "CMD"))
    probe = json.loads(said("HEALTHCHECK")[0].partition("CMD ")[2])
    running = Copy(data)  # for its processes and its guard
    running.process = subprocess.Popen([*entry, *begun], cwd=site, env=environment, start_new_session=True)
    try:
        wait_for(lambda: subprocess.run(probe, cwd=site, env=environment, capture_output=True).returncode == 0, 120)
        assert (data / "static").exists() and running.processes()
    finally:
        running.stop()
    assert running.processes() == []


def copy(source: Path, target: Path) -> None:
    """As COPY does, but for what .dockerignore names and git does not know."""
    if source != ROOT:
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(source, target)
        return
    listed = subprocess.run(["git", "ls-files", "-co", "--exclude-standard"], cwd=ROOT, capture_output=True, text=True)
    for name in listed.stdout.splitlines():
        if not name.startswith(("tests/", ".ci/")):
            (target / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / name, target / name)
