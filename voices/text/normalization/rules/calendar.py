"""Dates, times and years."""

import re

from voices.text.normalization.language import NO_BREAK_SPACES, SPACE, Language
from voices.text.normalization.scanner import Rule, rule, stop_of

from .words import roman

DAYS_IN_MONTH = (0, 31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)
PIVOT_YEAR = 50  # a year of two digits is of this century up to here


def rules(language: Language) -> list[Rule]:
    months = _months(language)
    names = (name.capitalize() if language.capital_months else name for name in months)
    month = "|".join(sorted(map(re.escape, names), key=len, reverse=True))
    case = 0 if language.capital_months else re.IGNORECASE

    def date(day: int, number: int, year: int | None = None) -> str | None:
        if not 1 <= number <= 12 or not 1 <= day <= DAYS_IN_MONTH[number]:
            return None
        return language.date(day, number, year)

    def iso(match: re.Match) -> str | None:
        return date(int(match[3]), int(match[2]), int(match[1]))

    def numeric(match: re.Match) -> str | None:
        first, second, year = int(match[1]), int(match[3]), int(match[4])
        if len(match[4]) == 2:
            year += 2000 if year <= PIVOT_YEAR else 1900
        day, number = (second, first) if language.date_order == "mdy" else (first, second)
        return date(day, number, year) or date(number, day, year)

    def roman_month(match: re.Match) -> str | None:
        return date(int(match[1]), roman(match[3]), int(match[4]))

    def day_month(match: re.Match) -> str | None:
        number = months[match["month"].lower()]
        said = date(int(match["day"]), number, int(match["year"]) if match["year"] else None)
        return said + stop_of(match) if said else None

    def month_year(match: re.Match) -> str:
        return language.month_year(months[match["month"].lower()], int(match["year"]))

    def scale(match: re.Match) -> str:
        second = re.sub(r"\D", "", match[3])
        return f"{match[1]} {language.score(match[2], second)}"

    def time(match: re.Match) -> str | None:
        half = (match.groupdict().get("half") or "").lower()[:1]
        if half and int(match["hour"]) > 12 or (not half and int(match["hour"]) > 24):
            return None
        said = language.clock(int(match["hour"]), int(match["minute"] or 0), half)
        return said + stop_of(match)

    hour, minute = r"(?<![\w:.,])(?<!\d/)(?P<hour>[01]?\d|2[0-4])", r"(?P<minute>[0-5]\d)"
    half = rf"{SPACE}?(?P<half>[aApP])\.?{SPACE}?[mM]\b(?:\.(?!\w))?"
    ending = rf"(?:{SPACE}?(?:{language.clock_ending})(?!\w)\.?)?" if language.clock_ending else ""
    year = r"(?P<year>\d{4})(?![\d:%]|[.,-]\d)"
    found = [
        rule("date", r"(?<![\d-])(\d{4})-(\d\d)-(\d\d)(?![\d-])", iso),
        rule("date", r"(?<![\d./-])(\d{1,2})([./-])(\d{1,2})\2(\d{4})(?![\d/]|[.-]\d)", numeric),
        rule("date", r"(?<![\d./-])(\d{1,2})([./-])([IVX]{1,4})\2(\d{4})(?![\d/]|[.-]\d)", roman_month),
        rule("date", r"(?<![\d./])(\d{1,2})(/)(\d{1,2})/(\d\d)(?![\d/]|[.,]\d)", numeric),
        rule(
            "ratio",
            rf"\b((?:{language.scale_nouns})(?:\s\w{{2,3}})?)\s(\d{{1,3}}):(\d{{1,3}}(?:[ .{NO_BREAK_SPACES}]\d{{3}})+|\d{{1,9}})(?!\d|[.,:]\d)",
            scale,
            re.I,
        ),
        rule("time", rf"{hour}[:.]{minute}{half}", time),
        rule("time", rf"{hour}(?P<minute>){half}", time),
        rule("time", rf"{hour}:{minute}(?!\d|:\d|[.,]\d{{3}}){ending}", time),
    ]
    if language.hour_letters:
        letters = rf"{hour}{SPACE}?(?:{language.hour_letters}){SPACE}?{minute}(?:{SPACE}?min)?(?!\w)"
        found.append(rule("time", letters, time))
    letter = language.hour_letters or "(?!)"
    before = rf"(?=\d{{1,2}}(?::\d\d|{SPACE}?(?:{letter})(?:\d\d)?\b))"
    found.append(rule("range", rf"(?<=[\dhH]){SPACE}?[-–—]{SPACE}?{before}", lambda match: f" {language.until} "))
    stop = r"(?-i:\.(?=,?\s?[\da-zß-ÿ(,;:]|$))?"  # of an abbreviated month, not of a sentence
    if month:
        found += [
            rule("date", rf"(?<![\w.,-])(?P<day>\d{{1,2}})-(?P<month>{month})-{year}", day_month, case),
            rule(
                "date",
                rf"(?<![\w.,])(?P<day>\d{{1,2}})(?:\.|{language.ordinal_endings or '(?!)'})?{SPACE}"
                rf"(?:{language.date_of}{SPACE})?(?P<month>{month})(?!\w){stop}"
                rf"(?:,?{SPACE}(?:{language.year_of}{SPACE})?{year})?(?!\w)",
                day_month,
                case,
            ),
            rule(
                "date",
                rf"\b(?P<month>{month})(?!\w){stop},?{SPACE}(?:{language.year_of}{SPACE})?{year}",
                month_year,
                case,
            ),
        ]
    if language.date_order == "mdy":
        pattern = (
            rf"\b(?P<month>{month})(?!\w)\.?{SPACE}(?P<day>\d{{1,2}})(?:{language.ordinal_endings})?(?!\d|[.,:]\d)"
        )
        found.append(rule("date", rf"{pattern}(?:,?{SPACE}{year})?(?!\w)", day_month, case))
    return found


def _months(language: Language) -> dict[str, int]:
    """Return the numbers of months by their names and abbreviations, in lower case without a full stop."""
    if not language.spaced:
        return {}
    names = {
        name.lower().rstrip("."): number
        for context in ("format", "stand-alone")
        for width in ("wide", "abbreviated")
        for number, name in language.cldr.months[context][width].items()
    }
    return {name: number for name, number in (names | language.month_names).items() if not name.isdecimal()}
