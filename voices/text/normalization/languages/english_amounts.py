"""How English writes lengths, quantities, prices, ratings and other numbers."""

import re
import unicodedata
from functools import cached_property

from voices.text.normalization.language import digits_of
from voices.text.normalization.rules.amounts import quantity_in_words, unit_symbols
from voices.text.normalization.rules.numbers import VULGAR_FRACTIONS
from voices.text.normalization.scanner import Rule, rule, stop_of

from .english_words import DIRECTIONS, EnglishWords

NUMBER = r"\d{1,4}(?:\.\d{1,3})?"
# After a price or a quantity, these are no noun that it describes: “a $5 and …”.
NOT_NOUNS = (
    "and|or|per|to|for|from|in|at|on|off|each|more|less|is|was|were|are|with|but|than|when|while|wide|long|high|tall|"
    "deep|they|you|she|that|who|which|the|will|would|could|can|has|had"
)
NOUN = rf"\s(?!(?:{NOT_NOUNS})\b)[a-z]{{3,}}"


class EnglishAmounts(EnglishWords):
    def amount_rules(self) -> list[Rule]:
        unit = self._unit
        signs, scales = "[$€£¥₹]", "|".join(sorted(self.scales, key=len, reverse=True))
        angle = rf"(?:(\d{{1,2}})['′’]\s?(?:({NUMBER})[\"″”])?\s?)?"
        points = "|".join(sorted(DIRECTIONS, key=len, reverse=True))
        return [
            rule(
                "length",
                rf"(?<![\w.,])({NUMBER})\s?(?:ft\.?|feet|foot|[′'’])\s?({NUMBER})\s?(?:in\b\.?|inches|[″\"”])",
                self._feet,
            ),
            rule("length", r"(?<![\w.,'’])(\d)['′’](\d{1,2})(?=\s|[.,;)]|$)", self._feet),
            rule(
                "size",
                rf"(?<![\w.,])(?P<first>{NUMBER})(?P<sign>[\"″”])?(?P<rest>(?:\s?[x×]\s?{NUMBER}[\"″”]?){{1,3}})"
                rf"(?:\s?(?P<unit>{unit})\b\.?)?(?!\w|[.,]\d|\s?[=^]|[⁰¹²³⁴⁵⁶⁷⁸⁹])",
                self._size,
            ),
            rule(
                "length",
                rf"(?<![\w.,'’])({NUMBER})(?:\s?([″\"”](?=\s|[,.;)]|$)|[′'’](?=\s|$|[,.;)])"
                r"|in\.?(?=[,;)]|$)|in\.(?=\s+[a-z]))"
                r"|-(in)\b(?!-)\.?)",
                self._inches,
            ),
            rule("angle", rf"(?<![\w.,])(\d{{1,3}}(?:\.\d{{1,6}})?)°\s?{angle}({points})\b", self._angle),
            rule("angle", rf"(?<![\w.,])({NUMBER})°(?={NOUN})", self._angle_of),
            rule(
                "quantity",
                r"(?<![\w.,])(\d?[02-9]|11|12)st\b(?:\s?(\d{1,2})\s?lbs?\b(?:\.(?=\s+[a-z]))?)?",
                self._stone,
            ),
            rule(
                "quantity",
                rf"(?<![\w./,])(?:(?P<whole>\d{{1,4}})[\s-]?)??(?:(?P<above>\d{{1,2}})[/⁄](?P<below>\d{{1,2}})"
                rf"|(?P<vulgar>[{VULGAR_FRACTIONS}]))\s?(?P<unit>{unit}|c(?=\.))\b(?![’'/-])"
                r"(?:\.(?=\s*[a-z0-9(,;:]|$))?",
                self._part_of_unit,
            ),
            rule(
                "fraction",
                r"(?<![\w./,-])(\d{1,3})-(\d{1,2})/(\d{1,2})(?![\w/]|[.,]\d)",
                lambda match: self.mixed(*map(int, match.groups())) if match[3] != "0" else None,
            ),
            rule(
                "length",
                r"(?<![\w./,])(?:(\d{1,3})[\s-])?(\d{1,2})/(\d{1,2})\s?[\"″”](?=[\s,.;)]|$)",
                self._part_of_inch,
            ),
            rule(
                "quantity",
                rf"(?<![\w.,])({NUMBER})\s?({unit})/({NUMBER})\s?({unit})\b",
                self._measured_per,
            ),
            rule(
                "quantity",
                r"(?:(?<=hundred)|(?<=thousand)|(?<=million)|(?<=billion)|(?<=trillion))\s"
                rf"({'|'.join(re.escape(each) for each in unit_symbols(self) if len(each) > 1)})(?![\w/°²³-])",
                lambda match: " " + quantity_in_words("2", "", match[1], self).removeprefix("two "),
            ),
            rule(
                "quantity",
                r"(?<![\w.,/])(\d{1,2})\sc\.(?=\s[a-z])",
                lambda match: self.counted(match[1], "", "cup/cups"),
            ),
            rule(
                "temperature",
                r"(?<=\bdegrees\s)([FC])\b(?:\.(?=\s+[a-z]|[,;]))?",
                lambda match: {"F": "Fahrenheit", "C": "Celsius"}[match[1]],
            ),
            rule("money", r"(?<=\d)\s?pp\b", lambda match: " per person"),
            rule("mathematics", r"(?<==\s)([a-zA-Z])/([a-zA-Z])(?![\w/])", lambda match: f"{match[1]} over {match[2]}"),
            rule(
                "quantity",
                rf"(?<![\w.,])(?:(?<=\b[Aa]\s)|(?<=\b[Aa]n\s))({NUMBER})[\s-]?({unit})(?={NOUN})"
                rf"|(?<![\w.,])(?:(?<=\b[Aa]\s)|(?<=\b[Aa]n\s))({NUMBER})[\s-]?({unit})(?=\s\()"
                rf"|(?<![\w.,])({NUMBER})-({unit})\b(?:\.(?=\s+[a-z]))?",
                self._attributive,
            ),
            rule(
                "quantity",
                rf"(?<![\w/])({'|'.join(re.escape(each) for each in unit_symbols(self) if '/' in each)})(?![\w/²³])",
                lambda match: quantity_in_words("2", "", match[1], self).removeprefix("two "),
            ),
            rule("ratio", r"(?<![\w./,])(\d\d)/(\d\d)(?![\w/]|[.,]\d)", self._split),
            rule("fraction", r"(?<![\w./,])1/2(?=\san?\s)", lambda match: "half"),
            rule("fraction", r"(?<=\b[Aa]\s)1/([24])(?=[\s-][a-z])", lambda match: self._fraction_names[match[1]]),
            rule(
                "fraction",
                r"(?<![\w./,])(\d{1,2})/(\d{1,3})(?:rds|nds|ths|th)\b",
                lambda match: self.fraction(int(match[1]), int(match[2])),
            ),
            rule(
                "rating",
                r"(?<![\w./,$€£])(?P<above>\d{1,3}(?:\.\d{1,2})?)/(?P<below>5|10|20|100)(?:\.0)?"
                r"(?!\w|/|[.,]\d|\s?[=+×÷*]|\s(?:of|in|an?)\b)(?P<stars>\s(?:stars?|points)\b)?",
                self._rating,
            ),
            rule(
                "money",
                rf"\b([Aa]n?|[Tt]he|[Tt]his|[Hh]is|[Hh]er|[Ii]ts|[Oo]ur|[Tt]heir|[’']s)"
                rf"\s({signs})(\d[\d,]{{0,12}}(?:\.\d{{1,2}})?)(?:\s?({scales}))?(?={NOUN})",
                self._priced,
            ),
            rule(
                "money",
                r"([$€£])[-−](\d{1,3}(?:,\d{3}){1,4}|\d{1,9})(?:\.(\d\d))?(?!\w|[.,]\d)",
                lambda match: (
                    f"{self.minus} {self.money(match[2].replace(',', ''), match[3] or '', self.currencies[match[1]])}"
                ),
            ),
            rule(
                "pressure",
                r"(?<![\w.,/])(\d{2,3})/(\d{2,3})\s?mm\s?Hg\b",
                lambda match: (
                    f"{self.cardinal(int(match[1]))} over {self.cardinal(int(match[2]))} millimeters of mercury"
                ),
            ),
            rule("money", r"(?<=\d|k)\s?pcm\b", lambda match: " per calendar month"),
            rule("money", r"(?<=\d|k)\s?pa\b", lambda match: " per annum"),
            rule("money", r"(?<![\w.,])(\d{1,2})p\b(?!\.\w)", self._pence),
            rule("number", r"(?<![\w.,])[1-9]\d{0,2}(?:\s\d{3}){2,4}(?!\s?\d|[-.,]\d|\w)", self._spaced_thousands),
            rule("number", r"(?<![\w.,])(\d{1,3})ers\b", self._numbered_team),
            rule("ordinal", r"(?<![\w.,])(\d{1,9})(?:ST|ND|RD|TH)\b", lambda match: self.ordinal(int(match[1]))),
            rule("ratio", r"(?<![\w.,:])(\d{1,3}):(\d{1,3}(?:,\d{3})+|\d{4,7})(?![\w:]|[.,]\d)", self._ratio),
            rule("mathematics", r"\b([fgh])\(([a-z])\)", lambda match: f"{match[1]} of {match[2]}"),
            rule("mathematics", r"(?<=\d)!(?=\s?[=+*/×÷-])", lambda match: " factorial"),
            rule("number", r"(?<![\w⁰¹²³⁴⁵⁶⁷⁸⁹])[⁰¹²³⁴⁵⁶⁷⁸⁹]{1,3}(?=[A-Z])", self._isotope),
        ]

    @cached_property
    def _unit(self) -> str:
        return "|".join(re.escape(symbol) for symbol in unit_symbols(self) if symbol.isalpha())

    def _said(self, written: str) -> str:
        return self.number(*written.replace(",", "").partition(".")[::2])

    def _unit_name(self, symbol: str) -> str:
        """Return the singular of a unit."""
        return quantity_in_words("1", "", symbol, self).removeprefix("one ")

    def _attributive(self, match: re.Match) -> str:
        """“a 10 m cable”: the unit before a noun is singular."""
        written, symbol = (match[1], match[2]) if match[1] else (match[3] or match[5], match[4] or match[6])
        return f"{self.number(*digits_of(written, self))}-{self._unit_name(symbol)}"

    def _feet(self, match: re.Match) -> str:
        if re.search(r"\b[Aa]\s$", match.string[: match.start()]):  # “a 4'11" girl”
            return f"{self._said(match[1])} foot {self._said(match[2])}"
        forms = ("foot/feet" if match[1] == "1" else "feet"), ("inch" if match[2] == "1" else "inches")
        feet = f"{self._said(match[1])} {self.form(forms[0], match[1])}"
        return f"{feet} {self._said(match[2])} {forms[1]}" + stop_of(match)

    def _measured(self, written: str, symbol: str) -> str:
        return quantity_in_words(*written.partition(".")[::2], symbol, self)

    def _measured_per(self, match: re.Match) -> str:
        """“250 mg/5 ml”: per; but “2.4 GHz/5 GHz” are two of a kind."""
        between = ", " if match[2] == match[4] else " per "
        return self._measured(match[1], match[2]) + between + self._measured(match[3], match[4])

    def _part_of_inch(self, match: re.Match) -> str | None:
        above, below = int(match[2]), int(match[3])
        if not 1 < below <= 64 or _is_quoted(match.string[: match.start()]):
            return None
        return (self.mixed(int(match[1]), above, below) if match[1] else self.fraction(above, below)) + " inch"

    def _inches(self, match: re.Match) -> str | None:
        sign, before, after = match[2] or match[3], match.string[: match.start()], match.string[match.end() :]
        if sign in "'’" and re.search(r"['‘]\w", before):  # a closing quote
            return None
        if sign in '"”' and _is_quoted(before):
            return None
        if sign in "'’" and re.search(r"[A-Z][a-z]+\s$|\d\+$", before) and after[:1] in tuple(",)"):  # of a match
            return f"{self._said(match[1])} minutes"
        if match[3] or (sign in '″"”' and re.match(NOUN, after)):
            return f"{self._said(match[1])}{'-' if match[3] else ' '}inch"
        forms = "foot/feet" if sign in "′'’" else "inch/inches"
        return f"{self._said(match[1])} {self.form(forms, match[1])}" + stop_of(match)

    def _size(self, match: re.Match) -> str | None:
        """“9 x 13 inches”, “1920×1080”: by; a product with × is times."""
        rest = match["rest"]
        inches = match["sign"] or re.search(r"[\"″”]", rest)
        if "×" in rest and not match["unit"] and not inches and " " in rest:
            return None
        numbers = [match["first"], *re.findall(NUMBER, rest)]
        said = " by ".join(
            self.code_digits(each) if re.fullmatch(r"\d{4}", each) else self._said(each) for each in numbers
        )
        noun = re.match(NOUN, match.string[match.end() :])
        if inches:
            return f"{said} {'inch' if noun else 'inches'}"
        if match["unit"]:
            name = self._unit_name(match["unit"])
            whole = quantity_in_words("2", "", match["unit"], self).removeprefix("two ")
            said = f"{said} {name if noun else whole}"
        return said + stop_of(match)

    def _angle(self, match: re.Match) -> str:
        parts = zip(match.groups()[:3], ("degree/degrees", "minute/minutes", "second/seconds"), strict=True)
        said = [self.counted(part.partition(".")[0], part.partition(".")[2], name) for part, name in parts if part]
        return f"{' '.join(said)} {DIRECTIONS[match[4]]}"

    def _angle_of(self, match: re.Match) -> str:
        return f"{self._said(match[1])} degree"

    def _stone(self, match: re.Match) -> str:
        pounds = f" {self.counted(match[2], '', 'pound/pounds')}" if match[2] else ""
        return f"{self.cardinal(int(match[1]))} stone{pounds}"

    def _part_of_unit(self, match: re.Match) -> str | None:
        if match["vulgar"]:
            above, _, below = unicodedata.normalize("NFKC", match["vulgar"]).partition("⁄")
        else:
            above, below = match["above"], match["below"]
        if not 1 < int(below) <= 16 or int(above) >= int(below):
            return None
        symbol = match["unit"]
        name = "cup" if symbol == "c" else self._unit_name(symbol)
        if match["whole"]:
            plural = "cups" if symbol == "c" else quantity_in_words("2", "", symbol, self).removeprefix("two ")
            return f"{self.mixed(int(match['whole']), int(above), int(below))} {plural}" + stop_of(match)
        article = "an" if name[0] in "aeiou" or name == "hour" else "a"
        if (above, below) == ("1", "2"):
            return f"half {article} {name}" + stop_of(match)
        return f"{self.fraction(int(above), int(below))} of {article} {name}" + stop_of(match)

    _fraction_names = {"2": "half", "4": "quarter"}

    def _rating(self, match: re.Match) -> str | None:
        above, below = match["above"], match["below"]
        if float(above) > int(below) or re.search(r"[=+×÷*]\s?$", match.string[: match.start()]):
            return None
        if below in ("5", "20") and "." not in above and not match["stars"]:
            return None
        return f"{self._said(above)} out of {self.cardinal(int(below))}{match['stars'] or ''}"

    def _split(self, match: re.Match) -> str | None:
        """“60/40”: parts of a hundred."""
        first, second = int(match[1]), int(match[2])
        return f"{self.cardinal(first)} {self.cardinal(second)}" if first + second == 100 else None

    def _priced(self, match: re.Match) -> str | None:
        """“a $5 bill”, “a £10m deal”: the currency before a noun is singular."""
        article, sign, written, scale = match.groups()
        if not scale and "." in written:
            return None
        said = " ".join(filter(None, (self._said(written), self.scales.get(scale or "", ""))))
        return f"{article} {said} {self.currencies[sign].unit.split('/')[0]}"

    def _pence(self, match: re.Match) -> str:
        return self.counted(match[1], "", "penny/pence")

    def _spaced_thousands(self, match: re.Match) -> str:
        return self.cardinal(int(re.sub(r"\s", "", match.group())))

    def _numbered_team(self, match: re.Match) -> str:
        said = self.cardinal(int(match[1]))
        return said.removesuffix("e") + "ers"

    def _ratio(self, match: re.Match) -> str:
        return f"{self.cardinal(int(match[1]))} to {self.number(*digits_of(match[2], self))}"

    def _isotope(self, match: re.Match) -> str:
        return self.code_digits(unicodedata.normalize("NFKC", match.group()))


def _is_quoted(before: str) -> bool:
    """Return whether a quotation is open after `before`; the mark after a digit is one of inches."""
    return len(re.findall(r"(?<!\d)\"", before)) % 2 == 1 or before.count("“") > len(re.findall(r"(?<!\d)”", before))
