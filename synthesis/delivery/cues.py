"""Subtitles: how text is shown in time, and the formats SubRip and WebVTT. Pure.

Lines and durations follow what broadcasters ask for: https://partnerhelp.netflixstudios.com/hc/en-us/articles/215758617
and https://www.bbc.co.uk/accessibility/forproducts/guides/subtitles/.
"""

import html
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain, pairwise
from typing import NamedTuple

from synthesis.scripts.cutting import cut
from voices.text.word_errors import UNSPACED_LANGUAGES

LINE_CHARACTERS = 42
WIDE_LINE_CHARACTERS = 18  # of Chinese, Japanese and Korean
LINES = 2
MIN_SECONDS = 1.0  # that a cue is shown, where the next one leaves time
READ_CHARACTERS = 20  # a second, likewise
WIDE_READ_CHARACTERS = 9
MAX_WORD_GAP_SECONDS = 0.5  # a shorter gap between two words shows the first one still
MIN_WORD_SECONDS = 0.05  # words shorter than that are shown with the next one

CONTENT_TYPES = {"srt": "application/x-subrip", "vtt": "text/vtt"}


class Word(NamedTuple):
    """A word with its punctuation and the white space before it, and when it is said, in seconds."""

    text: str
    start: float
    end: float


class Cue(NamedTuple):
    start: float  # seconds
    end: float
    lines: tuple[str, ...]
    speaker: str = ""
    words: tuple[Word, ...] = ()  # of the lines, where each is to be marked as it is said


def is_wide(language: str) -> bool:
    return language.partition("-")[0] in UNSPACED_LANGUAGES


def split(text: str, language: str, label: str = "") -> list[tuple[int, int, tuple[str, ...]]]:
    """Return the cues that show `text`: where each begins and ends in it, and its lines, two at most.

    It is broken where it sounds best: between sentences, at clauses, before conjunctions. label: goes before the first.
    """
    width = WIDE_LINE_CHARACTERS if is_wide(language) else LINE_CHARACTERS
    whole = label + text
    fixed = [(0, len(label))] if label else []
    found: list[tuple[int, int, tuple[str, ...]]] = []
    for begin, end in cut(whole, LINES * width, language, fixed):
        inside = [(begin + a, begin + b) for a, b in cut(whole[begin:end], width, language, fixed if not begin else ())]
        # Where two lines are too few for words that don't break evenly, the shorter of the outer ones goes alone.
        while inside:
            count = LINES
            if len(inside) > LINES and len(inside) % LINES and _size(inside[0]) < _size(inside[-1]):
                count = 1
            lines, inside = inside[:count], inside[count:]
            place = max(lines[0][0] - len(label), 0), max(lines[-1][1] - len(label), 0)
            found.append((*place, tuple(" ".join(whole[a:b].split()) for a, b in lines)))
    return found


def _size(span: tuple[int, int]) -> int:
    return span[1] - span[0]


def cues_of(
    text: str, words: Sequence[Word], start: float, end: float, language: str, speaker: str = "", label: str = ""
) -> Iterator[Cue]:
    """Yield the cues of a sentence that is said from `start` to `end`, in seconds.

    words: those of `text`, which they make up; they may be empty where one cue is enough. label: as of `split`.
    """
    parts = split(text, language, label)
    if len(parts) == 1:
        yield Cue(start, end, parts[0][2], speaker, tuple(words))
        return
    groups: list[list[Word]] = [[] for _ in parts]
    at, number = 0, 0
    for word in words:
        first = at + len(word.text) - len(word.text.lstrip())
        while number + 1 < len(parts) and first >= parts[number + 1][0]:
            number += 1
        groups[number].append(word)
        at += len(word.text)
    for number, ((_, _, lines), group) in enumerate(zip(parts, groups, strict=True)):
        # Each is shown until the next one begins: within a sentence there is no pause to show nothing in.
        until = next((later[0].start for later in groups[number + 1 :] if later), end)
        begin = group[0].start if group and number else start
        yield Cue(begin, max(until, begin), lines, speaker, tuple(group))


