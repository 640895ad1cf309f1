"""Mandarin Chinese."""

import re

from voices.text.normalization.language import Currency, Language
from voices.text.normalization.scanner import Rule, rule

DIGITS = "零一二三四五六七八九"
MEASURES = "个位只本张天年次条块点件杯瓶家种周岁倍万千亿名座辆层间套双对把支枝头匹艘架台部篇首句段页章节"  # 2 before them is 两


class Chinese(Language):
    code = "zh"
    locale = "zh"
    spaced = False
    plurals = ("other",)
    point = "点"
    minus = "负"
    plus = "加"
    until = "到"
    before_numbers = {"No.": "第", "№": "第"}

    percent = "百分之"
    per_mille = "千分之"
    currencies = {
        "¥": Currency("元"), "￥": Currency("元"), "$": Currency("美元"), "US$": Currency("美元"), "€": Currency("欧元"),
        "£": Currency("英镑"), "₩": Currency("韩元"), "HK$": Currency("港元"), "NT$": Currency("新台币"), "₹": Currency("卢比"),
        "CNY": Currency("元"), "RMB": Currency("元"), "USD": Currency("美元"), "EUR": Currency("欧元"), "GBP": Currency("英镑"),
        "JPY": Currency("日元"), "₽": Currency("卢布"),
    }  # fmt: skip
    scales = {"万": "万", "亿": "亿", "千": "千", "百万": "百万", "万亿": "万亿", "K": "千", "M": "百万"}
    scale_of = ""
    units = {
        "km": "公里", "km/h": "公里每小时", "m/s": "米每秒", "kg": "公斤", "kWh": "千瓦时", "dB": "分贝", "°": "度",
        "GB": "G B", "MB": "M B", "TB": "T B", "Mbps": "兆比特每秒", "px": "像素", "ppm": "百万分之一", "°C": "摄氏度",
        "℃": "摄氏度", "°F": "华氏度", "h": "小时", "min": "分钟", "s": "秒",
    }  # fmt: skip
    per = "每"

    date_order = "dmy"
    symbols = {
        "&": "和", "+": "加", "=": "等于", "==": "等于", "<": "小于", ">": "大于", "≠": "不等于", "!=": "不等于", "≤": "小于等于",
        "<=": "小于等于", "≥": "大于等于", ">=": "大于等于", "≈": "约等于", "±": "正负", "×": "乘", "÷": "除以", "√": "根号",
        "∞": "无穷大", "→": "到", "²": "的平方", "³": "的立方", "^": "的", "~": "大约", "#": "号", "§": "第", "@": "at", "°": "度",
        "%": "百分号", "‰": "千分号", "/": "比", "π": "派", "µ": "微", "Ω": "欧姆",
    }  # fmt: skip
    address_symbols = {
        ".": "点", "/": "斜杠", "-": "横杠", "_": "下划线", "@": "at", ":": "冒号", "?": "问号", "=": "等于", "&": "和", "#": "井号",
        "~": "波浪号", "%": "百分号", "+": "加",
    }  # fmt: skip
    terms = {"C++": "C加加", "C#": "C sharp", "AT&T": "A T和T", "24/7": "二十四小时"}

    def cardinal(self, number: int, gender: str = "") -> str:
        """Return a number: by groups of four digits, zeros in between as one 零, a leading 一十 as 十."""
        for unit, size in (("亿", 10**8), ("万", 10**4)):
            if number >= size:
                high, low = divmod(number, size)
                between = "零" if 0 < low < size // 10 else ""
                rest = self.cardinal(low) if low else ""
                return self.cardinal(high) + unit + between + ("一" if rest.startswith("十") else "") + rest
        said, skipped = "", False
        for size, unit in ((1000, "千"), (100, "百"), (10, "十"), (1, "")):
            digit = number // size % 10
            if digit:
                said += ("零" if skipped and said else "") + DIGITS[digit] + unit
            skipped = not digit
        return re.sub("^一十", "十", said) or "零"

    def ordinal(self, number: int, gender: str = "") -> str:
        return "第" + self.cardinal(number)

    def is_year(self, number: int) -> bool:
        return False  # a year has 年 after it

    def year(self, number: int) -> str:
        return "".join(DIGITS[int(digit)] for digit in str(number))

    def fraction(self, above: int, below: int) -> str:
        return f"{self.cardinal(below)}分之{self.cardinal(above)}"

    def mixed(self, whole: int, above: int, below: int) -> str:
        return f"{self.cardinal(whole)}又{self.fraction(above, below)}"

    def score(self, first: str, second: str) -> str | None:
        return f"{self.cardinal(int(first))}比{self.cardinal(int(second))}"

    def percentage(self, number: str, whole: str, fraction: str) -> str:
        return self.percent + number

    def counted_per_mille(self, number: str, whole: str, fraction: str) -> str:
        return self.per_mille + number

    def date(self, day: int, month: int, year: int | None = None) -> str:
        years = f"{self.year(year)}年" if year is not None else ""
        return f"{years}{self.cardinal(month)}月{self.cardinal(day)}日"

    def clock(self, hour: int, minute: int, half_day: str = "") -> str:
        hours = {"a": "上午", "p": "下午"}.get(half_day, "") + ("两" if hour == 2 else self.cardinal(hour)) + "点"
        return hours + (f"{'零' * (minute < 10)}{self.cardinal(minute)}分" if minute else "")

    def own_rules(self) -> list[Rule]:
        return [
            rule("date", r"(?<!\d)(\d{4})[./](\d{1,2})[./](\d{1,2})(?![\d.])", self._numeric_date),
            rule("year", r"(?<!\d)(\d{4}|\d\d)(?=年(?![前后内间来级]|以))", lambda match: self.year_digits(match[1])),
            rule(
                "score",
                r"(?<![\d:])(\d{1,3})[:：](\d{1,3})(?=[战胜负平领击])",
                lambda match: self.score(match[1], match[2]),
            ),
            rule("range", r"(?<=[年月日号时点分])\s?[-–~～—]\s?(?=\d)", lambda match: "到"),
            rule("range", r"(?<=\d)[~～](?=\d)", lambda match: "到"),
            rule("telephone number", r"(?<!\d)1\d\d[ -]?\d{4}[ -]?\d{4}(?!\d)", self._mobile),
            rule("number", rf"(?<![\d.,])2(?=[{MEASURES}])", lambda match: "两"),
        ]

    def _mobile(self, match: re.Match) -> str:
        digits = re.sub(r"\D", "", match.group())
        return self.digits(f"{digits[:3]} {digits[3:7]} {digits[7:]}")

    def year_digits(self, written: str) -> str:
        return "".join(DIGITS[int(digit)] for digit in written)

    def _numeric_date(self, match: re.Match) -> str | None:
        year, month, day = map(int, match.groups())
        return self.date(day, month, year) if 1 <= month <= 12 and 1 <= day <= 31 else None
