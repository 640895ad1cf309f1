"""Read what people write (marks, Markdown, HTML, line breaks) into blocks of plain text with pauses. Pure.

The text goes through four steps, each over the whole: invisible characters (characters.py), Markdown and HTML
(markup.py), the marks in brackets and braces (here), lines (lines.py). A mark that leaves something behind, a pause or a
note, becomes one character of the text, EVENT, and waits in a queue until the blocks are written.
"""

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field, replace

from voices.text.pronunciation import Pronounced, problem_of_said
from voicesite.texts import N_

from .characters import EMOJI, EVENT, HEARTS, clean, has_words, literal, plain
from .dialogue import Speakers
from .lines import HEADING_PAUSE_SECONDS, LINE_PAUSE_SECONDS, PARAGRAPH_PAUSE_SECONDS, read_lines
from .markup import TAG, without_markup
from .sentences import SENTENCE_PAUSE_SECONDS

__all__ = ["HEADING_PAUSE_SECONDS", "LINE_PAUSE_SECONDS", "PARAGRAPH_PAUSE_SECONDS", "Block", "read_marks"]

PAUSE_SECONDS = 1.0  # of `[pause]`
MAX_PAUSE_SECONDS = 10.0


@dataclass(frozen=True)
class Block:
    """Plain text that is read without a break other than those between its sentences."""

    text: str  # one line, single spaces, no markup; empty for a pause or a note before the first word
    pause: float  # seconds of silence after it; 0 after the last, unless a mark says otherwise
    pronounced: tuple[Pronounced, ...] = ()  # by `{word|said}`: places in `text`, which has the word
    notes: tuple[str, ...] = ()  # what is not read, for the person who wrote it
    speaker: str = ""  # whose line it is: a name of the cast
    starts_paragraph: bool = False  # it begins a line of the text, rather than follow a pause inside one


@dataclass(frozen=True)
class _Event:
    pause: float | None = None  # seconds
    note: str = ""
    said: str = ""  # of the word that begins here
    ends_word: bool = False
    ends_sentence: bool = False


_ADDRESS = r"\((?=[^()\s]*[/.#:@\ue000-\uf8fe])(?:[^()\s]|\([^()\s]*\))*(?:\s+[\"'][^\"'\n]*[\"'])?\s*\)"
_IMAGE = re.compile(rf"!\[([^\[\]]*)\]{_ADDRESS}")
_DEFINITION = re.compile(
    r"^\[([^\[\]\n]+)\]: <?(?:https?\S|www\S|mailto\S|[./#])\S*(?: +[\"'(][^\n]*)?$|^\[\^[^\[\]\n]+\]:", re.MULTILINE
)
_MARK = re.compile(
    rf"(?P<space> ?)(?:\[(?P<link>[^\[\]]{{0,300}})\]{_ADDRESS}"
    r"|\[\[(?:[^\[\]|\n]*\|)?(?P<wiki>[^\[\]|\n]+)\]\]"
    r"|\[(?P<bracket>[^\[\]]{0,60})\]"
    r"|\{(?P<word>[^{}|]{1,200})\|(?P<said>[^{}|]{1,200})\}"
    r"|(?P<malformed>\{(?=[^{}\n]*\|)[^{}\n]*\}?)"
    r"|(?P<brace>[{}])"
    rf"|{TAG.pattern}"
    rf"|(?P<emoji>{EMOJI}))"
)
_PAUSE = re.compile(
    r"\s*pause(?:[\s:=]+(?P<length>\d{0,9}[.,]?\d{1,9})\s*(?P<unit>s|ms|secs?|seconds?|milliseconds?)?)?\s*",
    re.IGNORECASE,
)
_FOOTNOTE = re.compile(r"\^.*|[1-9]\d{0,2}(?:\s*[,–-]\s*[1-9]\d{0,2})*|note \d+|citation needed|\s*")
_TASK = re.compile(r"(?:^|[\n\u2028\u2029])(?:[-*+]|\d+[.)]) $")
_CLOSING = re.compile(r"[,.;:!?…)\]”’»。，！？、]+")


