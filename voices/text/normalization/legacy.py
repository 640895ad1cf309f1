"""Text normalization: write numbers as words, since models may read digits in another language. Pure.

Covers amounts, percentages, ordinals, years, times, dates, ranges and telephone numbers. Written by hand, as the usual
libraries (NeMo's, WeTextProcessing) need pynini, which has no wheel for macOS on arm64 nor for Linux on aarch64.
"""

import re
from collections.abc import Callable
from functools import cache
from itertools import starmap

from voices.text.number_words import LANGUAGES, Language, counted, digits, korean, number, ordinal, words, year

_FULL_WIDTH = {0xFF10 + digit: str(digit) for digit in range(10)} | str.maketrans("％＄￥：．", "%$¥:.")

_Say = Callable[[re.Match], str]
_Rules = list[tuple[str, _Say]]


def normalize(text: str, language: str) -> str:
    """Return `text` with its numbers in words; unchanged if its language is none of the ten that Qwen3-TTS speaks.

    language: a code of voices.languages.
    """
    code = language.split("-")[0]
    if code not in LANGUAGES:
        return text
    text = text.translate(_FULL_WIDTH)
    if re.search("[0-9]", text):
        for pattern, say in _rules(code):
            text = pattern.sub(say, text)
    return text


@cache
def _rules(code: str) -> list[tuple[re.Pattern, _Say]]:
    """Return patterns of numbers, each with its replacement, in the order in which they apply."""
    language = LANGUAGES[code]
    rules = (rule for part in (_dates, _times, _digit_sequences, _amounts, _numbers) for rule in part(language))
    return [(re.compile(pattern), _with_spaces(say, language)) for pattern, say in rules]


def _with_spaces(say: _Say, language: Language) -> _Say:
    """Return `say`, adding spaces around words that replace digits next to letters or other digits."""
    if not language.spaced:
        return say

    def spaced(match: re.Match) -> str:
        said = say(match)
        if said == match.group():
            return said
        before, after = match.string[: match.start()][-1:], match.string[match.end() :][:1]
        joined = language.code == "ko" and not after.isdigit()  # Korean joins counters and particles to the number
        return " " * before.isalnum() + said + " " * (after.isalnum() and not joined)

    return spaced


def _grouped(thousands: str, point: str) -> str:
    """Return the pattern of a number with separators of thousands."""
    return rf"[1-9]\d{{0,2}}(?:[{thousands}]\d{{3}})+(?!\d)(?:{re.escape(point)}\d+)?"


def _number_pattern(language: Language) -> str:
    grouped = "|".join(starmap(_grouped, language.separators))
    points = "".join(point for _, point in language.separators)
    return rf"(?P<number>{grouped}|\d+[.{points}]\d+|\d+)"


def _parts(written: str, language: Language) -> tuple[str, str]:
    """Return the digits before and after the decimal separator."""
    for thousands, point in language.separators:
        if re.fullmatch(_grouped(thousands, point), written):
            whole, _, fraction = written.partition(point)
            return re.sub(r"\D", "", whole), fraction
    whole, _, fraction = re.sub(r"\D", ".", written).partition(".")
    return whole, fraction


_MINUS_PATTERN = r"(?P<minus>(?<![\w.,)\]])[-−](?=\d|[$€£¥₩₽R]))?"


def _minus(match: re.Match, language: Language) -> str:
    return language.minus + (" " if language.spaced else "") if match["minus"] else ""


_GERMAN_MONTHS = "Januar|Februar|März|April|Mai|Juni|Juli|August|September|Oktober|November|Dezember"


def _dates(language: Language) -> _Rules:
    def iso(match: re.Match) -> str:
        said, month, day = (words(int(part), language) for part in match.groups())
        if language.code == "ko":  # June and October are irregular
            return f"{said}년 { {'육': '유', '십': '시'}.get(month, month) }월 {day}일"
        if language.code == "zh":
            said = digits(match[1], language)
        if not language.spaced:
            return f"{said}年{month}月{day}日"
        return f"{year(int(match[1]), language)} {month} {day}"

    def dotted(match: re.Match) -> str:
        first, second = (words(int(part), language) for part in (match[1], match[3]))
        return f"{first} {second} {year(int(match[4]), language)}"

    def german(match: re.Match) -> str:  # “der dritte”, “am dritten”, “dritter”
        before = match[1] or ""
        ending = "" if before.lower() == "der " else "n" if before else "r"
        return before + ordinal(int(match[2]), ".", language) + ending

    rules: _Rules = [
        (r"(?<!\d)(\d{4})-(\d\d)-(\d\d)(?!\d)", iso),
        (r"(?<![\d.])(\d{1,2})([./])(\d{1,2})\2(\d{4})(?!\d)", dotted),
    ]
    if language.code == "de":
        before = r"\b((?:[Aa]m|[Vv]om|[Zz]um|[Bb]is|[Dd]e[mnrs]|[Aa]b|[Ss]eit) )?"
        rules.append((rf"{before}(\d{{1,2}})\.(?=\s?(?:{_GERMAN_MONTHS})\b)", german))
    return rules


