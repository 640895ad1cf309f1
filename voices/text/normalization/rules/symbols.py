"""Mathematics and other symbols: what has a name is named, what has none is silent."""

import re

from voices.text.normalization.language import SPACE, VOWEL_SIGNS, Language
from voices.text.normalization.scanner import Rule, rule

from .numbers import SUPERSCRIPTS

# All that is neither a word, a mark that combines with a letter, nor punctuation: it has no name, and is not read.
_PUNCTUATION = ".,;:!?…'\"’‘“”«»‹›„‚()¿¡—–-।॥、。，！？：；・「」『』（）《》【】〈〉〜′″"
_COMBINING = "\u0300-\u036f\u0900-\u0dff\u200c\u200d\u3099\u309a"
# Bounded, since it is looked for again after each sign.
SILENT = rf"(?:[^\w\s{re.escape(_PUNCTUATION)}{_COMBINING}]|[_ªº⁰¹²³⁴⁵⁶⁷⁸⁹]){{1,20}}"
EMOTICON = r"(?<![^\s\w.,!?])\s?(?<!\w)(?:[:;=]['’]?-?[)(DPp|*]{1,3}|<3)(?=[\s.,!?]|$)"
OPERATORS = "=≠≈≤≥≡±×÷√∞∑∏∆∂∫→←↔⇒∈∉∪∩⊂∅∝∠∴"


def rules(language: Language) -> list[Rule]:
    gap = " " * language.spaced

    def say(key: str):
        return lambda match: f"{gap}{language.symbols[key]}{gap}"

    def named(match: re.Match) -> str:
        sign = match.group()
        return f"{gap}{language.symbols.get(sign) or language.symbols.get(sign.strip(), '')}{gap}"

    def power(match: re.Match) -> str:
        exponent = match[1].translate(SUPERSCRIPTS).lstrip("^")
        if exponent in ("2", "3"):
            return f" {language.symbols['²' if exponent == '2' else '³']}"
        minus = f"{language.minus} " if exponent.startswith("-") else ""
        return f" {language.symbols['^']} {minus}{language.number(exponent.lstrip('-'))}"

    def scientific(match: re.Match) -> str:
        sign = f"{language.minus} " if match[1].startswith("-") else ""
        ten = language.cardinal(10)
        return f" {language.symbols['×']} {ten} {language.symbols['^']} {sign}{language.number(match[1].lstrip('+-'))}"

    def minus(match: re.Match) -> str | None:
        is_sum = re.search(r"[=+×÷*/<>≤≥]", match.string[max(match.start() - 40, 0) : match.end() + 40])
        return f" {language.minus} " if is_sum else None

    def about(match: re.Match) -> str:
        return f"{language.symbols['~']} "

    def compared(match: re.Match) -> str | None:
        said = language.comparisons.get(match.group().strip())
        return f" {said} " if said else None

    between_numbers = r"(?<=[\w)])(?:\s{0}\s|{0})(?=[\w(])"  # but “or +1 212”
    per = "|".join(sorted(map(re.escape, language.per_nouns), key=len, reverse=True)) or "(?!)"
    after_number = rf"(?<=\d){SPACE}?"
    found = [
        rule("mathematics", rf"{after_number}[x*·⋅]{SPACE}?(?=(?:R?[$€£¥₹]{SPACE}?)?\d)", say("×")),
        rule("mathematics", r"(?<=[a-z0-9)²³])\s-\s(?=[a-z0-9(])", minus),
        rule("mathematics", r"(?<=[\w)⁰¹²³⁴⁵⁶⁷⁸⁹])\s?−\s?(?=[\w(])", lambda match: f" {language.minus} "),
        rule("mathematics", r"(?<=[\w)])(\^-?\d{1,3}|[⁰¹²³⁴⁵⁶⁷⁸⁹⁻]{1,4})", power),
        rule("mathematics", r"(?<=\d)[eE]([+-]?\d{1,3})(?!\w|[.,]\d)", scientific),
        rule("emoticon", EMOTICON, lambda match: ""),
        rule("symbol", r"~\s?(?=[\d$€£])", about),
        rule("symbol", r"\s?&{1,2}\s?", say("&")),
        rule("mathematics", between_numbers.format(r"\+"), say("+")),
        rule("symbol", r"(?<=\d)\+|(?<!\w)\+(?=\d)|(?<=\w)\+(?![\w+])", say("+")),
        rule("symbol", r"(?<=\w)\+\+(?!\w)", lambda match: f" {language.symbols['+']} {language.symbols['+']}"),
        rule("symbol", r"\s?(?:-{1,2}|=)>\s?", say("→")),
        rule("mathematics", r"\s?(?:<=|>=|!=|==)\s?", named),
        rule("symbol", r"(?<=[^\W\d_]{2})\s[<>]\s?(?=\d)", compared),
        rule("mathematics", r"(?<=[\w)])\s[<>]\s(?=[\w(-])|(?<![<>\w])[<>]\s?(?=[\d$€£])", named),
        rule("mathematics", rf"\s?[{OPERATORS}]\s?", named),
        rule("symbol", r"#\s?(?=\d)", say("#")),
        rule("symbol", r"§§?\s?", say("§")),
        rule("symbol", r"(?<=\w)@(?=\w)|(?<=\s)@(?=\s)", say("@")),
        rule("symbol", r"\s?°\s?(?![CF])", say("°")),
        rule("symbol", r"\s?[%‰]", named),
        rule("symbol", r"(?<=\d)\s?/\s?(?=\d)", say("/")),
        rule(
            "quantity",
            rf"(?<=[^\s_(/])(?<!\b[A-Z])/({per})(?![\w{VOWEL_SIGNS}])(?:\.(?=\s*[a-z,;:]))?",
            lambda match: f" {language.join(language.per, language.per_nouns[match[1]])}",
        ),
        rule("symbol", r"\s[/|]{1,2}\s", lambda match: ", " if language.spaced else "、"),
        rule("symbol", r"(?<=\w)/(?=\w)", lambda match: " "),
        rule("symbol", r"[πµΩ]", named),
        rule("symbol", SILENT, lambda match: " "),
    ]
    signs = "".join(sorted({sign for sign in language.currencies if len(sign) == 1 and not sign.isalnum()}))
    if signs:
        unit = {sign: currency.unit.split("/")[-1] for sign, currency in language.currencies.items()}
        found.insert(-1, rule("money", f"[{re.escape(signs)}]", lambda match: f" {unit[match.group()]} "))
    return found
