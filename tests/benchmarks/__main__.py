"""`make bench`: every benchmark in turn; or those that are named: `python -m tests.benchmarks pages likeness`.

One is a module of this package; `python -m tests.benchmarks.kills --help` tells its options.
"""

import pkgutil
import subprocess
import sys
from pathlib import Path

from tests import benchmarks


def main() -> None:
    known = sorted(module.name for module in pkgutil.iter_modules(benchmarks.__path__) if module.name != "__main__")
    names = sys.argv[1:] or known
    if unknown := set(names) - set(known):
        raise SystemExit(f"No benchmark is called {', '.join(sorted(unknown))}. There are: {', '.join(known)}.")
    failed = []
    for name in names:
        print(f"\n== {name}\n", flush=True)
        path = Path(__file__).with_name(f"{name}.py")
        is_test = "\ndef test_" in path.read_text()  # one that needs a site with a database
        command = ["pytest", "-q", "-s", "-n", "0", str(path)] if is_test else [f"{benchmarks.__name__}.{name}"]
        if subprocess.run([sys.executable, "-m", *command]).returncode:
            failed.append(name)
    if failed:
        raise SystemExit(f"Failed: {', '.join(failed)}.")


if __name__ == "__main__":
    main()
