"""What every language says in its own words. `languages/` has one subclass for each: mostly data, seldom a method."""

import re
from decimal import Decimal
from functools import cache, cached_property
from typing import NamedTuple

from babel import Locale
from unicode_rbnf import RbnfEngine

from .scanner import Rule

MAX_CARDINAL_DIGITS = 15  # a longer number is read digit by digit

VOWEL_SIGNS = (
    r"\u0900-\u0903\u093a-\u094f\u0951-\u0957\u0962\u0963"  # of Hindi, in a character class: `\w` has only its letters
)
NO_BREAK_SPACES = "\u00a0\u202f"  # they separate thousands in any language
SPACE = f"[ {NO_BREAK_SPACES}]"  # a regular expression


class Currency(NamedTuple):
    """Forms of the unit and of its hundredth, as in `Language.form`: singular and plural."""

    unit: str
    cent: str = ""
    gender: str = "m"
    cent_gender: str = "m"


class Language:
    """A language: how it reads numbers, amounts, dates, symbols and abbreviations.

    Forms of a noun are written “dollar/dollars”, one for each plural category of CLDR that the language has, in
    the order of `plurals`. Genders are “m”, “f” and “n”; where it doesn't matter, “”.
    """

    code: str  # of voices.languages, without its region
    locale: str  # of CLDR
    spaced = True  # words are separated by spaces
    plurals: tuple[str, ...] = ("one", "other")

    # Numbers
    separators: tuple[tuple[str, str], ...] = ((",", "."),)  # of thousands (a character class), and the decimal one
    cardinal_rules = {"": "spellout-numbering"}  # of CLDR, by gender
    ordinal_rules = {"": "spellout-ordinal"}
    year_rule = "spellout-numbering-year"
    whole_fraction = False  # a fraction of two digits is read as a number: “trois virgule quatorze”
    point = ""  # the decimal separator
    dot = ""  # in versions; `point` if empty
    minus = ""
    plus = "plus"
    until = ""  # between the ends of a range
    until_amounts: str | None = None  # and of one with a unit; `until` if None
    and_half = ""  # “and a half”
    ordinal_endings = ""  # a regular expression: what makes digits an ordinal
    fraction_of = ""  # between a fraction and a unit: “tres cuartos de litro”
    fraction_names: dict[int, str] = {}  # by denominator: forms; other denominators are ordinals
    before_numbers: dict[str, str] = {}  # before digits, such as “No.”: how it is said

    # Amounts
    percent = ""
    per_mille = ""
    currencies: dict[str, Currency] = {}  # by sign and by code
    scales: dict[str, str] = {}  # after a number: forms, such as {"M": "million/millions"}
    scale_of = " "  # between a scale and its unit: “ de ”
    and_cents = " "
    says_cents = True
    units: dict[str, str] = {}  # by symbol: forms, for what CLDR lacks or says otherwise
    not_units: frozenset[str] = frozenset()  # symbols that are words in this language
    unit_genders: dict[str, str] = {}  # by symbol, where not masculine
    per = "per"
    per_amount = ""  # before an amount, as in “€2/100 g”; `per` if empty
    compass: dict[str, str] = {}  # after degrees: what N, S, E and W stand for
    millions_of = ""  # between round millions and a noun: “un million d’euros”
    per_nouns: dict[str, str] = {}  # after “/”, and what they mean: {"hr": "hour"}

    # Calendar
    date_order = "dmy"
    capital_months = False  # months are written with a capital: “may” is then no month
    month_names: dict[str, int] = {}  # beyond CLDR's, in lower case, without a full stop
    date_of = "(?!)"  # a regular expression: between the day and the month, as in “25 de noviembre”
    year_of = "(?!)"  # and between the month and the year
    clock_ending = ""  # a regular expression: the word or letter after a time, which the time says itself
    scale_nouns = "(?!)"  # a regular expression: before a ratio that looks like a time, as in “scale 1:50”
    hour_letters = ""  # between hours and minutes, as in 14h30

    # Words
    abbreviations: dict[str, str] = {}  # with their full stops
    titles: dict[str, str] = {}  # only before a name
    initialisms: frozenset[str] = frozenset()  # spelled, though they could be read
    words_too: frozenset[str] = frozenset()  # of the initialisms, those that are words in a sentence in capitals
    acronyms: frozenset[str] = frozenset()  # read, though they look as if they were spelled
    numeral_nouns: frozenset[str] = frozenset()  # in lower case: before a Roman numeral, such as “chapter”
    reads_numeral_i = True  # “I” is no word of its own, as it is in English
    plural_letters = ""  # after an initialism, for its plural “s”
    elides = False  # words may follow an apostrophe: “l’ADN”
    regnal_names: frozenset[str] = frozenset()  # of kings, queens and popes

    # Symbols
    symbols: dict[str, str] = {}  # between words and numbers
    address_symbols: dict[str, str] = {}  # in addresses and file names
    comparisons: dict[str, str] = {}  # between a word and a number, as in “dura < 10 min”: less than, more than
    terms: dict[str, str] = {}  # names with symbols, such as “C++”

    # Numbers in words

    @cached_property
    def _spellout(self) -> RbnfEngine:
        return RbnfEngine.for_language(self.locale.split("_")[0])

    @cached_property
    def cldr(self) -> Locale:
        return Locale.parse(self.locale)

    def spell(self, number: int, rule_set: str) -> str:
        """Return a number by a rule set of CLDR's. Raises ValueError if the language has no such set."""
        said = self._spellout.format_number(number, ruleset_names=[rule_set]).text_by_ruleset[rule_set]
        return said.replace("\u00ad", "")

    def cardinal(self, number: int, gender: str = "") -> str:
        return self.spell(number, self.cardinal_rules.get(gender, self.cardinal_rules[""]))

    def ordinal(self, number: int, gender: str = "") -> str:
        return self.spell(number, self.ordinal_rules.get(gender, self.ordinal_rules[""]))

    def year(self, number: int) -> str:
        return self.spell(number, self.year_rule)

    def is_year(self, number: int) -> bool:
        """Return whether a number of four digits with nothing around it is likelier a year."""
        return 1100 <= number < 2100

    def read_ordinal(self, number: int, ending: str) -> str:
        """Return the ordinal written as `number` and `ending`, such as 3 and “rd”."""
        return self.ordinal(number)

    def digits(self, written: str) -> str:
        """Return digits one by one, as in a telephone number; of groups, with a short pause between them."""
        between = " " if self.spaced else ""
        groups = (between.join(self.digit(int(digit)) for digit in group) for group in re.findall(r"\d+", written))
        return (", " if self.spaced else "、").join(groups)

    def telephone(self, written: str) -> str:
        """Return a telephone number without its “+”."""
        return self.digits(written)

    def address_digits(self, written: str) -> str:
        """Return a part of the address of a machine, such as 192.168.0.1."""
        return self.digits(written)

    def digit(self, digit: int) -> str:
        return self._digits[digit]

    @cached_property
    def _digits(self) -> list[str]:
        return [self.cardinal(digit) for digit in range(10)]

    def code_digits(self, written: str) -> str:
        """Return the digits of a code such as “A380”."""
        if len(written) == 4 and self.is_year(int(written)):
            return self.year(int(written))
        return self.digits(written) if len(written) > 2 or written[0] == "0" else self.cardinal(int(written))

    def number(self, whole: str, fraction: str = "", gender: str = "") -> str:
        """Return a number in words, from its digits before and after the decimal separator."""
        if len(whole) > MAX_CARDINAL_DIGITS:
            return self.digits(whole + fraction)
        if not fraction:
            return self.cardinal(int(whole or 0), gender)
        return self.join(self.cardinal(int(whole or 0)), self.point, self.fraction_digits(fraction))

    def fraction_digits(self, fraction: str) -> str:
        """Return what stands after the decimal separator."""
        significant = fraction.lstrip("0")
        if self.whole_fraction and len(significant) in (1, 2):
            zeros = (self.digit(0) for _ in range(len(fraction) - len(significant)))
            return self.join(*zeros, self.cardinal(int(significant)))
        return self.digits(fraction)

    def range_of_amounts(self, low: str, high: str) -> str:
        """Return a range such as “10-15 km”. low, high: in words."""
        return self.join(low, self.until if self.until_amounts is None else self.until_amounts, high)

    def join(self, *parts: str) -> str:
        return (" " if self.spaced else "").join(filter(None, parts))

    def form(self, forms: str, whole: str, fraction: str = "") -> str:
        """Return the form of a noun after a number."""
        options = forms.split("/")
        if len(options) == 1:
            return forms
        category = self.plural_category(whole, fraction)
        return options[
            min(self.plurals.index(category) if category in self.plurals else len(options), len(options) - 1)
        ]

    def plural_category(self, whole: str, fraction: str) -> str:
        """Return the plural category of CLDR after a number: “one”, “few”, “many” or “other”."""
        return self.cldr.plural_form(decimal_of(whole, fraction))

    def fraction(self, above: int, below: int) -> str:
        """Return a fraction: “three quarters”."""
        forms = self.fraction_names.get(below)
        if forms is None:
            part = self.ordinal(below)
            forms = f"{part}/{part}s"
        return self.join(self.cardinal(above, self.fraction_gender(below)), self.form(forms, str(above)))

    def fraction_gender(self, below: int) -> str:
        return "m"

    def mixed(self, whole: int, above: int, below: int) -> str:
        """Return a whole number and a fraction: “two and a half”."""
        if (above, below) == (1, 2) and self.and_half:
            return self.join(self.cardinal(whole), self.and_half)
        return self.join(self.cardinal(whole), self.symbols["&"], self.fraction(above, below))

    def score(self, first: str, second: str) -> str | None:
        """Return a score or ratio such as 3-2 or 3:1; None if a hyphen between numbers means something else."""
        return self.join(self.cardinal(int(first)), self.until, self.cardinal(int(second)))

    # Amounts

    def money(self, whole: str, fraction: str, currency: Currency, scale: str = "") -> str:
        if scale:
            forms = self.scales[scale]
            number = self.join(self.number(whole, fraction, "m"), self.form(forms, whole, fraction))
            return f"{number}{self.scale_of}{currency.unit.split('/')[-1]}"
        if len(fraction) == 2 and currency.cent:
            cents = self.counted(fraction.lstrip("0"), "", currency.cent, currency.cent_gender) if int(fraction) else ""
            if not int(whole or 0) and cents:
                return cents
            if not self.says_cents and cents:
                cents = self.cardinal(int(fraction), currency.cent_gender)
            units = self.counted(whole, "", currency.unit, currency.gender)
            return units + (self.and_cents + cents if cents else "")
        return self.counted(whole, fraction, currency.unit, currency.gender)

    def counted(self, whole: str, fraction: str, forms: str, gender: str = "m") -> str:
        """Return a number with the noun that it counts."""
        number = self.join(self.number(whole, fraction, gender), self.of_millions(whole, fraction))
        return self.join(number, self.form(forms, whole, fraction))

    def of_millions(self, whole: str, fraction: str) -> str:
        return self.millions_of if whole.endswith("000000") and not fraction else ""

    def percentage(self, number: str, whole: str, fraction: str) -> str:
        """number: in words, for a range its upper end."""
        return self.join(number, self.form(self.percent, whole, fraction))

    def counted_per_mille(self, number: str, whole: str, fraction: str) -> str:
        return self.join(number, self.form(self.per_mille, whole, fraction))

    # Calendar

    def date(self, day: int, month: int, year: int | None = None) -> str:
        """Return a date as it is said in the middle of a sentence."""
        return self.join(self.day(day), self.month(month), self.year(year) if year is not None else "")

    def day(self, day: int) -> str:
        return self.cardinal(day, "m")

    def month(self, month: int) -> str:
        return self.cldr.months["format"]["wide"][month]

    def month_year(self, month: int, year: int) -> str:
        return self.join(self.month(month), self.year(year))

    def clock(self, hour: int, minute: int, half_day: str = "") -> str:
        """Return a time. half_day: “a” or “p” where AM or PM is written, else empty."""
        return self.join(self.cardinal(hour), self.cardinal(minute) if minute else "")

    # Words

    def letters(self, written: str) -> str:
        """Return an initialism, spelled: “F B I”."""
        return " ".join(written)

    def regnal(self, number: int, name: str) -> str:
        """Return the numeral after the name of a king or queen."""
        return self.ordinal(number)

    def numbered(self, noun: str, number: int) -> str:
        """Return the Roman numeral after a noun such as “chapter”."""
        return self.cardinal(number)

    def gender_of(self, noun: str) -> str:
        """Return the gender of the noun that a number counts; “” where the number is the same in all."""
        return ""

    def own_rules(self) -> list[Rule]:
        """Return rules that only this language has. They go before those that all share."""
        return []


