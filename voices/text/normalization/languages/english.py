"""English, American and British."""

import re

from voices.text.normalization.scanner import Rule, rule

from .english_amounts import EnglishAmounts
from .english_calendar import EnglishCalendar
from .english_codes import EnglishCodes
from .english_names import EnglishNames
from .english_words import MONTHS


class AmericanEnglish(EnglishCalendar, EnglishAmounts, EnglishCodes, EnglishNames):
    code = "en"
    scale_nouns = "scale|ratio"
    locale = "en_US"
    point = "point"
    minus = "minus"
    until = "to"
    and_half = "and a half"
    ordinal_endings = "st|nd|rd|th"
    fraction_names = {2: "half/halves", 4: "quarter/quarters"}

    percent = "percent"
    per_mille = "per mille"
    scales = {
        "k": "thousand", "K": "thousand", "M": "million", "m": "million", "mn": "million", "bn": "billion",
        "B": "billion", "b": "billion", "tn": "trillion", "T": "trillion", "thousand": "thousand",
        "million": "million", "billion": "billion", "trillion": "trillion", "hundred": "hundred",
    }  # fmt: skip
    and_cents = " and "
    per_nouns = {
        "hour": "hour", "hr": "hour", "h": "hour", "day": "day", "week": "week", "wk": "week", "month": "month",
        "mo": "month", "year": "year", "yr": "year", "person": "person", "night": "night", "minute": "minute",
        "min": "minute", "second": "second", "sec": "second", "unit": "unit", "user": "user", "piece": "piece",
        "mi": "mile", "lb": "pound", "kg": "kilogram", "oz": "ounce", "mile": "mile", "gal": "gallon",
        "GB": "gigabyte", "bbl": "barrel", "barrel": "barrel", "room": "room", "seat": "seat", "dose": "dose",
        "serving": "serving",
        "head": "head", "page": "page", "word": "word", "share": "share", "game": "game",
    }  # fmt: skip

    date_order = "mdy"
    capital_months = True
    month_names = {"sept": 9}
    date_of = "of"
    year_of = "of"

    plural_letters = "’s"
    reads_numeral_i = False

    def date(self, day: int, month: int, year: int | None = None) -> str:
        said = f"{self.month(month)} {self.ordinal(day)}"
        return f"{said}, {self.year(year)}" if year is not None else said

    def year(self, number: int) -> str:
        return super().year(number).replace("oh-", "oh ")

    def clock(self, hour: int, minute: int, half_day: str = "") -> str:
        if half_day:
            minutes = f" {'oh ' * (minute < 10)}{self.cardinal(minute)}" if minute else ""
            return f"{self.cardinal(hour)}{minutes} {half_day.upper()} M"
        if not hour and not minute:
            return "midnight"
        if not minute:
            return f"{self.cardinal(hour)} {'o’clock' if 0 < hour <= 12 else 'hundred'}"
        return f"{self.cardinal(hour)} {'oh ' * (minute < 10)}{self.cardinal(minute)}"

    def regnal(self, number: int, name: str) -> str:
        return f"the {self.ordinal(number)}"

    def own_rules(self) -> list[Rule]:
        kept = rf"(?<![\w.,])(\d{{1,2}})(?:st|nd|rd|th)\sof\s(?=(?:{MONTHS})\b)"  # “4th of July”
        return [
            rule("date", kept, lambda match: f"{self.ordinal(int(match[1]))} of "),
            *self.shared_rules(),
        ]

    def shared_rules(self) -> list[Rule]:
        """Return the rules that American and British English share."""
        return [*self.calendar_rules(), *self.amount_rules(), *self.code_rules(), *self.name_rules()]


class BritishEnglish(AmericanEnglish):
    locale = "en_GB"
    cardinal_rules = {"": "spellout-cardinal-verbose"}
    ordinal_rules = {"": "spellout-ordinal-verbose"}
    date_order = "dmy"

    def cardinal(self, number: int, gender: str = "") -> str:
        return super().cardinal(number, gender).replace(",", "")

    def date(self, day: int, month: int, year: int | None = None) -> str:
        said = f"the {self.ordinal(day)} of {self.month(month)}"
        return f"{said} {self.year(year)}" if year is not None else said

    def day_range(self, first: int, between: str, last: int, month: int) -> str:
        return f"the {self.ordinal(first)} {between} the {self.ordinal(last)} of {self.month(month)}"

    def own_rules(self) -> list[Rule]:
        celsius = r"(?<=\b(?:of|to|at)\s)(-)?(\d{1,2})C(?=\s|[,.;)]|$)"
        return [rule("temperature", celsius, self._celsius), *self.shared_rules()]

    def _celsius(self, match: re.Match) -> str:
        said = self.counted(match[2], "", "degree/degrees")
        return f"{'minus ' * bool(match[1])}{said} Celsius"
