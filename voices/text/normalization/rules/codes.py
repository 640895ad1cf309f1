"""Digits that are no amounts: telephone numbers, versions, addresses of machines, codes such as “A17”."""

import re

from voices.text.normalization.language import SPACE, Language, digits_of
from voices.text.normalization.scanner import Rule, rule

FEWEST_DIGITS = 7  # of a telephone number with its country


def rules(language: Language) -> list[Rule]:
    def telephone(match: re.Match) -> str | None:
        written = match.group()
        is_grouped = digits_of(written, language)[0] == re.sub(r"\D", "", written)
        if is_grouped and re.search(r"\D", written) and not written.startswith(("+", "0", "(")):  # thousands
            return None
        if written.startswith("+") and len(re.sub(r"\D", "", written)) < FEWEST_DIGITS:
            return None
        plus = f"{language.plus} " if written.startswith("+") else ""
        return plus + language.telephone(written)

    def long_number(match: re.Match) -> str:
        return language.digits(" ".join(re.findall(r"\d{1,3}", match.group())))

    def machine(match: re.Match) -> str:
        between = f" {language.address_symbols['.']} "
        address, _, port = match.group().partition(":")
        said = between.join(language.address_digits(part) for part in address.split("."))
        return f"{said} {language.address_symbols.get(':', '')} {language.digits(port)}" if port else said

    def version(match: re.Match) -> str | None:
        parts = match.group().split(".")
        if digits_of(match.group(), language)[0] == "".join(parts):  # thousands
            return None
        return language.join(*_joined([language.number(part) for part in parts], language.dot or language.point))

    def spelled(match: re.Match) -> str:
        parts = re.findall(r"\d{1,3}|[A-Z]", match.group())
        return " ".join(f"{language.digits(part)}," if part.isdigit() else part for part in parts).rstrip(",")

    def code(match: re.Match) -> str:
        digits = match[2]
        return f"{language.letters(match[1])} {language.code_digits(digits)}"

    def account(match: re.Match) -> str:
        return ", ".join(
            language.join(
                *(language.digits(part) if part.isdecimal() else language.letters(part) for part in _runs(group))
            )
            for group in match.group().split()
        )

    date = r"\d\d?([/-])\d\d?\1\d{2,4}(?!\d)"
    byte = r"(?:25[0-5]|2[0-4]\d|1?\d?\d)"
    return [
        rule("IP address", rf"(?<![\d.,])(?:{byte}\.){{3}}{byte}(?::\d{{2,5}}\b)?(?!\d|[.,]\d)", machine),
        rule("code", r"(?<!\w)[A-Z]{2}\d\d(?: [A-Z\d]{4}){3,7}(?: [A-Z\d]{1,4})?(?!\w)", account),  # an IBAN
        rule("code", r"(?<![\w.,])\d{4}(?: \d{4}){2,3}(?! \d|\w|[.,]\d)", account),
        rule(
            "telephone number",
            rf"(?<![\w+])\+\d{{1,3}}(?:{SPACE}?\(?\d{{1,5}}\)?(?:(?:{SPACE}|[-./])?\d{{2,5}}){{1,5}})(?!\d)"
            # Numbers have no leading zero, but after a space it may be the start of a group of digits.
            rf"|(?<![\w.,:])(?<!\d{SPACE})(?!{date}|\d\d?[hH:]\d\d)0\d+(?:(?:{SPACE}|[/-])\d{{2,}})*(?![.,]?\d)"
            rf"|(?<![\w-])\d(?:-\d{{3}}){{2}}-\d{{4}}(?![\d-])|(?<![\w-])\d{{1,6}}(?:-\d{{1,7}}){{3,6}}(?![\w-])"
            rf"|(?<![\d-])(?:\(\d{{3}}\) ?|\d{{3}}[ -])\d{{3}}[- ]\d{{4}}(?!\d)"
            rf"|(?<![\d.])\d{{3}}\.\d{{3}}\.\d{{4}}(?!\d|[.,]\d)|(?<![\d-])\d{{3}}-\d{{4}}(?![\d-])"
            rf"|(?<![\w.,])\d{{2,3}}(?:{SPACE}\d{{2}}){{3,4}}(?![\d.,]\d|\d)"
            rf"|(?<![\w.,])\d{{2,3}}{SPACE}\d{{3}}(?:{SPACE}\d{{2}}){{2}}(?![.,]?\d)"
            rf"|(?<![\w.,])\d{{3}}{SPACE}\d{{3}}{SPACE}\d{{2,3}}{SPACE}\d{{2,3}}(?![.,]?\d)",
            telephone,
        ),
        rule("number", r"(?<![\d.,])\d{10,}(?![.,]?\d)", long_number),
        rule(
            "version",
            r"(?<![\d.,])(?<!\w[.,])(?!\d\d?\.\d\d?\.\d{4}(?!\d))\d{1,9}(?:\.\d{1,9}){2,5}(?!\d|[.,]\d)",
            version,
        ),
        rule("code", r"(?<![\w-])(?=[A-Z]{1,20}\d|\d{1,20}[A-Z])(?=[A-Z]*\d+[A-Z]+\d)[A-Z\d]{8,40}(?![\w-])", spelled),
        rule("code", r"(?<![\w-])([A-Z]{1,3})(\d{1,6})(?![\w%]|[.,]\d)", code),
    ]


def _runs(group: str) -> list[str]:
    return re.findall(r"\d+|[A-Z]+", group)


def _joined(parts: list[str], between: str) -> list[str]:
    return [each for part in parts for each in (between, part)][1:]
