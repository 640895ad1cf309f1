"""Make a virtual environment and install Voicesite into it: `python3 scripts/install.py .venv [extra …]`.

Needs nothing but Python itself, and says plainly what is wrong when it can't do its work.
"""

import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
NEEDED = (3, 11)
LOG = "install.log"


def main(folder: str, *extras: str) -> None:
    if sys.version_info < NEEDED:
        end(
            f"Voicesite needs Python {NEEDED[0]}.{NEEDED[1]} or newer; {sys.executable} is {sys.version.split()[0]}.",
            "Install a newer one and name it:  make run PYTHON=python3.12",
        )
    venv = ROOT / folder
    python = venv / "bin" / "python"
    if not python.exists() or subprocess.run([python, "-c", "import pip"], capture_output=True).returncode:
        print("Making the virtual environment …", flush=True)
        made = subprocess.run([sys.executable, "-m", "venv", "--clear", venv], capture_output=True, text=True)
        if made.returncode:
            end(
                f"The virtual environment could not be made in {venv}:",
                (made.stdout + made.stderr).strip()[-800:],
                "On Debian and Ubuntu it needs the package python3-venv.",
            )
    begun = time.monotonic()
    target = ".[" + ",".join(extras) + "]" if extras else "."
    print("Installing what Voicesite needs (about 200 MB, once) …", flush=True)
    command = [python, "-m", "pip", "install", "--disable-pip-version-check", "-c", "constraints.txt", "-e", target]
    with (venv / LOG).open("w") as log:
        installed = subprocess.run(command, cwd=ROOT, stdout=log, stderr=subprocess.STDOUT)
    if installed.returncode:
        lines = (venv / LOG).read_text(errors="replace").splitlines()
        errors = [line for line in lines if line.startswith("ERROR")] or lines[-5:]
        end(
            "A package could not be downloaded or installed:",
            *(f"  {line}" for line in errors[:6]),
            f"The whole story is in {venv / LOG}. Is this machine online? Then repeat the command: it goes on from here.",
        )
    (venv / "-".join(["installed", *extras])).touch()
    print(f"Installed in {time.monotonic() - begun:.0f} s.", flush=True)


def end(*lines: str) -> None:
    sys.exit("\n".join(["", *lines, ""]))


if __name__ == "__main__":
    main(*sys.argv[1:])
