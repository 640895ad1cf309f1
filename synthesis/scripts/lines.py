"""Tell lines that are meant (verse, lists, tables, headings) from those that were only broken at a width. Pure."""

import re
import unicodedata
from collections.abc import Collection
from dataclasses import dataclass, replace
from itertools import pairwise

from .characters import EVENT, HARD_BREAK, PARAGRAPH_BREAK, has_words, is_cjk, plain
from .dialogue import Label, Speakers

LINE_PAUSE_SECONDS = 0.4
PARAGRAPH_PAUSE_SECONDS = 0.7
HEADING_PAUSE_SECONDS = 1.0  # a change of scene, too

_HEADING_CHARACTERS = 60
_VERSE_CHARACTERS = 45  # lines that are shorter are seldom broken at a width, but in a narrow column
_WRAP_CHARACTERS = (60, 100)  # between these, lines of one length are broken at a width
_TERSE_CHARACTERS = 16  # a column is never as narrow

_PRIVATE = re.compile("[\ue000-\uf8ff]+")
_BREAKS = re.compile(f"[ \n]{{0,3}}[{HARD_BREAK}{PARAGRAPH_BREAK}][ \n{HARD_BREAK}{PARAGRAPH_BREAK}]*")
_CHAPTER = re.compile(
    r"(?:(?i:chapter|part|book|act|scene|volume|cap[ií]tulo|parte|libro|livro|acto?|escena|cena|chapitre|partie|livre|acte|"
    r"scène|capitolo|atto|scena|kapitel|teil|buch|akt|szene|глава|часть|книга|अध्याय|भाग) "
    r"(?:\d{1,4}|[IVXLCDM]{1,8}|[^\W\d_a-z][^\W\d_]+)\b|第\S{1,4}[章回部])(?: ?[.:–—-].{,60}|[:：]?)"
)
_HEADING = re.compile(r"#{1,6} +(?=\S)")
_RULE = re.compile(r"[-=*_~#+•·.—–─━═…⁂◆◇■□●○|: ]{2,}|[*⁂◆◇■□●○•·~—–]")
_BULLET = re.compile(r"([-–—+*](?= )|[•‣⁃▪◦●○·■□◆►▶➤]) *(?=\S)")
_ORDERED = re.compile(
    r"\(?(?:(\d{1,3})[.)]|([a-zA-Z]|[ivx]{1,4})\)) +(?=\S)(?!(?<=\([cC]\) )[12]\d{3})"
    r"(?!(?:Januar|Jänner|Februar|März|April|Mai|Juni|Juli|August|September|Oktober|November|Dezember)\b)"
)
_NUMBER = re.compile(r"^\d{1,3}[.)] ", re.MULTILINE)
_ROW = re.compile(f"([^\n{HARD_BREAK}]+)([\n{HARD_BREAK}]?)")
_RULER = re.compile(r"^(?=.*\|)(?=.*-)[-|: +]+$", re.MULTILINE)
_CELL = re.compile(r"[^|]+")
_SENTENCE_END = re.compile(r"[.!?…।。！？]['\"”’»)\]]*$")
_ANY_SENTENCE_END = re.compile("[.!?…।。！？]")
_CLAUSE_END = re.compile(r"[.!?…।。！？,;:—–،、，；：]['\"”’»)\]]*$")
_LABEL = re.compile(r"[^\W\d_][\w.'’-]*(?: [^\W_][\w.'’-]*){0,3} ?(?:: |：)\S")  # who speaks
_DASH = re.compile(r"[—–―] ?[\w¿¡]|-(?:[^\W\d_]|[¿¡])|[«“\"„]")  # somebody begins to speak
_LETTER = re.compile(r"[^\W\d_]")
_HYPHENATED = re.compile(r"(?<![^\W\d_])([^\W\d_]++)[-\u2010]$")
_COMPOUNDS = frozenset(
    ["well", "self", "half", "twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"]
)
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
    speaker: str = ""  # whose line it is: a name of the cast
    aside: str = ""  # what stands beside that name, and is not read


def read_lines(text: str, speakers: Collection[str] = ()) -> list[Line]:
    """Return the lines of a text that are meant, in order, each without the mark at its start.

    A line without words is empty; its pause is for what is before it. speakers: the names of a cast. A line that begins
    with one and a colon is theirs, without the name, and so are those below it, until the paragraph ends.
    """
    text = _BREAKS.sub(_meant_break, text)
    has_list = len(_NUMBER.findall(text)) > 1
    cast = Speakers(speakers)
    paragraphs: list[_Paragraph] = []
    named = ""  # who was named last, and said nothing yet
    for part in filter(str.strip, text.split("\n\n")):
        paragraphs.append(_Paragraph(part, has_list, cast, named))
        named = paragraphs[-1].named
    below: list[Line] = []
    for paragraph in reversed(paragraphs):
        lines = paragraph.lines
        if paragraph.is_plain and len(lines) == 1 and _is_heading(lines[0].text, below):
            lines[0] = replace(lines[0], pause=HEADING_PAUSE_SECONDS)
        below = lines
    return [line for paragraph in paragraphs for line in paragraph.lines]


def _meant_break(match: re.Match) -> str:
    breaks = match[0].replace(" ", "")
    is_paragraph = PARAGRAPH_BREAK in breaks or "\n\n" in breaks or HARD_BREAK * 2 in breaks
    return "\n\n" if is_paragraph else HARD_BREAK