def words_of(written: str) -> frozenset[str]:
    return frozenset(written.split())


def decimal_of(whole: str, fraction: str) -> Decimal:
    return Decimal(f"{whole or 0}.{fraction}" if fraction else whole or 0)


@cache
def number_pattern(separators: tuple[tuple[str, str], ...]) -> str:
    """Return a regular expression of a number without its sign, without groups."""
    grouped = "|".join(grouped_pattern(*pair) for pair in separators)
    points = "".join(point for _, point in separators)
    return rf"(?:{grouped}|\d+[{points}]\d+|\d+)"


def grouped_pattern(thousands: str, point: str) -> str:
    """Return a regular expression of a number with separators of thousands."""
    # India groups the lakhs by two digits: 12,34,567.
    lakhs = r"(?:,\d\d){0,6}" if "," in thousands else ""
    return rf"[1-9]\d{{0,2}}(?:{lakhs}[{thousands}]\d{{3}})+(?!\d)(?:{re.escape(point)}\d+)?"


def digits_of(written: str, language: Language) -> tuple[str, str]:
    """Return the digits before and after the decimal separator of a number."""
    for thousands, point in language.separators:
        if re.fullmatch(grouped_pattern(thousands, point), written):
            whole, _, fraction = written.partition(point)
            return re.sub(r"\D", "", whole), fraction
    whole, _, fraction = re.sub(r"\D", ".", written).partition(".")
    return whole, fraction
