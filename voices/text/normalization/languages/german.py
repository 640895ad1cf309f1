"""German."""

import re

from voices.text.normalization.language import NO_BREAK_SPACES, SPACE, Currency, Language, words_of
from voices.text.normalization.rules.amounts import quantity_in_words
from voices.text.normalization.rules.words import ROMAN_NUMERAL, roman
from voices.text.normalization.scanner import Rule, rule

# After these an ordinal ends in -n: “am dritten”; after “der”, “die”, “das” in -e; elsewhere in -r: “dritter”.
OBLIQUE = (
    "am|vom|zum|zur|beim|im|ins?|ab|seit|bis|dem|den|des|dieser|diesem|diesen|jedem|jeden|einer|einem|einen|von|unserem"
)
WEAK = "der|die|das|dieser?|jede|jeder|ihre?|seine?"
MONTHS = (
    "Jan(?:uar)?|Jänner|Feb(?:ruar)?|März|Apr(?:il)?|Mai|Juni?|Juli?|Aug(?:ust)?|Sept?(?:ember)?|Okt(?:ober)?|"
    "Nov(?:ember)?|Dez(?:ember)?"
)

DAYS = "Mo|Di|Mi|Do|Fr|Sa|So"
DAY_NAMES = {
    "Mo": "Montag", "Di": "Dienstag", "Mi": "Mittwoch", "Do": "Donnerstag", "Fr": "Freitag", "Sa": "Samstag",
    "So": "Sonntag",
}  # fmt: skip


