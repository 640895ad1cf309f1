"""Make a virtual environment and install Voicesite into it: `python3 scripts/install.py .venv [extra …]`.

With `--engine` it also installs the libraries that Qwen3-TTS needs on this machine: the extra `mlx` on Apple Silicon,
`torch` with an NVIDIA card, neither elsewhere. The file `installed` in the environment records what was installed, so
that nothing is done twice and a choice is kept. Uses the standard library only.
"""

import argparse
import hashlib
import json
import platform
import re
import shutil
import subprocess
import sys
import time
from dataclasses import dataclass, replace
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
MIN_PYTHON = (3, 11)
LOG_FILE = "install.log"
STAMP_FILE = "installed"

# The values of ENGINE, and the extra for each.
ENGINES = {"none": "", "kokoro": "", "remote": "", "mlx": "mlx", "torch": "torch"}
# The version that the engine was tested with. Installed first and alone, because pip would choose the newest of a range,
# and only if there is none, because a Jetson or an old driver needs a build that its owner installed before.
TORCH_PIN = "torch==2.13.0"
# The oldest that this version supports, built for CUDA 13.0. With older ones it would run on the CPU.
MIN_DRIVER = 580
MIN_CAPABILITY = (7, 5)  # compute capability
ALONE = ("docs",)  # an extra for an environment of its own, without Voicesite
GIGABYTES_BY_EXTRA = {"mlx": (0.2, 0.7), "torch": (3.0, 8.0)}  # download and disk, in GB; about


@dataclass(frozen=True)
class Machine:
    """The properties of a machine by which its engine is chosen."""

    system: str  # Linux, Darwin, Windows
    processor: str  # x86_64, arm64, aarch64
    macos: tuple = ()  # 14, 5
    card: str = ""  # the NVIDIA card's name; empty where there is none, or its driver does not answer
    capability: tuple = ()  # compute capability of the card, (8, 9); empty where the driver does not say
    driver: int = 0  # major version of its driver; 0 where it does not say
    jetson: int = 0  # major release of Jetson Linux (L4T): 36 is JetPack 6, 38 and 39 are JetPack 7


def choose_engine(machine):
    """Return the engine whose libraries suit the machine, and why, in words: ("mlx" | "torch" | "none", reason)."""
    if machine.system == "Darwin":
        if machine.processor != "arm64":
            return "none", "MLX needs Apple Silicon, and a Python that is built for it"
        if machine.macos < (14,):
            return "none", f"MLX needs macOS 14, and this is {'.'.join(map(str, machine.macos))}"
        return "mlx", f"this is Apple Silicon with macOS {'.'.join(map(str, machine.macos))}"
    if 0 < machine.jetson < 38:
        return "none", "PyTorch for this Jetson comes from NVIDIA: docs/engines.md says how"
    if not machine.card:
        return "none", "there is no NVIDIA card here, nor Apple Silicon"
    if machine.driver and machine.driver < MIN_DRIVER:
        return "none", f"{machine.card} has driver {machine.driver}, and PyTorch needs {MIN_DRIVER} or newer"
    if machine.capability and machine.capability < MIN_CAPABILITY:
        return "none", f"{machine.card} is older than PyTorch supports"
    return "torch", f"there is an NVIDIA card: {machine.card}"


def detect_machine():
    """Return the properties of this machine."""
    mac = tuple(int(part) for part in platform.mac_ver()[0].split(".") if part.isdigit())
    card, capability, driver = "", (), 0
    fields = _output("nvidia-smi", "--query-gpu=name,compute_cap,driver_version", "--format=csv,noheader").split(", ")
    if len(fields) >= 3:
        card = fields[0].strip()
        capability = tuple(int(part) for part in re.findall(r"\d+", fields[1]))[:2]
        driver = int((re.findall(r"\d+", fields[2]) or ["0"])[0])
    elif Path("/dev/nvidiactl").exists() and Path("/proc/driver/nvidia/version").exists():  # without its tools
        found = re.search(r"Kernel Module.*?\s(\d+)\.", Path("/proc/driver/nvidia/version").read_text())
        card, driver = "NVIDIA", int(found[1]) if found else 0
    release = Path("/etc/nv_tegra_release")
    found = re.search(r"R(\d+)", release.read_text()) if release.exists() else None
    jetson = int(found[1]) if found else 0
    card = card or ("Jetson" if found else "")
    return Machine(platform.system(), platform.machine(), mac, card, capability, driver, jetson)


