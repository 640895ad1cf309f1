"""Tell lines that are meant (verse, lists, tables, headings) from those that were only broken at a width. Pure."""

import re
from dataclasses import dataclass, replace
from itertools import pairwise

from .characters import EVENT, HARD_BREAK, PARAGRAPH_BREAK, has_words, is_cjk, plain

LINE_PAUSE_SECONDS = 0.4
PARAGRAPH_PAUSE_SECONDS = 0.7
HEADING_PAUSE_SECONDS = 1.0  # a change of scene, too

_HEADING_CHARACTERS = 60
_VERSE_CHARACTERS = 45  # lines that are shorter are seldom broken at a width, but in a narrow column
_WRAP_CHARACTERS = (60, 120)  # between these, lines of one length are broken at a width
_TERSE_CHARACTERS = 16  # a column is never as narrow

_PRIVATE = re.compile("[\ue000-\uf8ff]+")
_BREAKS = re.compile(f"[ \n]{{0,3}}[{HARD_BREAK}{PARAGRAPH_BREAK}][ \n{HARD_BREAK}{PARAGRAPH_BREAK}]*")
_HEADING = re.compile(r"#{1,6} +(?=\S)")
_RULE = re.compile(r"[-=*_~#+•·.—–─━═…⁂◆◇■□●○|: ]{2,}|[*⁂◆◇■□●○•·~—–]")
_BULLET = re.compile(r"([-–—+*](?= )|[•‣⁃▪◦●○·■□◆►▶➤]) *(?=\S)")
_ORDERED = re.compile(
    r"\(?(?:(\d{1,3})[.)]|([a-zA-Z]|[ivx]{1,4})\)) +(?=\S)"
    r"(?!(?:Januar|Jänner|Februar|März|April|Mai|Juni|Juli|August|September|Oktober|November|Dezember)\b)"
)
_CELL = re.compile(r"[^|]+")
_SENTENCE_END = re.compile(r"[.!?…।。！？]['\"”’»)\]]*$")
_CLAUSE_END = re.compile(r"[.!?…।。！？,;:—–،、，；：]['\"”’»)\]]*$")
_LABEL = re.compile(r"[^\W\d_][\w.'’-]*(?: [^\W_][\w.'’-]*){0,3} ?(?:: |：)\S")  # who speaks
_DASH = re.compile(r"[—–―] ?[\w¿¡]|-(?:[^\W\d_]|[¿¡])|[«“\"„]")  # somebody begins to speak
_HYPHENATED = re.compile(r"([^\W\d_]+)[-\u2010]$")
_COMPOUNDS = frozenset("well self half twenty thirty forty fifty sixty seventy eighty ninety".split())
_CONJUNCTIONS = re.compile(r"(?:and|or|und|oder|y|o|e|et|ou)\b")
# Words that lean on the next one: no verse, list or address has them at a line's end.
_LEANING = re.compile(
    r"(?<![\w'’-])(?:an?|the|of|to|in|at|for|from|with|and|or|el|los|las|una?|del?|en|con|por|para|que|y|le|les|une|des|du|"
    r"dans|et|il|lo|gli|di|della|da|che|os|uma|em|der|das|dem|ein|eine|von|zu|mit|und)$"
)


@dataclass(frozen=True)
class Line:
    """What is read without a break but those between sentences."""

    text: str
    pause: float  # seconds of silence after it


@dataclass
class _Group:
    """Lines of a paragraph that may be one."""

    rows: list[str]
    is_item: bool = False


def read_lines(text: str) -> list[Line]:
    """Return the lines of a text that are meant, in order, each without the mark at its start.

    A line without words is empty; its pause is for what is before it.
    """
    text = _BREAKS.sub(_meant_break, text)
    many = len(re.findall(r"^\d{1,3}[.)] ", text, re.MULTILINE)) > 1
    paragraphs = [_read_paragraph(part, many) for part in text.split("\n\n") if part.strip()]
    for (lines, is_plain), after in reversed(list(pairwise([*paragraphs, ([], False)]))):
        if is_plain and len(lines) == 1 and _is_heading(lines[0].text, after[0]):
            lines[0] = replace(lines[0], pause=HEADING_PAUSE_SECONDS)
    return [line for lines, _ in paragraphs for line in lines]


def _meant_break(match: re.Match) -> str:
    breaks = match[0].replace(" ", "")
    is_paragraph = PARAGRAPH_BREAK in breaks or "\n\n" in breaks or HARD_BREAK * 2 in breaks
    return "\n\n" if is_paragraph else HARD_BREAK


def _is_heading(line: str, after: list[Line]) -> bool:
    """Return whether a line alone between empty ones is a heading: short, no full stop, and text or a heading below."""
    bare = _bare(line)
    if len(bare) > _HEADING_CHARACTERS or _CLAUSE_END.search(bare) or not has_words(bare) or _starts_low(bare):
        return False
    return any(
        line.pause == HEADING_PAUSE_SECONDS or len(after) > 1 or re.search("[.!?…।。！？]", _bare(line.text))
        for line in after[:1]
    )