def needs_words(text: str, language: str) -> bool:
    """Return whether a sentence may be shown in several cues."""
    return len(text) > (WIDE_LINE_CHARACTERS if is_wide(language) else LINE_CHARACTERS)


def readable(cues: Iterable[Cue], language: str) -> Iterator[Cue]:
    """Yield cues, in order, that last long enough to be read where the next one leaves time; none overlaps it."""
    speed = WIDE_READ_CHARACTERS if is_wide(language) else READ_CHARACTERS
    for cue, following in pairwise(chain(cues, [None])):
        assert cue
        needed = cue.start + max(MIN_SECONDS, sum(map(len, cue.lines)) / speed)
        end = max(cue.end, needed)
        yield cue._replace(end=max(min(end, following.start), cue.start) if following else end)


def word_cues(words: Iterable[Word], speaker: str = "") -> Iterator[Cue]:
    """Yield a cue for each word, for players that can't mark one in a line."""
    group: list[Word] = []
    for word, following in pairwise(chain(words, [None])):
        assert word
        group.append(word)
        if following and following.start - group[0].start < MIN_WORD_SECONDS:
            continue
        end = word.end
        if following:
            end = following.start if following.start - end < MAX_WORD_GAP_SECONDS else end
        yield Cue(group[0].start, end, ("".join(one.text for one in group).strip(),), speaker)
        group = []


def of_transcript(words: Iterable[Sequence]) -> list[Cue]:
    """Return the cues of a transcript, of 84 characters at most. A pause, a sentence or 7 seconds end one."""
    cues: list[list] = []
    for text, start, end, _ in words:
        last = cues[-1] if cues else None
        full = last and (
            len(last[2]) + len(text) > 84 or end - last[0] > 7 or start - last[1] > 1 or last[2][-1:] in ".?!。？！"
        )
        if last is None or full:
            cues.append([start, end, text.strip()])
        else:
            last[1], last[2] = end, last[2] + text
    return [Cue(start, end, (text,)) for start, end, text in cues]


def written(cues: Iterable[Cue], file_format: str) -> Iterator[str]:
    """Yield the parts of a file of cues: `srt` or `vtt`, which marks words and speakers."""
    if file_format == "vtt":
        yield "WEBVTT\n"
        for cue in cues:
            yield f"\n{_clock(cue.start, '.')} --> {_clock(cue.end, '.')}\n{_vtt_text(cue)}\n"
        return
    for number, cue in enumerate(cues, 1):
        before = "\n" if number > 1 else ""
        lines = "\n".join(cue.lines)
        yield f"{before}{number}\n{_clock(cue.start, ',')} --> {_clock(cue.end, ',')}\n{lines}\n"


def _vtt_text(cue: Cue) -> str:
    lines = [html.escape(line, quote=False) for line in cue.lines]
    if cue.words:
        lines = list(_timed_lines(cue))
    voice = f"<v {html.escape(' '.join(cue.speaker.split()), quote=False)}>" if cue.speaker else ""
    return voice + "\n".join(lines)


def _timed_lines(cue: Cue) -> Iterator[str]:
    """Yield the lines with the time of each word before it; each time must lie after the one before, within the cue."""
    last, number = cue.start, 0
    for line in cue.lines:
        text, at = "", 0
        while number < len(cue.words):
            word = cue.words[number]
            shown = " ".join(word.text.split())
            place = line.find(shown, at)
            if place < 0:
                break
            mark = ""
            if round(last * 1000) < round(word.start * 1000) < round(cue.end * 1000):
                mark, last = f"<{_clock(word.start, '.')}>", word.start
            text += html.escape(line[at:place], quote=False) + mark + html.escape(shown, quote=False)
            at, number = place + len(shown), number + 1
        yield text + html.escape(line[at:], quote=False)


def _clock(seconds: float, mark: str) -> str:
    thousandths = round(seconds * 1000)
    hours, minutes, whole = thousandths // 3_600_000, thousandths // 60_000 % 60, thousandths // 1000 % 60
    return f"{hours:02}:{minutes:02}:{whole:02}{mark}{thousandths % 1000:03}"
