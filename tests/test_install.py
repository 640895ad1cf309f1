"""Test scripts/install.py: which engine's libraries a machine gets, and that nothing is repeated or removed."""

import importlib.util
import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]


@pytest.fixture(scope="module")
def install():
    spec = importlib.util.spec_from_file_location("install", ROOT / "scripts" / "install.py")
    module = importlib.util.module_from_spec(spec)
    sys.modules["install"] = module  # dataclasses look their module up
    spec.loader.exec_module(module)
    yield module
    del sys.modules["install"]


MAC = {"system": "Darwin", "processor": "arm64", "macos": (15, 3)}
PC = {"system": "Linux", "processor": "x86_64"}
ADA = {**PC, "card": "NVIDIA L4", "capability": (8, 9), "driver": 580}
SPARK = {"system": "Linux", "processor": "aarch64", "card": "NVIDIA GB10", "capability": (12, 1), "driver": 580}
ORIN = {"system": "Linux", "processor": "aarch64", "card": "Orin (nvgpu)", "driver": 540, "jetson": 36}
THOR = {"system": "Linux", "processor": "aarch64", "card": "NVIDIA Thor", "driver": 580, "jetson": 38}


@pytest.mark.parametrize(
    ("machine", "engine", "why"),
    [
        (MAC, "mlx", "Apple Silicon with macOS 15.3"),
        ({**MAC, "macos": (13, 6)}, "none", "needs macOS 14, and this is 13.6"),
        ({**MAC, "processor": "x86_64"}, "none", "needs Apple Silicon, and a Python that is built for it"),
        (PC, "none", "no NVIDIA card"),
        (ADA, "torch", "NVIDIA L4"),
        ({**ADA, "driver": 0, "capability": ()}, "torch", "NVIDIA L4"),
        ({**ADA, "driver": 535}, "none", "NVIDIA L4 has driver 535, and PyTorch needs 580 or newer"),
        ({**ADA, "card": "Tesla V100", "capability": (7, 0)}, "none", "Tesla V100 is older than PyTorch supports"),
        (SPARK, "torch", "NVIDIA GB10"),
        (ORIN, "none", "PyTorch for this Jetson comes from NVIDIA: docs/engines.md"),
        (THOR, "torch", "NVIDIA Thor"),
    ],
)
def test_a_machine_gets_what_suits_it(install, machine, engine, why):
    chosen, reason = install.choose_engine(install.Machine(**machine))

    assert chosen == engine
    assert why in reason


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        ("NVIDIA H100 80GB HBM3, 9.0, 570.133.20", ("NVIDIA H100 80GB HBM3", (9, 0), 570)),
        ("Orin (nvgpu), [N/A], 540.4.0", ("Orin (nvgpu)", (), 540)),
        ("", ("", (), 0)),
    ],
)
def test_what_nvidia_smi_says_is_understood(install, monkeypatch, answer, expected):
    monkeypatch.setattr(install, "_output", lambda *command: answer)
    monkeypatch.setattr(install, "Path", lambda name: Path("/nowhere"))

    machine = install.detect_machine()

    assert (machine.card, machine.capability, machine.driver) == expected


def test_a_program_that_is_not_there_says_nothing(install):
    assert install._output("nvidia-smi-of-nowhere") == ""
    assert install._output("false") == ""
    assert install._output("printf", r"one\ntwo\n") == "one"


@pytest.fixture
def make(install, monkeypatch, tmp_path):
    """Return a function that installs on a given machine, and returns the arguments of each call of pip.

    A call that contains the word `make.missing` fails.
    """
    commands: list[str] = []

    def pip(venv, *arguments):
        commands.append(" ".join(arguments))
        return ["  ERROR: no network"] if make.missing and make.missing in commands[-1] else []

    def make_environment(venv, afresh):
        if afresh or not venv.exists():
            commands.append("new environment")
        venv.mkdir(exist_ok=True)

    def make(*extras, machine=PC, **options):
        commands.clear()
        monkeypatch.setattr(install, "detect_machine", lambda: install.Machine(**machine))
        install.main(str(tmp_path / "venv"), extras, **options)
        return list(commands)

    make.missing, make.has_torch = "", False
    monkeypatch.setattr(install, "pip", pip)
    monkeypatch.setattr(install, "is_torch_installed", lambda venv: make.has_torch)
    monkeypatch.setattr(install, "make_environment", make_environment)
    monkeypatch.setattr(install.shutil, "disk_usage", lambda path: make.disk)
    make.disk = install.shutil._ntuple_diskusage(10**12, 0, 10**12)
    return make


CONSTRAINT_ARGUMENTS = "-c constraints.txt -c constraints-{}.txt -e ."


