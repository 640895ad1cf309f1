"""Dictionaries as CSV files, as spreadsheets write and read them."""

import csv
import io
import re
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from django.utils.translation import gettext as _

from voicesite.web.rejection import Rejected
from voicesite.wording import thousands

from .models import PronunciationEntry

MAX_BYTES = 1_000_000
MAX_ROWS = 10_000
COLUMNS = ("word", "said", "language", "match_case")
DELIMITERS = ",;\t"  # a spreadsheet writes semicolons where the comma is the decimal point

# A cell that a spreadsheet would take for a formula. With an apostrophe before it, it is text to every one.
_FORMULA = re.compile(r"'*[=+\-@\t\r]")


class Row(NamedTuple):
    """A row of a file, as it is written there."""

    line: int  # on which it begins, from 1
    word: str
    said: str = ""
    language: str = ""
    match_case: str = ""


def write(entries: Iterable[PronunciationEntry]) -> bytes:
    """Return `entries` as CSV in UTF-8, with a byte order mark, without which Excel reads it in another encoding."""
    file = io.StringIO()
    writer = csv.writer(file)
    writer.writerow(COLUMNS)
    for entry in entries:
        writer.writerow((_escape(entry.word), _escape(entry.said), entry.language, "yes" if entry.match_case else "no"))
    return file.getvalue().encode("utf-8-sig")


def decode(content: bytes) -> str:
    """Return the text of a file. Raises Rejected where it is not in UTF-8."""
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        words = _("This file is not in UTF-8. In a spreadsheet, save it as “CSV UTF-8”.")
        raise Rejected("invalid", words) from None


def read(text: str) -> list[Row]:
    """Return the rows of a CSV file, without its header and empty ones. Raises Rejected where it is no CSV.

    Cells may be separated by commas, semicolons or tabs. Columns are found by their names, or have the order of COLUMNS.
    """
    if "\0" in text:
        raise Rejected("invalid", _("This is not a CSV file."))
    delimiter = max(DELIMITERS, key=text.partition("\n")[0].count)
    try:
        rows = [(line, row) for line, row in _lines(text, delimiter) if any(row)]
    except csv.Error as error:
        raise Rejected("invalid", _("This is not a CSV file: {error}.").format(error=error)) from None
    if len(rows) > MAX_ROWS:
        raise Rejected(
            "too_large",
            _("This file has {count} lines; the limit is {max_rows}.").format(
                count=thousands(len(rows)), max_rows=thousands(MAX_ROWS)
            ),
        )
    columns = list(COLUMNS)
    if rows and {"word", "said"} <= {cell.lower() for cell in rows[0][1]}:
        columns = [cell.lower() for cell in rows.pop(0)[1]]
    found = []
    for line, row in rows:
        cells = dict(zip(columns, row, strict=False))
        found.append(Row(line, *(_unescape(cells.get(column, "")) for column in COLUMNS)))
    return found


def _lines(text: str, delimiter: str) -> Iterator[tuple[int, list[str]]]:
    reader, line = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter), 1
    for row in reader:
        yield line, [cell.strip(" \r\n") for cell in row]
        line = reader.line_num + 1


def _escape(cell: str) -> str:
    return f"'{cell}" if _FORMULA.match(cell) else cell


def _unescape(cell: str) -> str:
    return cell[1:] if cell.startswith("'") and _FORMULA.match(cell) else cell
