"""Money, percentages and quantities with a unit."""

import re
from functools import cache

from babel.numbers import format_decimal
from babel.units import UnknownUnitError, format_unit

from voices.text.normalization.language import (
    SPACE,
    VOWEL_SIGNS,
    Language,
    decimal_of,
    digits_of,
    number_pattern,
)
from voices.text.normalization.scanner import Rule, rule, stop_of

# Units of CLDR by symbol. Left out: what is likelier a word or a letter after a number (“5 A”, “5 in”).
CLDR_UNITS = {
    "km": "length-kilometer", "m": "length-meter", "dm": "length-decimeter", "cm": "length-centimeter",
    "mm": "length-millimeter", "µm": "length-micrometer", "μm": "length-micrometer", "nm": "length-nanometer",
    "mi": "length-mile", "yd": "length-yard", "ft": "length-foot",
    "kg": "mass-kilogram", "g": "mass-gram", "mg": "mass-milligram", "µg": "mass-microgram", "t": "mass-tonne",
    "oz": "mass-ounce", "lb": "mass-pound", "lbs": "mass-pound",
    "l": "volume-liter", "L": "volume-liter", "ml": "volume-milliliter", "mL": "volume-milliliter",
    "cl": "volume-centiliter", "dl": "volume-deciliter",
    "dL": "volume-deciliter", "hl": "volume-hectoliter", "gal": "volume-gallon",
    "fl oz": "volume-fluid-ounce", "tbsp": "volume-tablespoon", "tsp": "volume-teaspoon",
    "m³": "volume-cubic-meter", "m3": "volume-cubic-meter", "cm³": "volume-cubic-centimeter",
    "cm3": "volume-cubic-centimeter", "km³": "volume-cubic-kilometer",
    "m²": "area-square-meter", "m2": "area-square-meter", "km²": "area-square-kilometer",
    "km2": "area-square-kilometer", "cm²": "area-square-centimeter", "cm2": "area-square-centimeter",
    "ha": "area-hectare", "sq ft": "area-square-foot", "ft²": "area-square-foot", "mi²": "area-square-mile",
    "km/h": "speed-kilometer-per-hour", "kph": "speed-kilometer-per-hour", "kmh": "speed-kilometer-per-hour",
    "m/s": "speed-meter-per-second", "mph": "speed-mile-per-hour", "kn": "speed-knot",
    "m/s²": "acceleration-meter-per-square-second",
    "°C": "temperature-celsius", "℃": "temperature-celsius", "ºC": "temperature-celsius",
    "°F": "temperature-fahrenheit", "℉": "temperature-fahrenheit", "ºF": "temperature-fahrenheit", "°": "angle-degree",
    "kWh": "energy-kilowatt-hour", "J": "energy-joule", "kJ": "energy-kilojoule", "kcal": "energy-kilocalorie",
    "cal": "energy-calorie", "W": "power-watt", "kW": "power-kilowatt", "MW": "power-megawatt", "GW": "power-gigawatt",
    "mW": "power-milliwatt", "hp": "power-horsepower", "V": "electric-volt", "mA": "electric-milliampere",
    "Ω": "electric-ohm", "Hz": "frequency-hertz", "kHz": "frequency-kilohertz", "MHz": "frequency-megahertz",
    "GHz": "frequency-gigahertz", "kB": "digital-kilobyte", "KB": "digital-kilobyte", "MB": "digital-megabyte",
    "GB": "digital-gigabyte", "TB": "digital-terabyte", "PB": "digital-petabyte", "Mbit": "digital-megabit",
    "Gbit": "digital-gigabit", "kbit": "digital-kilobit",
    "s": "duration-second", "sec": "duration-second", "min": "duration-minute", "h": "duration-hour",
    "hr": "duration-hour", "hrs": "duration-hour", "ms": "duration-millisecond", "µs": "duration-microsecond",
    "ns": "duration-nanosecond",
    "hPa": "pressure-hectopascal", "kPa": "pressure-kilopascal", "Pa": "pressure-pascal", "mbar": "pressure-millibar",
    "psi": "pressure-pound-force-per-square-inch", "px": "graphics-pixel", "MP": "graphics-megapixel",
    "dpi": "graphics-dot-per-inch", "ppm": "concentr-permillion",
}  # fmt: skip
AFTER_A_SPACE_ONLY = frozenset({"s", "V", "J", "A", "d"})  # “iPhone 5s”
MINUS = rf"(?P<minus>(?<![\w.,)\]%{VOWEL_SIGNS}])[-−–](?=[\d$€£¥₹R]))?"