def test_a_plain_machine_gets_no_more_than_the_site_once(make):
    assert make(engine="") == ["new environment", CONSTRAINT_ARGUMENTS.format("mlx")]
    assert make(engine="") == []
    assert make(engine="", again=True) == [CONSTRAINT_ARGUMENTS.format("mlx")]


def test_torch_goes_in_alone_before_what_would_take_any_of_it(make):
    assert make(engine="", machine=ADA) == [
        "new environment",
        CONSTRAINT_ARGUMENTS.format("torch"),
        "-c constraints.txt -c constraints-torch.txt torch==2.13.0",
        CONSTRAINT_ARGUMENTS.format("torch") + "[torch]",
    ]
    assert make(engine="", machine=ADA) == []


def test_a_torch_that_its_owner_put_there_stays(make):
    """A Jetson needs NVIDIA's own build."""
    make.has_torch = True
    assert make(engine="torch", machine=ORIN)[1:] == [
        CONSTRAINT_ARGUMENTS.format("torch"),
        CONSTRAINT_ARGUMENTS.format("torch") + "[torch]",
    ]


def test_it_is_said_what_was_chosen_and_why_and_how_large_it_is(make, capsys):
    make(engine="", machine=MAC)

    said = capsys.readouterr().out
    assert "Qwen3-TTS: mlx, since this is Apple Silicon with macOS 15.3." in said
    assert "make run ENGINE=…" in said
    assert "libraries of mlx (up to 0.2 GB, once" in said


def test_tests_never_bring_an_engine_and_never_lose_one(make):
    assert make("dev", machine=ADA) == ["new environment", CONSTRAINT_ARGUMENTS.format("mlx") + "[dev]"]
    assert "[torch]" in make(engine="", machine=ADA)[-1], "nobody had decided yet"
    assert make("dev", machine=ADA) == []


def test_the_documentation_is_built_without_the_site(make):
    (new, installed) = make("docs")
    assert new == "new environment" and installed.startswith("-c constraints.txt") and "zensical" in installed
    assert "-e" not in installed
    assert make("docs") == []


def test_what_was_written_for_engine_is_remembered(make):
    make(engine="none", machine=ADA)
    assert make(engine="", machine=ADA) == []
    assert "[torch]" in make(engine="auto", machine=ADA)[-1]


def test_another_engine_gets_another_environment(make):
    make("dev", machine=ADA)
    make(engine="torch")
    assert make(engine="kokoro") == ["new environment", CONSTRAINT_ARGUMENTS.format("mlx") + "[dev]"]
    assert make(engine="remote") == [CONSTRAINT_ARGUMENTS.format("mlx") + "[dev]"]
    assert make("dev") == []


def test_a_card_that_is_not_seen_today_takes_nothing_away(make):
    make(engine="", machine=ADA)
    assert make(engine="", machine=PC) == []
    assert "new environment" not in make(engine="", machine=PC, again=True)


def test_a_change_of_what_is_needed_installs_it(make, install, monkeypatch):
    make(engine="", machine=ADA)
    monkeypatch.setattr(install, "hash_sources", lambda: "others")
    assert "[torch]" in make(engine="", machine=PC)[-1]
    assert make(engine="", machine=PC) == []


def test_an_engine_that_fails_to_install_leaves_a_site_that_speaks(make, capsys):
    make.missing = "torch==2.13.0"
    make(engine="", machine=ADA)
    said = capsys.readouterr().out
    assert "The libraries of the engine torch are not installed: the site speaks with kokoro." in said
    assert "ERROR: no network" in said

    assert make(engine="", machine=ADA) == [], "it may take minutes to fail: not at each start"
    assert "`make install` tries again" in capsys.readouterr().out
    make.missing = ""
    assert "[torch]" in make(engine="", machine=ADA, again=True)[-1]


def test_an_update_tries_a_failed_engine_again(make, install, monkeypatch):
    make.missing = "[torch]"
    make(engine="", machine=ADA)
    make.missing, make.has_torch = "", False
    monkeypatch.setattr(install, "hash_sources", lambda: "others")
    assert "[torch]" in make(engine="", machine=ADA)[-1]


def test_a_full_disk_is_said_before_gigabytes_are_fetched(make, install, capsys):
    make.disk = install.shutil._ntuple_diskusage(10**12, 10**12, 2 * 10**9)
    assert make(engine="", machine=ADA) == ["new environment", CONSTRAINT_ARGUMENTS.format("torch")]
    assert "about 8 GB on the disk, and 2.0 GB are free" in capsys.readouterr().out


def test_a_site_that_cannot_be_installed_says_so_and_is_tried_again(make):
    make.missing = "-e ."
    for _ in range(2):
        with pytest.raises(SystemExit, match="could not be downloaded or installed:\n  ERROR: no network"):
            make(engine="")


