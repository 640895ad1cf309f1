"""Take Markdown's and HTML's marks away from a text, and leave its words, lines and `[pause]` marks. Pure.

By patterns, not a Markdown parser. What people want to hear is prose with a few marks: a parser would make code of an
indented verse, renumber “1945. Then …”, and drop what it takes for a definition; and it knows nothing of lines that were
broken at a width. Here a mark counts only where nothing else can be meant.
"""

import html
import re
import unicodedata
from dataclasses import dataclass

from .characters import HARD_BREAK, PARAGRAPH_BREAK, is_cjk, literal, tidy

_FENCE = re.compile(r"(`{3,}|~{3,})[^`]*$")
_CODE_OR_ESCAPE = re.compile(
    r"(?<!`)(`{1,3})(?!`)(?P<code>[^`\n]+)\1(?!`)"
    r"|\\(?P<escaped>[!-/:-@\[-`{-~])"
    r"|\\\n(?=.)"  # a line break that is meant
)

TAG = re.compile(
    r"<(?P<close>/?)(?P<tag>[a-zA-Z][\w:-]*)"
    r"""(?P<attributes>(?:\s+[a-zA-Z_:@][\w:.-]*\s*=\s*(?:"[^"<>]*"|'[^'<>]*'|[^\s"'=<>`]+)"""
    r"|\s+(?:allowfullscreen|async|autoplay|checked|controls|defer|disabled|hidden|loop|muted|open|required|selected))*+)"
    r"\s*/?>"
)
_ENTITY = re.compile(r"&(?:#[0-9]{1,7}|#[xX][0-9a-fA-F]{1,6}|[a-zA-Z][a-zA-Z0-9]{1,31});")
_OF_ADDRESS = r"[^\s<>\"{}|\\^`\[\]()*、。，！？；：」』）]"
_TAG_OR_ADDRESS = re.compile(
    rf"{TAG.pattern}(?P<spaces>\s*)"
    r"|<(?P<autolink>[a-zA-Z][\w+.-]*:[^\s<>]+|[\w.+-]+@[\w.-]+)>"
    rf"|(?<!\w)(?P<address>(?:https?://|www\.){_OF_ADDRESS}*{_OF_ADDRESS}(?<![_~.,;:!?'’”»]))"
    rf"|(?P<entity>{_ENTITY.pattern})"
    r"|<![a-zA-Z][^<>]*>"
)
_INLINE = (
    "a abbr acronym b bdi bdo big center cite code data del dfn em font i ins kbd label mark nobr q rp rt ruby s samp "
    "small span speak strike strong sub sup time tt u var wbr "
    "body html head main tbody thead tfoot caption colgroup figcaption"
)
_PARAGRAPHS = (
    "address article aside blockquote dl fieldset figure footer form header nav ol p pre section table title ul"
)
_OPENING = dict.fromkeys(_INLINE.split(), "") | dict.fromkeys(_PARAGRAPHS.split(), PARAGRAPH_BREAK)
_OPENING |= {f"h{level}": f"{PARAGRAPH_BREAK}# " for level in range(1, 7)}
_OPENING |= {
    "br": HARD_BREAK,
    "hr": f"{PARAGRAPH_BREAK}---{PARAGRAPH_BREAK}",
    "div": HARD_BREAK,
    "li": f"{HARD_BREAK}- ",
}
_OPENING |= {"dt": HARD_BREAK, "dd": HARD_BREAK, "option": HARD_BREAK, "tr": f"{HARD_BREAK}| ", "td": "", "th": ""}
_OPENING |= {"img": "", "input": "", "meta": "", "link": "", "col": ""}
_CLOSING = {tag: mark and (mark[0] if mark[0] == PARAGRAPH_BREAK else " ") for tag, mark in _OPENING.items()}
_CLOSING |= {"td": " | ", "th": " | ", "break": ""}
_TIME = re.compile(r"""\btime\s*=\s*["']?\s*\+?([\d.]{1,12}\s*m?s)\b""")
_ALT = re.compile(r"""\balt\s*=\s*(?:"([^"]*)"|'([^']*)')""")

# Of subtitles: “12” and “00:01:23,456 --> 00:01:25,789” above what is said.
_CUE = re.compile(
    r"^(?:\d{1,5}\n)?(?:\d{1,2}:)?\d\d:\d\d[.,]\d{3} --> (?:\d{1,2}:)?\d\d:\d\d[.,]\d{3}[^\n]*(?:\n|\Z)", re.MULTILINE
)
_QUOTE = re.compile(r"^>[> ]*+", re.MULTILINE)
_EMPHASIS = re.compile(r"\*+|_+|~~+|\n\n")