def read_marks(text: str, speakers: Collection[str] = ()) -> list[Block]:
    """Return the blocks of a text, in order. speakers: the names of a cast, which are not read before their lines."""
    text = _IMAGE.sub(r"\1", without_markup(clean(text)))
    marks = _Marks({match[1].casefold() for match in _DEFINITION.finditer(text) if match[1]}, Speakers(speakers))
    text = marks.read(_DEFINITION.sub("", text))
    return _Blocks(iter(marks.events)).read(text, speakers)


class _Marks:
    """The marks in brackets, braces and what is left of tags; what they leave behind, in order."""

    def __init__(self, references: set[str], speakers: Speakers) -> None:
        self.references = references  # labels whose address is given elsewhere
        self.speakers = speakers
        self.events: list[_Event] = []

    def read(self, text: str) -> str:
        return _MARK.sub(self._replace, text)

    def _replace(self, match: re.Match) -> str:
        read = self._read(match)
        after = match.string[match.end() : match.end() + 1]
        if read in ("", EVENT) and (not after or after.isspace() or _CLOSING.match(after)):
            return read  # without the space before it
        return match["space"] + read

    def _read(self, match: re.Match) -> str:
        """Return what is read in place of a mark."""
        if match["bracket"] is not None:
            return self._bracket(match)
        if match["word"]:
            word, said = (" ".join(part.split()) for part in match.group("word", "said"))
            if word and said:
                return self._pronunciation(word, plain(said))
        if match["word"] or match["malformed"]:
            written = match[0].lstrip(" ")
            note = N_("“{written}” is not a pronunciation: write {mark}.").format(
                written=plain(written), mark=N_("{word|how it is said}")
            )
            return self._leave(_Event(note=note)) + literal(written)
        if match["emoji"]:
            return self._emoji(match)
        if match["tag"]:
            return (
                ""
                if match["close"]
                else self._leave(_Event(note=N_("The tag <{tag}> is not read.").format(tag=match["tag"])))
            )
        return self.read(match["link"] or match["wiki"] or "")

    def _leave(self, event: _Event) -> str:
        self.events.append(event)
        return EVENT

    def _pronunciation(self, word: str, said: str) -> str:
        if problem := problem_of_said(said):
            return self._leave(
                _Event(
                    note=N_("“{written}” is read as it is written. {problem}").format(
                        written=plain(word), problem=problem
                    )
                )
            ) + literal(word)
        return self._leave(_Event(said=said)) + literal(word) + self._leave(_Event(ends_word=True))

    def _bracket(self, match: re.Match) -> str:
        content, text = match["bracket"], match.string
        start, end = match.start() + len(match["space"]), match.end()
        before, after = text[start - 1 : start], text[end : end + 1]
        if pause := _PAUSE.fullmatch(content):
            return self._leave(_Event(pause=_seconds(pause)))
        if before in ("", *"\n\u2028\u2029") and after in (":", "：") and content in self.speakers:
            return content
        if content.casefold() in self.references:  # [words][label], or [label] alone
            return "" if before == "]" else self.read(content)
        if after == "[" and text[end + 1 : text.find("]", end)].casefold() in {*self.references, ""}:
            return self.read(content)
        is_note = before.isalpha() and content in ("a", "b", "c")
        is_task = content in ("x", "X") and _TASK.search(text[max(0, start - 6) : start])
        if is_note or is_task or _FOOTNOTE.fullmatch(content):
            return ""
        if content in ("...", "…"):
            return "…"
        if _is_part_of_word(content, before, after) or not content.strip("0123456789., "):
            return content
        return self._leave(_Event(note=N_("“[{names}]” is not read.").format(names=" ".join(plain(content).split()))))

    def _emoji(self, match: re.Match) -> str:
        start = match.start() + len(match["space"])
        before, after = match.string[:start][-1:], match.string[match.end() : match.end() + 2].lstrip(" ")
        if not before or before in "\n\u2028\u2029":
            return "• " if after and not after[0].islower() else ""
        if after and after[0].isalpha() and not after[0].islower() and not set(match["emoji"]) <= HEARTS:
            return self._leave(_Event(ends_sentence=True))
        return ""