def _times(language: Language) -> _Rules:
    def time(match: re.Match) -> str:
        return _time(int(match["hour"]), int(match["minute"] or 0), language)

    hour, minute = r"(?<![\d:.,])(?P<hour>[01]?\d|2[0-3])", r"(?P<minute>[0-5]\d)"
    rules: _Rules = [(rf"{hour}:{minute}(?![\d:])", time)]
    if language.code == "de":
        rules.insert(0, (rf"{hour}(?:[:.]{minute})?\s?Uhr\b", time))
    if language.code == "fr":
        rules.insert(0, (rf"{hour}\s?[hH]\s?{minute}?(?!\w)", time))
    if language.code == "en":
        rules.insert(0, (rf"{hour}:00(?=\s?[ap]\.?m\b)", lambda match: words(int(match["hour"]), language)))
    return rules


def _time(hour: int, minute: int, language: Language) -> str:
    hours, minutes = words(hour, language), words(minute, language) if minute else ""
    match language.code:
        case "en" if not minute:
            return f"{hours} {'o’clock' if 0 < hour <= 12 else 'hundred'}"
        case "en":
            return f"{hours} {'oh ' if minute < 10 else ''}{minutes}"
        case "de":
            return f"{'ein' if hour == 1 else hours} Uhr {minutes}".strip()
        case "fr":
            return f"{re.sub('un$', 'une', hours)} {'heure' if hour < 2 else 'heures'} {minutes}".strip()
        case "es" | "it":
            hours = re.sub("uno$", "una", hours) if language.code == "es" else hours
            return f"{hours} {'y' if language.code == 'es' else 'e'} {minutes}" if minute else hours
        case "pt":
            hours = re.sub("dois$", "duas", re.sub("um$", "uma", hours))
            return f"{hours} e {minutes}" if minute else f"{hours} {'hora' if hour == 1 else 'horas'}"
        case "ru":
            return f"{hours} {'ноль ' if minute < 10 else ''}{minutes}" if minute else f"{hours} ноль-ноль"
        case "ko":
            hours = korean(hour) if 0 < hour <= 12 else hours
            return f"{hours} 시 {minutes} 분" if minute else f"{hours} 시"
        case "zh":
            return f"{'两' if hour == 2 else hours}点" + (f"{'零' * (minute < 10)}{minutes}分" if minute else "")
        case _:
            return f"{hours}時" + (f"{minutes}分" if minute else "")


def _digit_sequences(language: Language) -> _Rules:
    """Return the rules for telephone numbers and other digit sequences, and for versions such as “3.11.2”."""

    def telephone(match: re.Match) -> str:
        plus = {"en": "plus ", "de": "plus ", "fr": "plus ", "ru": "плюс "}.get(language.code, "")
        groups = (digits(group, language) for group in re.findall(r"\d+", match.group()))
        return plus * ("+" in match.group()) + (", " if language.spaced else "、").join(groups)

    def version(match: re.Match) -> str:
        if _parts(match.group(), language)[0] == match.group().replace(".", ""):  # thousands
            return match.group()
        between = f" {language.dot or language.point} " if language.spaced else language.dot or language.point
        return between.join(words(int(part), language) for part in match.group().split("."))

    return [
        (
            r"\+\d[\d ()/-]{5,}\d"  # international
            # Numbers have no leading zero, but after a space it may be the start of a group of digits.
            r"|(?<![\d.,:])(?<!\d[ \u00a0\u202f])0\d+(?:[ /-]\d{2,})*(?![.,]?\d)"
            r"|(?<![\d-])\(?\d{3}\)?[ -]\d{3}-\d{4}(?!\d)|(?<![\d-])\d{3}-\d{4}(?![\d-])"
            r"|(?<![\d.,])\d{10,}(?![.,]?\d)",
            telephone,
        ),
        (r"(?<![\d.,])\d+(?:\.\d+){2,}(?![\d,])", version),
    ]