def without_markup(text: str) -> str:
    """Return `text`, which is clean, without the marks of HTML and those of Markdown inside a line.

    Marks at a line's start, links and brackets are left; what only looks like a mark is made literal.
    """
    text = _CUE.sub(PARAGRAPH_BREAK, text) if " --> " in text else text
    text = _keep_fenced_code(text)
    text = _CODE_OR_ESCAPE.sub(_stand_for_itself, text)
    if "<" in text:
        text = _cut(text, "<!--", "-->")
        text = _cut(text, r"(?i:<(?=(?:script|style)\b))", r"(?i:</(?:script|style)>)")
    text = _TAG_OR_ADDRESS.sub(_read_tag_or_address, text)
    quotes = _QUOTE.findall(text)
    if len(quotes) > 1 or not re.search(r"^>[> ]*+\d", text, re.MULTILINE):  # “> 5” alone is a comparison
        text = _QUOTE.sub("", text)
    return _without_emphasis(tidy(text))


def _keep_fenced_code(text: str) -> str:
    """Take fences away, in pairs, and make what is between them literal, line by line."""
    lines = text.split("\n")
    fences = [number for number, line in enumerate(lines) if _FENCE.match(line)]
    kept, place = [], 0
    for start, end in zip(fences[::2], fences[1::2], strict=False):
        code = (literal(line) + HARD_BREAK for line in lines[start + 1 : end] if line)
        kept += [*lines[place:start], PARAGRAPH_BREAK, *code, PARAGRAPH_BREAK]
        place = end + 1
    return "\n".join(kept + lines[place:])


def _stand_for_itself(match: re.Match) -> str:
    if match["code"]:
        return literal(match["code"])
    return literal(match["escaped"]) if match["escaped"] else HARD_BREAK


def _cut(text: str, start: str, end: str) -> str:
    """Return `text` without what is between two patterns; each part is looked at once, however many have no end."""
    first, *parts = re.split(start, text)
    for part in parts:
        _, *after = re.split(end, part, maxsplit=1)
        first += after[0] if after else part
    return first


def _read_tag_or_address(match: re.Match) -> str:
    if address := match["autolink"] or match["address"]:
        return literal(_ENTITY.sub(_character, address))
    if match["entity"]:
        return literal(_character(match))
    if not match["tag"]:
        return ""  # <!DOCTYPE html>
    tag, attributes = match["tag"].lower(), match["attributes"]
    mark = (_CLOSING if match["close"] else _OPENING).get(tag)
    if tag == "break" and not match["close"]:
        time = _TIME.search(attributes)
        mark = f"[pause {time[1]}]" if time else "[pause]"
    elif tag == "img" and (words := _ALT.search(attributes)):
        mark = words[1] or words[2]
    if mark is None:
        return match[0]
    spaces = match["spaces"]
    if tag in ("td", "th") or (len(mark) > 1 and mark[-1] == " "):  # what follows belongs on the line of the mark
        return mark
    return mark + (spaces.replace("\n", "", 1) if mark == HARD_BREAK else spaces)


def _character(entity: re.Match) -> str:
    character = html.unescape(entity[0])
    return "" if unicodedata.category(character[0]) in ("Co", "Cs") else character


def _without_emphasis(text: str) -> str:
    """Return `text` without the pairs of `*`, `_` and `~~` around words.

    As CommonMark pairs them, with stacks of those that open; but none next to a digit or letter where it could be a
    multiplication or a name such as snake_case.
    """
    stacks: dict[str, list[_Opened]] = {}
    taken: list[tuple[int, int]] = []
    for run in _EMPHASIS.finditer(text):
        marks, (start, end) = run[0], run.span()
        if marks[0] == "\n":
            stacks.clear()  # emphasis ends with its paragraph
            continue
        if len(marks) > 3:  # a rule, or a form's blank
            continue
        before, after = text[start - 1 : start], text[end : end + 1]
        stack = stacks.setdefault(marks[0], [])
        if _can_close(marks, before, after):
            inside_word = _goes_on(after)
            while stack and start < end:
                opened = stack[-1]
                left = opened.end - opened.start
                if inside_word and (left != end - start or (opened.inside_word and " " in text[opened.end : start])):
                    break  # x**y and a**b
                size = min(2, end - start, left)
                taken += [(opened.end - size, opened.end), (start, start + size)]
                opened.end -= size
                start += size
                if opened.start == opened.end:
                    stack.pop()
        if start < end and _can_open(marks, before, after):
            stack.append(_Opened(start, end, _goes_on(before)))
    parts, place = [], 0
    for start, end in sorted(taken):
        parts.append(text[place:start])
        place = end
    return "".join([*parts, text[place:]])


@dataclass
class _Opened:
    """What is left of a run of marks that opens emphasis, by its place."""

    start: int
    end: int
    inside_word: bool


def _can_open(marks: str, before: str, after: str) -> bool:
    if not after or after.isspace():
        return False
    return not _goes_on(before) or (marks[:2] in ("**", "~~") and after.isalpha())


def _can_close(marks: str, before: str, after: str) -> bool:
    if not before or before.isspace():
        return False
    return not _goes_on(after) or (marks[:2] in ("**", "~~") and after.isalpha() and not before.isdigit())


def _goes_on(character: str) -> bool:
    """Return whether a word goes on with `character`."""
    return character.isalnum() and not is_cjk(character)
