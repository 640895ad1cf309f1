"""Korean."""

import re

from voices.text.normalization.language import Currency, Language
from voices.text.normalization.scanner import Rule, rule

# Counters that take native numerals; the others take Sino-Korean ones.
COUNTERS = "개(?![월년])|명|살|시간|마리|권|잔|병|대(?!학)|장|번째|사람|달|가지|벌|채|송이|자루|그루|켤레|군데|곳"


class Korean(Language):
    code = "ko"
    locale = "ko"
    plurals = ("other",)
    cardinal_rules = {"": "spellout-cardinal-sinokorean", "native": "spellout-cardinal-native-attributive"}
    ordinal_rules = {"": "spellout-ordinal-native"}
    point = "점"
    minus = "마이너스"
    plus = "플러스"
    until = "에서"
    before_numbers = {"No.": "넘버", "№": "넘버"}

    percent = "퍼센트"
    per_mille = "퍼밀"
    currencies = {
        "₩": Currency("원"), "$": Currency("달러"), "US$": Currency("달러"), "€": Currency("유로"), "£": Currency("파운드"),
        "¥": Currency("엔"), "KRW": Currency("원"), "USD": Currency("달러"), "EUR": Currency("유로"), "JPY": Currency("엔"),
        "₹": Currency("루피"), "GBP": Currency("파운드"),
    }  # fmt: skip
    scales = {"만": "만", "억": "억", "천": "천", "백만": "백만", "조": "조", "K": "천", "M": "백만"}
    units = {
        "km": "킬로미터", "m": "미터", "cm": "센티미터", "mm": "밀리미터", "kg": "킬로그램", "g": "그램", "km/h": "킬로미터",
        "kWh": "킬로와트시", "dB": "데시벨", "GB": "기가바이트", "MB": "메가바이트", "TB": "테라바이트", "Mbps": "메가비피에스",
        "°C": "도", "℃": "도", "°": "도", "h": "시간", "min": "분", "s": "초", "L": "리터", "ml": "밀리리터", "m²": "제곱미터",
    }  # fmt: skip
    per = "당"

    symbols = {
        "&": "앤드", "+": "더하기", "=": "은", "==": "은", "<": "미만", ">": "초과", "≠": "같지 않음", "!=": "같지 않음", "≤": "이하",
        "<=": "이하", "≥": "이상", ">=": "이상", "≈": "약", "±": "플러스마이너스", "×": "곱하기", "÷": "나누기", "√": "루트",
        "∞": "무한대", "→": "에서", "²": "제곱", "³": "세제곱", "^": "의", "~": "약", "#": "번", "§": "조", "@": "앳", "°": "도",
        "%": "퍼센트", "‰": "퍼밀", "/": "분의", "π": "파이", "µ": "마이크로", "Ω": "옴",
    }  # fmt: skip
    address_symbols = {
        ".": "점", "/": "슬래시", "-": "하이픈", "_": "밑줄", "@": "골뱅이", ":": "콜론", "?": "물음표", "=": "등호", "&": "앤드",
        "#": "샵", "~": "물결", "%": "퍼센트", "+": "플러스",
    }  # fmt: skip
    terms = {"C++": "C 플러스 플러스", "C#": "C 샵", "AT&T": "A T 앤드 T", "24/7": "이십사 시간"}

    def is_year(self, number: int) -> bool:
        return False  # a year has 년 after it, and is read as any number

    def year(self, number: int) -> str:
        return self.cardinal(number)

    def digits(self, written: str) -> str:
        groups = re.findall(r"\d+", written)
        return ", ".join(
            "".join("공" if digit == "0" else self.digit(int(digit)) for digit in group) for group in groups
        )

    def fraction_digits(self, fraction: str) -> str:
        return "".join(self.digit(int(digit)) for digit in fraction)

    def fraction(self, above: int, below: int) -> str:
        return f"{self.cardinal(below)}분의 {self.cardinal(above)}"

    def mixed(self, whole: int, above: int, below: int) -> str:
        return f"{self.cardinal(whole)}과 {self.fraction(above, below)}"

    def score(self, first: str, second: str) -> str | None:
        return f"{self.cardinal(int(first))} 대 {self.cardinal(int(second))}"

    def date(self, day: int, month: int, year: int | None = None) -> str:
        years = f"{self.year(year)}년 " if year is not None else ""
        return f"{years}{self.month(month)} {self.cardinal(day)}일"

    def month(self, month: int) -> str:
        return {6: "유월", 10: "시월"}.get(month) or f"{self.cardinal(month)}월"

    def clock(self, hour: int, minute: int, half_day: str = "") -> str:
        hours = self.cardinal(hour, "native") if 0 < hour <= 12 else self.cardinal(hour)
        said = f"{ {'a': '오전 ', 'p': '오후 '}.get(half_day, '') }{hours} 시"
        return f"{said} {self.cardinal(minute)} 분" if minute else said

    def own_rules(self) -> list[Rule]:
        return [
            rule(
                "speed", r"(?<![\d.,])(\d{1,4})\s?km/h", lambda match: f"시속 {self.cardinal(int(match[1]))} 킬로미터"
            ),
            rule("date", r"(?<!\d)(\d{4})[./]\s?(\d{1,2})[./]\s?(\d{1,2})\.?(?!\d)", self._numeric_date),
            rule("month", r"(?<!\d)(6|10)월", lambda match: self.month(int(match[1]))),
            rule("number", rf"(?<![\d.,])([1-9]\d?)(?=\s?(?:{COUNTERS}))", self._native),
            rule("number", r"(?<![\d.,:])([1-9]|1[0-2])(?=\s?시(?![즌장]))", self._native),
            rule("range", r"(?<=[\d년월일시분])\s?[~～]\s?(?=\d)", lambda match: "에서 "),
        ]

    def _native(self, match: re.Match) -> str:
        return self.cardinal(int(match[1]), "native")

    def _numeric_date(self, match: re.Match) -> str | None:
        year, month, day = map(int, match.groups())
        return self.date(day, month, year) if 1 <= month <= 12 and 1 <= day <= 31 else None
