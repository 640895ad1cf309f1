"""How English writes codes: flights, rooms, models, post codes, short telephone numbers."""

import re

from voices.text.normalization.scanner import Rule, rule

from .english_words import NO_CARRIERS, EnglishWords

SCREENS = frozenset(["144", "240", "360", "480", "576", "720", "1080", "1440", "2160", "4320"])  # lines: 1080p


class EnglishCodes(EnglishWords):
    def code_rules(self) -> list[Rule]:
        before = "PIN|[Cc]ode|[Pp]ass(?:word|code)|OTP|[Aa]ccount|[Aa]cct\\.|[Ee]nd(?:s|ing) in|[Rr]outing number"
        return [
            rule("code", r"(?<![\w.])([A-Z]{2})\s(\d{3,4})(?!\w|[.,:-]\d)", self._flight),
            rule(
                "code",
                r"(?<![\w-])([A-Z]{1,5})-(\d{1,4})(?:-(\d{1,4}))?(s?)(?![\w]|[.,:]\d|-\w)",
                self._hyphenated,
            ),
            rule(
                "telephone number",
                r"(?<=[Dd]ial\s)(\d{3})\b|(?<=[Cc]all\s)(\d{3})\b(?![\d-])"
                r"|(?<!Porsche\s)(?<![\w.,/$€£-])911(?![\w-]|[.,]\d)",
                lambda match: self.digits(match.group()),
            ),
            rule(
                "telephone number", r"(?<=\d{4})\s?x\s?(\d{1,5})\b", lambda match: f" extension {self.digits(match[1])}"
            ),
            rule(
                "code",
                r"(?<=[Nn]o\.\s)(\d{2,3})-(\d{2,4})(?![\w-])",
                lambda match: f"{self.code_digits(match[1])} {self.code_digits(match[2])}",
            ),
            rule("code", r"(?<![\w-])\d{3}-\d\d-\d{4}(?![\w-])", lambda match: self.digits(match.group())),
            rule("code", r"(?<=\bto\s)\d{5,6}(?=\s*[.!]?$)", self._short_code),
            rule(
                "code",
                rf"\b(?P<noun>{before})(?P<between>\s(?:is|number|no\.)\s|:\s|\s)(?P<digits>\d{{4,8}})(?!\w|[.,:-]\d)",
                lambda match: (
                    f"{match['noun']}{match['between'].replace('no.', 'number')}{self.digits(match['digits'])}"
                ),
            ),
            rule(
                "code",
                r"\b(?P<noun>HTTP|[Ee]rror|[Ss]tatus)\s(?P<digits>\d{3})(?!\w|[.,:-]\d)",
                lambda match: (
                    f"{self.letters('HTTP') if match['noun'] == 'HTTP' else match['noun']} "
                    f"{self.code_digits(match['digits'])}"
                ),
            ),
            rule("code", r"\b0x([0-9A-Fa-f]{1,16})\b", lambda match: f"zero x {self._characters(match[1])}"),
            rule("code", r"#(?=[A-Fa-f]{0,5}\d)([0-9A-F]{6}|[0-9a-f]{6})\b", lambda match: self._characters(match[1])),
            rule(
                "code",
                r"\b[A-Z]{1,2}\d[A-Z\d]?\s\d[A-Z]{2}\b|\b[A-Z]\d[A-Z]\s\d[A-Z]\d\b",
                lambda match: self._characters(match.group()),
            ),
            rule("code", r"(?<![\w.,])(\d{3,4})([pi])\b", self._lines_of_picture),
            rule(
                "code",
                r"\b(Boeing|Airbus)\s(\d{3})-(\d{1,3})(?!\w)",
                lambda match: f"{match[1]} {self.code_digits(match[2])} {self.code_digits(match[3])}",
            ),
            rule(
                "number",
                r"\b(?P<noun>[Rr]oom|[Ss]uite|[Gg]ate|[Bb]us|[Rr]oute|[Hh]ighway|[Ii]nterstate|[Cc]hannel|[Ee]xtension|"
                r"[Ff]light|[Uu]nit|[Aa]partment|[Ee]xit|Rm\.|Apt\.|Hwy\.|Rte\.|Ste\.)\s(?P<letters>[A-Z]{0,2})\s?"
                r"(?P<digits>\d{1,4})(?P<suffix>[A-Z]?)\b(?![\d%]|[.,]\d)",
                self._room,
            ),
        ]

    def _characters(self, written: str) -> str:
        said = (self.digit(int(each)) if each.isdigit() else each.upper() for each in written if not each.isspace())
        return " ".join(said)

    def _short_code(self, match: re.Match) -> str | None:
        return (
            self.digits(match.group()) if re.search(r"\b[Tt]ext\s\S+\sto\s$", match.string[: match.start()]) else None
        )

    def _flight(self, match: re.Match) -> str | None:
        """“BA 2490”, but not “UK 500”."""
        if match[1] in NO_CARRIERS:
            return None
        return f"{self.letters(match[1])} {self.code_digits(match[2])}"

    def _hyphenated(self, match: re.Match) -> str:
        """“F-16”, “COVID-19”: letters are spelled where they make no word."""
        letters = match[1]
        is_word = letters in self.acronyms or len(letters) > 2 and set(letters) & set("AEIOU")
        name = letters if is_word and letters not in self.initialisms else self.letters(letters)
        said = " ".join([name, *(self.code_digits(each) for each in match.groups()[1:3] if each)])
        if match[4]:
            said = said[:-1] + "ies" if said.endswith("y") else said + ("es" if said.endswith("x") else "s")
        return said

    def _lines_of_picture(self, match: re.Match) -> str | None:
        return f"{self.code_digits(match[1])} {match[2].upper()}" if match[1] in SCREENS else None

    def _room(self, match: re.Match) -> str:
        letters = f"{self.letters(match['letters'])} " if match["letters"] else ""
        said = " ".join(filter(None, (self.code_digits(match["digits"]), match["suffix"])))
        return f"{self.before_numbers.get(match['noun'], match['noun'])} {letters}{said}"

    def code_digits(self, written: str) -> str:
        """Return digits as in “Room 101” and “Airbus A380”: in pairs from the right."""
        digits = written
        if len(digits) < 3 and digits[0] != "0" or len(digits) == 3 and digits.endswith("00"):
            said = self.cardinal(int(digits))
        elif len(digits) == 3 and digits[0] != "0":
            said = f"{self.cardinal(int(digits[0]))} {'oh ' * (digits[1] == '0')}{self.cardinal(int(digits[1:]))}"
        elif len(digits) != 4 or "0" in (digits[0], digits[2]):
            said = self.year(int(digits)) if len(digits) == 4 and self.is_year(int(digits)) else self.digits(digits)
        else:
            said = f"{self.cardinal(int(digits[:2]))} {self.cardinal(int(digits[2:]))}"
        return said
