"""Japanese."""

import re

from voices.text.normalization.language import Currency, Language
from voices.text.normalization.scanner import Rule, rule


class Japanese(Language):
    code = "ja"
    locale = "ja"
    spaced = False
    plurals = ("other",)
    point = "点"
    minus = "マイナス"
    plus = "プラス"
    until = "から"
    before_numbers = {"No.": "ナンバー", "№": "ナンバー"}

    percent = "パーセント"
    per_mille = "パーミル"
    currencies = {
        "¥": Currency("円"), "￥": Currency("円"), "$": Currency("ドル"), "US$": Currency("ドル"), "€": Currency("ユーロ"),
        "£": Currency("ポンド"), "₩": Currency("ウォン"), "JPY": Currency("円"), "USD": Currency("ドル"), "EUR": Currency("ユーロ"),
        "₹": Currency("ルピー"), "GBP": Currency("ポンド"),
    }  # fmt: skip
    scales = {"万": "万", "億": "億", "千": "千", "百万": "百万", "兆": "兆", "K": "千", "M": "百万"}
    scale_of = ""
    units = {
        "km": "キロメートル", "m": "メートル", "cm": "センチメートル", "mm": "ミリメートル", "kg": "キログラム", "g": "グラム",
        "km/h": "キロメートル毎時", "m/s": "メートル毎秒", "kWh": "キロワット時", "dB": "デシベル", "GB": "ギガバイト", "MB": "メガバイト",
        "TB": "テラバイト", "Mbps": "メガビーピーエス", "°C": "度", "℃": "度", "°": "度", "h": "時間", "min": "分", "s": "秒",
        "L": "リットル", "ml": "ミリリットル", "mL": "ミリリットル", "m²": "平方メートル", "㎡": "平方メートル",
    }  # fmt: skip
    per = "毎"

    symbols = {
        "&": "アンド", "+": "プラス", "=": "イコール", "==": "イコール", "<": "小なり", ">": "大なり", "≠": "ノットイコール",
        "!=": "ノットイコール", "≤": "以下", "<=": "以下", "≥": "以上", ">=": "以上", "≈": "約", "±": "プラスマイナス", "×": "かける",
        "÷": "わる", "√": "ルート", "∞": "無限大", "→": "から", "²": "の二乗", "³": "の三乗", "^": "の", "~": "約", "#": "番",
        "§": "第", "@": "アット", "°": "度", "%": "パーセント", "‰": "パーミル", "/": "分の", "π": "パイ", "µ": "マイクロ", "Ω": "オーム",
    }  # fmt: skip
    address_symbols = {
        ".": "ドット", "/": "スラッシュ", "-": "ハイフン", "_": "アンダーバー", "@": "アットマーク", ":": "コロン", "?": "クエスチョン",
        "=": "イコール", "&": "アンド", "#": "シャープ", "~": "チルダ", "%": "パーセント", "+": "プラス",
    }  # fmt: skip
    terms = {"C++": "C プラスプラス", "C#": "C シャープ", "AT&T": "A T アンド T", "24/7": "二十四時間"}

    def cardinal(self, number: int, gender: str = "") -> str:
        return self.spell(number, "spellout-cardinal").replace("〇", "ゼロ")

    def ordinal(self, number: int, gender: str = "") -> str:
        return f"第{self.cardinal(number)}"

    def is_year(self, number: int) -> bool:
        return False  # a year has 年 after it, and is read as any number

    def year(self, number: int) -> str:
        return self.cardinal(number)

    def digits(self, written: str) -> str:
        groups = re.findall(r"\d+", written)
        return "、".join("".join(self.digit(int(digit)) for digit in group) for group in groups)

    def fraction(self, above: int, below: int) -> str:
        return f"{self.cardinal(below)}分の{self.cardinal(above)}"

    def mixed(self, whole: int, above: int, below: int) -> str:
        return f"{self.cardinal(whole)}と{self.fraction(above, below)}"

    def score(self, first: str, second: str) -> str | None:
        return f"{self.cardinal(int(first))}対{self.cardinal(int(second))}"

    def date(self, day: int, month: int, year: int | None = None) -> str:
        years = f"{self.year(year)}年" if year is not None else ""
        return f"{years}{self.cardinal(month)}月{self.cardinal(day)}日"

    def clock(self, hour: int, minute: int, half_day: str = "") -> str:
        hours = f"{ {'a': '午前', 'p': '午後'}.get(half_day, '') }{self.cardinal(hour)}時"
        return hours + (f"{self.cardinal(minute)}分" if minute else "")

    def own_rules(self) -> list[Rule]:
        return [
            rule("date", r"(?<!\d)(\d{4})[./](\d{1,2})[./](\d{1,2})(?![\d.])", self._numeric_date),
            rule("range", r"(?<=[\d年月日時分])\s?[~～〜]\s?(?=\d)", lambda match: "から"),
        ]

    def _numeric_date(self, match: re.Match) -> str | None:
        year, month, day = map(int, match.groups())
        return self.date(day, month, year) if 1 <= month <= 12 and 1 <= day <= 31 else None