def _seconds(pause: re.Match) -> float:
    if not pause["length"]:
        return PAUSE_SECONDS
    length = float(pause["length"].replace(",", "."))
    return length / 1000 if (pause["unit"] or "").lower().startswith("m") else length


def _is_part_of_word(content: str, before: str, after: str) -> bool:
    """Return whether what is in brackets completes a word, as in “[T]he” and “walk[ed]”; “Hello[laugh]” doesn't."""
    if not content.isalpha() or len(content) > 3 or (content.islower() and after.isupper()):
        return False
    return before.isalpha() or after.isalpha()


@dataclass
class _Blocks:
    """Blocks as they are written: text, until a pause or the end of a line."""

    events: Iterator[_Event]
    blocks: list[Block] = field(default_factory=list)
    is_exact: bool = False  # whether a mark said how long the pause of the last block is
    text: str = ""
    speaker: str = ""
    starts_paragraph: bool = False  # nothing of the line has been written
    pronounced: list[Pronounced] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def read(self, text: str, speakers: Collection[str]) -> list[Block]:
        for line in read_lines(text, speakers):
            self.speaker, self.starts_paragraph = line.speaker, True
            if line.aside:
                self.notes.append(N_("“{written}” is not read.").format(written=plain(line.aside)))
            first, *others = line.text.split(EVENT)
            self._write(first)
            word: tuple[int, str] | None = None
            for part in others:
                event = next(self.events)
                if event.note:
                    self.notes.append(event.note)
                elif event.said:
                    word = len(self.text), event.said
                elif event.ends_word and word and word[0] < len(self.text):  # else it is the name of a speaker
                    self.pronounced.append(Pronounced(word[0], len(self.text), word[1]))
                elif event.ends_sentence:
                    self._end(SENTENCE_PAUSE_SECONDS)
                elif event.pause is not None:
                    self._end(event.pause, is_exact=True)
                    part = self._close(part)
                self._write(part)
            self._end(line.pause)
            self.text = ""
        return self._finished()

    def _write(self, text: str) -> None:
        text = re.sub(r"[ \n]+", " ", plain(text))
        self.text += text.lstrip(" ") if not self.text or self.text[-1] == " " else text

    def _close(self, text: str) -> str:
        """Give the block before a pause what ends its sentence, as in “Wait [pause 1s], then …”; return the rest."""
        closing = _CLOSING.match(text.lstrip())
        if not closing or not self.blocks[-1].text:
            return text
        self.blocks[-1] = replace(self.blocks[-1], text=self.blocks[-1].text + closing[0])
        return text.lstrip()[closing.end() :]

    def _end(self, pause: float, is_exact: bool = False) -> None:
        """End a block with a pause; without words, the pause is for the block before, or for the beginning."""
        if has_words(self.text) or self.pronounced:
            text, pronounced = self.text.rstrip(), tuple(self.pronounced)
            self.blocks.append(Block(text, pause, pronounced, (), self.speaker, self.starts_paragraph))
            self.text, self.pronounced, self.is_exact, self.starts_paragraph = "", [], is_exact, False
        elif not self.blocks:
            if not is_exact:
                return
            self.blocks.append(Block("", pause))
            self.is_exact = True
        elif is_exact:
            pause += self.blocks[-1].pause if self.is_exact else 0.0
            self.is_exact = True
        else:
            pause = self.blocks[-1].pause if self.is_exact else max(pause, self.blocks[-1].pause)
        if pause > MAX_PAUSE_SECONDS:
            pause = MAX_PAUSE_SECONDS
            self.notes.append(
                N_("A pause is at most {max_pause_seconds} seconds.").format(
                    max_pause_seconds=f"{MAX_PAUSE_SECONDS:.0f}"
                )
            )
        notes = tuple(dict.fromkeys([*self.blocks[-1].notes, *self.notes]))
        self.blocks[-1] = replace(self.blocks[-1], pause=pause, notes=notes)
        self.notes = []

    def _finished(self) -> list[Block]:
        if self.notes:  # and no word at all
            self.blocks.append(Block("", 0.0, (), tuple(dict.fromkeys(self.notes))))
        elif self.blocks and not self.is_exact:
            self.blocks[-1] = replace(self.blocks[-1], pause=0.0)
        return self.blocks