def _read_paragraph(text: str, many: bool) -> tuple[list[Line], bool]:
    """Return the lines of a paragraph, and whether none of them has a mark at its start."""
    lines: list[Line] = []
    group = _Group([])
    is_plain = True
    is_table = bool(re.search(r"^(?=.*\|)(?=.*-)[-|: +]+$", text, re.MULTILINE))

    def flush() -> None:
        nonlocal group
        lines.extend(Line(line, LINE_PAUSE_SECONDS) for line in _join(group.rows))
        group = _Group([])

    for row, end in re.findall(f"([^\n{HARD_BREAK}]+)([\n{HARD_BREAK}]?)", text):
        row = row.strip()
        bare = _bare(row)
        before = _bare(group.rows[-1]) if group.rows else ""
        ends_before = not group.rows or group.is_item or bool(_CLAUSE_END.search(before))
        if not bare:  # marks only, such as a pause
            flush()
            lines.append(Line(row, 0.0))
        elif _RULE.fullmatch(bare):
            alone = len(group.rows) == 1 and not group.is_item and not _SENTENCE_END.search(before)
            flush()
            if alone and set(bare) in ({"="}, {"-"}):
                lines[-1] = replace(lines[-1], pause=HEADING_PAUSE_SECONDS)
            is_ruler = "|" in bare or set(bare) == {"+", "-"}
            lines.append(Line(EVENT * row.count(EVENT), 0.0 if alone or is_ruler else HEADING_PAUSE_SECONDS))
            is_plain = False
        elif heading := _HEADING.match(row):
            flush()
            words = _label(re.sub(r" #+$", "", row[heading.end() :]))
            lines.append(Line(words, HEADING_PAUSE_SECONDS))
            is_plain = False
        elif "|" in row and (is_table or (row[0] == row[-1] == "|")):
            flush()
            lines.append(Line(_row_of_table(row), LINE_PAUSE_SECONDS))
            is_plain = False
        elif (bullet := _BULLET.match(row)) and (bullet[1] not in "-–—+" or ends_before):
            flush()
            group = _Group([_label(row[bullet.end() :])], is_item=True)
            is_plain = False
        elif (number := _ORDERED.match(row)) and ends_before and (many or number[1] in ("1", None)):
            flush()
            group = _Group([_label(row)], is_item=True)
            is_plain = False
        else:
            group.rows.append(row)
        if end == HARD_BREAK:
            flush()
    flush()
    if lines and lines[-1].pause == LINE_PAUSE_SECONDS:
        lines[-1] = replace(lines[-1], pause=PARAGRAPH_PAUSE_SECONDS)
    return lines, is_plain


def _label(text: str) -> str:
    """Write an item's number as a clause, `1,`, so that it is no sentence of its own."""
    number = _ORDERED.match(text)
    return f"{number[1] or number[2]}, {text[number.end() :]}" if number else text


def _row_of_table(row: str) -> str:
    cells = [cell.strip() for cell in _CELL.findall(row)]
    clauses = [cell if _CLAUSE_END.search(cell) else f"{cell}," for cell in cells if (has_words(cell) or EVENT in cell)]
    return " ".join(clauses).removesuffix(",")


def _join(rows: list[str]) -> list[str]:
    """Return the rows of a paragraph as lines: those that are meant stay, those broken at a width become one."""
    if len(rows) < 2:
        return rows
    bare = [_bare(row) for row in rows]
    keeps = _are_meant(bare)
    speakers = sum(bool(_LABEL.match(row)) for row in bare) > 1
    width = max(map(len, bare))
    text = [rows[0]]
    for (before, after), row in zip(pairwise(bare), rows[1:], strict=True):
        hyphenated = _HYPHENATED.search(before)
        if hyphenated and _CONJUNCTIONS.match(after):  # “Vor- und Nachteile”
            text.append(" ")
        elif hyphenated and after[0].isalnum():
            if after[0].islower() and hyphenated[1].lower() not in _COMPOUNDS and text[-1][-1] == before[-1]:
                text[-1] = text[-1][:-1]
            text.append("")
        elif _is_meant(before, after, keeps, speakers, width):
            text.append(HARD_BREAK)
        else:
            text.append("" if is_cjk(before[-1]) and is_cjk(after[0]) else " ")
        text.append(row)
    return "".join(text).split(HARD_BREAK)


def _is_meant(before: str, after: str, keeps: bool, speakers: bool, width: int) -> bool:
    """Return whether the line ends between two rows because it was meant to."""
    if speakers and _LABEL.match(after) and not _starts_low(after):
        return True
    if _SENTENCE_END.search(before) and _DASH.match(after):
        return True
    if _LEANING.search(before):
        return False
    # Broken at a width, a line is as long as it can be; one that is much shorter was ended.
    return keeps or (not _starts_low(after) and len(before) + len(_first_word(after)) < 0.7 * width)


def _are_meant(rows: list[str]) -> bool:
    """Return whether rows are lines of verse, an address or a list rather than prose that was broken at a width."""
    width = max(map(len, rows))
    later = rows[1:]
    low = [row for row in later if _starts_low(row)]
    ended = all(_CLAUSE_END.search(row) for row in rows[:-1])
    # At a width, a row ends where the next word found no room.
    full = all(len(before) + 1 + len(_first_word(after)) > width for before, after in pairwise(rows))
    if width <= _TERSE_CHARACTERS and len(rows) > 2:
        return True
    if not any(character.isupper() or character.islower() for row in later for character in row[:3]):
        return ended and (len(rows) > 2 or bool(_SENTENCE_END.search(rows[0])))  # a script without capitals
    shortest, longest = _WRAP_CHARACTERS
    if width > shortest:
        even = all(0.8 * width <= len(row) for row in rows[:-1])
        return not low and (width > longest or not even)
    if width > _VERSE_CHARACTERS and full and (low or not ended):
        return False
    if low and not (ended and len(rows) > 2):
        return len(rows) > 3 and len(low) * 3 <= len(later) and not full
    return True


def _starts_low(row: str) -> bool:
    first = re.search(r"[^\W\d_]", row)
    return bool(first) and first[0].islower()


def _first_word(row: str) -> str:
    return row.split(" ", 1)[0]


def _bare(row: str) -> str:
    return _PRIVATE.sub("", plain(row))
