"""docs/deployment.md: each of its commands is run, in the guide's order, at a site of its own.

What can't be run everywhere is run as far as it goes: WAYS says how, and why. A command that WAYS doesn't know fails a test
at once: whoever writes one into the guide says here how it is tried.
"""

import contextlib
import os
import re
import shlex
import shutil
import signal
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest
import yaml
from django.urls import reverse

from tests.e2e.copy import DATABASE, PASSWORD, free_port, migrated, wait_for
from tests.hub import Hub
from tests.voicesite.modelhost.test_download import CONTENT
from tests.voicesite.modelhost.test_weights import write

ROOT = Path(__file__).resolve().parents[1]
GUIDE = (ROOT / "docs" / "deployment.md").read_text()
MODEL = "Qwen/Qwen3-TTS-12Hz-1.7B-Base"
PROGRAMS = "make|manage.py|git|docker|podman|systemctl|journalctl|sudo|curl|rsync|createdb|psql|helm|kubectl"


class Way(NamedTuple):
    """How a command of the guide is tried."""

    pattern: str  # all of the command matches it
    how: str  # "run" it to its end; "serve": until the site is ready; "check": read only, for a `reason`
    reason: str = ""


WAYS = (
    Way(
        r"make run DATABASE_URL=\S+ REDIS_URL=\S+", "services", "served with those that the tests are given, if any are"
    ),
    Way(r"(make run )?VOICESITE_FILES=\S+.*", "check", "there is no bucket: tests/synthesis/test_bucket.py has one"),
    Way(r"make run( [A-Z_]+=\S+)*", "serve"),
    Way(r"git pull && make run", "serve"),
    Way(r"(\.venv/bin/python )?manage\.py (models|check|backup|restore)\b.*", "run"),
    Way(r"VOICESITE_DATA=\S+ \.venv/bin/python manage\.py restore .*", "run"),
    Way(r"\.venv/bin/python -c .*", "run"),
    Way(r"manage\.py prepare", "run"),
    Way(r"manage\.py (web|work \w+|sweep)", "check", "tests/e2e/test_operation.py runs them together"),
    Way(r"(useradd|cp|systemctl) .*", "check", "they would change this machine; tests/test_deploy.py lints the units"),
    Way(r"docker compose .*", "check", "tests/test_deploy.py runs what is in the files, without Docker"),
    Way(r"make (install|test-services)", "check", "other tests install, and those are tests themselves"),
    Way(r"\.venv/bin/pip install .*", "check", "tests have no network"),
    Way(r"jq .*", "run" if shutil.which("jq") else "check", "it is not everywhere"),
)


OTHERS = ("voices.example.org {", "scrape_configs:")  # how settings of other programs begin


class Command(NamedTuple):
    line: int
    text: str


def commands() -> Iterator[Command]:
    """Yield each line of the guide's shell blocks, and each command in its sentences, in their order."""
    is_shell = in_block = False
    for number, line in enumerate(GUIDE.splitlines(), 1):
        if line.startswith("```"):
            is_shell, in_block = line == "```sh", not in_block
        elif is_shell and in_block and line.strip():
            yield Command(number, re.sub(r"\s+# .*", "", line))
        elif not in_block:
            for span in re.findall(r"`([^`]+)`", line):
                if re.match(rf"({PROGRAMS}|\.venv/\S+) \S", span):
                    yield Command(number, span)


def blocks(first_words: str) -> list[str]:
    return [text for text in re.findall(r"^```\w*\n(.*?)^```", GUIDE, re.M | re.S) if text.startswith(first_words)]


def way(command: Command) -> Way | None:
    return next((way for way in WAYS if re.fullmatch(way.pattern, command.text)), None)


def test_it_is_known_how_each_command_is_tried():
    found = list(commands())
    assert len(found) > 15
    unknown = [f"docs/deployment.md:{command.line}: {command.text}" for command in found if not way(command)]
    assert not unknown, "Say in WAYS how it is tried."


def test_no_block_is_left_out():
    """Beside shell blocks there are settings of other programs, which have tests of their own."""
    others = [text for kind, text in re.findall(r"^```(\w*)\n(.*?)^```", GUIDE, re.M | re.S) if kind != "sh"]
    assert others == [text for words in OTHERS for text in blocks(words)]


def test_the_file_of_caddy():
    """Not by Caddy itself, which is not installed with us: that it is whole, and leads to where the unit listens."""
    (written,) = blocks("voices.example.org {")
    assert written.count("{") == written.count("}") == 2
    (address,) = re.findall(r"ListenStream=(\S+)", (ROOT / "deploy" / "systemd" / "voicesite-web.socket").read_text())
    assert f"reverse_proxy {address}\n" in written
    (limit,) = re.findall(r"max_size (\d+)MB", written)
    assert int(limit) * 10**6 * 0.95 < 500 * 2**20 < int(limit) * 10**6 * 1.05


def test_the_settings_of_prometheus():
    (job,) = yaml.safe_load(*blocks("scrape_configs:"))["scrape_configs"]
    assert job["authorization"]["credentials"] and job["static_configs"] == [{"targets": ["127.0.0.1:8000"]}]
    assert reverse("metrics") == job.get("metrics_path", "/metrics")  # where it looks unless told otherwise


# ---- running them


