"""What only Italian writes: times with a point, centuries, saints, numbers of houses and laws."""

import re

from voices.text.normalization.language import Language
from voices.text.normalization.rules.amounts import SPACE, unit_symbols
from voices.text.normalization.rules.calendar import DAYS_IN_MONTH
from voices.text.normalization.rules.words import ROMAN_NUMERAL, roman
from voices.text.normalization.scanner import Rule, rule, stop_of

from .italian_words import NOT_NOUNS, ORDINAL_NOUNS, SAINTS, elide, elide_hours, gender_of, is_feminine

# After an article or one of these, “1°” is no angle.
BEFORE_ORDINALS = (
    "[Ii]l|[Dd]el|[Aa]l|[Nn]el|[Dd]al|[Ss]ul|[Cc]apitolo|[Aa]rticolo|[Pp]iano|[Pp]osto|[Ll]ibro|[Cc]anto|[Aa]tto|"
    "[Tt]omo|[Vv]olume|[Cc]lassificato"
)
ARTICLES = {"l": "il", "dell": "del", "all": "al", "dall": "dal", "nell": "nel", "sull": "sul"}
PLURAL_NOUNS = {"pp": "pagine", "pagg": "pagine", "artt": "articoli", "capp": "capitoli", "figg": "figure",
                "nn": "numeri", "voll": "volumi", "vv": "versi"}  # fmt: skip
LAWS = {"D.P.R.": "decreto del presidente della repubblica", "D.Lgs.": "decreto legislativo", "D.L.": "decreto legge",
        "D.M.": "decreto ministeriale", "L.": "legge", "legge": "legge", "Legge": "Legge"}  # fmt: skip
WEEKDAYS = "lun|mar|mer|gio|ven|sab|dom"
HOUR_WORDS = r"(?:[Aa]lle|[Dd]alle|[Oo]re|[Ll]e|[Vv]erso\sle|h\.?|[Aa]ll[’']|[Dd]all[’']|[Ee]ntro\sle|e\sle)"


