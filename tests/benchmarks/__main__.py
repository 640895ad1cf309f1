"""`make bench`: every benchmark in turn; or those that are named: `python -m tests.benchmarks pages likeness`.

One is a module of this package; `python -m tests.benchmarks.kills --help` tells its options.
"""

import pkgutil
import subprocess
import sys

from tests import benchmarks


def main() -> None:
    known = sorted(module.name for module in pkgutil.iter_modules(benchmarks.__path__) if module.name != "__main__")
    names = sys.argv[1:] or known
    if unknown := set(names) - set(known):
        raise SystemExit(f"No benchmark is called {', '.join(sorted(unknown))}. There are: {', '.join(known)}.")
    failed = []
    for name in names:
        print(f"\n== {name}\n", flush=True)
        if subprocess.run([sys.executable, "-m", f"{benchmarks.__name__}.{name}"]).returncode:
            failed.append(name)
    if failed:
        raise SystemExit(f"Failed: {', '.join(failed)}.")


if __name__ == "__main__":
    main()