def rules(language: Language) -> list[Rule]:
    number = number_pattern(language.separators)
    amount = rf"(?:(?P<low>{number}){SPACE}?[-–—]{SPACE}?)?(?P<number>{number})"
    price = rf"(?:(?P<low>{number}){SPACE}?[-–—]{SPACE}?)?(?P<number>\d+[.,]\d\d(?![\d.,]*\d)|{number}|\.\d\d(?!\d))"
    by_length = sorted(language.currencies, key=len, reverse=True)
    signs = "|".join(re.escape(sign) for sign in by_length if not sign.isalpha()) or "(?!)"
    codes = "|".join(sign for sign in by_length if sign.isalpha()) or "(?!)"
    scales = "|".join(re.escape(scale) for scale in sorted(language.scales, key=len, reverse=True)) or "(?!)"
    scale = rf"(?:{SPACE}?(?P<scale>{scales})(?!\w))?"
    unit = "|".join(map(re.escape, unit_symbols(language)))
    per_noun = "|".join(map(re.escape, language.per_nouns)) or "(?!)"

    def money(match: re.Match) -> str:
        currency = language.currencies[match["sign"]]
        whole, fraction = _price(match["number"], language)
        if low := match["low"]:
            high = language.money(whole, fraction, currency, match["scale"] or "")
            said = language.range_of_amounts(language.number(*digits_of(low, language)), high)
        else:
            said = language.money(whole, fraction, currency, match["scale"] or "")
        return _signed(match, said, language)

    def scaled(match: re.Match) -> str | None:
        whole, fraction = digits_of(match["number"], language)
        letter = match["scale"] if len(match["scale"]) == 1 else ""
        if letter and not fraction and (letter not in "MkK" or len(whole) < 2):  # “4K”, “Room 12B”
            return None
        return language.counted(whole, fraction, language.scales[match["scale"]])

    def percent(match: re.Match) -> str:
        whole, fraction = digits_of(match["number"], language)
        said = language.number(whole, fraction)
        if low := match["low"]:
            said = language.range_of_amounts(language.number(*digits_of(low, language)), said)
        sign = language.percentage if match["sign"] == "%" else language.counted_per_mille
        return _signed(match, sign(said, whole, fraction), language)

    def quantity(match: re.Match) -> str | None:
        symbol = match["unit"]
        whole, fraction = digits_of(match["number"], language)
        glued = match.string[match.start("unit") - 1].isdigit()
        if glued and symbol in AFTER_A_SPACE_ONLY and not fraction:
            return None
        said = quantity_in_words(whole, fraction, symbol, language)
        if match["per"]:
            said = language.join(said, language.per, unit_alone(match["per"], language))
        if low := match["low"]:
            lower = language.number(*digits_of(low, language), language.unit_genders.get(symbol, ""))
            said = language.range_of_amounts(lower, said)
        return _signed(match, said, language) + stop_of(match)

    def until(match: re.Match) -> str:
        gap = " " * language.spaced
        return f"{gap}{language.until}{gap}"

    def rate(match: re.Match) -> str:
        if number := match["number"]:
            amount = quantity_in_words(*digits_of(number, language), match["per"], language)
            return f" {language.join(language.per_amount or language.per, amount)}{stop_of(match)}"
        return f" {language.join(language.per, unit_alone(match['per'], language))}{stop_of(match)}"

    def after_power(match: re.Match) -> str:
        return f" {unit_alone(match['unit'], language, several=True)}"

    def angle(match: re.Match) -> str:
        parts = zip(match.group("degrees", "minutes", "seconds"), ("°", "min", "s"), strict=True)
        said = [quantity_in_words(*digits_of(digits, language), symbol, language) for digits, symbol in parts if digits]
        return language.join(*said, language.compass.get(match["compass"] or "", match["compass"] or ""))

    def primes(match: re.Match) -> str:
        minutes = quantity_in_words(match[1], "", "min", language)
        return language.join(minutes, quantity_in_words(match[2].lstrip("0") or "0", "", "s", language))

    def prime(match: re.Match) -> str | None:
        if re.search(r"(?<!\w)['‘]", match.string[: match.start()]):  # a closing quote
            return None
        return quantity_in_words(match[1], "", "min", language)

    # A unit that may be written with a full stop loses it, unless it ends the sentence.
    stop = r"(?:\.(?=\s*[a-z0-9(,;:]|$))?"
    bare = rf"(?P<unit>{unit})(?:/(?P<per>{unit}))?(?![\w°²³{VOWEL_SIGNS}]|/(?!(?:{per_noun})\b|[^\W\d_]{{3}}|[-−])"
    bare += rf"|-[^\W\d]|['’]\w){stop}"
    mark = "['’′]"
    place = rf"(?<![\w.,])(?P<degrees>\d{{1,3}}){SPACE}?°{SPACE}?(?P<minutes>\d{{1,2}}){SPACE}?{mark}"
    seconds = rf"(?:{SPACE}?(?P<seconds>\d{{1,2}}(?:[.,]\d{{1,6}})?){SPACE}?(?:[\"”″]|{mark}{mark}))?"
    superscript = "[⁰¹²³⁴⁵⁶⁷⁸⁹]"
    return [
        rule("angle", rf"{place}{seconds}(?:{SPACE}?(?P<compass>[NSEWO])\b)?", angle),
        rule("duration", rf"(?<![\w.,])(\d{{1,3}}){mark}{SPACE}?([0-5]\d)(?:[\"”″]|{mark}{mark})(?!\w)", primes),
        rule("duration", r"(?<![\w.,'’])(\d{1,3})['′](?=[\s+,.;:)]|$)", prime),
        rule(
            "range",
            r"(?<=[\dkKMBm%F¢€])[-–—](?=[$€£¥₹]\s?\d)|(?<=[\d%¢€])\s[-–—]\s(?=[$€£¥₹]\s?\d)"
            r"|(?:(?<=[%¢€])|(?<=°[CF]))\s?[-–—]\s?(?=\d)",
            until,
        ),
        rule("money", rf"{MINUS}(?<![{VOWEL_SIGNS}])(?P<sign>{signs}){SPACE}?{price}{scale}", money),
        rule("money", rf"{MINUS}\b(?P<sign>{codes}){SPACE}?{price}{scale}(?!\w)", money),
        rule("money", rf"{MINUS}(?<![\w.,]){price}{scale}{SPACE}?(?P<sign>{signs}|(?:{codes})\b)", money),
        rule("percentage", rf"{MINUS}(?<![\d.,]){amount}{SPACE}?(?P<sign>[%‰])", percent),
        rule("quantity", rf"{MINUS}(?:(?<![\w.,])|(?<=\d[xX])){amount}{SPACE}?{bare}", quantity),
        rule(
            "quantity",
            rf"(?:(?<=[€$£¥₹])|(?<=[.,]\d\d)(?=/\d)){SPACE}?/{SPACE}?(?:(?P<number>{number}){SPACE})?(?P<per>{unit})"
            rf"(?![\w°²³/{VOWEL_SIGNS}]){stop}",
            rate,
        ),
        rule(
            "quantity",
            rf"(?:(?<=\d{superscript})|(?<=\d{superscript}{superscript})){SPACE}(?P<unit>{unit})(?![\w°²³/])",
            after_power,
        ),
        rule(
            "number",
            rf"(?<![\w.,])(?<![A-Za-z]\d-)(?P<number>{number})(?:{SPACE}(?=\w\w))?(?P<scale>{scales})(?!\w)",
            scaled,
        ),
    ]


