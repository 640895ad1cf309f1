"""What Spanish and Portuguese share: two genders, dates and times of one kind, and places of Roman numerals."""

import re
from functools import cache

from voices.text.normalization.language import NO_BREAK_SPACES, SPACE, Currency, Language, digits_of, number_pattern
from voices.text.normalization.rules.amounts import quantity_in_words, unit_symbols
from voices.text.normalization.rules.words import ROMAN_NUMERAL, roman
from voices.text.normalization.scanner import Rule, rule

MILLION = 10**6
LAST_ORDINAL_NUMERAL = 10  # kings and centuries are counted by ordinals up to here: Pío X, but Juan XXIII
PLAIN_LETTERS = str.maketrans("áàâéêíóôúü", "aaaeeioouu")  # ã and õ tell endings apart: “irmã”, “ações”


class Iberian(Language):
    separators: tuple[tuple[str, str], ...] = ((f". {NO_BREAK_SPACES}", ","),)
    whole_fraction = True
    scale_of = " de "
    hour_letters = "h"
    clock_ending = "h(?:r?s)?|horas?"
    date_of = "de"
    year_of = "del?"
    per = "por"
    fraction_of = "de"
    comparisons = {"<": "menos de"}
    millions_of = "de"

    # Nouns, in the singular and without accents but the tilde
    feminine_endings: str  # a regular expression
    feminine_nouns: frozenset[str]  # beside those with such an ending
    masculine_nouns: frozenset[str]  # in spite of their ending
    not_nouns: frozenset[str]  # words that may follow a number and aren't counted by it
    label_nouns: str  # a regular expression: a number after them counts nothing, as in “página 1”
    feminine_articles: str  # a regular expression: before the hour, as in “a la 1”
    date_article: str  # before a day and a month, as in “el 25/12”
    masculine_articles: str  # before a number that stands for itself, as in “del 1 al 5”
    version_nouns = (
        r"v|ver\.|versi[oó]n|vers[aã]o|python|java|php|django|android|ios|macos|ubuntu|windows|linux|bluetooth|usb|"
        r"http|web|firefox|chrome|node|gpt|art(?:ículo|igo|\.)|apartado|sec?ção|sección|cap(?:ítulo|\.)|p[uo]nto|"
        r"fig(?:ura|\.)|tab(?:la|ela|\.)|cláusula|e[jx]ercicio|exercício"
    )

    # Words of the rules below
    and_word: str
    thousand = "mil"
    half: tuple[str, str]  # masculine and feminine
    hour: str  # forms
    minute: str
    second: str
    half_days: tuple[str, str, str, str]  # in the morning, at noon, in the afternoon, at night
    inch: str
    times: str  # forms: of “3x”
    ordinal_nouns: str  # a regular expression: before them, “5°” is an ordinal
    event_nouns: str  # a regular expression: counted by the Roman numeral before them, as in “II Guerra Mundial”
    century: str  # a regular expression of the word or its abbreviation
    centuries: tuple[str, str]  # singular and plural
    ends_sentence: dict[str, str] = {}  # abbreviations after which a capital begins a sentence
    telephones: tuple[str, ...] = ()  # regular expressions

    # Numbers

    def gender_of(self, noun: str) -> str:
        """Return the gender of a plural; a word in the singular after a number is likelier a verb."""
        return self.noun_gender(noun) if noun.lower().endswith("s") else ""

    def noun_gender(self, noun: str) -> str:
        """Return “m” or “f” by a noun's ending, “” for what is no noun."""
        word = noun.lower().translate(PLAIN_LETTERS)
        if len(word) < 3 or noun.lower() in self.not_nouns:
            return ""
        singulars = {word}
        if word.endswith("s"):
            singulars |= {word[:-1], word[:-3] + "z", word[:-2] + "m", word[:-3] + "ão"}
        if word.endswith("es"):  # “meses” are masculine, “mesas” are not
            singulars.add(word[:-2])
        if singulars & self.masculine_nouns:
            return "m"
        if singulars & self.feminine_nouns:
            return "f"
        return "f" if _pattern(rf"(?:{self.feminine_endings})$").search(word) else "m"

    def code_digits(self, written: str) -> str:
        """Return the digits of a code: “A380” has a number, “IB3456” digits."""
        is_number = written[0] != "0" and len(written) <= 3
        return self.cardinal(int(written)) if is_number else self.digits(written)

    def money(self, whole: str, fraction: str, currency: Currency, scale: str = "") -> str:
        if scale and self.scales[scale] == self.thousand:
            return self.join(self._thousands(whole, fraction, currency.gender), currency.unit.split("/")[-1])
        return super().money(whole, fraction, currency, scale)

    def _thousands(self, whole: str, fraction: str, gender: str) -> str:
        return self.join("" if whole == "1" and not fraction else self.number(whole, fraction, gender), self.thousand)

    # Calendar and Roman numerals

    def date(self, day: int, month: int, year: int | None = None) -> str:
        said = f"{self.day(day)} de {self.month(month)}"
        return f"{said} de {self.year(year)}" if year is not None else said

    def day(self, day: int) -> str:
        return self.ordinal(1, "m") if day == 1 else self.cardinal(day)

    def month_year(self, month: int, year: int) -> str:
        return f"{self.month(month)} de {self.year(year)}"

    def half_day(self, hour: int, half: str) -> str:
        """Return what is said for AM or PM. half: “a” or “p”."""
        morning, noon, afternoon, night = self.half_days
        if hour == 12:
            return noon if half == "p" else night
        return morning if half == "a" else afternoon if hour < 8 else night

    def regnal(self, number: int, name: str) -> str:
        gender = self.noun_gender(name)
        return self.ordinal(number, gender) if number <= LAST_ORDINAL_NUMERAL else self.cardinal(number)

    # Rules

    def own_rules(self) -> list[Rule]:
        alone = r"(?<![\w.,/:-])"
        plain = rf"(?!\w|{SPACE}?[ap]\.?{SPACE}?m\b|[.,:/-]\d|{SPACE}?[%:]|(?:{self.ordinal_endings})(?!\w))"
        number = number_pattern(self.separators)
        word = r"(?P<noun>[^\W\d_]+)"
        time = r"(?:[01]?\d|2[0-4])[:.h][0-5]\d"
        between = r"(?:,?\s(?:[yeoa]|al?|ao|ou)\s|,\s|\s?[-–/]\s?)"
        numeral = rf"(?:(?=[IVXLC]){ROMAN_NUMERAL})\b"
        return [
            *(
                rule("telephone number", rf"(?<![\w.,+-]){each}(?![\w-]|[.,]\d)", self._telephone)
                for each in self.telephones
            ),
            rule(
                "abbreviation",
                rf"(?<!\w)({'|'.join(map(re.escape, self.ends_sentence)) or '(?!)'})(?=\s+[¿¡“«]?[A-ZÁÉÍÓÚÂÊÔ])",
                self._ends_sentence,
            ),
            rule("date", r"(?<=\b[Dd][ií]a\s)(\d{1,2})/(\d{1,2})(?![\w/]|[.,]\d)", self._day_and_month),
            rule("date", rf"(?<=\b{self.date_article}\s)(\d{{1,2}})/(\d\d)(?![\w/]|[.,]\d)", self._day_and_month),
            rule("date", r"(?<![\w./,])([0-3]\d)/(0[1-9])(?![\w/]|[.,]\d)", self._day_and_month),
            rule("length", r"(?<![\w.,])(\d{1,3}(?:,\d)?)(?:″|''|[\"”](?=\s|[,.;:)]|$))", self._inches),
            rule("quantity", r"(?<=\b[Mm][áí][xn]\.\s)(\d{1,2})[º°](?!\w|\s?[CF])", self._degrees),
            rule("time", rf"{alone}({time}){SPACE}?[-–—]{SPACE}?({time})(?:{SPACE}?h)?(?![\w:]|[.,]\d)", self._times),
            rule("time", rf"{alone}(\d{{1,2}}){SPACE}?h{SPACE}?[-–—]{SPACE}?(\d{{1,2}}){SPACE}?h\b", self._hours),
            rule("ordinal", rf"{alone}(\d{{1,2}})°(?={SPACE}(?P<noun>{self.ordinal_nouns})\b)", self._degree_ordinal),
            rule("number", rf"{alone}(\d{{1,4}}){SPACE}?[xX](?=\s[^\W\d_]{{2}}|[,.;:!?)]|$)", self._times_over),
            rule("time", r"(?<![\w:.,])(\d{1,2}):([0-5]\d):([0-5]\d)(?![\w:]|[.,]\d)", self._duration),
            rule("time", rf"{alone}(\d{{1,3}}){SPACE}?h{SPACE}?([0-5]?\d){SPACE}?m(?:in)?\b()", self._duration),
            rule("time", rf"{alone}(\d{{1,2}})\.([0-5]\d){SPACE}?h(?:oras?)?\b", self._clock),
            rule(
                "time", rf"(?:{self.feminine_articles})(\d{{1,2}})\.([0-5]\d)(?!\w|[.,:]\d|{SPACE}?[%€$])", self._clock
            ),
            rule("number", rf"(?:{self.feminine_articles})(\d{{1,2}}){plain}", self._hour),
            rule(
                "number",
                rf"\b(?P<label>(?i:{self.label_nouns}))\s(?P<number>\d{{1,4}}){plain}(?!{SPACE}(?:de\b|\d))",
                self._label,
            ),
            rule(
                "version",
                rf"\b(?P<label>(?i:{self.version_nouns}))\s?(?P<number>\d{{1,4}}\.\d{{1,3}})(?!\w|[.,]\d)",
                self._version,
            ),
            rule(
                "fraction",
                rf"{alone}(?:(?P<whole>\d{{1,4}}){SPACE}?)?(?:½|(?<!\d)1/2){SPACE}{word}(?:\.(?=\s[a-z]))?",
                self._half,
            ),
            rule("fraction", rf"(?<=\s{self.and_word}\s)(?:½|1/2)(?![\w/]|\s[^\W\d_])", self._and_half),
            rule("mathematics", rf"{alone}(\d{{1,4}})/(\d{{1,4}})(?={SPACE}?=)", self._division),
            rule("fraction", rf"{alone}(\d{{1,2}})/(\d{{1,2}})(?={SPACE}partes\b)", self._parts),
            rule(
                "number",
                rf"{alone}(?P<number>{number}){SPACE}{self.thousand}{SPACE}(?:de{SPACE})?{word}",
                self._thousand_of,
            ),
            rule(
                "number",
                rf"{alone}(?P<number>[1-9]\d{{0,5}}(?:[.{NO_BREAK_SPACES} ]000){{2,4}}){SPACE}{word}",
                self._million_of,
            ),
            rule(
                "range",
                rf"{alone}(?P<low>\d{{1,3}})(?P<between>[-–—]|\s[aeouy]u?\s)(?P<high>\d{{1,3}}){SPACE}{word}",
                self._range,
            ),
            rule("number", rf"\b(?P<article>{self.masculine_articles})\s1{plain}(?!{SPACE}de\b)", self._one),
            rule("number", rf"{alone}1{SPACE}{word}", self._single),
            rule("decade", r"(?<![\w.,])['’‘](\d0)(?!\w|[.,]\d)|(?<![\w.,])(\d0)['’]?s\b", self._decade),
            rule(
                "Roman numeral",
                rf"(?<![\w.])(?P<century>{self.century}){SPACE}?(?P<list>{numeral}(?:{between}{numeral}){{0,5}})",
                self._century,
            ),
            rule(
                "Roman numeral",
                rf"(?<![\w.-])(?P<numeral>{ROMAN_NUMERAL})[ªº]?{SPACE}(?=(?P<noun>(?i:{self.event_nouns}))\b)",
                self._event,
            ),
            rule(
                "code",
                r"(?<![\w.,-])(\d{1,2})-([A-Z])\b(?!-)",
                lambda match: f"{self.cardinal(int(match[1]))} {match[2]}",
            ),
            rule("code", r"(?:(?<=\b[Vv]oo\s)|(?<=\b[Vv]uelo\s))([A-Z]{2})\s(\d{2,4})(?!\w)", self._code),
            rule("range", r"(?:(?<=[aApP][mM])|(?<=[mM]\.)|(?<=\dh))\s?[-–]\s?(?=\d)", lambda match: f" {self.until} "),
            rule("code", r"(?<![\w-])([A-Z]{1,3})-(\d{1,4})(?![\w-]|[.,:]\d)", self._code),
        ]

    def _telephone(self, match: re.Match) -> str:
        return self.digits(match.group())

    def _ends_sentence(self, match: re.Match) -> str:
        return self.ends_sentence[match[1]] + "."

    def _day_and_month(self, match: re.Match) -> str | None:
        day, month = int(match[1]), int(match[2])
        return self.date(day, month) if 0 < day < 32 and 0 < month < 13 else None

    def _inches(self, match: re.Match) -> str | None:
        quotes = match.string[: match.start()]
        if match.group()[-1] in '"”' and (quotes.count('"') % 2 or quotes.count("“") > quotes.count("”")):
            return None
        whole, _, fraction = match[1].partition(",")
        return self.counted(whole, fraction, self.inch, "f")

    def _degrees(self, match: re.Match) -> str:
        return quantity_in_words(match[1], "", "°", self)

    def _clock(self, match: re.Match) -> str | None:
        if int(match[1]) > 24:
            return None
        before = match.string[match.start() : match.start(1)]
        return before + self.clock(int(match[1]), int(match[2]))

    def _times(self, match: re.Match) -> str:
        parts = (re.split(r"\D", written) for written in match.groups())
        first, second = (self.clock(int(hour), int(minute)) for hour, minute in parts)
        both_even = first.split()[-1] == second.split()[-1] and len(first.split()) == 2
        return self.join(first.split()[0] if both_even else first, self.until, second)

    def _hours(self, match: re.Match) -> str:
        return f"{self.number(match[1], '', 'f')} {self.until} {self.counted(match[2], '', self.hour, 'f')}"

    def _times_over(self, match: re.Match) -> str:
        return self.counted(match[1], "", self.times, "f")

    def _degree_ordinal(self, match: re.Match) -> str:
        return self.event_ordinal(int(match[1]), "m")

    def _duration(self, match: re.Match) -> str:
        nouns = zip(match.groups(), (self.hour, self.minute, self.second), "fmm", strict=True)
        *parts, last = [self.counted(str(int(digits)), "", noun, gender) for digits, noun, gender in nouns if digits]
        return f"{', '.join(parts)} {self.and_word} {last}"

    def _hour(self, match: re.Match) -> str:
        before = match.string[match.start() : match.start(1)]
        return before + self.number(match[1], "", "f")

    def _label(self, match: re.Match) -> str:
        return f"{match['label']} {self.cardinal(int(match['number']))}"

    def _version(self, match: re.Match) -> str:
        parts = f" {self.dot} ".join(self.cardinal(int(part)) for part in match["number"].split("."))
        return f"{self.before_numbers.get(match['label'].lower(), match['label'])} {parts}"

    def _half(self, match: re.Match) -> str | None:
        symbol = match["noun"]
        is_unit = symbol in unit_symbols(self)
        gender = self.unit_genders.get(symbol, "m") if is_unit else self.noun_gender(symbol)
        if not gender:
            return None
        half = self.half[gender == "f"]
        if is_unit:
            unit = quantity_in_words(match["whole"] or "1", "", symbol, self)
            return f"{unit} {self.and_word} {half}" if match["whole"] else f"{half} {unit.partition(' ')[2]}"
        if match["whole"]:
            return f"{self.number(match['whole'], '', gender)} {match['noun']} {self.and_word} {half}"
        return f"{half} {match['noun']}"

    def _and_half(self, match: re.Match) -> str:
        of_an_hour = re.search(r"h(?:oras?)?\s\w\s$", match.string[max(match.start() - 10, 0) : match.start()])
        return self.half[bool(of_an_hour)]

    def _division(self, match: re.Match) -> str:
        return f"{self.cardinal(int(match[1]))} {self.symbols['÷']} {self.cardinal(int(match[2]))}"

    def _parts(self, match: re.Match) -> str:
        parts = self.ordinal(int(match[2]), "f").split()
        return self.join(self.cardinal(int(match[1]), "f"), *(f"{part}s" for part in parts))

    def _thousand_of(self, match: re.Match) -> str | None:
        gender = self.gender_of(match["noun"])
        if not gender:
            return None
        rest = match.string[match.end("number") : match.end()]
        whole, fraction = digits_of(match["number"], self)
        return self._thousands(whole, fraction, gender) + rest.replace(self.thousand, "", 1).replace("  ", " ")

    def _million_of(self, match: re.Match) -> str | None:
        if not self.gender_of(match["noun"]):
            return None
        number = re.sub(r"\D", "", match["number"])
        return f"{self.number(number)} {self.millions_of} {match['noun']}"

    def _range(self, match: re.Match) -> str | None:
        gender = self.gender_of(match["noun"])
        if not gender:
            return None
        low = self.number(match["low"], "", gender if gender == "f" else "")
        between = self.until if match["between"] in "-–—" else match["between"].strip()
        return f"{low} {between} {self.number(match['high'], '', gender)} {match['noun']}"

    def _one(self, match: re.Match) -> str:
        return f"{match['article']} {self.cardinal(1)}"

    def _single(self, match: re.Match) -> str | None:
        gender = "" if match["noun"] in unit_symbols(self) else self.noun_gender(match["noun"])
        return f"{self.number('1', '', gender)} {match['noun']}" if gender else None

    def _decade(self, match: re.Match) -> str:
        return self.cardinal(int(match[1] or match[2]))

    def _code(self, match: re.Match) -> str:
        return f"{match[1] if match[1] in self.acronyms else self.letters(match[1])} {self.code_digits(match[2])}"

    def _century(self, match: re.Match) -> str:
        written = re.sub(r"\s?[-–/]\s?", f" {self.until} ", match["list"])
        said = re.sub(r"\b[IVXLC]+\b", lambda each: self.regnal(roman(each.group()), ""), written)
        noun = match["century"]
        if noun.lower() not in self.centuries:
            noun = self.centuries[written != match["list"] or " " in written]
        return f"{noun} {said}"

    def _event(self, match: re.Match) -> str:
        number, noun = roman(match["numeral"]), match["noun"]
        gender = self.noun_gender(noun.split()[0])
        if noun.endswith("s"):
            return "".join(f"{word}s " for word in self.ordinal(number, gender).split())
        return self.event_ordinal(number, gender) + " "

    def event_ordinal(self, number: int, gender: str) -> str:
        return self.ordinal(number, gender)


@cache
def _pattern(written: str) -> re.Pattern:
    return re.compile(written)