class Site:
    """A project's folder of its own, with what the guide takes for granted: an environment, and a place for backups."""

    def __init__(self, folder: Path, endpoint: str):
        self.folder = folder / "voicesite"
        self.data = self.folder / "var"
        origin = folder / "origin"
        left_out = shutil.ignore_patterns(".git", ".venv*", "var", ".env", "__pycache__", ".*_cache", "*.egg-info")
        shutil.copytree(ROOT, origin, ignore=left_out)
        self.environment = {
            **{name: os.environ[name] for name in ("HOME", "LANG", "VOICESITE_CACHE") if name in os.environ},
            "PATH": os.environ["PATH"],
            "PYTHON": "true",  # which `make run` installs with: nothing, as .venv is there
            "PYTHONUNBUFFERED": "1",
            "VOICESITE_ENGINE": "tests.fakes.engine.FakeEngine",
            "VOICESITE_BUILTIN_VOICES": "off",
            "HF_ENDPOINT": endpoint,
            "HF_HOME": str(folder / "huggingface"),
            "NO_PROXY": "127.0.0.1,localhost",
            "GIT_CONFIG_COUNT": "1",
            "GIT_CONFIG_KEY_0": "safe.directory",
            "GIT_CONFIG_VALUE_0": "*",
        }
        author = ["-c", "user.name=Ada", "-c", "user.email=ada@example.org"]
        for arguments in (["init", "-q"], ["add", "-A"], [*author, "commit", "-qm", "Begin"]):
            subprocess.run(["git", *arguments], cwd=origin, check=True, env=self.environment)
        subprocess.run(["git", "clone", "-q", str(origin), str(self.folder)], check=True, env=self.environment)
        (self.folder / ".venv").symlink_to(Path(sys.executable).parents[1])
        self.data.mkdir()
        (self.folder / "voicesite.log").write_text('{"request": "…"}\n')
        shutil.copy(migrated(), self.data / DATABASE)
        self.run(f".venv/bin/python manage.py create_user ada --password '{PASSWORD}'")
        self.places = {"/backup": str(folder / "backup"), "/tmp/practice": str(folder / "practice")}

    def here(self, text: str) -> str:
        """The same command, with places of this machine."""
        for place, here in self.places.items():
            text = text.replace(place, here)
        return re.sub(r"^manage\.py", ".venv/bin/python manage.py", text)

    def run(self, text: str) -> str:
        done = subprocess.run(
            ["bash", "-ec", text], cwd=self.folder, env=self.environment, capture_output=True, text=True, timeout=300
        )
        assert done.returncode == 0, f"{text}\n{done.stdout}{done.stderr}"
        return done.stdout

    @contextlib.contextmanager
    def serve(self, text: str) -> Iterator[Path]:
        """Run a command until the site says that it is ready; end it, as Ctrl-C does, after the block."""
        log = self.folder.parent / "site.log"
        port = str(free_port())
        text = re.sub(r" PORT=\d+", "", text)
        with log.open("w") as out:
            process = subprocess.Popen(
                ["bash", "-ec", text],
                cwd=self.folder,
                env=self.environment | {"PORT": port},
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        try:
            wait_for(lambda: "is ready" in log.read_text() or process.poll() is not None, 240, log.read_text)
            assert process.poll() is None, f"{text}\n{log.read_text()}"
            if "HTTPS" not in text:
                with urllib.request.urlopen(f"http://127.0.0.1:{port}/api/health", timeout=20) as answer:
                    assert answer.status == 200
            yield log
        finally:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGINT)
            process.wait(timeout=60)

    def snapshots(self) -> list[Path]:
        return sorted(Path(self.here("/backup/voicesite/snapshots")).iterdir())


@pytest.fixture
def site(tmp_path):
    with Hub({MODEL: write(tmp_path / "upstream", CONTENT)}) as hub:
        yield Site(tmp_path, hub.address)


@pytest.mark.e2e
def test_each_command_does_what_the_guide_says(site):
    for command in commands():
        text, how = site.here(command.text), way(command).how
        print(f"docs/deployment.md:{command.line}: {text}", flush=True)
        if how == "check":
            site.run(
                text.replace("make ", "make -n ", 1) if text.startswith("make ") else f"bash -nc {shlex.quote(text)}"
            )
        elif how == "serve":
            if "VOICESITE_BACKUP=" in text:
                site.snapshots()[-1].rename(site.snapshots()[-1].with_name("2020-01-01T00-00-00Z"))  # a long time ago
            with site.serve(text) as log:
                if "VOICESITE_BACKUP=" in text:
                    wait_for(lambda: len(site.snapshots()) > 1, 120, log.read_text)
        elif how == "run":
            if text.endswith("--list"):
                shutil.rmtree(site.data)  # as on the machine that a site is restored on
            site.run(text)
        elif os.environ.get("DATABASE_URL") and os.environ.get("REDIS_URL"):
            given = [f"{name}={os.environ[name]}" for name in ("DATABASE_URL", "REDIS_URL")]
            with site.serve(" ".join(["make run", *given])):
                pass
    assert re.fullmatch(r"VOICESITE_BACKUP_KEY=\S{40,}\n", (site.folder / ".env").read_text())
    who = ".venv/bin/python manage.py shell -v0 -c 'from voicesite.models import User; print(*User.objects.all())'"
    assert site.run(who) == "ada\n"  # nobody else can found a restored site
    assert site.run(f"VOICESITE_DATA={site.here('/tmp/practice')} {who}") == "ada\n"
