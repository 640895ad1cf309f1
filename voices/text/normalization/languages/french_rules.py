"""What only French writes: telephone numbers, ordinals in Roman numerals, halves, lengths, articles of law."""

import re

from voices.text.normalization.language import Language
from voices.text.normalization.rules.amounts import SPACE, unit_symbols
from voices.text.normalization.rules.calendar import DAYS_IN_MONTH
from voices.text.normalization.rules.words import ROMAN_NUMERAL, roman
from voices.text.normalization.scanner import Rule, rule, stop_of

from .french_nouns import is_feminine

VOWEL = "[aeiouyàâéèêëîïôûhœæ]"
HALF_UNITS = {"l": "litre", "L": "litre", "kg": "kilo"}
PERIODS = {"j": "jour", "jour": "jour", "sem": "semaine", "semaine": "semaine", "mois": "mois", "an": "an"}


class FrenchRules(Language):
    def own_rules(self) -> list[Rule]:
        numeral = rf"(?<![\w.])(?P<numeral>(?=[IVXLC]{{2,}}|[VX]){ROMAN_NUMERAL})"
        prefix = r"(?:\+|00)33[ .\u00a0]?(?:\(0\)[ .\u00a0]?)?[1-9]"
        halves = (
            "heure|journée|tasse|tonne|douzaine|cuillère|bouteille|part|portion|livre|année|page|litre|verre|"
            "siècle|kilo|mètre|sel|tarif|pot|finale|l|L|kg"
        )
        return [
            rule(
                "telephone number",
                rf"(?<![\w+.,])(?:{prefix}|0[1-9])(?:[ .\u00a0-]?\d\d){{4}}(?![\d]|[.,]\d)",
                self._french_telephone,
            ),
            rule(
                "telephone number",
                rf"(?<![\w+.,])0{SPACE}?8\d\d{SPACE}\d{{3}}{SPACE}\d{{3}}(?!\d|[.,]\d)",
                lambda match: self.telephone(match.group()),
            ),
            rule(
                "duration",
                rf"(?<![\w.,])(\d{{1,2}}){SPACE}?h(?:eures?)?{SPACE}?(?:½|1/2)(?![\w/])",
                lambda match: f"{self.counted(match[1], '', 'heure/heures', 'f')} et demie",
            ),
            rule("article", r"\b([LRDA])\.\s?(\d{1,4}(?:-\d{1,3}){0,3})(?![\w-])", self._article),
            rule(
                "number",
                rf"(?<![\w.,])(\d{{1,2}})\s?(?:[x×]|fois)\s?/\s?({'|'.join(PERIODS)})\b",
                lambda match: f"{self.cardinal(int(match[1]))} fois par {PERIODS[match[2]]}",
            ),
            rule("title", r"\bM\.(?=\s?(?:[A-ZÀ-ÖØ-Þ]|l[ea]\s|l[’']|et\s|de\s|d[’']))", lambda match: "Monsieur"),
            rule("title", r"\bMM\.(?=\s)", lambda match: "Messieurs"),
            rule("saint", r"\b([Ss])t(e?)(s?)(-)(?=[A-ZÀ-Þ])", lambda match: f"{match[1]}aint{match[2]}{match[3]}-"),
            rule(
                "Roman numeral",
                rf"{numeral}(?P<ending>i?[eè]mes?|es?|ᵉ)\b(?P<century>\s?s\.)?(?!\w)",
                self._roman_ordinal,
            ),
            rule(
                "Roman numeral",
                rf"{numeral}(?P<ending>E)(?=\sS)",
                self._roman_ordinal,
            ),
            rule("Roman numeral", r"(?<![\w.])I(ers?|[eè]?res?|ʳᵉ|ᵉʳ)\b(?P<century>\s?s\.)?(?!\w)", self._first),
            rule(
                "fraction",
                rf"(?<![\w./,])(?:(?P<whole>\d{{1,4}}){SPACE}?(?:et{SPACE})?)?(?:½|1/2){SPACE}"
                rf"(?P<noun>{halves})(?P<plural>s?)\b",
                self._half,
            ),
            rule("date", r"(?<=\b[Ll]e\s|\b[Dd]u\s|\b[Aa]u\s)(\d\d?)/(\d\d?)(?![\w/]|[.,]\d|\sd)", self._day_of_month),
            rule("date", r"(?<![\w./])([0-3]\d)/(0\d|1[0-2])(?![\w/]|[.,]\d)", self._day_of_month),
            rule(
                "length",
                r"(?<![\w.,])(\d{1,2})\s?m\s?(\d\d)(?!\w|[.,]\d)",
                lambda match: f"{self.counted(match[1], '', 'mètre/mètres')} {self._group(match[2])}",
            ),
            rule("version", r"(?<![\d.,])(?<!\w[.,])(\d{1,4})\.(\d{1,2})(?![\w%€$£]|[.,/:]\d)", self._dotted),
            rule("number", r"\bn(?:os|[°ᵒ]s|ᵒˢ)(?=\s\d+\s(?:et|à|-|ou)\s\d)", lambda match: "numéros"),
            rule("year", r"(?<!\w)['’](\d\d)(?![\w’']|[.,]\d)", lambda match: self.cardinal(int(match[1]))),
            rule(
                "number",
                r"(?<![\w.,])(\d{1,3})\s?[x×](?=\s(?:plus|moins|par|sans)\b|[.,;]|$)",
                lambda match: f"{self.cardinal(int(match[1]))} fois",
            ),
            rule("length", r"(?<![\w.,])(\d{1,3}(?:,\d)?)\s?[″\"](?=[\s,.;)]|$)", self._inches),
            rule("ordinal", r"(?<![\w.,])(\d{1,2})°(?=\))", lambda match: self.cardinal(int(match[1]))),
            rule(
                "year",
                r"(?<![\w.,/])((?:19|20)\d\d)/((?:19|20)?\d\d)(?![\w/])",
                lambda match: f"{self.cardinal(int(match[1]))} {self.cardinal(int(match[2]))}",
            ),
            rule("mathematics", r"(?<=\w\s)[x×](?=\s\d+[,.]?\d*\s?c?m)", lambda match: "sur"),
            rule("abbreviation", r"\bmax\.(?!\w)", lambda match: "maximum" + stop_of(match)),
            rule("abbreviation", r"\bmin\.(?!\w)", lambda match: "minimum" + stop_of(match)),
        ]

    def _group(self, digits: str) -> str:
        significant = digits.lstrip("0")
        zeros = (self.digit(0) for _ in range(len(digits) - len(significant)))
        return self.join(*zeros, self.cardinal(int(significant)) if significant else "")

    def _article(self, match: re.Match) -> str:
        numbers = (self.cardinal(int(number)) for number in match[2].split("-"))
        return f"{match[1]} {' tiret '.join(numbers)}"

    def _french_telephone(self, match: re.Match) -> str:
        prefix, digits = "", re.sub(r"\D", "", re.sub(r"\(0\)", "", match.group()))
        if digits.startswith(("33", "0033")) and len(digits) != 10:
            prefix = ("plus " if match.group()[0] == "+" else "zéro zéro ") + "trente-trois, "
            digits = digits[-9:]
        first, rest = digits[: len(digits) - 8], digits[-8:]
        return prefix + self.telephone(f"{first} {rest}")

    def _inches(self, match: re.Match) -> str | None:
        if match.string[: match.end() - 1].count('"') % 2:  # a closing quote
            return None
        whole, _, fraction = match[1].partition(",")
        return self.counted(whole, fraction, "pouce/pouces")

    def _roman_ordinal(self, match: re.Match) -> str:
        plural = "s" if match["ending"].endswith("s") else ""
        return self.ordinal(roman(match["numeral"])) + plural + self._century(match)

    def _first(self, match: re.Match) -> str:
        return self.read_ordinal(1, match[1]) + self._century(match)

    @staticmethod
    def _century(match: re.Match) -> str:
        century = match.groupdict().get("century")
        return f" siècle{stop_of(match)}" if century else ""

    def _half(self, match: re.Match) -> str:
        noun = HALF_UNITS.get(match["noun"], match["noun"])
        plural = "s" if noun != match["noun"] and int(match["whole"] or 1) > 1 else match["plural"]
        feminine = "e" if is_feminine(noun) else ""
        if not match["whole"]:
            return f"un{feminine} demi-{noun}"
        return f"{self.cardinal(int(match['whole']), 'f' if feminine else '')} {noun}{plural} et demi{feminine}"

    def _day_of_month(self, match: re.Match) -> str | None:
        day, month = int(match[1]), int(match[2])
        return self.date(day, month) if 1 <= month <= 12 and 1 <= day <= DAYS_IN_MONTH[month] else None

    def _dotted(self, match: re.Match) -> str | None:
        """“Python 3.11”, “2.5”: what people write with a point they say with one; not before a unit."""
        after = re.match(rf"{SPACE}?(%|[€$£]|[^\W\d_]+[²³]?)", match.string[match.end() :])
        if after and (
            after[1] in unit_symbols(self) or after[1] in self.currencies or after[1] in self.scales or after[1] == "%"
        ):
            return None
        return f"{self.number(match[1])} point {self._group(match[2])}"


def elide(said: str) -> str:
    return re.sub(rf"\bde (?={VOWEL})", "d’", said)
