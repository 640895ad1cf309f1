"""Numbers in words in ten languages, with the separators, signs and units of each. Pure.

num2words does most of it. This adds Chinese, fractions read digit by digit, and corrections.
"""

import re
from dataclasses import dataclass, replace
from typing import Any

from num2words import num2words


@dataclass(frozen=True)
class Language:
    code: str
    point: str  # the decimal separator, in words
    minus: str
    percent: str  # the word, or Russian's three forms: after 1, 2 and 5
    until: str  # between the ends of a range
    units: dict[str, str]  # by currency sign: “one” and its singular, then the plural; or Russian's three forms
    scales: tuple[str, ...]  # words between a number and its unit: “five million dollars”
    of: str = ""  # between a scale and the unit
    and_cents: str = " "  # between units and hundredths
    dot: str = ""  # in a version number, if it differs from `point`
    separators: tuple[tuple[str, str], ...] = ((",", "."),)  # of thousands, and the decimal separator
    whole_fraction: bool = False  # a fraction is read as a number: “trois virgule quatorze”
    spaced: bool = True  # words are separated by spaces
    ordinal: str = ""  # a regular expression: the endings that make digits an ordinal
    zero: str = ""  # when read digit by digit, if it differs from the number 0


_SMALL_WORDS = {  # point, minus, percent, until
    "en": ("point", "minus", "percent", "to"),
    "de": ("Komma", "minus", "Prozent", "bis"),
    "it": ("virgola", "meno", "per cento", "a"),
    "pt": ("vírgula", "menos", "por cento", "a"),
    "es": ("coma", "menos", "por ciento", "a"),
    "fr": ("virgule", "moins", "pour cent", "à"),
    "ru": ("", "минус", "процент/процента/процентов", "до"),
    "zh": ("点", "负", "百分之", "到"),
    "ja": ("点", "マイナス", "パーセント", "から"),
    "ko": ("점", "마이너스", "퍼센트", "에서"),
}
_UNIT_WORDS = {
    "en": {"$": "one dollar/dollars", "€": "one euro/euros", "£": "one pound/pounds", "¥": "one yen/yen"},
    "de": {"$": "ein Dollar/Dollar", "€": "ein Euro/Euro", "£": "ein Pfund/Pfund", "¥": "ein Yen/Yen"},
    "it": {"$": "un dollaro/dollari", "€": "un euro/euro", "£": "una sterlina/sterline", "¥": "uno yen/yen"},
    "pt": {"$": "um dólar/dólares", "€": "um euro/euros", "£": "uma libra/libras", "¥": "um iene/ienes"},
    "es": {"$": "un dólar/dólares", "€": "un euro/euros", "£": "una libra/libras", "¥": "un yen/yenes"},
    "fr": {"$": "un dollar/dollars", "€": "un euro/euros", "£": "une livre/livres", "¥": "un yen/yens"},
    "ru": {"$": "доллар/доллара/долларов", "€": "евро/евро/евро", "£": "фунт/фунта/фунтов", "¥": "иена/иены/иен"},
    "zh": {"$": "美元", "€": "欧元", "£": "英镑", "¥": "元"},
    "ja": {"$": "ドル", "€": "ユーロ", "£": "ポンド", "¥": "円"},
    "ko": {"$": "달러", "€": "유로", "£": "파운드", "¥": "엔", "₩": "원"},
}
_UNIT_WORDS["pt"]["R$"] = "um real/reais"
_UNIT_WORDS["ru"]["₽"] = "рубль/рубля/рублей"
_SCALE_WORDS = {
    "en": ("thousand", "million", "billion", "trillion"),
    "de": ("Millionen", "Milliarden", "Million", "Milliarde"),
    "it": ("milioni", "milione", "miliardi", "miliardo"),
    "pt": ("milhões", "milhão", "bilhões", "bilhão"),
    "es": ("millones", "millón"),
    "fr": ("millions", "million", "milliards", "milliard"),
    "ru": ("миллионов", "миллиона", "миллион", "миллиардов", "миллиарда", "миллиард"),
}
_NO_BREAK_SPACES = "\u00a0\u202f"  # separate thousands in any of these languages
_COMMA = (f".{_NO_BREAK_SPACES}", ",")
_THOUSANDS_SPACE = ((f" {_NO_BREAK_SPACES}.", ","),)
_ROMANCE = {"whole_fraction": True, "of": "de "}
_LANGUAGE_RULES: dict[str, dict[str, Any]] = {
    "en": {"ordinal": "st|nd|rd|th"},
    "de": {"separators": (_COMMA,), "dot": "Punkt"},
    "it": _ROMANCE | {"separators": (_COMMA,), "of": "di ", "and_cents": " e ", "dot": "punto", "ordinal": "[ºª]"},
    "pt": _ROMANCE | {"separators": (_COMMA,), "and_cents": " e ", "dot": "ponto", "ordinal": "[ºª]"},
    # Spain writes a comma before the fraction, most of America a point.
    "es": _ROMANCE | {"separators": (_COMMA, (",", ".")), "and_cents": " con ", "dot": "punto", "ordinal": r"\.?[ºª]"},
    "fr": _ROMANCE | {"separators": _THOUSANDS_SPACE, "dot": "point", "ordinal": "ers?|re|ère|nde?|e|es|ème|èmes"},
    "ru": {"separators": _THOUSANDS_SPACE, "dot": "точка"},
    "zh": {"spaced": False},
    "ja": {"spaced": False, "zero": "ゼロ"},
    "ko": {"zero": "공"},
}
LANGUAGES = {
    code: Language(code, *_SMALL_WORDS[code], _UNIT_WORDS[code], _SCALE_WORDS.get(code, ()), **_LANGUAGE_RULES[code])
    for code in _SMALL_WORDS
}


