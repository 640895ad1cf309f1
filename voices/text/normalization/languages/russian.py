"""Russian."""

import re

from voices.text.normalization.language import NO_BREAK_SPACES, SPACE, Currency, Language, words_of
from voices.text.normalization.rules.words import ROMAN_NUMERAL, roman
from voices.text.normalization.scanner import Rule, rule

FEMININE_NAMES = ("Екатерина", "Елизавета", "Мария", "Анна")

MONTHS = "января|февраля|марта|апреля|мая|июня|июля|августа|сентября|октября|ноября|декабря"


class Russian(Language):
    code = "ru"
    locale = "ru"
    plurals = ("one", "few", "many", "other")
    separators = ((f" {NO_BREAK_SPACES}.", ","),)
    cardinal_rules = {
        "": "spellout-cardinal-masculine", "m": "spellout-cardinal-masculine", "f": "spellout-cardinal-feminine",
        "n": "spellout-cardinal-neuter",
    }  # fmt: skip
    ordinal_rules = {
        "": "spellout-ordinal-masculine", "m": "spellout-ordinal-masculine", "f": "spellout-ordinal-feminine",
        "n": "spellout-ordinal-neuter", "genitive": "spellout-ordinal-masculine-genitive",
        "locative": "spellout-ordinal-masculine-locative", "m-dative": "spellout-ordinal-masculine-dative",
    }  # fmt: skip
    year_rule = "spellout-ordinal-masculine"
    point = "целых"
    dot = "точка"
    minus = "минус"
    plus = "плюс"
    until = "—"
    and_half = "с половиной"
    ordinal_endings = "-?(?:ый|ий|ой|й|ая|я|ое|е|го|ого|его|му|ому|ом|м|ую|ю|ые|ых|х)"
    before_numbers = {
        "№": "номер", "стр.": "страница", "с.": "страница", "гл.": "глава", "рис.": "рисунок", "табл.": "таблица",
        "т.": "том", "п.": "пункт", "ст.": "статья", "кв.": "квартира", "д.": "дом", "корп.": "корпус",
    }  # fmt: skip

    percent = "процент/процента/процентов/процента"
    per_mille = "промилле"
    currencies = {
        "₽": Currency("рубль/рубля/рублей/рубля", "копейка/копейки/копеек", "m", "f"),
        "руб.": Currency("рубль/рубля/рублей/рубля", "копейка/копейки/копеек", "m", "f"),
        "$": Currency("доллар/доллара/долларов/доллара", "цент/цента/центов"),
        "€": Currency("евро", "цент/цента/центов"), "£": Currency("фунт/фунта/фунтов/фунта", "пенс/пенса/пенсов"),
        "¥": Currency("иена/иены/иен/иены", "", "f"),
        "₴": Currency("гривна/гривны/гривен/гривны", "копейка/копейки/копеек", "f", "f"),
        "RUB": Currency("рубль/рубля/рублей/рубля", "копейка/копейки/копеек", "m", "f"),
        "USD": Currency("доллар/доллара/долларов/доллара", "цент/цента/центов"),
        "EUR": Currency("евро", "цент/цента/центов"),
    }  # fmt: skip
    scales = {
        "тыс.": "тысяча/тысячи/тысяч/тысячи", "млн": "миллион/миллиона/миллионов/миллиона", "тысяч": "тысяч",
        "тысячи": "тысячи", "млрд": "миллиард/миллиарда/миллиардов/миллиарда",
        "трлн": "триллион/триллиона/триллионов/триллиона", "миллион": "миллион", "миллиона": "миллиона",
        "миллионов": "миллионов", "миллиард": "миллиард", "миллиарда": "миллиарда", "миллиардов": "миллиардов",
    }  # fmt: skip
    units = {
        "км": "километр/километра/километров/километра", "м": "метр/метра/метров/метра",
        "см": "сантиметр/сантиметра/сантиметров/сантиметра", "мм": "миллиметр/миллиметра/миллиметров/миллиметра",
        "кг": "килограмм/килограмма/килограммов/килограмма", "г": "грамм/грамма/граммов/грамма",
        "мг": "миллиграмм/миллиграмма/миллиграммов/миллиграмма", "т": "тонна/тонны/тонн/тонны",
        "л": "литр/литра/литров/литра", "мл": "миллилитр/миллилитра/миллилитров/миллилитра",
        "км/ч": "километр в час/километра в час/километров в час/километра в час",
        "м/с": "метр в секунду/метра в секунду/метров в секунду/метра в секунду",
        "м²": "квадратный метр/квадратных метра/квадратных метров/квадратного метра",
        "кв. м": "квадратный метр/квадратных метра/квадратных метров/квадратного метра",
        "м³": "кубический метр/кубических метра/кубических метров/кубического метра",
        "га": "гектар/гектара/гектаров/гектара", "кВт": "киловатт/киловатта/киловатт/киловатта",
        "Вт": "ватт/ватта/ватт/ватта", "кВт·ч": "киловатт-час/киловатт-часа/киловатт-часов/киловатт-часа",
        "В": "вольт/вольта/вольт/вольта", "кВтч": "киловатт-час/киловатт-часа/киловатт-часов/киловатт-часа",
        "Гц": "герц/герца/герц/герца", "ГБ": "гигабайт/гигабайта/гигабайт/гигабайта",
        "МБ": "мегабайт/мегабайта/мегабайт/мегабайта", "ч": "час/часа/часов/часа",
        "мин": "минута/минуты/минут/минуты", "сек": "секунда/секунды/секунд/секунды",
        "с": "секунда/секунды/секунд/секунды", "дБ": "децибел/децибела/децибел/децибела",
    }  # fmt: skip
    unit_genders = dict.fromkeys(("т", "мин", "сек", "с", "t", "min", "s", "sec", "mi"), "f")
    per = "в"
    per_nouns = {"час": "час", "ч": "час", "день": "день", "месяц": "месяц", "год": "год", "сутки": "сутки"}

    month_names = {
        "янв": 1, "фев": 2, "мар": 3, "апр": 4, "авг": 8, "сен": 9, "сент": 9, "окт": 10, "ноя": 11, "нояб": 11,
        "дек": 12,
    }  # fmt: skip
    clock_ending = "ч"

    abbreviations = {
        "т. е.": "то есть", "т. к.": "так как", "т. д.": "так далее", "т. п.": "тому подобное",
        "т. н.": "так называемый", "и др.": "и другие", "и пр.": "и прочее", "др.": "другие", "пр.": "прочее",
        "напр.": "например", "см.": "смотри", "ср.": "сравни", "г.": "год", "гг.": "годы", "в.": "век", "вв.": "века",
        "н. э.": "нашей эры", "до н. э.": "до нашей эры", "им.": "имени", "ул.": "улица", "просп.": "проспект",
        "пер.": "переулок", "обл.": "область", "руб.": "рублей", "коп.": "копеек", "тыс.": "тысяч",
        "млн.": "миллионов", "млрд.": "миллиардов", "чел.": "человек", "тел.": "телефон", "мин.": "минут",
        "сек.": "секунд", "ч.": "часов", "прим.": "примечание", "макс.": "максимум", "ок.": "около",
        "англ.": "английский",
    }  # fmt: skip
    titles = {
        "г-н": "господин",
        "г-жа": "госпожа",
        "проф.": "профессор",
        "акад.": "академик",
        "д-р": "доктор",
        "св.": "святой",
    }
    initialisms = frozenset(
        [
            "США",
            "ЕС",
            "ООН",
            "РФ",
            "СССР",
            "МГУ",
            "МВД",
            "ФСБ",
            "НДС",
            "АО",
            "ООО",
            "СМИ",
            "ЦБ",
            "ИИ",
            "ПК",
            "IT",
            "CEO",
            "USB",
            "AI",
            "EU",
            "UN",
            "US",
            "USA",
            "TV",
            "PC",
            "ID",
        ]
    )
    initialisms -= {"США", "ООН", "СМИ"}
    acronyms = frozenset(
        ["НАТО", "ООН", "ЮНЕСКО", "НАСА", "США", "СМИ", "ВУЗ", "ГУМ", "МИД", "ЗАГС", "СПИД", "NASA", "NATO", "UNESCO"]
    )
    numeral_nouns = frozenset(["глава", "том", "часть", "акт", "сцена", "раздел", "статья"])
    regnal_names = words_of(
        "Александр Екатерина Елизавета Николай Павел Пётр Петр Иван Людовик Генрих Карл Наполеон Фридрих Вильгельм "
        "Василий"
    )

    symbols = {
        "&": "и", "+": "плюс", "=": "равно", "==": "равно", "<": "меньше", ">": "больше", "≠": "не равно",
        "!=": "не равно", "≤": "меньше или равно", "<=": "меньше или равно", "≥": "больше или равно",
        ">=": "больше или равно", "≈": "примерно", "±": "плюс-минус", "×": "умножить на", "÷": "разделить на",
        "√": "корень из", "∞": "бесконечность", "→": "в", "²": "в квадрате", "³": "в кубе", "^": "в степени",
        "~": "около", "#": "номер", "§": "параграф", "@": "собака", "°": "градусов", "%": "процентов",
        "‰": "промилле", "/": "дробь", "π": "пи", "µ": "микро", "Ω": "ом",
    }  # fmt: skip
    address_symbols = {
        ".": "точка", "/": "слэш", "-": "дефис", "_": "подчёркивание", "@": "собака", ":": "двоеточие",
        "?": "вопросительный знак", "=": "равно", "&": "амперсанд", "#": "решётка", "~": "тильда", "%": "процент",
        "+": "плюс",
    }  # fmt: skip
    terms = {"C++": "C плюс плюс", "C#": "C шарп", "24/7": "двадцать четыре на семь"}

    def spell(self, number: int, rule_set: str) -> str:
        said = super().spell(number, rule_set)
        return said.removeprefix("одна ") if number // 1000 == 1 else said

    def number(self, whole: str, fraction: str = "", gender: str = "") -> str:
        """Return a number; a fraction is so many tenths, hundredths or thousandths: “две целых пять десятых”."""
        if not fraction or len(fraction) > 3:
            return super().number(whole, fraction, gender)
        value, parts = int(whole or 0), int(fraction)
        names = ("десятая/десятых", "сотая/сотых", "тысячная/тысячных")[len(fraction) - 1].split("/")
        is_one = parts % 10 == 1 and parts % 100 != 11
        integer = "целая" if value % 10 == 1 and value % 100 != 11 else "целых"
        return f"{self.cardinal(value, 'f')} {integer} {self.cardinal(parts, 'f')} {names[0 if is_one else 1]}"

    def fraction(self, above: int, below: int) -> str:
        if (above, below) == (1, 2):
            return "одна вторая"
        names = {2: "вторая/вторых", 3: "третья/третьих/третьих", 4: "четвёртая/четвёртых"}
        ordinal = self.ordinal(below, "f")
        forms = names.get(below, f"{ordinal}/{ordinal[:-2]}ых").split("/")
        return f"{self.cardinal(above, 'f')} {forms[0 if above == 1 else 1]}"

    def fraction_gender(self, below: int) -> str:
        return "f"

    def score(self, first: str, second: str) -> str | None:
        return f"{self.cardinal(int(first))} {self.cardinal(int(second))}"

    def is_year(self, number: int) -> bool:
        return False  # a year is followed by “год”, which the rules below read

    def year(self, number: int) -> str:
        return f"{self.ordinal(number, 'genitive')} года"

    def day(self, day: int) -> str:
        return self.ordinal(day, "genitive")

    def clock(self, hour: int, minute: int, half_day: str = "") -> str:
        minutes = (
            f"ноль {self.cardinal(minute)}" if 0 < minute < 10 else self.cardinal(minute) if minute else "ноль-ноль"
        )
        return f"{self.cardinal(hour)} {minutes}"

    def read_ordinal(self, number: int, ending: str) -> str:
        case = {
            "я": "f", "ая": "f", "е": "n", "ое": "n", "го": "genitive", "ого": "genitive", "его": "genitive",
            "м": "locative", "ом": "locative", "му": "m-dative", "ому": "m-dative",
        }.get(ending.lstrip("-"), "m")  # fmt: skip
        return self.ordinal(number, case)

    def regnal(self, number: int, name: str) -> str:
        return self.ordinal(number, "f" if name in FEMININE_NAMES else "m")

    def own_rules(self) -> list[Rule]:
        before = r"(?<![\w.,])"
        return [
            rule("year", rf"\b([Вв]о?){SPACE}(\d{{4}}){SPACE}?(?:г\.|году)(?!\w)", self._in_year),
            rule("year", rf"{before}(\d{{4}}){SPACE}?(год[ау]?|г\.)(?!\w)", self._year),
            rule("century", rf"\b([Вв]{SPACE})?({ROMAN_NUMERAL}){SPACE}?(?:в\.|веке?|века)(?!\w)", self._century),
            rule(
                "date",
                rf"{before}(\d{{1,2}}){SPACE}({MONTHS}){SPACE}(\d{{4}})(?:{SPACE}(?:года|г\.))?(?!\w)",
                self._in_words,
            ),
            rule(
                "date", rf"{before}(\d{{1,2}})\.(\d{{1,2}})\.(\d{{4}}){SPACE}?(?:г\.|года)?(?!\w|\.\d)", self._numeric
            ),
        ]

    def _in_year(self, match: re.Match) -> str:
        return f"{match[1]} {self.ordinal(int(match[2]), 'locative')} году"

    def _year(self, match: re.Match) -> str:
        case = {"года": "genitive", "году": "m-dative"}.get(match[2], "m")
        return f"{self.ordinal(int(match[1]), case)} {'год' if match[2] == 'г.' else match[2]}"

    def _century(self, match: re.Match) -> str:
        number = roman(match[2])
        if match[1]:
            return f"{match[1]}{self.ordinal(number, 'locative')} веке"
        word = match.group().split()[-1]
        case = "genitive" if word == "века" else "locative" if word == "веке" else "m"
        return f"{self.ordinal(number, case)} {'век' if word.endswith('.') else word}"

    def _in_words(self, match: re.Match) -> str:
        return f"{self.day(int(match[1]))} {match[2]} {self.year(int(match[3]))}"

    def _numeric(self, match: re.Match) -> str | None:
        day, month, year = map(int, match.groups())
        return self.date(day, month, year) if 1 <= month <= 12 and 1 <= day <= 31 else None