class ItalianRules(Language):
    def own_rules(self) -> list[Rule]:
        months = "gennaio|febbraio|marzo|aprile|maggio|giugno|luglio|agosto|settembre|ottobre|novembre|dicembre"
        times = r"(?<![\w:.,])(?P<{0}hour>[01]?\d|2[0-4])[:.](?P<{0}minute>[0-5]\d)"
        feminine = "or[ae]|tazz[ae]|giornat[ae]|pagin[ae]|mel[ae]|cipoll[ae]|bustin[ae]|tonnellat[ae]|dozzin[ae]"
        halves = (
            rf"(?P<feminine>{feminine})|litr[oi]|chil[oi]|kg|l|bicchier[ei]|cucchia[io]+|cucchiain[oi]|limon[ei]|"
            "metr[oi]|secol[oi]"
        )
        century = rf"(?:(?=[IVXLC]){ROMAN_NUMERAL})\b"
        letters, saints = "[^\\W\\d_]", "|".join(SAINTS.values())
        return [
            rule(
                "date",
                rf"\b([Ll]|[Dd]ell|[Aa]ll|[Dd]all|[Nn]ell|[Ss]ull)['’]1[º°]?(?=\s(?:{months})\b)",
                self._first_of_month,
            ),
            rule(
                "date",
                r"\b([Ll]|[Dd]ell|[Aa]ll|[Dd]all|[Nn]ell|[Ss]ull)['’]0?1[/.-](\d{1,2})(?:[/.-](\d{4}|\d\d))?"
                r"(?![\w/]|[.,-]\d)",
                self._first_in_digits,
            ),
            rule("time", rf"(?<=\b(?:{WEEKDAYS})\.\s)(\d{{1,2}})[-–](\d{{1,2}})(?![\w:/-]|[.,]\d)", self._hours),
            rule(
                "ordinal",
                rf"\b({BEFORE_ORDINALS})\s(\d{{1,3}})°(?!\w|['’]|\s?(?:[CFNSEO]\b|\d|gradi))",
                self._before_ordinal,
            ),
            rule(
                "ordinal",
                r"\b([Ll]a|[Ii]l|[Dd]el(?:la)?|[Aa]l(?:la)?|[Nn]el(?:la)?)\s(\d{1,3})([ao])\b(?!['’])",
                self._after_article,
            ),
            rule("ordinal", r"(?<=\b[Aa]l\s)(\d{1,3})['’′](?!\w)", lambda match: self.ordinal(int(match[1]))),
            rule("range", rf"\b({'|'.join(PLURAL_NOUNS)})\.\s(\d{{1,4}})[-–](\d{{1,4}})(?![\w-]|[.,]\d)", self._pages),
            rule(
                "law",
                rf"(?<![\w.])({'|'.join(map(re.escape, LAWS))})\s(n\.\s)?(\d{{1,4}})/(\d{{4}}|\d\d)(?![\w/])",
                self._law,
            ),
            rule("fraction", r"(?<=\d\sh\se\s)(?:½|1/2)(?![\w/])", lambda match: "mezza"),
            rule("name", r"\bV\.(?=\s?Emanuele\b)", lambda match: "Vittorio"),
            rule(
                "time",
                rf"(?P<before>\b{HOUR_WORDS}\s?)(?P<hour>[01]?\d|2[0-4])[.,](?P<minute>[0-5]\d)"
                r"(?!\d|[.,]\d|\s?[%€]|\s?[-–]\s?\d)",
                self._dotted_time,
            ),
            rule(
                "date",
                r"(?:(?<=\b[Ii]l\s|[Aa]l\s|[Ee]l\s)|(?<=\b[Ll]['’]))(\d\d?)/(\d\d?)(?![\w/]|[.,]\d|\sd)"
                r"|(?<![\w./])([0-3]\d)/(0\d|1[0-2])(?![\w/]|[.,]\d)",
                self._day_of_month,
            ),
            rule("number", rf"(?<![\w.,])1\s(?P<noun>{letters}{{3,}})", self._one),
            rule("number", r"(?<![\w.,])(\d{1,3})\s?mila\b", lambda match: self._thousands(match[1], "")),
            rule(
                "ordinal",
                rf"(?<![\w.,])(\d{{1,3}})°(?=\s(?!gradi|nord|sud|est|ovest|con|per|sono|sotto|sopra|nel|alla|all|alle|"
                rf"fino|circa|centigradi){letters}{{3,}})",
                self._ordinal,
            ),
            rule(
                "ordinal",
                rf"(?<![\w.,])(\d{{1,3}})([ao])(?=\s{letters}{{4,}})",
                lambda match: self.ordinal(int(match[1]), "f" if match[2] == "a" else ""),
            ),
            rule(
                "fraction",
                rf"(?<![\w./,])(?:(?P<whole>\d{{1,4}}){SPACE}?(?:e{SPACE})?)?(?:½|1/2){SPACE}(?P<noun>{halves})\b",
                self._half,
            ),
            rule(
                "Roman numeral",
                rf"(?<![\w.])(?<![^IVXLC\s]-)(?P<numeral>(?=[IVXLC]){ROMAN_NUMERAL})(?P<to>[-–](?=[IVX])|"
                rf"\s(?={ORDINAL_NOUNS})|\se\s(?=(?:il\s|l[’'])?[IVX]+\s(?:{ORDINAL_NOUNS})))",
                self._roman_ordinal,
            ),
            rule(
                "Roman numeral",
                rf"\b(?P<noun>secc?\.|[Ss]ecol[oi])\s(?P<list>{century}(?:(?:\s?[-–]\s?|,\s|\se\s){century}){{0,5}})",
                self._centuries,
            ),
            rule(
                "number", r"(?<![\w.,])(\d)\sset\b(?!\.|\s\d{4})", lambda match: f"{self.cardinal(int(match[1]))} set"
            ),
            rule(
                "number",
                r"\b((?:[Vv]ia|[Vv]iale|[Pp]iazza|[Cc]orso|[Vv]icolo)\s[^\W\d][^\d,;.:!?]{1,40},?\s)"
                r"(\d{1,4})/(\d{1,3})(?![\w/])",
                lambda match: f"{match[1]}{self.cardinal(int(match[2]))} barra {self.cardinal(int(match[3]))}",
            ),
            rule(
                "number",
                r"(?<![\w.,/])(\d{1,3})/((?:19|20)\d\d)(?![\w/])",
                lambda match: f"{self.cardinal(int(match[1]))} del {self.cardinal(int(match[2]))}",
            ),
            rule(
                "year",
                r"(?<![\w.,/])((?:19|20)\d\d)/((?:19|20)?\d\d)(?![\w/])",
                lambda match: f"{self.cardinal(int(match[1]))} {self.cardinal(int(match[2]))}",
            ),
            rule(
                "duration",
                rf"(?<![\w.,:])(?<!\b[Oo]re\s)(?<!lle\s)(?<!\b[Ll]e\s)(?<!ll['’])"
                rf"(\d{{1,2}}){SPACE}?h{SPACE}?([0-5]\d)(?:{SPACE}?m(?:in)?)?(?!\w)",
                self._duration,
            ),
            rule(
                "telephone number",
                r"(?<![\w+.,])(0\d{1,3})[./](\d{5,8})(?![\d]|[.,]\d)",
                lambda match: self.digits(match.group()),
            ),
            rule("mathematics", r"(?<=\w\s)[x×](?=\s\d)", lambda match: "per"),
            rule(
                "time",
                r"(?:(?<=\b[Èè]\s[Ll]['’])|(?<=\b[Aa]ll['’]))1(?!\s?[%\d/.,:°º]\d|\s?%|\w|[°º])",
                lambda match: "una",
            ),
            rule("abbreviation", r"\bp\.\s?es\.", lambda match: "per esempio"),
            rule("abbreviation", r"\bp\.\s?z?za\b\.?", lambda match: "piazza"),
            rule(
                "telephone number",
                rf"(?<![\w+.,])(?<!\d\s)(800|3\d\d)[ .-]?(\d{{3}})[ .-]?(\d{{3,4}})(?![\d]|[.,{SPACE[1:-1]}]\d)",
                self._mobile,
            ),
            rule("time", rf"{times.format('from_')}\s?[-–]\s?{times.format('to_')}(?!\d|[.,:]\d)", self._opening),
            rule("range", rf"(?<![\w.,-])(\d{{1,3}})[-–](\d{{1,3}})(?=\sore\b|\s{letters}{{4,}})", self._range),
            rule("saint", rf"\bS\.\s?(?=(?:{saints})\b)", self._saint),
            rule("street", r"\bv\.(?=\s?(?:p\.|pag|fig|cap|art|sopra|sotto|anche|nota|tab|n\.))", lambda match: "vedi"),
            rule("year", r"(?<!\w)['’](\d{2,3})(?![\w’']|[.,]\d)", lambda match: self.cardinal(int(match[1]))),
            rule("version", r"(?<![\d.,])(?<!\w[.,])(\d{1,4})\.(\d{1,2})(?![\w%€$£]|[.,/:]\d)", self._dotted),
            rule("length", r"(?<![\w.,])(\d{1,3}(?:,\d)?)\s?[″\"](?=[\s,.;)]|$)", self._inches),
            rule("quantity", r"(?<=\d\s)ha(?=[.,;)]|$|\sdi\s)|(?<=\d)ha\b", lambda match: "ettari"),
            rule("abbreviation", r"\b(?:max|MAX)\.(?!\w)", lambda match: "massimo" + stop_of(match)),
        ]

    def _ordinal(self, match: re.Match) -> str:
        noun = match.string[match.end() :].split()[0]
        return self.ordinal(int(match[1]), gender_of(noun))

    def _first_of_month(self, match: re.Match) -> str:
        article = match[1]
        said = ARTICLES[article.lower()]
        return f"{said.capitalize() if article[0].isupper() else said} primo"

    def _first_in_digits(self, match: re.Match) -> str | None:
        month, year = int(match[2]), match[3] or ""
        if not 1 <= month <= 12:
            return None
        full_year = int(year) + 2000 * (len(year) == 2) if year else None
        return f"{self._first_of_month(match)} {self.date(1, month, full_year).removeprefix('primo ')}"

    def _before_ordinal(self, match: re.Match) -> str:
        return f"{match[1]} {self.ordinal(int(match[2]))}"

    def _after_article(self, match: re.Match) -> str | None:
        feminine = match[1].endswith("a")
        if feminine != (match[3] == "a"):
            return None
        return f"{match[1]} {self.ordinal(int(match[2]), 'f' if feminine else '')}"

    def _pages(self, match: re.Match) -> str:
        first, second = int(match[2]), int(match[3])
        said = self.cardinal(first), self.cardinal(second)
        noun = PLURAL_NOUNS[match[1]]
        return f"{noun} {said[0]} e {said[1]}" if second == first + 1 else f"{noun} da {said[0]} a {said[1]}"

    def _law(self, match: re.Match) -> str:
        number = f"{'numero ' if match[2] else ''}{self.cardinal(int(match[3]))}"
        return f"{LAWS[match[1]]} {number} del {self.cardinal(int(match[4]))}"

    def _hours(self, match: re.Match) -> str | None:
        first, second = int(match[1]), int(match[2])
        return elide_hours(f"dalle {self.clock(first, 0)} alle {self.clock(second, 0)}") if second <= 24 else None

    def _dotted_time(self, match: re.Match) -> str:
        return match["before"] + self.clock(int(match["hour"]), int(match["minute"]))

    def _day_of_month(self, match: re.Match) -> str | None:
        day, month = (int(part) for part in match.groups() if part)
        return self.date(day, month) if 1 <= month <= 12 and 1 <= day <= DAYS_IN_MONTH[month] else None

    def _one(self, match: re.Match) -> str | None:
        noun = match["noun"]
        if (
            noun.lower() in NOT_NOUNS
            or noun in unit_symbols(self)
            or noun in self.currencies
            or noun.lower() in self._month_names
            or noun in self.scales
            and noun != "milione"
        ):
            return None
        return elide(f"{'una' if is_feminine(noun) else 'un'} {noun}")

    @property
    def _month_names(self) -> set[str]:
        return {
            name.lower().rstrip(".")
            for width in ("wide", "abbreviated")
            for name in self.cldr.months["format"][width].values()
        }

    def _half(self, match: re.Match) -> str:
        whole = match["whole"] or ""
        noun = {"kg": "chilo/chili", "l": "litro/litri"}.get(match["noun"], match["noun"])
        half = "mezza" if match["feminine"] else "mezzo"
        if whole:
            return f"{self.counted(whole, '', noun, 'f' if match['feminine'] else 'm')} e {half}"
        return "mezz’ora" if noun == "ora" else f"{half} {noun.split('/')[0]}"

    def _roman_ordinal(self, match: re.Match) -> str | None:
        number = roman(match["numeral"])
        noun = re.search(
            rf"(?:[-–]|\s|\se\s)(?:(?:il\s|l[’'])?[IVXLC]+(?:\s|[-–]))*({ORDINAL_NOUNS})",
            match.string[match.start("to") : match.end() + 60],
        )
        if not noun:
            return None
        between = {"-": "-", "–": "-"}.get(match["to"], match["to"])
        return self.ordinal(number, gender_of(noun[1].rstrip("."))) + between

    def _centuries(self, match: re.Match) -> str:
        written = re.sub(r"\s?[-–]\s?", " e ", match["list"])
        said = re.sub(r"\b[IVXLC]+\b", lambda each: self.ordinal(roman(each.group())), written)
        noun = {"sec.": "secolo", "secc.": "secoli"}.get(match["noun"], match["noun"])
        return f"{noun} {said}"

    def _duration(self, match: re.Match) -> str:
        hours = self.counted(match[1], "", "ora/ore", "f")
        return f"{hours} e {self.cardinal(int(match[2]))}" if int(match[2]) else hours

    def _mobile(self, match: re.Match) -> str | None:
        if match[1] == "800" or len(match[3]) == 4:
            return self.digits(" ".join(match.groups()))
        return None

    def _opening(self, match: re.Match) -> str:
        first, second = (self.clock(int(match[f"{end}_hour"]), int(match[f"{end}_minute"])) for end in ("from", "to"))
        is_said = re.search(
            r"\b(?:[Dd]alle|[Oo]re|[Ll]e|h)\s$", match.string[max(match.start() - 10, 0) : match.start()]
        )
        return elide_hours(f"{'' if is_said else 'dalle '}{first} alle {second}")

    def _range(self, match: re.Match) -> str:
        """“tra 10-15 giorni”, “10-15 giorni”, but “i 10-15 giorni”."""
        before = match.string[max(match.start() - 12, 0) : match.start()]
        first, second = self.cardinal(int(match[1])), self.cardinal(int(match[2]))
        if re.search(r"\b(?:[Tt]ra|[Ff]ra)\s(?:i\s|le\s|gli\s)?$", before):
            return f"{first} e {second}"
        is_noun = re.search(
            r"(?:\b(?:[IiDd]|[Ll]e|[Gg]li|[Dd]e[il]|[Dd]elle|[Ii]n|[Dd]i|[Dd]a|[Nn]ei|pagine|pp\.|anni)\s|[’'(])$",
            before,
        )
        return f"{'' if is_noun else 'da '}{first} a {second}"

    def _saint(self, match: re.Match) -> str:
        name = re.match(r"\w+", match.string[match.end() :])
        title = next(title for title, names in SAINTS.items() if name and name[0] in names.split("|"))
        return title if title.endswith("’") else f"{title} "

    def _inches(self, match: re.Match) -> str | None:
        if match.string[: match.end() - 1].count('"') % 2:  # a closing quote
            return None
        whole, _, fraction = match[1].partition(",")
        return self.counted(whole, fraction, "pollice/pollici")

    def _dotted(self, match: re.Match) -> str | None:
        """“Python 3.11”, “2.5”: what people write with a point they say with one; not before a unit."""
        after = re.match(rf"{SPACE}?(%|[€$£]|[^\W\d_]+[²³]?)", match.string[match.end() :])
        if after and (
            after[1] in unit_symbols(self) or after[1] in self.currencies or after[1] in self.scales or after[1] == "%"
        ):
            return None
        zero = "zero " * (len(match[2]) == 2 and match[2][0] == "0")
        return f"{self.number(match[1])} punto {zero}{self.cardinal(int(match[2]))}"

    def _thousands(self, whole: str, fraction: str) -> str:
        return self.join(self.number(whole, fraction), "mila") if fraction else self.number(f"{whole}000")
