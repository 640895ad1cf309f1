"""How English writes places, streets, numerals in letters, books and laws."""

import re

from voices.text.normalization.rules.words import ROMAN_NUMERAL, roman
from voices.text.normalization.scanner import Rule, rule, stop_of

from .english_words import BOOK_NAMES, BOOKS, DIRECTIONS, GREEK_LETTERS, STATES, STREETS, EnglishWords

SAINT_OR_STREET = re.compile(r"(?:[A-Z][\w’']*|\d(?:st|nd|rd|th))\.?\s*$")
LOW_NUMERAL = r"(?:x{0,2}(?:ix|iv|vi{1,3}|i{2,3})|x{0,2}v|xx?i{0,3}|xi)"
LIKELY_WORDS = frozenset(["OK", "HI"])  # states that are words in capitals: only before a ZIP code


class EnglishNames(EnglishWords):
    def name_rules(self) -> list[Rule]:
        books = "|".join(sorted({*BOOKS, *BOOK_NAMES}, key=len, reverse=True))
        streets = "|".join(STREETS)
        states = "|".join(STATES)
        points = "|".join(sorted(DIRECTIONS, key=len, reverse=True))
        nouns = r"[Cc]hapter|[Ss]ection|[Aa]ct|[Ss]cene|[Vv]ol(?:ume|\.)|[Pp]art|[Aa]ppendix|[Pp]ages?|pp?\.|[Bb]ook"
        to = r"(?:\s?[-–]\s?(?:(?P<next>\d{1,3})[:.])?(?P<last>\d{1,3}))?"
        ending = r"(?:th|st|nd|rd)?"
        return [
            rule(
                "Bible",
                rf"\b(?:(?P<order>[123]|I{{1,3}})\s)?(?P<book>{books})\b\.?\s"
                rf"(?P<chapter>\d{{1,3}})[:.](?P<verse>\d{{1,3}}){to}"
                r"(?!\w|[:.,]\d)",
                self._verse,
            ),
            rule("Bible", r"\bPs\.\s(?=\d)", lambda match: "Psalm "),
            rule("law", r"(?<=[\dIVX])(?:\((?:[a-z]{1,3}|[A-Z]|\d{1,2})\)){1,4}", self._subsections),
            rule("law", r"§§\s?(?=\d)", lambda match: "sections "),
            rule(
                "law",
                r"(?<=[\w.),]\s)v\.(?=\s[A-Z])|(?<=[a-z]\s)v(?=\s[A-Z][a-z])|(?<=\bR\s)v(?=\s[A-Z])",
                self._versus,
            ),
            rule("abbreviation", r"(?<![\w.])eg(?=[\s,])", lambda match: "for example"),
            rule("abbreviation", r"(?<![\w.])ie(?=[\s,])", lambda match: "that is"),
            rule("place", rf"(?<=[a-z], )({states})(?=\s\d{{5}}\b|\W*$|[,.;)])", self._state),
            rule("place", rf"(?<=\()([RDI])-({states}|Calif\.)(?=\))", self._party),
            rule("place", r"(?<=[A-Z]{2}\s)(\d{5})(?:-(\d{4}))?\b", lambda match: self.digits(match.group())),
            rule("place", rf"(?<=\s)({points})(?=\sof\b)", lambda match: DIRECTIONS[match[1]]),
            rule(
                "place",
                rf"(?<![\w.,])(\d{{1,5}})\s([NSEW])\.?"
                rf"(?=\s[A-Z\d][\w’']{{0,30}}\s(?:{streets}|St|Dr|Street|Avenue|Road|Drive)\b)",
                lambda match: f"{self.number(match[1])} {DIRECTIONS[match[2]].capitalize()}",
            ),
            rule(
                "place",
                rf"(?:(?<=[a-z]\s)|(?<=\d(?:st|nd|rd|th)\s))({streets})(?:\.(?=[,;)]|\s+[a-z(]|\s*$)|(?=[,;)]|$))",
                lambda match: STREETS[match[1]] + stop_of(match),
            ),
            rule("saint or street", r"\bSt\.?(?=\s|[,;:!?)]|$)", self._saint_or_street),
            rule(
                "place",
                r"\b([NSEW])\.\s(?=(?:Korea|America|Africa|Carolina|Dakota|Virginia|Coast|Side)\b"
                r"|\d{1,3}(?:st|nd|rd|th)\sSt)",
                lambda match: f"{DIRECTIONS[match[1]].capitalize()} ",
            ),
            rule("drive", r"(?<=[a-z]\s)Dr\.(?=\s*[,;]|\s+[a-z]|\s*$)", lambda match: "Drive" + stop_of(match)),
            rule("Roman numeral", rf"\b(?:World\sWar\s|WW)({ROMAN_NUMERAL}|[123])\b", self._war),
            rule(
                "Roman numeral",
                rf"\b({ROMAN_NUMERAL}){ending}(?:\s?[-–]\s?({ROMAN_NUMERAL}){ending})?"
                rf"(?=\s(?:[Cc]entury|[Cc]enturies)\b)",
                self._century,
            ),
            rule(
                "Roman numeral",
                rf"\b(?P<name>[A-Z][a-z]+)\sthe\s(?=[IVX]{{2}})(?P<numeral>{ROMAN_NUMERAL})\b(?!\s[Cc]entur)",
                lambda match: f"{match['name']} the {self.ordinal(roman(match['numeral']))}",
            ),
            rule(
                "Roman numeral",
                rf"(?<![\w.])(?=M[CDMLXVI]{{3}}|L[XVI]{{3}}){ROMAN_NUMERAL}(?![\w’'])",
                lambda match: self.year(roman(match.group())),
            ),
            rule(
                "Roman numeral",
                rf"\b(?P<noun>{nouns})\s(?P<first>{LOW_NUMERAL})(?:[-–](?P<last>{LOW_NUMERAL}))?(?![\w’'-])",
                self._low_numeral,
            ),
            rule(
                "Roman numeral",
                r"\b([Ss]tage|[Tt]ype|[Pp]hase|[Cc]lass|[Gg]rade)\s(IV|I{2,3})([A-C])\b",
                lambda match: f"{match[1]} {self.cardinal(roman(match[2]))} {match[3]}",
            ),
            rule(
                "initialism",
                r"(?:(?<=\b[Aa]n\s)|(?<=\b(?:mg|mL|ml)\s)|(?<=\b[Bb]y\s))IV\b"
                r"|\bIV(?=\s(?:fluids?|drip|line|therapy|bag|push|access)\b)",
                lambda match: "I V",
            ),
            rule("range", r"(?<![\w.-])([A-Z])\s?–\s?([A-Z]|\d{1,2})(?![\w-])", self._letter_range),
            rule(
                "range",
                r"\b([A-Z]{2,4})–([A-Z]{2,4})\b",
                lambda match: f"{self.letters(match[1])} to {self.letters(match[2])}",
            ),
            rule("range", r"\bA-Z\b", lambda match: "A to Z"),
            rule(
                "Roman numeral",
                rf"\b(?P<name>{'|'.join(sorted(self.regnal_names))})\s"
                rf"(?P<family>[A-Z][a-z]+)\s(?P<numeral>III?|IV)\b(?![.’']\w)",
                lambda match: f"{match['name']} {match['family']} the {self.ordinal(roman(match['numeral']))}",
            ),
            rule(
                "Greek letter",
                f"(?<![Ͱ-Ͽ])[{''.join(GREEK_LETTERS)}](?![Ͱ-Ͽ])",
                lambda match: GREEK_LETTERS[match.group()],
            ),
            rule("medicine", r"\bq(\d{1,2})h\b", lambda match: f"every {self.cardinal(int(match[1]))} hours"),
        ]

    def _verse(self, match: re.Match) -> str:
        order = match["order"]
        number = roman(order) if order and order.isalpha() else int(order or 0)
        first = f"{self.ordinal(number).capitalize()} " if number else ""
        book = BOOKS.get(match["book"], match["book"])
        verses = self.cardinal(int(match["verse"]))
        if match["last"]:
            chapter = f"{self.cardinal(int(match['next']))}, " if match["next"] else ""
            verses += f" to {chapter}{self.cardinal(int(match['last']))}"
        return f"{first}{book} {self.cardinal(int(match['chapter']))}, {verses}"

    def _subsections(self, match: re.Match) -> str:
        parts = re.findall(r"\w+", match.group())
        return " " + " ".join(self.cardinal(int(part)) if part.isdigit() else part for part in parts)

    def _versus(self, match: re.Match) -> str:
        return "versus"

    def _letter_range(self, match: re.Match) -> str:
        last = self.cardinal(int(match[2])) if match[2].isdigit() else match[2]
        return f"{match[1]} to {last}"

    def _state(self, match: re.Match) -> str | None:
        if match[1] in LIKELY_WORDS and not re.match(r"\s\d", match.string[match.end() :]):
            return None
        return STATES[match[1]]

    def _party(self, match: re.Match) -> str:
        return f"{match[1]}, {STATES.get(match[2], 'California')}"

    def _saint_or_street(self, match: re.Match) -> str | None:
        """“St. Paul lives on Main St.”: a street follows its name or number."""
        follows_name = SAINT_OR_STREET.search(match.string[max(match.start() - 40, 0) : match.start()])
        before_name = re.match(r"\s+[A-Z]", match.string[match.end() :])
        if before_name and not follows_name:
            return "Saint"
        if match.group() == "St" and not follows_name:
            return None
        return "Street" + stop_of(match)

    def _war(self, match: re.Match) -> str:
        number = int(match[1]) if match[1].isdigit() else roman(match[1])
        return f"World War {self.cardinal(number).capitalize()}"

    def _century(self, match: re.Match) -> str:
        return " to ".join(self.ordinal(roman(numeral)) for numeral in match.groups() if numeral)

    def _low_numeral(self, match: re.Match) -> str:
        noun = self.before_numbers.get(match["noun"], match["noun"])
        numerals = (numeral.upper() for numeral in (match["first"], match["last"]) if numeral)
        return f"{noun} {' to '.join(self.cardinal(roman(numeral)) for numeral in numerals)}"
