"""All other numbers: ordinals, fractions, ranges, scores, and plain ones."""

import re
import unicodedata

from voices.text.normalization.language import SPACE, VOWEL_SIGNS, Language, digits_of, number_pattern
from voices.text.normalization.scanner import Rule, rule

from .amounts import unit_alone, unit_symbols

MAX_DENOMINATOR = 20
VULGAR_FRACTIONS = "½⅓⅔¼¾⅕⅖⅗⅘⅙⅚⅐⅛⅜⅝⅞⅑⅒"
SUPERSCRIPTS = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹⁻", "0123456789-")
MINUS = rf"(?P<minus>(?<![\w.,)\]%{VOWEL_SIGNS}])[-−](?=\d))?"


def rules(language: Language) -> list[Rule]:
    number = number_pattern(language.separators)
    unit = "|".join(map(re.escape, unit_symbols(language))) if language.fraction_of else "(?!)"

    def vulgar(match: re.Match) -> str:
        above, _, below = unicodedata.normalize("NFKC", match[2]).partition("⁄")
        if match[1]:
            return language.mixed(int(re.sub(r"\D", "", match[1])), int(above), int(below))
        return language.fraction(int(above), int(below))

    def fraction(match: re.Match) -> str:
        said = fraction_in_words(match)
        symbol = match["unit"]
        if not symbol:
            return said
        is_part = not match["whole"] and int(match["above"]) < int(match["below"])
        unit = unit_alone(symbol, language, several=not is_part)
        return language.join(said, language.fraction_of if is_part else "", unit)

    def fraction_in_words(match: re.Match) -> str:
        above, below = int(match["above"]), int(match["below"])
        if not 1 < below <= MAX_DENOMINATOR or above > MAX_DENOMINATOR:
            return f"{language.cardinal(above)} {language.symbols['/']} {language.cardinal(below)}"
        if match["whole"]:
            return language.mixed(int(match["whole"]), above, below)
        return language.fraction(above, below)

    def ordinal(match: re.Match) -> str:
        return language.read_ordinal(int(match[1]), match[2])

    def score(match: re.Match) -> str | None:
        return language.score(match[1], match[2])

    def until(match: re.Match) -> str | None:
        low, high = match["low"], match["high"]
        both_whole = low.isdecimal() and high.isdecimal()
        years = both_whole and len(low) == 4 and len(high) in (2, 4) and language.is_year(int(low))
        is_code = high[0] == "0" != low[0] and len(high) > 1 and high.isdecimal()  # such as 2026-0457
        if is_code or len(high) < len(low) and not years:
            is_score = low.isdecimal() and len(low) < 4 and match.group()[len(low)] in "-–" and not is_code
            return language.score(low, high) if is_score and high.isdecimal() else None
        gender = following_gender(match, language)
        # The lower end stands alone: “uno a dos años”, but “una a dos horas”.
        lower_gender = "" if gender == "m" else gender
        first = language.year(int(low)) if years else language.number(*digits_of(low, language), lower_gender)
        if years and len(high) == 2:
            high = low[:2] + high
        second = language.year(int(high)) if years else language.number(*digits_of(high, language), gender)
        return language.join(first, language.until, second)

    def plain(match: re.Match) -> str:
        written = match["number"]
        whole, fraction = digits_of(written, language)
        gender = following_gender(match, language)
        may_be_year = written == whole and len(whole) == 4 and not match["minus"] and not gender
        if may_be_year and language.is_year(int(whole)):
            said = language.year(int(whole))
        elif len(whole) > 1 and whole[0] == "0":
            said = language.join(
                language.digits(whole), *([language.point, language.digits(fraction)] if fraction else [])
            )
        else:
            said = language.number(whole, fraction, gender)
        return language.join(language.minus if match["minus"] else "", said)

    return [
        rule("fraction", rf"(?:(?<![\w.,])(\d{{1,6}}){SPACE}?)?([{VULGAR_FRACTIONS}])", vulgar),
        rule(
            "fraction",
            rf"(?<![\w./,])(?:(?P<whole>\d{{1,4}}){SPACE})?(?P<above>\d{{1,3}})[/⁄](?P<below>\d{{1,3}})"
            rf"(?![\w/]|[.,]\d)(?:{SPACE}(?P<unit>{unit})(?![\w°²³/.{VOWEL_SIGNS}]))?",
            fraction,
        ),
        *(
            [rule("ordinal", rf"(?<![\w.,])(\d{{1,9}})({language.ordinal_endings})(?!\w)", ordinal)]
            if language.ordinal_endings
            else []
        ),
        rule("score", r"(?<![\w.,:-])(\d{1,3}):(\d{1,3})(?![\w-]|[.,:]\d)", score),
        rule(
            "range",
            rf"(?<![\w.,-])(?P<low>{number})(?:[-–—]|{SPACE}[–—]{SPACE})(?P<high>{number})(?![\d-])",
            until,
        ),
        rule("number", rf"{MINUS}(?<![\d.,])(?P<number>{number})", plain),
        rule(
            "number",
            r"(?<![\w.,])\.(\d{1,9})(?!\w|\.\d)",
            lambda match: f"{language.point} {language.digits(match[1])}",
        ),
        rule("number", r"(?P<minus>(?!))?(?P<number>\d{1,15})", plain),  # what nothing else took: no digit is left
    ]


NOUN = re.compile(rf"{SPACE}?([^\W\d_]+)")


def following_gender(match: re.Match, language: Language) -> str:
    """Return the gender of the noun that a number counts, if one follows."""
    noun = NOUN.match(match.string, match.end())
    return language.gender_of(noun[1]) if noun else ""