@cache
def unit_symbols(language: Language) -> list[str]:
    """Return the symbols of units that can be read, the longest first."""
    symbols = {*language.units, *(symbol for symbol, unit in CLDR_UNITS.items() if _is_known(unit, language))}
    return sorted(symbols - language.not_units, key=lambda symbol: (-len(symbol), symbol))


def _price(written: str, language: Language) -> tuple[str, str]:
    """Return units and hundredths. People write the decimal separator of another language: “€29,99”, “$1.500”."""
    if re.fullmatch(r"\d*[.,]\d\d", written):
        return written[:-3], written[-2:]
    whole, fraction = digits_of(written, language)
    if len(fraction) == 3 and re.fullmatch(r"[1-9]\d{0,2}[.,]\d{3}", written):
        return whole + fraction, ""
    return whole, fraction


def quantity_in_words(whole: str, fraction: str, symbol: str, language: Language) -> str:
    """Return a number with its unit in words."""
    said = language.number(whole, fraction, language.unit_genders.get(symbol, "m"))
    said = language.join(said, language.of_millions(whole, fraction))
    return _with_unit(said, whole, fraction, symbol, language)


def unit_alone(symbol: str, language: Language, several: bool = False) -> str:
    """Return a unit without its number, as after “per”; in the form for many if `several`."""
    return _with_unit("", "100000" if several else "1", "", symbol, language).strip()


def _with_unit(said: str, whole: str, fraction: str, symbol: str, language: Language) -> str:
    if forms := language.units.get(symbol):
        return language.join(said, language.form(forms, whole, fraction))
    # Babel writes the number in digits, before the unit or elsewhere: “時速 10 キロメートル”.
    value = decimal_of(whole, fraction) if len(whole + fraction) < 6 else 100_000
    written = format_unit(value, CLDR_UNITS[symbol], "long", locale=language.cldr)
    return written.replace(format_decimal(value, locale=language.cldr), said).replace("\u00a0", " ")


def _is_known(unit: str, language: Language) -> bool:
    try:
        return bool(format_unit(1, unit, "long", locale=language.cldr))
    except UnknownUnitError:
        return False


def _signed(match: re.Match, said: str, language: Language) -> str:
    return language.join(language.minus, said) if match["minus"] else said
