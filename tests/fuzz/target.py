"""What is fuzzed: functions of bytes that raise nothing but what their callers answer in words, and keep their promises."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

CORPUS = Path(__file__).parent / "corpus"  # what was found beside the seeds, a folder for each target

Run = Callable[[bytes], None]


@dataclass(frozen=True)
class Target:
    run: Run
    written: tuple[bytes | Callable[[], Iterable[bytes]], ...]
    most_bytes: int
    needs_site: bool  # a database with its tables
    in_threads: bool  # which ask the database by connections of their own

    def seeds(self) -> Iterator[bytes]:
        """Yield what the fuzzer begins with; the ordinary suite reads it too."""
        for seed in self.written:
            yield from [seed] if isinstance(seed, bytes) else seed()
        for path in sorted((CORPUS / self.run.__name__).glob("*")):
            yield path.read_bytes()


TARGETS: dict[str, Target] = {}


def fuzzed(
    *seeds: bytes | Callable[[], Iterable[bytes]],
    most_bytes: int = 2000,
    needs_site: bool = False,
    in_threads: bool = False,
) -> Callable[[Run], Run]:
    """Make a function a target, named as it is. seeds: bytes, or functions that make some of them when they are wanted."""

    def register(run: Run) -> Run:
        TARGETS[run.__name__] = Target(run, seeds, most_bytes, needs_site, in_threads)
        return run

    return register


def words(data: bytes) -> str:
    return data.decode(errors="replace")
