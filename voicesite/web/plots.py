"""Plots of a few numbers, drawn by the server: shapes for one inline SVG, and the same numbers as a table.

A plot is stretched to the room that a page has, so letters stand beside it and none in it: templates/plots/_plot.html. It is
as wide as it has days, and 100 high. What differs in colour differs in shape too: one side of the line from the other, a
dashed line from a solid one.
"""

from collections.abc import Sequence
from dataclasses import dataclass

GAP = 0.22  # of a day, between two columns


@dataclass(frozen=True)
class Shape:
    """A path of the SVG. kind: its class, which the sheet gives a colour; name: what it stands for, in the legend."""

    kind: str
    name: str
    path: str


@dataclass(frozen=True)
class Plot:
    """A plot of values by day, and its table, of which each row begins with the day in words."""

    title: str
    summary: str  # all that it shows, in a sentence: what is read aloud in its place
    shapes: Sequence[Shape]
    heads: Sequence[str]
    rows: Sequence[Sequence[str]]
    top: str  # the highest value, in words
    bottom: str = "0"  # the lowest
    zero: float = 100.0  # where the line stands on which the values are, from above

    @property
    def width(self) -> int:
        return len(self.rows)

    @property
    def is_empty(self) -> bool:
        return not any(shape.path for shape in self.shapes)

    @property
    def hints(self) -> list[tuple[int, str]]:
        """Each day's place and its values in words, shown while a pointer rests on it."""
        named = [
            ", ".join(f"{head}: {value}" for head, value in zip(self.heads[1:], values, strict=True))
            for _, *values in self.rows
        ]
        return [(place, f"{row[0]}. {words}") for place, (row, words) in enumerate(zip(self.rows, named, strict=True))]


def columns(values: Sequence[float], scale: float, zero: float, *, down: bool = False) -> str:
    """Return the path of a column for each value, `scale` high for each 1, standing on `zero` or hanging `down` from it."""
    way = 1 if down else -1
    return "".join(
        f"M{place + GAP / 2:g} {zero:g}v{way * value * scale:.2f}h{1 - GAP:g}V{zero:g}z"
        for place, value in enumerate(values)
        if value
    )


def line(values: Sequence[float | None], scale: float, zero: float = 100.0) -> str:
    """Return the path of a line through the values, over days without one; a value alone is a short stroke."""
    known = [(place + 0.5, zero - value * scale) for place, value in enumerate(values) if value is not None]
    if len(known) == 1:
        (x, y), *_ = known
        return f"M{x - 0.3:g} {y:.2f}h.6"
    return "".join(f"{'L' if nth else 'M'}{x:g} {y:.2f}" for nth, (x, y) in enumerate(known))


@dataclass(frozen=True)
class Bar:
    """A row of a table with a bar. length: of 100; words: its value; kind: as of a shape."""

    name: str
    words: str
    length: float
    address: str = ""
    kind: str = "up"


@dataclass(frozen=True)
class Bars:
    """Values by name, longest first or as they come: a table, of which the bars only repeat the words."""

    title: str
    summary: str
    heads: Sequence[str]
    rows: Sequence[Bar]
