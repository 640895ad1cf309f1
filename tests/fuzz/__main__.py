"""Fuzz what reads what people send: `python -m tests.fuzz [target …] [--seconds 30]`, each for so long, guided by coverage.

What breaks a target is printed, and kept in a folder with what covers most of it. Each find becomes an ordinary test where
the code that was wrong has its tests, and goes into corpus/, which the ordinary suite reads to the targets
(`tests/fuzz/test_corpus.py`). Needs atheris, of the extra `fuzz`, which has wheels for Linux.
"""

import argparse
import os
import subprocess
import sys
import tempfile
from pathlib import Path

from tests.fuzz.targets import TARGETS

PROGRAM = """
import logging
import subprocess
import sys
import atheris
from tests import children
name = sys.argv.pop(1)
logging.disable()
subprocess.Popen = children.Popen  # no process for each upload
with atheris.instrument_imports(include=["voicesite", "voices", "synthesis", "wyoming"]):
    import django
    django.setup()
    from tests.fuzz.targets import TARGETS
    run = TARGETS[name].run
    run(b"")
atheris.Setup(sys.argv, run)
atheris.Fuzz()
"""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("targets", nargs="*", choices=[[], *TARGETS], help="by default all")
    parser.add_argument("--seconds", type=int, default=30)
    parser.add_argument("--corpus", type=Path, default=Path(tempfile.gettempdir()) / "voicesite-fuzz")
    options = parser.parse_args()
    environment = os.environ | {
        "DJANGO_SETTINGS_MODULE": "voicesite.settings",
        "VOICESITE_DATA": str(options.corpus / "data"),
        "VOICESITE_REQUESTS_PER_MINUTE": "0",
    }
    if any(TARGETS[name].needs_site for name in options.targets or TARGETS):
        subprocess.run([sys.executable, "manage.py", "prepare"], env=environment, check=True)
    failed = []
    for name in options.targets or TARGETS:
        target, folder = TARGETS[name], options.corpus / name
        folder.mkdir(parents=True, exist_ok=True)
        for number, seed in enumerate(target.seeds()):
            (folder / f"seed-{number}").write_bytes(seed)
        print(f"\n== {name}", flush=True)
        bounds = [f"-max_total_time={options.seconds}", "-timeout=20", "-rss_limit_mb=4000"]
        bounds.append(f"-max_len={target.most_bytes}")
        shown = [f"-artifact_prefix={options.corpus / name}-", "-verbosity=0", "-print_final_stats=1"]
        command = [sys.executable, "-c", PROGRAM, name, *bounds, *shown, str(folder)]
        if subprocess.run(command, env=environment).returncode:
            failed.append(name)
    if failed:
        raise SystemExit(f"Broken: {', '.join(failed)}. What broke them is in {options.corpus}.")


if __name__ == "__main__":
    main()
