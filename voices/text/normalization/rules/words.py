"""Abbreviations, titles, initialisms, terms with symbols, and Roman numerals."""

import re
from functools import cache

from voices.text.normalization.language import SPACE, VOWEL_SIGNS, Language
from voices.text.normalization.scanner import Rule, rule, stop_of

ROMAN_NUMERAL = r"(?=[IVXLCDM])M{0,3}(?:CM|CD|D?C{0,3})(?:XC|XL|L?X{0,3})(?:IX|IV|V?I{0,3})"
ROMAN_VALUES = {"I": 1, "V": 5, "X": 10, "L": 50, "C": 100, "D": 500, "M": 1000}
MAX_REGNAL = 39  # more is no king
FEWEST_SHOUTED_WORDS = 4  # of a sentence in capitals


def rules(language: Language) -> list[Rule]:
    def abbreviation(match: re.Match) -> str | None:
        if re.fullmatch(r"[^\W\d_a-z]{2,}\.", match.group()) and match.group() not in language.abbreviations:
            return None  # “on TV.” is not “Tv.”
        said = _lookup(language.abbreviations, match.group())
        return said + stop_of(match)

    def title(match: re.Match) -> str:
        return _lookup(language.titles, match.group())

    def before_number(match: re.Match) -> str:
        return _lookup(language.before_numbers, match.group())

    def term(match: re.Match) -> str:
        return language.terms[match.group()]

    def initialism(match: re.Match) -> str | None:
        letters = match["letters"]
        if not (letters.isalpha() and letters.isupper() and _is_spelled(letters, match, language)):
            return None
        return language.letters(letters) + (language.plural_letters if match["plural"] else "")

    def dotted(match: re.Match) -> str:
        letters = match.group().replace(".", "")
        return (letters if letters in language.acronyms else language.letters(letters)) + stop_of(match)

    def initials(match: re.Match) -> str:
        return language.letters(re.sub(r"\W", "", match.group())) + " "

    def regnal(match: re.Match) -> str | None:
        name, number = match["name"], roman(match["numeral"])
        if name not in language.regnal_names or number > MAX_REGNAL or number == 1 and not language.reads_numeral_i:
            return None
        return f"{name} {language.regnal(number, name)}"

    def numbered(match: re.Match) -> str | None:
        noun = match["noun"].lower()
        if not {noun, noun.rstrip(".")} & language.numeral_nouns:
            return None
        noun = _bare(tuple(language.before_numbers.items())).get(match["noun"].lower(), match["noun"])
        return f"{noun} {language.numbered(match['noun'], roman(match['numeral']))}"

    def alone(match: re.Match) -> str:
        return language.cardinal(roman(match.group()))

    capital = r"[^\W\d_a-zß-öø-ÿ]"  # or a letter of another script
    names = r"(?P<name>[^\W\d_]{2,})"
    numeral = rf"(?P<numeral>{ROMAN_NUMERAL})"
    apostrophe = "" if language.elides else "’'"
    found = [
        rule("term", rf"(?<![A-Za-z0-9]){_any_of(language.terms)}(?![A-Za-z+#]|(?<=\w)\d)", term),
        rule("Roman numeral", rf"\b(?P<noun>[^\W\d_]+\.?){SPACE}{numeral}\b(?![’']?\w|\.\s?\d)", numbered),
        rule(
            "abbreviation",
            rf"(?<![\w.{VOWEL_SIGNS}]){_any_of(language.before_numbers)}"
            rf"(?={SPACE}?(?:\(?\d|(?-i:[A-Z]{{1,4}}-?\d)|(?!I\b)[IVXLC]+\b|[a-z]\)))",
            before_number,
            re.I,
        ),
        rule(
            "title",
            rf"(?<![\w.{VOWEL_SIGNS}-]){_any_of(language.titles)}"
            rf"(?={SPACE}(?:{capital}|{language.symbols['&']}{SPACE}|&))",
            title,
        ),
        rule(
            "abbreviation",
            rf"(?<![\w.@/{VOWEL_SIGNS}]){_any_of(language.abbreviations)}(?![\w@{VOWEL_SIGNS}])",
            abbreviation,
            re.I,
        ),
    ]
    if language.regnal_names:
        found.append(rule("Roman numeral", rf"\b{names}{SPACE}{numeral}\b(?![.'’]?\w|-)", regnal))
        found.append(rule("Roman numeral", rf"\b{names}{SPACE}{numeral}(?=['’]s?\b)", regnal))
    if language.spaced:
        found += [
            rule(
                "Roman numeral", rf"(?<![\w.{apostrophe}-])(?=[IVX]{{2,}}\b){ROMAN_NUMERAL}\b(?![’']?\w|[.-]\w)", alone
            ),
            rule("initials", rf"(?<![\w.])(?:{capital}\.(?:{SPACE}|-)?){{1,6}}(?={capital}[^\W\d_A-Z])", initials),
            rule("initialism", r"(?<![\w.])(?:[A-Z]\.){2,8}(?![\w])", dotted),
            rule(
                "initialism",
                rf"(?<![\w.{apostrophe}])(?P<letters>{capital}{{2,6}})(?P<plural>(?:s|['’]s)\b)?(?![\w]|[’'](?!s)\w)",
                initialism,
            ),
        ]
    return found


def roman(numeral: str) -> int:
    """Return the value of a Roman numeral."""
    values = [ROMAN_VALUES[letter] for letter in numeral]
    following = [*values[1:], 0]
    return sum(-value if value < after else value for value, after in zip(values, following, strict=True))


def _is_spelled(letters: str, match: re.Match, language: Language) -> bool:
    """Return whether a word in capitals is an initialism: known as one, or without a vowel, and not shouted."""
    if letters in language.acronyms:
        return False
    if not set(letters) & _VOWELS:
        return True
    if letters in language.words_too and not any(letter.islower() for letter in match.string):
        return len(match.string.split()) < FEWEST_SHOUTED_WORDS
    return letters in language.initialisms and not _is_shouted(match, language)


def _is_shouted(match: re.Match, language: Language) -> bool:
    """Return whether the words beside it are in capitals too: “THIS IS IT”."""
    before = re.search(r"([^\W\d_]+)\W*$", match.string[max(match.start() - 40, 0) : match.start()])
    after = re.match(r"\W*([^\W\d_]+)", match.string[match.end() : match.end() + 40])
    beside = [found[1] for found in (before, after) if found]
    known = language.acronyms | language.initialisms
    return any(len(word) > 3 and word.isupper() and word not in known and set(word) & _VOWELS for word in beside)


_VOWELS = frozenset("AEIOUYÀÁÂÃÄÅÆÈÉÊËÌÍÎÏÒÓÔÕÖØŒÙÚÛÜÝАЕЁИОУЫЭЮЯ")


def _lookup(table: dict[str, str], written: str) -> str:
    # A letter such as the long s matches without regard to case, yet has no lower case that is in the table.
    found = table.get(written) or _bare(tuple(table.items())).get(re.sub(SPACE, "", written).lower(), written)
    return found[0].upper() + found[1:] if written[0].isupper() and written[1:2].islower() else found


@cache
def _bare(items: tuple[tuple[str, str], ...]) -> dict[str, str]:
    return {written.replace(" ", "").lower(): said for written, said in items}


def _any_of(table: dict[str, str]) -> str:
    """Return a regular expression for any of the keys, the longest first; a space in one may be missing."""
    keys = sorted(table, key=len, reverse=True)
    return "(?:" + "|".join(re.escape(key).replace(r"\ ", f"{SPACE}?") for key in keys) + ")" if keys else "(?!)"