def _amounts(language: Language) -> _Rules:
    """Return the rules for money and percentages."""
    between = " " if language.spaced else ""

    def money(match: re.Match) -> str:
        whole, fraction = _parts(match["number"], language)
        sign = match["sign"].removeprefix("US")
        forms, scale = language.units[sign], match.groupdict().get("scale")
        if scale:
            units = re.sub("^de (?=e)", "d’" if language.code == "fr" else "de ", language.of + forms.split("/")[-1])
            said = f"{number(whole, fraction, language)} {scale} {units}"
        elif len(fraction) == 2 and sign != "¥" and language.spaced and language.code not in ("ru", "ko"):
            hundredths = language.and_cents + words(int(fraction), language) if int(fraction) else ""
            said = counted(whole, "", forms, language) + hundredths
        else:
            said = counted(whole, fraction, forms, language)
        return _minus(match, language) + said

    def percent(match: re.Match) -> str:
        whole, fraction = _parts(match["number"], language)
        if language.code == "zh":
            said = language.percent + number(whole, fraction, language)
        elif "/" in language.percent:
            said = counted(whole, fraction, language.percent, language)
        else:
            said = number(whole, fraction, language) + between + language.percent
        return _minus(match, language) + said

    pattern = _number_pattern(language)
    signs = "|".join(re.escape(sign) for sign in sorted([*language.units, "US$"], key=len, reverse=True))
    scale = rf"(?:\s(?P<scale>{'|'.join(language.scales)})\b)?" if language.scales else ""
    return [
        (rf"{_MINUS_PATTERN}(?P<sign>{signs})\s?{pattern}{scale}", money),
        (rf"{_MINUS_PATTERN}{pattern}{scale}\s?(?P<sign>{signs})", money),
        (rf"{_MINUS_PATTERN}{pattern}\s?%", percent),
    ]


# Before these, 2 is 两 in Chinese, and numbers are native Korean in Korean.
_CHINESE_MEASURES = "个位只本张天年次条块点件杯瓶家种周岁倍万千亿"
_KOREAN_COUNTERS = "개(?![월년])|명|살|시간|마리|권|잔|병|대(?!학)|장|번째|사람|달|가지|벌|채|송이|자루"


def _numbers(language: Language) -> _Rules:
    """Return the rules for all other numbers: ordinals, fractions, before counters, ranges, and plain ones."""

    def plain(match: re.Match) -> str:
        written = match["number"]
        whole, fraction = _parts(written, language)
        is_year = written == whole and len(whole) == 4
        said = year(int(whole), language) if is_year else number(whole, fraction, language)
        return _minus(match, language) + said + (" " if match["glue"] and language.spaced else match["glue"] or "")

    def until(match: re.Match) -> str:
        between = f" {language.until} " if language.spaced and language.code != "ko" else language.until
        return match[1] + between + match[2]

    rules: _Rules = []
    alone = r"(?<![\d.,])"
    if language.ordinal:
        pattern = rf"{alone}(\d+)({language.ordinal})(?!\w)"
        rules.append((pattern, lambda match: ordinal(int(match[1]), match[2], language)))
    if language.code == "en":
        rules.append((rf"{alone}(\d{{2}}|\d{{3}}0)s\b", _decade))
        rules.append((r"(?<![\d/.])([1-9])/([2-9]|10)(?![\d/])", _fraction))
    if language.code == "zh":
        rules.append((r"(?<!\d)(\d{4})(?=年)", lambda match: digits(match[1], language)))
        rules.append((rf"{alone}2(?=[{_CHINESE_MEASURES}])", lambda match: "两"))
    if language.code == "ko":
        counters = rf"{alone}(?:([1-9]\d?)(?=\s?(?:{_KOREAN_COUNTERS}))|([1-9]|1[0-2])(?=\s?시(?!즌)))"
        rules.append((counters, lambda match: korean(int(match[1] or match[2]))))
    rules.append((r"(?<![\d.,-])(\d+)\s?[-–]\s?(\d+)(?![\d-]|[.,]\d)", until))
    rules.append((rf"{_MINUS_PATTERN}{_number_pattern(language)}(?P<glue>[.:-](?=\d))?", plain))
    return rules


def _decade(match: re.Match) -> str:
    """Read English “the 1990s” and “the 80s”."""
    said = year(int(match[1]), LANGUAGES["en"])
    return said[:-1] + "ies" if said.endswith("y") else said + "s"


def _fraction(match: re.Match) -> str:
    """Read English “3/4”."""
    part = {"2": "half", "4": "quarter"}.get(match[2]) or words(int(match[2]), LANGUAGES["en"], "ordinal")
    several = "halves" if part == "half" else f"{part}s"
    return f"{words(int(match[1]), LANGUAGES['en'])} {part if match[1] == '1' else several}"