def test_an_engine_asked_for_by_name_must_be_there(make):
    make.missing = "[mlx]"
    with pytest.raises(SystemExit, match="libraries of the engine mlx could not be installed"):
        make("mlx", "test")
    make.missing = ""
    assert make("mlx", "test") == [
        CONSTRAINT_ARGUMENTS.format("mlx") + "[test]",
        CONSTRAINT_ARGUMENTS.format("mlx") + "[mlx]",
    ]
    assert make("mlx", "test") == []


@pytest.mark.parametrize(
    ("extras", "engine", "words"),
    [(("torch", "mlx"), None, "can't share an environment"), ((), "tortch", "ENGINE=tortch is no engine")],
)
def test_what_cannot_be_is_refused(make, extras, engine, words):
    with pytest.raises(SystemExit, match=words):
        make(*extras, engine=engine)


def test_a_stamp_that_cannot_be_read_counts_as_none(install, tmp_path):
    for written in ("", "[]", "null", json.dumps({"extras": [], "other": 1})):
        (tmp_path / "installed").write_text(written)
        assert install.read_stamp(tmp_path) == install.Installed()


def names(file: Path) -> set[str]:
    lines = [line for line in file.read_text().splitlines() if not line.startswith("#")]
    pins = [re.fullmatch(r"([\w.-]+)==[\w.]+", line) for line in lines]
    assert lines and all(pins), f"{file.name} holds versions, and nothing else"
    return {re.sub(r"[-_.]+", "-", pin[1]).lower() for pin in pins if pin}


def test_no_version_is_given_twice(install):
    """pip refuses two versions of one package, and one version in two files is one too many to keep."""
    shared = names(ROOT / "constraints.txt")
    for engine in install.GIGABYTES_BY_EXTRA:
        assert not shared & names(ROOT / f"constraints-{engine}.txt")
    assert names(ROOT / "constraints-torch.txt") & names(ROOT / "constraints-mlx.txt") == {
        "huggingface-hub", "tokenizers", "transformers",
    }, "what both have in one version belongs in constraints.txt"  # fmt: skip


@pytest.mark.parametrize(
    ("found", "words"), [(0, ""), (1, "known vulnerability, which is named above; or pypi.org could not be asked")]
)
def test_an_audit_that_checked_nothing_says_so(tmp_path, found, words):
    """Without the internet, pip-audit says no more than that it found some library nowhere."""
    program = tmp_path / "bin" / "pip-audit"
    program.parent.mkdir()
    program.write_text(f"#!/bin/sh\nexit {found}\n")
    program.chmod(0o755)
    done = subprocess.run(
        ["make", "audit", f"VENV={tmp_path}", "INSTALL=true"], cwd=ROOT, capture_output=True, text=True
    )
    assert bool(done.returncode) == bool(found) and words in done.stderr


# ---------------------------------------------------------------------------------------------------------------------
# From the command line


def run(tmp_path, *python: str, **environment) -> subprocess.CompletedProcess:
    command = [*(python or (sys.executable,)), str(ROOT / "scripts" / "install.py"), str(tmp_path / "venv")]
    return subprocess.run(command, capture_output=True, text=True, env={**os.environ, **environment}, timeout=120)


def test_a_python_that_is_too_old_is_named(tmp_path):
    old = (
        "import sys, runpy; sys.version_info = (3, 9, 6); sys.version = '3.9.6 (old)'; sys.argv = sys.argv[1:]; "
        "runpy.run_path(sys.argv[0], run_name='__main__')"
    )
    done = run(tmp_path, sys.executable, "-c", old, PATH=str(tmp_path))
    assert done.returncode != 0 and "needs Python 3.11" in done.stderr and "is 3.9.6" in done.stderr


@pytest.mark.e2e
@pytest.mark.xdist_group("serve")
def test_a_download_that_fails_is_said_and_the_next_run_goes_on(tmp_path):
    nowhere = {"PIP_INDEX_URL": "http://127.0.0.1:9/", "PIP_RETRIES": "0", "PIP_NO_CACHE_DIR": "1", "PIP_NO_INPUT": "1"}
    done = run(tmp_path, **nowhere, PIP_EXTRA_INDEX_URL="", PIP_FIND_LINKS="")
    assert done.returncode != 0 and "Traceback" not in done.stderr
    assert "could not be downloaded" in done.stderr and "repeat the command" in done.stderr
    assert not (tmp_path / "venv" / "installed").exists()
    again = run(tmp_path, **nowhere)
    assert "Making the virtual environment" not in again.stdout, "what is there is used"