def _is_heading(line: str, below: list[Line]) -> bool:
    """Return whether a line alone between empty ones is a heading: short, no full stop, and text or a heading below."""
    bare = _bare(line)
    if _CHAPTER.fullmatch(bare):
        return True
    if len(bare) > _HEADING_CHARACTERS or _CLAUSE_END.search(bare) or not has_words(bare) or _starts_low(bare):
        return False
    if len(below) == 1:
        return below[0].pause == HEADING_PAUSE_SECONDS or bool(_ANY_SENTENCE_END.search(_bare(below[0].text)))
    return bool(below)


class _Paragraph:
    """The lines between two empty ones."""

    def __init__(self, text: str, has_list: bool, cast: Speakers, speaker: str) -> None:
        self.lines: list[Line] = []
        self.is_plain = not speaker  # no line has a mark at its start
        self.named = ""  # the speaker, where a name ends it: what they say is below
        self._cast = cast
        self._speaker = speaker
        self._aside = ""
        self._has_list = has_list  # the text has several lines that begin with a number
        self._has_table = bool(_RULER.search(text))
        self._rows: list[str] = []  # those that may become one line
        self._is_item = False  # the first of them has the mark of an item
        for row, end in _ROW.findall(text):
            self._read(row.strip())
            if end == HARD_BREAK:
                self._flush()
        self._flush()
        if self.lines and self.lines[-1].pause == LINE_PAUSE_SECONDS:
            self.lines[-1] = replace(self.lines[-1], pause=PARAGRAPH_PAUSE_SECONDS)

    def _read(self, row: str) -> None:
        if label := self._cast.label(row):
            self._begin(label)
            self.is_plain = False
            return
        self.named = ""
        bare = _bare(row)
        before = _bare(self._rows[-1]) if self._rows else ""
        may_begin = not self._rows or self._is_item or bool(_CLAUSE_END.search(before))
        if not bare:  # a pause or a note
            self._write(row, LINE_PAUSE_SECONDS)
        elif _RULE.fullmatch(bare):
            self._rule(row, bare)
        elif heading := _HEADING.match(row):
            self._flush()
            self._speaker = ""
            self._write(_label(re.sub(r" #+$", "", row[heading.end() :])), HEADING_PAUSE_SECONDS)
        elif "|" in row and (self._has_table or row[0] == row[-1] == "|"):
            self._write(_row_of_table(row), LINE_PAUSE_SECONDS)
        elif (bullet := _BULLET.match(row)) and (may_begin or bullet[1] not in "-–—+"):
            self._item(row[bullet.end() :])
        elif may_begin and (number := _ORDERED.match(row)) and (self._has_list or number[1] in ("1", None)):
            self._item(row)
        else:
            self._rows.append(row)
            return
        self.is_plain = False

    def _begin(self, label: Label) -> None:
        """Begin what somebody says."""
        self._flush()
        self._speaker, self._aside = label.speaker, label.aside
        self.named = "" if _bare(label.said) else label.speaker
        if not self.named:
            self._rows = [label.said]
        elif label.said:
            self._write(label.said, LINE_PAUSE_SECONDS)

    def _rule(self, row: str, bare: str) -> None:
        """Read a line of decoration: below a title it makes a heading, in a table nothing, elsewhere a new scene."""
        is_title = len(self._rows) == 1 and not self._is_item and not _SENTENCE_END.search(_bare(self._rows[0]))
        is_underline = is_title and set(bare) in ({"="}, {"-"})
        is_ruler = "|" in bare or set(bare) == {"+", "-"}
        self._flush()
        self._speaker = ""
        if is_underline:
            self.lines[-1] = replace(self.lines[-1], pause=HEADING_PAUSE_SECONDS)
        events = EVENT * row.count(EVENT)
        if not is_underline and not is_ruler:
            self._write(events, HEADING_PAUSE_SECONDS)
        elif events:
            self._write(events, LINE_PAUSE_SECONDS)

    def _item(self, text: str) -> None:
        self._flush()
        self._rows, self._is_item = [_label(text)], True

    def _write(self, text: str, pause: float) -> None:
        self._flush()
        self.lines.append(Line(text, pause, self._speaker))

    def _flush(self) -> None:
        lines = [Line(line, LINE_PAUSE_SECONDS, self._speaker) for line in _join(self._rows)]
        if lines:
            lines[0] = replace(lines[0], aside=self._aside)
            self._aside = ""
        if lines and not self._is_item and _CHAPTER.fullmatch(_bare(lines[0].text)):
            lines[0] = replace(lines[0], pause=HEADING_PAUSE_SECONDS)
        self.lines += lines
        self._rows, self._is_item = [], False


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
    if _CHAPTER.fullmatch(before):
        return True
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
    if not low and any(unicodedata.category(letter) == "Lo" for letter in map(_first_letter, later)):
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
    return _first_letter(row).islower()


def _first_letter(row: str) -> str:
    letter = _LETTER.search(row)
    return letter[0] if letter else " "


def _first_word(row: str) -> str:
    return row.split(" ", 1)[0]


def _bare(row: str) -> str:
    return _PRIVATE.sub("", plain(row))