def _output(*command):
    """Return the first line that a command prints; empty if it does not exist, fails or hangs."""
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=20)
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return "" if done.returncode else done.stdout.split("\n")[0]


@dataclass(frozen=True)
class Installed:
    """The contents of an environment, as in its stamp file."""

    extras: tuple = ()  # except the engine's
    engine: str = ""  # the extra of the engine's libraries: mlx, torch or none
    asked: str = ""  # the value of ENGINE, or auto; empty while the environment is for tests only
    failed: str = ""  # the engine's extra that could not be installed
    sources: str = ""  # hash of the files that determine the packages


def read_stamp(venv):
    try:
        held = json.loads((venv / STAMP_FILE).read_text())
        return Installed(**{**held, "extras": tuple(held["extras"])})
    except (OSError, ValueError, TypeError, KeyError):
        return Installed()


def hash_sources():
    files = [ROOT / "pyproject.toml", *sorted(ROOT.glob("constraints*.txt")), Path(__file__)]
    return hashlib.sha256(b"\0".join(file.read_bytes() for file in files)).hexdigest()


def decide(before, extras, engine, again=False):
    """Return what the environment should hold, given what it holds: (Installed, why it is that engine, in words).

    `engine` is the value of ENGINE, empty if it is unset, and None to leave the engine as it is. A choice is kept until
    another is made, and no engine is removed because its card is not detected today. A failed installation is repeated
    only on request (`again`) and after an update, since it may take minutes to fail.
    """
    others = tuple(sorted({*before.extras, *extras} - set(GIGABYTES_BY_EXTRA)))
    named = [extra for extra in extras if extra in GIGABYTES_BY_EXTRA]
    now = hash_sources()
    if named:
        return Installed(others, named[0], named[0], "", now), "it was asked for by name"
    if engine is None:
        return Installed(others, before.engine, before.asked, before.failed, now), "as before"
    asked = engine or before.asked or "auto"
    if asked != "auto":
        extra, reason = ENGINES[asked], f"ENGINE={asked} says so"
    elif before.engine and before.asked == "auto":
        extra, reason = before.engine, "it is there already"
    else:
        chosen, reason = choose_engine(detect_machine())
        extra = ENGINES[chosen]
    if extra and extra == before.failed and now == before.sources and not (engine or again):
        return Installed(others, "", asked, extra, now), reason
    return Installed(others, extra, asked, "", now), reason


def constraints(engine):
    """Return the arguments of pip that name the constraint files for an engine's libraries."""
    return ["-c", "constraints.txt", "-c", "constraints-torch.txt" if engine == "torch" else "constraints-mlx.txt"]


def main(folder, extras=(), engine=None, again=False):
    check(extras, engine)
    venv = ROOT / folder
    before = read_stamp(venv)
    wanted, reason = decide(before, extras, engine, again)
    if wanted == before and not again:
        if wanted.failed and engine is not None:
            print(f"{missing_libraries(wanted.failed)} `make install` tries again.", flush=True)
        return
    begun = time.monotonic()
    make_environment(venv, afresh=bool(before.engine) and before.engine != wanted.engine)
    print(f"Installing what {'the documentation' if wanted.extras == ALONE else 'Voicesite'} needs …", flush=True)
    if wrong := pip(venv, *constraints(wanted.engine), *targets(wanted.extras)):
        exit_with("A package could not be downloaded or installed:", *wrong)
    if engine is not None:
        print(f"Libraries of an engine for Qwen3-TTS: {wanted.engine or 'none'}, since {reason}.", flush=True)
        print(f"To have it otherwise: make run ENGINE=… (auto, {', '.join(ENGINES)})", flush=True)
    if wanted.engine and (wrong := install_engine(venv, wanted.engine)):
        if engine is None:
            exit_with(f"The libraries of the engine {wanted.engine} could not be installed:", *wrong)
        print("\n".join(["", missing_libraries(wanted.engine), *wrong, ""]), flush=True)
        wanted = replace(wanted, engine="", failed=wanted.engine)
    (venv / STAMP_FILE).write_text(json.dumps(vars(wanted)) + "\n")
    print(f"Installed in {time.monotonic() - begun:.0f} s.", flush=True)


