"""Characters that say nothing, or something else than a reader takes them for: made plain. Pure."""

import re
import string
import unicodedata

HARD_BREAK = "\u2028"  # Unicode's line separator: the line ends here, however short or long it is
PARAGRAPH_BREAK = "\u2029"
EVENT = "\uf8ff"  # in the place of a mark that leaves something behind, such as a pause

_WORDS = re.compile(r"[^\W_]|[&%@€$£¥₹+=°§#<>]")

# Marks that stand for themselves (in code, escaped, in an address) are moved to where no pattern finds them. No text has
# a character there: `clean` takes away those for private use, which no font or engine agrees about.
_LITERAL = {ord(mark): 0xE000 + ord(mark) for mark in string.punctuation if mark not in "()"}
_PLAIN = {literal: mark for mark, literal in _LITERAL.items()}
_PRIVATE = re.compile("[\ue000-\uf8ff\U000f0000-\U0010ffff\ud800-\udfff]+")

_INVISIBLE = re.compile(
    "[\x00-\x08\x0e-\x1f\x7f-\x9f\xad\u034f\u061c\u115f\u1160\u180b-\u180f\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f"
    "\u20e3\ufe00-\ufe0f\ufeff\ufff9-\ufffc\U000e0000-\U000e0fff©®™℠℗]+"
    # Indic scripts choose the shape of a conjunct, and so at times the word, by joiners.
    "|(?<![\u0900-\u0dff])[\u200c\u200d]+"
)
_OTHERWISE = str.maketrans(
    {"ﬀ": "ff", "ﬁ": "fi", "ﬂ": "fl", "ﬃ": "ffi", "ﬄ": "ffl", "ﬅ": "st", "ﬆ": "st"}
    | {"❗": "!", "❕": "!", "❓": "?", "❔": "?", "‼": "!!", "⁉": "!?", "➕": "+", "➖": "−", "➗": "÷", "✖": "×"}
    | {"\u3164": " ", "\u2800": " ", "\x0b": "\n", "\x0c": "\n\n", "\x85": "\n", "\r": "\n"}
)
_KEYCAP_OF_ITEM = re.compile("^ ?([0-9])\ufe0f?\u20e3(?= ?[^\\W_])", re.MULTILINE)
_ARROW_EMOJI = re.compile("[\u2139\u2190-\u21ff\u24c2\u3030\u303d\u3297\u3299]\ufe0f")  # text, but for the selector
_BLANK = re.compile(r"[^\S\n\u2028\u2029\u00a0]+")
_THIN_SPACE = re.compile("[\u2007\u2009\u202f]")
_NO_BREAK_SPACE = re.compile(r"(?<!\d)\u00a0+|\u00a0+(?!\d)")

# The blocks that hold emoji, without the signs of music and the circled digits among them. A list of every emoji would
# be longer and older than this: the blocks have room for those to come.
_EMOJI = (
    "\U0001f000-\U0001faff\u2600-\u266c\u2670-\u2775\u2794-\u27bf\u231a\u231b\u2328\u23cf\u23e9-\u23fa"
    "\u25aa\u25ab\u25b6\u25c0\u25fb-\u25fe\u2934\u2935\u2b05-\u2b07\u2b1b\u2b1c\u2b50\u2b55"
)
EMOJI = f"[{_EMOJI}](?:[{_EMOJI} ]*[{_EMOJI}])?"  # a pattern: one or several, once the text is clean
HEARTS = frozenset("❣❤♥💓💔💕💖💗💘💙💚💛💜💝💞💟🖤🤍🤎🧡🩵🩶🩷")

_CJK = re.compile("[\u2e80-\u9fff\uf900-\ufaff\ufe30-\ufe4f\uff00-\uff9f\U00020000-\U0003ffff]")  # without Hangul


def clean(text: str) -> str:
    """Return `text` composed (NFC), with `\\n` at the end of a line, and without private and invisible characters."""
    return tidy(_PRIVATE.sub("", text))


def tidy(text: str) -> str:
    """Do what `clean` does, and keep the private characters that stand for marks.

    Spaces become single ones; a space that doesn't break stays between digits (U+00A0), where it groups thousands.
    """
    text = unicodedata.normalize("NFC", text.replace("\r\n", "\n"))
    if text.isascii():
        text = text.translate({0x0B: "\n", 0x0C: "\n\n", 0x0D: "\n"})
    else:
        text = _KEYCAP_OF_ITEM.sub(r"\1)", _ARROW_EMOJI.sub("", text)).translate(_OTHERWISE)
        text = re.sub("\xad *\n *", "", text)
        text = _NO_BREAK_SPACE.sub(" ", _THIN_SPACE.sub("\u00a0", text))
    text = _BLANK.sub(" ", _INVISIBLE.sub("", text))
    text = text.replace("\n ", "\n").replace(" \n", "\n")
    return re.sub(r"\n{3,}", "\n\n", text).strip(" ")


def literal(text: str) -> str:
    """Return `text` with its marks as characters that are marks no more, until `plain` brings them back."""
    return text.translate(_LITERAL)


def plain(text: str) -> str:
    """Return `text` with its literal marks as they were written."""
    return text.translate(_PLAIN)


def has_words(text: str) -> bool:
    """Return whether anything in `text` is read."""
    return bool(_WORDS.search(text))


def is_cjk(character: str) -> bool:
    """Return whether a character belongs to a script that puts no spaces between words, Chinese or Japanese."""
    return bool(_CJK.match(character))
