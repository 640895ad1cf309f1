"""Where results go: a file for one, a folder for many, a pipe."""

import sys
from collections.abc import Sequence
from pathlib import Path

from .terminal import Usage

PIPE = "-"


def targets(names: Sequence[str], output: str | None, suffix: str) -> list[Path | None]:
    """Return the file for each of the inputs of these names; None is standard output. Raises Usage.

    Of many, or with a folder, each is called as its input is. What nobody named is not overwritten.
    """
    if output == PIPE:
        if len(names) > 1:
            raise Usage("Standard output takes one; name a folder for many: -o FOLDER")
        return [None]
    is_folder = output is not None and (output.endswith(("/", "\\")) or Path(output).is_dir())
    if output and not is_folder and len(names) == 1:
        return [Path(output)]
    if output and not is_folder and Path(output).suffix:
        raise Usage(f"{output} is one file, for {len(names)}: name a folder")
    folder = Path(output or ".")
    made: list[Path | None] = [folder / f"{Path(name).stem}.{suffix}" for name in names]
    if len(set(made)) < len(made):
        raise Usage("Two of the files have the same name: speak them into folders of their own.")
    there = [str(path) for path in made if path and path.exists()] if not output else []
    if there:
        raise Usage(f"{there[0]} is there already: say so with -o")
    folder.mkdir(parents=True, exist_ok=True)
    return made


def by_suffix(output: str | None, formats: dict[str, str]) -> str | None:
    """Return the format that the suffix of a file means, None if it has none. Raises Usage for one that is unknown."""
    suffix = Path(output or "").suffix.lower().lstrip(".")
    if not suffix or output == PIPE or (output and Path(output).is_dir()):
        return None
    if suffix not in formats:
        raise Usage(
            f"There is no format “.{suffix}”: use {', '.join(dict.fromkeys(formats.values()))}, or say --format"
        )
    return formats[suffix]


def write(data: bytes, target: Path | None) -> None:
    if target:
        target.write_bytes(data)
    else:
        sys.stdout.buffer.write(data)
        sys.stdout.buffer.flush()