def targets(extras):
    """Return what pip is to install: Voicesite with its extras, or only the extra that needs nothing of it."""
    if extras == ALONE:
        import tomllib  # an older Python is told so in words, above

        return tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["optional-dependencies"][ALONE[0]]
    return ["-e", f".[{','.join(extras)}]" if extras else "."]


def check(extras, engine):
    if sys.version_info < MIN_PYTHON:
        needed = ".".join(map(str, MIN_PYTHON))
        exit_with(
            f"Voicesite needs Python {needed} or newer; {sys.executable} is {sys.version.split()[0]}.",
            "Install a newer one and name it:  make run PYTHON=python3.12",
        )
    if {"torch", "mlx"} <= set(extras):
        exit_with(
            "The extras torch and mlx can't share an environment: they need different versions of transformers.",
            "Give each its own:  make test-torch  and  make test-mlx  do.",
        )
    if engine not in (None, "", "auto", *ENGINES):
        exit_with(f"ENGINE={engine} is no engine. It may be auto, {', '.join(ENGINES)}.")


def missing_libraries(engine):
    return f"The libraries of the engine {engine} are not installed: the site speaks with kokoro."


def make_environment(venv, afresh):
    python = venv / "bin" / "python"
    if afresh or not python.exists() or subprocess.run([python, "-c", "import pip"], capture_output=True).returncode:
        print("Making the virtual environment …", flush=True)
        made = subprocess.run([sys.executable, "-m", "venv", "--clear", venv], capture_output=True, text=True)
        if made.returncode:
            exit_with(
                f"The virtual environment could not be made in {venv}:",
                (made.stdout + made.stderr).strip()[-800:],
                "On Debian and Ubuntu it needs the package python3-venv.",
            )


def install_engine(venv, engine):
    """Install an engine's libraries. Return the lines of an error message; empty on success."""
    download, disk = GIGABYTES_BY_EXTRA[engine]
    free = shutil.disk_usage(venv).free / 1e9
    if free < disk:
        return [f"  They need about {disk:.0f} GB on the disk, and {free:.1f} GB are free there."]
    print(f"Installing the libraries of {engine} (up to {download:.1f} GB, once; some minutes) …", flush=True)
    if engine == "torch" and not is_torch_installed(venv) and (wrong := pip(venv, *constraints(engine), TORCH_PIN)):
        return wrong
    return pip(venv, *constraints(engine), "-e", f".[{engine}]")


def is_torch_installed(venv):
    command = "from importlib.metadata import version; version('torch')"
    return not subprocess.run([venv / "bin" / "python", "-c", command], capture_output=True).returncode


def pip(venv, *arguments):
    """Install packages. Return the lines of an error message; empty on success."""
    command = [venv / "bin" / "python", "-m", "pip", "install", "--disable-pip-version-check", *arguments]
    with (venv / LOG_FILE).open("w") as log:
        done = subprocess.run(command, cwd=ROOT, stdout=log, stderr=subprocess.STDOUT)
    if not done.returncode:
        return []
    lines = (venv / LOG_FILE).read_text(errors="replace").splitlines()
    errors = [line for line in lines if line.startswith("ERROR")] or lines[-5:]
    return [
        *(f"  {line}" for line in errors[:6]),
        f"The whole story is in {venv / LOG_FILE}. Is this machine online? Then repeat the command: it goes on from here.",
    ]


def exit_with(*lines):
    sys.exit("\n".join(["", *lines, ""]))


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("folder")
    parser.add_argument("extras", nargs="*")
    parser.add_argument("--engine", metavar="|".join(["auto", *ENGINES]))
    parser.add_argument("--again", action="store_true", help="even if all seems to be there")
    given = parser.parse_args()
    main(given.folder, given.extras, given.engine, given.again)