def words(number: int, language: Language, to: str = "cardinal") -> str:
    """Return a whole number in words. to: “cardinal”, “ordinal” or “year”."""
    if language.code == "zh":
        return _chinese(number)
    said = num2words(number, lang="pt_BR" if language.code == "pt" else language.code, to=to).replace(",", "")
    if language.code == "es":
        said = re.sub(r"\buno (?=mil)", "un ", re.sub(r"veintiuno (?=mil)", "veintiún ", said))
    if language.code == "ru":
        said = said.removeprefix("одна ") if number // 1000 == 1 else said
    return said


def year(number: int, language: Language) -> str:
    """Return a year in words. English and German read it by hundreds: “nineteen eighty-four”."""
    counts_hundreds = language.code in ("en", "de") and 1100 <= number < 2100
    return words(number, language, "year" if counts_hundreds else "cardinal")


def digits(written: str, language: Language) -> str:
    """Return digits one by one, as in a telephone number."""
    said = [language.zero if digit == "0" and language.zero else words(int(digit), language) for digit in written]
    return ("" if language.code in ("zh", "ja", "ko") else " ").join(said)


def number(whole: str, fraction: str, language: Language) -> str:
    """Return a number in words, from its digits before and after the decimal separator."""
    if len(whole) > 15:
        return digits(whole + fraction, language)
    if not fraction:
        return words(int(whole), language)
    if language.code == "ru":
        return num2words(f"{int(whole)}.{fraction}", lang="ru")  # “three whole and fourteen hundredths”
    significant = fraction.lstrip("0")
    if language.whole_fraction and len(significant) in (1, 2):
        zeros = digits("0" * (len(fraction) - len(significant)), language)
        after = f"{zeros} {words(int(significant), language)}".strip()
    else:
        after = digits(fraction, replace(language, zero=""))
    return (" " if language.spaced else "").join((words(int(whole), language), language.point, after))


def counted(whole: str, fraction: str, forms: str, language: Language) -> str:
    """Return a number with its unit, in words. forms: of the unit, as in `Language.units`."""
    one, *more = forms.split("/")
    if len(more) == 1 and whole == "1" and not fraction:
        return one
    form = more[0] if more else one
    if len(more) == 2:  # 1, 21 рубль; 2–4, 22 and any fraction рубля; the others рублей
        few, many = more
        last, teen = int(whole) % 10, 10 < int(whole) % 100 < 20
        form = few if fraction else many if teen or last in (0, 5, 6, 7, 8, 9) else one if last == 1 else few
    return number(whole, fraction, language) + (" " if language.spaced else "") + form


def ordinal(number: int, ending: str, language: Language) -> str:
    """Return the ordinal written as `number` with `ending`, such as 3 and “rd”, in words."""
    said = words(number, language, "ordinal")
    if ending.endswith("ª"):
        said = re.sub(r"o\b", "a", said)
    if ending in ("re", "ère"):
        said = re.sub("premier$", "première", said)
    return said


def korean(number: int) -> str:
    """Return a number up to 99 in native Korean numerals, which most counters take, rather than in Sino-Korean ones."""
    if number in (1, 20):
        return {1: "한", 20: "스무"}[number]
    return words(number, LANGUAGES["ko"], "ordinal").removesuffix(" 번째")


_CHINESE_DIGITS = "零一二三四五六七八九"


def _chinese(number: int) -> str:
    """Return a number in Chinese: in groups of four digits, zeros in between as a single 零, a leading 一十 as 十."""
    for unit, size in (("亿", 10**8), ("万", 10**4)):
        if number >= size:
            high, low = divmod(number, size)
            between = "零" if 0 < low < size // 10 else ""
            rest = _chinese(low) if low else ""
            return _chinese(high) + unit + between + ("一" if rest.startswith("十") else "") + rest
    said, skipped = "", False
    for size, unit in ((1000, "千"), (100, "百"), (10, "十"), (1, "")):
        digit = number // size % 10
        if digit:
            said += ("零" if skipped and said else "") + _CHINESE_DIGITS[digit] + unit
        skipped = not digit
    return re.sub("^一十", "十", said) or "零"
