"""How English writes dates, times and years."""

import re

from voices.text.normalization.rules.calendar import DAYS_IN_MONTH, PIVOT_YEAR
from voices.text.normalization.scanner import Rule, rule, stop_of

from .english_words import DAYS, MONTHS, EnglishWords


class EnglishCalendar(EnglishWords):
    def calendar_rules(self) -> list[Rule]:
        ordinal = "(?:st|nd|rd|th)"
        dash = r"\s?[-–—]\s?"
        words = "on|of|by|ends|ending|starts|through|thru|expires|before|until|till|since|after|due|dated"
        on_day = rf"\b(?P<before>{words}|(?P<weekday>{DAYS})\.?,?)\s"
        return [
            rule(
                "duration",
                r"(?<![\w.,])(\d{1,3})\s?h(?:rs?)?\s?(\d{1,2})\s?m(?:ins?)?(?:\s?(\d{1,2})\s?s(?:ecs?)?)?(?!\w)",
                self._duration,
            ),
            rule("time", r"(?<![\w:.,])(\d{1,2}):([0-5]\d):([0-5]\d)(?![\w:])", self._seconds),
            rule(
                "time",
                r"(?<![\w:.,])(\d{1,2}):([0-5]\d)\.(\d{1,3})(?![\w:])",
                lambda match: (
                    f"{self.cardinal(int(match[1]))} {self._two_digits(match[2])} point {self.digits(match[3])}"
                ),
            ),
            rule("time", r"(?<![\w.,])([01]\d|2[0-3])([0-5]\d)\s?(?=(?:hours|hrs|GMT|UTC)\b)", self._military),
            rule(
                "range", r"(?<=[ap]m)\s?[-–—]\s?(?=\d|noon|midnight)|(?<=noon)\s?[-–—]\s?(?=\d)", lambda match: " to "
            ),
            rule(
                "range",
                r"(?<![\w:.,/])(\d{1,2})(?:[:.]([0-5]\d))?\s?[-–—]\s?(?=\d{1,2}(?:[:.]\d\d)?\s?[ap]\.?m\b)",
                lambda match: f"{self.clock(int(match[1]), int(match[2] or 0), 'a').removesuffix(' A M')} to ",
            ),
            rule("time", r"(?<=\s):([0-5]\d)\b(?!:)", lambda match: self._two_digits(match[1])),
            rule(
                "date",
                rf"\b({MONTHS})\.?\s['’](\d\d)(?!\w)",
                lambda match: self.month_year(self._month_number(match[1]), _full_year(match[2])),
            ),
            rule("date", r"(?<![\d/])(\d{4})/(0[1-9]|1[0-2])/([0-3]\d)(?![\d/])", self._year_first),
            rule("date", r"(?<![\w-])((?:19|20)\d\d)-(0[1-9]|1[0-2])(?![\w-]|[.,]\d)", self._month_of_year),
            rule("year", r"(?<![\w./-])((?:19|20)\d\d)/(\d\d)(?![\w/]|[.,]\d)", self._season),
            rule("year", r"\b[Ee]st\.(?=\s(?:1\d|20)\d\d\b)", lambda match: "established"),
            rule(
                "date",
                rf"(?<=\b[Tt]he\s)(\d{{1,2}}){ordinal}?\s(?:of\s)?(?=(?:{MONTHS})\b)",
                lambda match: f"{self.ordinal(int(match[1]))} of ",
            ),
            rule(
                "date",
                rf"(?<![\w.,])(?P<month>{MONTHS})\.?\s(?P<first>\d{{1,2}}){ordinal}?{dash}(?P<last>\d{{1,2}}){ordinal}?"
                rf"(?!\w|[.,:]\d)(?:,?\s(?P<year>\d{{4}})(?!\w|[.,]\d))?",
                self._days_of_month,
            ),
            rule(
                "date",
                rf"(?<![\w.,])(?P<first>\d{{1,2}}){ordinal}?(?:{dash}|\s?(?P<and>and|&)\s)"
                rf"(?P<last>\d{{1,2}}){ordinal}?\s"
                rf"(?P<month>{MONTHS})\b(?:\.(?!\s+[A-Z]|$))?(?:,?\s(?P<year>\d{{4}})(?!\w|[.,]\d))?",
                self._days_of_month,
            ),
            rule("date", rf"(?<![\w-])(\d{{1,2}})-({MONTHS})-(\d{{4}}|\d\d)(?![\w-])", self._dashed),
            rule("date", rf"(?<![\w-])({MONTHS})-(\d{{1,2}})-(\d{{4}})(?![\w-])", self._dashed),
            rule("range", rf"(?<=\d)(?:\s[-–—]\s|[–—])(?=(?:{MONTHS})\.?\s\d)", lambda match: " to "),
            rule(
                "date",
                rf"\b({MONTHS})\.?{dash}({MONTHS})\b(?:\.(?!\s+[A-Z]))?",
                lambda match: f"{self._month(match[1])} to {self._month(match[2])}{stop_of(match)}",
            ),
            rule(
                "date",
                r"(?<![\w./,-])(\d{1,2})/(\d{1,2})\s?[-–—]\s?(\d{1,2})/(\d{1,2})(?![\w/-]|[.,]\d)",
                self._slashed_range,
            ),
            rule(
                "date",
                rf"{on_day}(?P<first>\d{{1,2}})/(?P<second>\d{{1,2}})(?![\w/]|[.,]\d|\s(?:of|hour|cup|mile|an?)\b)",
                self._slashed,
            ),
            rule(
                "day",
                rf"\b({DAYS})\.?\s?[-–]\s?({DAYS})\b\.?",
                lambda match: f"{self._day(match[1])} to {self._day(match[2])}{stop_of(match)}",
            ),
            rule(
                "day",
                rf"\b({DAYS})\b(?:\.(?=,|\s))?(?=,?\s(?:\d|(?:{MONTHS})\b)|\s(?:to|and|&|-|–)\s(?:{DAYS})\b)"
                rf"|(?:(?<=\bto\s)|(?<=\band\s)|(?<=&\s)|(?<=[Cc]losed\s)|(?<=[Ee]very\s)|(?<=\blast\s)|(?<=\bnext\s)"
                rf"|(?<=^On\s)|(?<=\s[Oo]n\s))({DAYS})\b(?:\.(?!\s+[A-Z]|$))?",
                lambda match: self._day(match[1] or match[2]),
            ),
            rule("decade", r"(?<=0s)\s?[-–—]\s?(?=['’]?\d{2,4}s)", lambda match: " to "),
            rule("decade", r"(?<![\w.,])['’‘]?(\d0)['’]?s\b", self._decade),
            rule("decade", r"(?<![\w.,])(\d{3}0)['’]?s\b", self._decade),
            rule("decade", r"(?<![\w.,])([1-9]00)s\b", self._decade),
            rule("year", r"(?:(?<!\w)|(?<=\b[HQ]\d))['’](\d\d)(?!\w|[.,]\d)", self._short_year),
            rule("year", r"(?<=[Ii]n\s)(10\d\d)(?!\w|[.,:-]\d)", lambda match: self.year(int(match[1]))),
            rule(
                "century",
                rf"(?<![\w.,])(\d{{1,2}}){ordinal}\sc\.?(?=\s|[,;.)]|$)",
                lambda match: f"{self.ordinal(int(match[1]))} century",
            ),
        ]

    def _duration(self, match: re.Match) -> str:
        names = ("hour/hours", "minute/minutes", "second/seconds")
        return " ".join(self.counted(part, "", name) for part, name in zip(match.groups(), names, strict=True) if part)

    def _seconds(self, match: re.Match) -> str:
        return " ".join([self.cardinal(int(match[1])), *(self._two_digits(part) for part in match.groups()[1:])])

    def _two_digits(self, written: str) -> str:
        return (
            " ".join("oh" if digit == "0" else self.digit(int(digit)) for digit in written)
            if written[0] == "0"
            else (self.cardinal(int(written)))
        )

    def _military(self, match: re.Match) -> str:
        minutes = "hundred" if match[2] == "00" else self._two_digits(match[2])
        hour = f"oh {self.cardinal(int(match[1]))}" if match[1][0] == "0" else self.cardinal(int(match[1]))
        return f"{hour} {minutes} "

    def _day(self, written: str) -> str:
        return next(day for day in self.cldr.days["format"]["wide"].values() if day.startswith(written[:3]))

    def _month_number(self, written: str) -> int:
        return next(number for number in range(1, 13) if self.month(number).startswith(written[:3]))

    def _month(self, written: str) -> str:
        return self.month(self._month_number(written))

    def day_range(self, first: int, between: str, last: int, month: int) -> str:
        return f"{self.month(month)} {self.ordinal(first)} {between} {self.ordinal(last)}"

    def _days_of_month(self, match: re.Match) -> str | None:
        first, last = int(match["first"]), int(match["last"])
        month = self._month_number(match["month"])
        if not 0 < first < last <= DAYS_IN_MONTH[month]:
            return None
        said = self.day_range(first, "and" if match.groupdict().get("and") else "to", last, month)
        comma = "," if self.date_order == "mdy" else ""
        return f"{said}{comma} {self.year(int(match['year']))}" if match["year"] else said

    def _year_first(self, match: re.Match) -> str | None:
        year, month, day = map(int, match.groups())
        return self.date(day, month, year) if 1 <= day <= DAYS_IN_MONTH[month] else None

    def _month_of_year(self, match: re.Match) -> str | None:
        """“2024-03”, but not the range “2010-12”."""
        if int(match[2]) > int(match[1]) % 100:
            return None
        return self.month_year(int(match[2]), int(match[1]))

    def _season(self, match: re.Match) -> str | None:
        """“2024/25”: two years, one after the other."""
        if (int(match[1]) + 1) % 100 != int(match[2]):
            return None
        return f"{self.year(int(match[1]))} {self._two_digits(match[2])}"

    def _dashed(self, match: re.Match) -> str | None:
        day, month = (match[1], match[2]) if match[1].isdigit() else (match[2], match[1])
        year = _full_year(match[3])
        return self.date(int(day), self._month_number(month), year) if 0 < int(day) < 32 else None

    def _slashed(self, match: re.Match) -> str | None:
        """“on 12/24”, “Tue., 3/5”: a day and a month, where no fraction is meant."""
        first, second = int(match["first"]), int(match["second"])
        month, day = (first, second) if self.date_order == "mdy" else (second, first)
        if not 1 <= month <= 12 or not 1 <= day <= DAYS_IN_MONTH[month]:
            return None
        is_fraction = first < second <= (12 if match["before"] == "of" else 4)
        if match["before"] not in ("on", "due") and not match["weekday"] and is_fraction:
            return None
        before = self._day(match["weekday"]) + "," * (self.date_order == "mdy") if match["weekday"] else match["before"]
        return f"{before} {self.date(day, month)}"

    def _slashed_range(self, match: re.Match) -> str | None:
        """“9/6-9/8”, where at least one can't be a fraction."""
        said = []
        for first, second in ((int(match[1]), int(match[2])), (int(match[3]), int(match[4]))):
            month, day = (first, second) if self.date_order == "mdy" else (second, first)
            if not 1 <= month <= 12 or not 1 <= day <= DAYS_IN_MONTH[month]:
                return None
            said.append(self.date(day, month))
        improper = int(match[1]) >= int(match[2]) or int(match[3]) >= int(match[4])
        return " to ".join(said) if improper or max(int(match[2]), int(match[4])) > 16 else None

    def _decade(self, match: re.Match) -> str:
        number = int(match[1])
        if not number:
            return "two thousands"
        said = self.year(number) if number > 1000 else self.cardinal(number)
        return said[:-1] + "ies" if said.endswith("y") else said + "s"

    def _short_year(self, match: re.Match) -> str:
        said = self._two_digits(match[1])
        return f" {said}" if match.start() and match.string[match.start() - 1].isalnum() else said


def _full_year(written: str) -> int:
    if len(written) == 4:
        return int(written)
    return int(written) + (2000 if int(written) <= PIVOT_YEAR else 1900)