class German(Language):
    code = "de"
    scale_nouns = "Maßstab"
    locale = "de"
    separators = ((f".{NO_BREAK_SPACES}", ","),)
    cardinal_rules = {"": "spellout-numbering", "m": "spellout-cardinal-masculine", "f": "spellout-cardinal-feminine"}
    cardinal_rules["n"] = "spellout-cardinal-neuter"
    point = "Komma"
    dot = "Punkt"
    minus = "minus"
    until = "bis"
    and_half = "einhalb"
    fraction_names = {2: "Halb/Halbe"}
    before_numbers = {
        "Nr.": "Nummer", "Nrn.": "Nummern", "№": "Nummer", "S.": "Seite", "Bd.": "Band", "Kap.": "Kapitel",
        "Abb.": "Abbildung", "Abs.": "Absatz", "Art.": "Artikel", "Tab.": "Tabelle", "Aufl.": "Auflage", "Z.": "Zeile",
        "Anm.": "Anmerkung", "Fig.": "Figur", "Hausnr.": "Hausnummer", "Op.": "Opus",
    }  # fmt: skip

    percent = "Prozent"
    per_mille = "Promille"
    currencies = {
        "€": Currency("Euro", "Cent"), "$": Currency("Dollar", "Cent"), "£": Currency("Pfund", "Penny/Pence", "n"),
        "¥": Currency("Yen"), "₹": Currency("Rupie/Rupien", "Paisa", "f"), "₽": Currency("Rubel", "Kopeke/Kopeken"),
        "US$": Currency("US-Dollar", "Cent"), "EUR": Currency("Euro", "Cent"), "USD": Currency("US-Dollar", "Cent"),
        "GBP": Currency("Pfund", "Penny/Pence", "n"), "CHF": Currency("Franken", "Rappen"), "JPY": Currency("Yen"),
        "R$": Currency("Real/Reais", "Centavo/Centavos"), "BTC": Currency("Bitcoin"), "₩": Currency("Won"),
    }  # fmt: skip
    scales = {
        "Tsd.": "tausend", "Mio.": "Million/Millionen", "Mrd.": "Milliarde/Milliarden", "Bio.": "Billion/Billionen",
        "Million": "Million", "Millionen": "Millionen", "Milliarde": "Milliarde", "Milliarden": "Milliarden",
        "Mio": "Million/Millionen", "Mrd": "Milliarde/Milliarden", "M": "Million/Millionen",
    }  # fmt: skip
    says_cents = False
    units = {
        "dB": "Dezibel", "kn": "Knoten", "PS": "PS", "Mbit/s": "Megabit pro Sekunde", "Gbit/s": "Gigabit pro Sekunde",
        "U/min": "Umdrehungen pro Minute", "Std.": "Stunde/Stunden", "Min.": "Minute/Minuten",
        "Sek.": "Sekunde/Sekunden", "mAh": "Milliamperestunden", "MWh": "Megawattstunden", "bar": "Bar",
        "EL": "Esslöffel", "TL": "Teelöffel", "St.": "Stück", "Stk.": "Stück",
        "kWh": "Kilowattstunde/Kilowattstunden",
    }  # fmt: skip
    not_units = frozenset({"mi"})
    unit_genders = dict.fromkeys(
        ("h", "hr", "hrs", "Std.", "min", "Min.", "s", "sec", "Sek.", "t", "mi", "oz", "kWh"), "f"
    )
    per = "pro"
    per_nouns = {
        "h": "Stunde", "Std": "Stunde", "Tag": "Tag", "Woche": "Woche", "Monat": "Monat", "Jahr": "Jahr",
        "Person": "Person", "Nacht": "Nacht", "Minute": "Minute", "Sekunde": "Sekunde", "Stück": "Stück",
    }  # fmt: skip

    capital_months = True
    month_names = {"jänner": 1, "sept": 9}
    clock_ending = "Uhr|h"

    abbreviations = {
        "z. B.": "zum Beispiel", "d. h.": "das heißt", "u. a.": "unter anderem", "i. d. R.": "in der Regel",
        "o. ä.": "oder ähnliches", "u. U.": "unter Umständen", "z. T.": "zum Teil", "v. a.": "vor allem",
        "s. o.": "siehe oben", "s. u.": "siehe unten", "i. A.": "im Auftrag", "u. v. m.": "und vieles mehr",
        "v. Chr.": "vor Christus", "n. Chr.": "nach Christus", "usw.": "und so weiter", "etc.": "et cetera",
        "bzw.": "beziehungsweise", "ca.": "circa", "evtl.": "eventuell", "ggf.": "gegebenenfalls",
        "inkl.": "inklusive", "exkl.": "exklusive", "vgl.": "vergleiche", "sog.": "sogenannte",
        "u.ä.": "und ähnliches", "max.": "maximal", "min.": "minimal", "mind.": "mindestens",
        "bspw.": "beispielsweise", "geb.": "geboren", "gest.": "gestorben", "Jh.": "Jahrhundert",
        "Jhd.": "Jahrhundert", "Tel.": "Telefon", "Str.": "Straße", "Hbf.": "Hauptbahnhof", "Hbf": "Hauptbahnhof",
        "Abt.": "Abteilung", "Fa.": "Firma", "Ges.": "Gesellschaft", "Mwst.": "Mehrwertsteuer",
        "MwSt.": "Mehrwertsteuer", "einschl.": "einschließlich", "zzgl.": "zuzüglich", "abzgl.": "abzüglich",
        "lt.": "laut", "gem.": "gemäß", "dt.": "deutsch", "engl.": "englisch", "Mio.": "Millionen",
        "Mrd.": "Milliarden", "Std.": "Stunden", "Min.": "Minuten", "Sek.": "Sekunden", "Mo.": "Montag",
        "Di.": "Dienstag", "Mi.": "Mittwoch", "Do.": "Donnerstag", "Fr.": "Freitag", "Sa.": "Samstag",
        "ff.": "folgende", "Hrsg.": "Herausgeber", "Jan.": "Januar", "Feb.": "Februar", "Aug.": "August",
        "Sept.": "September", "Okt.": "Oktober", "Nov.": "November", "Dez.": "Dezember", "St.": "Sankt",
        "e. V.": "e V", "ugs.": "umgangssprachlich",
    }  # fmt: skip
    titles = {
        "Dr.": "Doktor", "Dr": "Doktor", "Prof.": "Professor", "Hr.": "Herr", "Hrn.": "Herrn", "Fr.": "Frau",
        "Frl.": "Fräulein", "Ing.": "Ingenieur", "Dipl.-Ing.": "Diplom-Ingenieur", "St.": "Sankt", "Mag.": "Magister",
    }  # fmt: skip
    initialisms = words_of(
        "ADAC AOK API APA ARD BASF BIP BND BRD CDU CIA CPU CSU DAX DDR DNA DIN EDV EKG EU EZB FAZ FAQ FBI FDP GEZ "
        "GPS ICE IBM ID IG IP IQ IT IAA KI KFZ LKA LKW PKW OB PC PDF PIN PLZ PR SEO SMS SPD SUV TV UKW UNO UN URL "
        "USA USB US VW WG WHO WM EM ZDF XML HTML AG OHG UI EC IC RE OP TÜV"
    ) - {"DAX", "PIN", "UNO", "TÜV", "DIN", "AOK"}
    acronyms = frozenset(["NATO", "UNESCO", "UNICEF", "UNO", "NASA", "DAX", "TÜV", "DIN", "BAföG", "GmbH", "SWIFT"]) | {
        "GMBH"
    }
    numeral_nouns = frozenset(
        [
            "kapitel",
            "band",
            "teil",
            "akt",
            "szene",
            "abschnitt",
            "artikel",
            "phase",
            "stufe",
            "klasse",
            "buch",
            "typ",
            "bd.",
            "kap.",
            "weltkrieg",
        ]
    )
    regnal_names = words_of(
        "Albrecht Alexander August Benedikt Christian Elisabeth Ferdinand Franz Friedrich Georg Gregor Gustav "
        "Heinrich Innozenz Iwan Jakob Johann Johannes Joseph Karl Katharina Konrad Leo Leopold Ludwig Maria "
        "Maximilian Napoleon Nikolaus Otto Paul Peter Philipp Pius Ramses Richard Rudolf Thutmosis Urban Wilhelm"
    )

    symbols = {
        "&": "und", "+": "plus", "=": "gleich", "==": "gleich", "<": "kleiner als", ">": "größer als", "≠": "ungleich",
        "!=": "ungleich", "≤": "kleiner gleich", "<=": "kleiner gleich", "≥": "größer gleich", ">=": "größer gleich",
        "≈": "ungefähr", "≡": "identisch mit", "±": "plus minus", "×": "mal", "÷": "geteilt durch", "√": "Wurzel aus",
        "∞": "unendlich", "∑": "Summe", "∏": "Produkt", "∆": "Delta", "∫": "Integral", "→": "zu", "²": "Quadrat",
        "³": "hoch drei", "^": "hoch", "~": "etwa", "#": "Nummer", "§": "Paragraf", "@": "at", "°": "Grad",
        "%": "Prozent", "‰": "Promille", "/": "durch", "π": "Pi", "µ": "Mikro", "Ω": "Ohm",
    }  # fmt: skip
    address_symbols = {
        ".": "Punkt", "/": "Schrägstrich", "-": "Minus", "_": "Unterstrich", "@": "at", ":": "Doppelpunkt",
        "?": "Fragezeichen", "=": "gleich", "&": "und", "#": "Raute", "~": "Tilde", "%": "Prozent", "+": "plus",
    }  # fmt: skip
    terms = {"C++": "C plus plus", "C#": "C sharp", "F&E": "F und E", "H&M": "H und M", "24/7": "vierundzwanzig sieben"}

    def cardinal(self, number: int, gender: str = "") -> str:
        # CLDR counts “ein Euro”, and “hundertein Euro”; nobody counts on with a gender.
        return super().cardinal(number, gender if number == 1 else "")

    def is_year(self, number: int) -> bool:
        return 1100 <= number < 2000

    def fraction(self, above: int, below: int) -> str:
        if below == 2:
            return "ein halb" if above == 1 else f"{self.cardinal(above)} halbe"
        part = {3: "Drittel", 7: "Siebtel"}.get(
            below
        ) or f"{self.cardinal(below).capitalize()}{'tel' if below < 20 else 'stel'}"
        return f"{self.cardinal(above, 'm')} {part.replace('gtel', 'gstel')}"

    def mixed(self, whole: int, above: int, below: int) -> str:
        if (above, below) == (1, 2):
            return f"{'ein' if whole == 1 else self.cardinal(whole)}einhalb" if whole > 1 else "eineinhalb"
        return f"{self.cardinal(whole)} {self.fraction(above, below)}"

    def money(self, whole: str, fraction: str, currency: Currency, scale: str = "") -> str:
        if scale.startswith(("Mi", "Mrd", "M", "B")) and whole == "1" and not fraction:
            return f"eine {self.scales[scale].split('/')[0]} {currency.unit.split('/')[-1]}"
        return super().money(whole, fraction, currency, scale)

    def date(self, day: int, month: int, year: int | None = None) -> str:
        return self._dated(day, self.month(month), year, "r")

    def _dated(self, day: int, month: str, year: int | None, ending: str) -> str:
        said = f"{self._ordinal(day, ending)} {month}"
        return f"{said} {self.year(year)}" if year is not None else said

    def _ordinal(self, number: int, ending: str) -> str:
        return self.ordinal(number) + ending

    def year(self, number: int) -> str:
        return super().year(number) if self.is_year(number) else self.cardinal(number)

    def clock(self, hour: int, minute: int, half_day: str = "") -> str:
        hours = "ein" if hour == 1 else self.cardinal(hour)
        return self.join(hours, "Uhr", self.cardinal(minute) if minute else "")

    def gender_of(self, noun: str) -> str:
        if not noun[0].isupper():
            return ""
        return "f" if re.search("(?:e|ung|heit|keit|schaft|ion|tät|ei|ik|in)$", noun) else "m"

    def regnal(self, number: int, name: str) -> str:
        return f"{'die' if name in ('Elisabeth', 'Katharina', 'Maria') else 'der'} {self.ordinal(number).capitalize()}"

    def own_rules(self) -> list[Rule]:
        before = rf"(?:\b(?P<before>{OBLIQUE}|{WEAK}){SPACE})?"
        noun = rf"(?={SPACE}[A-ZÄÖÜ][a-zäöüß])"
        names = "|".join(sorted(self.regnal_names))
        return [
            rule(
                "date",
                rf"{before}(?<![\w.,])(?P<day>\d{{1,2}})\.{SPACE}?"
                rf"(?:(?P<month>{MONTHS})\b\.?|(?P<number>1[0-2]|0?[1-9])\.)"
                rf"(?:{SPACE}?(?P<year>\d{{4}}|(?<=\.)\d\d)(?!\d))?",
                self._date,
                re.IGNORECASE,
            ),
            rule("ordinal", rf"{before}(?<![\w.,])(\d{{1,4}})\.{noun}", self._ordinal_before_noun, re.IGNORECASE),
            rule(
                "time",
                rf"(?<![\w:.,])([01]?\d|2[0-4])(?:[.:]([0-5]\d))?{SPACE}?Uhr(?:{SPACE}([0-5]?\d)\b)?",
                self._oclock,
            ),
            rule("Roman numeral", rf"\b({names}){SPACE}({ROMAN_NUMERAL})\b(\.?)(?![\w'’])", self._king),
            rule("Roman numeral", rf"{before}\b({ROMAN_NUMERAL})\.{noun}", self._roman_ordinal),
            rule("abbreviation", r"\b([A-ZÄÖÜ][a-zäöüß]{2,30})str\.(?=\s|$|,)", lambda match: f"{match[1]}straße"),
            rule(
                "days",
                rf"\b({DAYS})\.?\s?[-–]\s?({DAYS})\b\.?",
                lambda match: " bis ".join(DAY_NAMES[day] for day in match.groups()),
            ),
            rule("money", r"(?<=\d),[-–—]{1,2}(?=\s?(?:€|Euro|EUR|\W|$))", lambda match: ""),
            rule("decade", r"(?<![\w.,])['’]?(\d0|\d{3}0)er(?=[ -]|\b)", lambda match: f"{self.year(int(match[1]))}er"),
            rule(
                "number",
                r"(?<![\w.,])(\d{1,3})-([a-zäöü]{3,30})",
                lambda match: self.cardinal(int(match[1])) + match[2],
            ),
            rule("quantity", r"(?<![\w.,])(\d{1,4})-(km|m|cm|kg|g|l)-(?=[A-ZÄÖÜ])", self._compound),
        ]

    def score(self, first: str, second: str) -> str | None:
        return f"{self.cardinal(int(first))} zu {self.cardinal(int(second))}"

    def _compound(self, match: re.Match) -> str:
        """“ein 10-km-Lauf”."""
        return quantity_in_words(match[1], "", match[2], self).replace(" ", "-") + "-"

    def _ending(self, before: str | None) -> str:
        if not before:
            return "r"
        return "" if re.fullmatch(WEAK, before.lower()) else "n"

    def _date(self, match: re.Match) -> str | None:
        day, number = int(match["day"]), int(match["number"] or 0)
        if not 1 <= day <= 31 or not (match["month"] or match["number"]):
            return None
        months = list(self.cldr.months["format"]["wide"].values())
        start = (match["month"] or "").lower()[:3].replace("jän", "jan")
        month = months[number - 1] if number else next(name for name in months if name.lower().startswith(start))
        year = match["year"]
        if year and len(year) == 2:
            year = ("20" if int(year) <= 50 else "19") + year
        before = f"{match['before']} " if match["before"] else ""
        return before + self._dated(day, month, int(year) if year else None, self._ending(match["before"]))

    def _ordinal_before_noun(self, match: re.Match) -> str:
        before = f"{match['before']} " if match["before"] else ""
        return before + self._ordinal(int(match[2]), self._ending(match["before"]))

    def _roman_ordinal(self, match: re.Match) -> str | None:
        if match[2] == "I" and not match["before"]:
            return None
        before = f"{match['before']} " if match["before"] else ""
        return before + self._ordinal(roman(match[2]), self._ending(match["before"]))

    def _oclock(self, match: re.Match) -> str:
        return self.clock(int(match[1]), int(match[2] or match[3] or 0))

    def _king(self, match: re.Match) -> str | None:
        if match[2] == "I" and not match[3]:
            return None
        stop = "." * (match[3] == "." and not match.string[match.end() :].strip(' )”"’»“'))
        return f"{match[1]} {self.regnal(roman(match[2]), match[1])}{stop}"
