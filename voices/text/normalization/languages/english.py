"""English, American and British."""

import re
from functools import cached_property

from voices.text.normalization.language import Currency, Language, digits_of, words_of
from voices.text.normalization.rules.amounts import quantity_in_words, unit_symbols
from voices.text.normalization.rules.words import ROMAN_NUMERAL
from voices.text.normalization.scanner import Rule, rule

NO_CARRIERS = (
    "US",
    "UK",
    "EU",
    "UN",
    "AD",
    "BC",
    "CE",
    "AM",
    "PM",
    "TV",
    "PC",
    "CD",
    "OK",
    "NO",
    "IN",
    "ON",
    "AT",
    "TO",
    "OF",
    "MY",
)
DAYS = "Mon|Tues?|Wed|Thu(?:rs?)?|Fri|Sat|Sun"
STATES = {
    "AL": "Alabama", "AK": "Alaska", "AZ": "Arizona", "AR": "Arkansas", "CA": "California", "CO": "Colorado",
    "CT": "Connecticut", "DE": "Delaware", "FL": "Florida", "GA": "Georgia", "HI": "Hawaii", "IA": "Iowa",
    "ID": "Idaho", "IL": "Illinois", "IN": "Indiana", "KS": "Kansas", "KY": "Kentucky", "LA": "Louisiana",
    "MA": "Massachusetts", "MD": "Maryland", "ME": "Maine", "MI": "Michigan", "MN": "Minnesota", "MO": "Missouri",
    "MS": "Mississippi", "MT": "Montana", "NC": "North Carolina", "ND": "North Dakota", "NE": "Nebraska",
    "NH": "New Hampshire", "NJ": "New Jersey", "NM": "New Mexico", "NV": "Nevada", "NY": "New York", "OH": "Ohio",
    "OK": "Oklahoma", "OR": "Oregon", "PA": "Pennsylvania", "RI": "Rhode Island", "SC": "South Carolina",
    "SD": "South Dakota", "TN": "Tennessee", "TX": "Texas", "UT": "Utah", "VA": "Virginia", "VT": "Vermont",
    "WA": "Washington", "WI": "Wisconsin", "WV": "West Virginia", "WY": "Wyoming", "DC": "D C",
}  # fmt: skip
SAINT_OR_STREET = re.compile(r"(?:[A-Z][\w’']*|\d(?:st|nd|rd|th))\W*$")


class AmericanEnglish(Language):
    code = "en"
    scale_nouns = "scale|ratio"
    locale = "en_US"
    point = "point"
    minus = "minus"
    until = "to"
    and_half = "and a half"
    ordinal_endings = "st|nd|rd|th"
    fraction_names = {2: "half/halves", 4: "quarter/quarters"}
    before_numbers = {
        "No.": "number", "Nos.": "numbers", "Nr.": "number", "№": "number", "p.": "page", "pp.": "pages",
        "Fig.": "figure", "Figs.": "figures", "Vol.": "volume", "Vols.": "volumes", "Ch.": "chapter",
        "Chap.": "chapter", "Sec.": "section", "Sect.": "section", "Art.": "article", "Eq.": "equation",
        "Ex.": "example", "Tab.": "table", "Ln.": "line", "Ext.": "extension", "Apt.": "apartment", "Rm.": "room",
        "Pt.": "part", "Op.": "opus", "Ver.": "version", "Gen.": "generation", "c.": "circa", "ca.": "circa",
    }  # fmt: skip

    percent = "percent"
    per_mille = "per mille"
    currencies = {
        "$": Currency("dollar/dollars", "cent/cents"), "€": Currency("euro/euros", "cent/cents"),
        "£": Currency("pound/pounds", "penny/pence"), "¥": Currency("yen"),
        "₹": Currency("rupee/rupees", "paisa/paise"), "₩": Currency("won"),
        "₽": Currency("ruble/rubles", "kopeck/kopecks"), "₺": Currency("lira"), "₪": Currency("shekel/shekels"),
        "₿": Currency("bitcoin/bitcoins"), "¢": Currency("cent/cents"),
        "R$": Currency("real/reais", "centavo/centavos"), "US$": Currency("US dollar/US dollars", "cent/cents"),
        "C$": Currency("Canadian dollar/Canadian dollars", "cent/cents"),
        "A$": Currency("Australian dollar/Australian dollars", "cent/cents"),
        "HK$": Currency("Hong Kong dollar/Hong Kong dollars", "cent/cents"),
        "USD": Currency("US dollar/US dollars", "cent/cents"), "EUR": Currency("euro/euros", "cent/cents"),
        "GBP": Currency("pound/pounds", "penny/pence"), "JPY": Currency("yen"),
        "CHF": Currency("Swiss franc/Swiss francs", "centime/centimes"),
        "INR": Currency("rupee/rupees", "paisa/paise"), "BRL": Currency("real/reais", "centavo/centavos"),
        "CNY": Currency("yuan"), "RMB": Currency("yuan"),
        "CAD": Currency("Canadian dollar/Canadian dollars", "cent/cents"),
        "AUD": Currency("Australian dollar/Australian dollars", "cent/cents"),
        "MXN": Currency("peso/pesos", "centavo/centavos"), "BTC": Currency("bitcoin/bitcoins"),
    }  # fmt: skip
    scales = {
        "k": "thousand", "K": "thousand", "M": "million", "m": "million", "mn": "million", "bn": "billion",
        "B": "billion", "b": "billion", "tn": "trillion", "T": "trillion", "thousand": "thousand",
        "million": "million", "billion": "billion", "trillion": "trillion", "hundred": "hundred",
    }  # fmt: skip
    and_cents = " and "
    per_nouns = {
        "hour": "hour", "hr": "hour", "h": "hour", "day": "day", "week": "week", "wk": "week", "month": "month",
        "mo": "month", "year": "year", "yr": "year", "person": "person", "night": "night", "minute": "minute",
        "min": "minute", "second": "second", "sec": "second", "unit": "unit", "user": "user", "piece": "piece",
    }  # fmt: skip
    units = {
        "dB": "decibel/decibels", "kbps": "kilobit per second/kilobits per second",
        "rpm": "revolution per minute/revolutions per minute", "Mbps": "megabit per second/megabits per second",
        "Gbps": "gigabit per second/gigabits per second", "fps": "frame per second/frames per second",
        "bpm": "beat per minute/beats per minute", "mAh": "milliamp hour/milliamp hours", "Ah": "amp hour/amp hours",
        "MWh": "megawatt hour/megawatt hours", "GWh": "gigawatt hour/gigawatt hours",
        "TWh": "terawatt hour/terawatt hours", "Wh": "watt hour/watt hours", "Nm": "newton meter/newton meters",
        "bar": "bar/bar", "mins": "minute/minutes", "secs": "second/seconds", "wk": "week/weeks", "wks": "weeks",
        "yr": "year/years", "yrs": "years", "pcs": "piece/pieces", "qt": "quart/quarts",
        "kWh": "kilowatt hour/kilowatt hours",
    }  # fmt: skip

    date_order = "mdy"
    capital_months = True
    month_names = {"sept": 9}
    date_of = "of"
    year_of = "of"

    abbreviations = {
        "e.g.": "for example", "i.e.": "that is", "etc.": "et cetera", "vs.": "versus", "vs": "versus",
        "approx.": "approximately", "cf.": "compare", "viz.": "namely", "et al.": "and others", "incl.": "including",
        "excl.": "excluding", "esp.": "especially", "est.": "established", "dept.": "department",
        "govt.": "government", "assn.": "association", "Inc.": "Incorporated", "Ltd.": "Limited",
        "Corp.": "Corporation", "Co.": "Company", "Bros.": "Brothers", "Jr.": "junior", "Ph.D.": "P H D",
        "Ave.": "Avenue", "Blvd.": "Boulevard", "Rd.": "Road", "Hwy.": "Highway", "Pkwy.": "Parkway",
        "w/o": "without", "w/": "with", "b/c": "because", "a.k.a.": "A K A", "a.m.": "A M", "p.m.": "P M",
        "misc.": "miscellaneous", "temp.": "temperature", "max.": "maximum", "min.": "minimum", "tel.": "telephone",
        "ext.": "extension", "ibid.": "ibidem", "and/or": "and or", "no.s": "numbers", "Univ.": "University",
        "Jan.": "January", "Feb.": "February", "Aug.": "August", "Sept.": "September", "Oct.": "October",
        "Nov.": "November", "Dec.": "December", "Mon.": "Monday", "Tues.": "Tuesday", "Wed.": "Wednesday",
        "Thurs.": "Thursday", "Fri.": "Friday", "lbs.": "pounds", "lbs": "pounds", "oz": "ounces", "oz.": "ounces",
        "tsp.": "teaspoon", "tsp": "teaspoon", "tbsp.": "tablespoon", "tbsp": "tablespoon", "sq.": "square",
    }  # fmt: skip
    titles = {
        "Dr.": "Doctor", "Dr": "Doctor", "Mr.": "Mister", "Mr": "Mister", "Mrs.": "Missus", "Mrs": "Missus",
        "Ms.": "Miz", "Ms": "Miz", "Prof.": "Professor", "Gen.": "General", "Sen.": "Senator",
        "Rep.": "Representative", "Gov.": "Governor", "Capt.": "Captain", "Cpt.": "Captain", "Lt.": "Lieutenant",
        "Sgt.": "Sergeant", "Col.": "Colonel", "Cmdr.": "Commander", "Maj.": "Major", "Rev.": "Reverend",
        "Hon.": "Honorable", "Pres.": "President", "Supt.": "Superintendent", "Messrs.": "Messieurs", "Mt.": "Mount",
        "Mt": "Mount", "Ft.": "Fort", "Fr.": "Father", "Br.": "Brother", "Sr.": "Sister",
    }  # fmt: skip
    initialisms = words_of(
        "FBI CIA USA UK UN EU US UAE AI API APIs ATM BBC ABC CBS NBC CNN ESPN IBM HP GE GM AMD CEO CFO CTO COO CIO "
        "CPU GPU CD DVD DIY DNA RNA DOJ DOD EPA FAA FDA FIFA FAQ GDP GPA GPS HIV HR ICU ID IP IQ ISO ISP IT IRS IRA "
        "KGB LA LED MBA MRI MVP NBA NFL NHL NGO NHS NIH NSA NYC OCD OCR OECD OED OS PA PC PDF PE PIB POV PR QA QR "
        "RIP SEO SMS SOS SQL SUV TV UFO URL USB USSR VAT VIP WHO WTO WWI WWII XML HTML CSS IOU ETA ASAP FYI AKA OMG "
        "LGBTQ BA MA AC DC AD BC BCE CE AM PM EST EDT PST PDT GMT UTC RSVP TBA TBD UCLA USC MIT IEEE IMF AOL IPO ROI "
        "KPI B2B OPEC_ UI UX AFP AP UPI NPR PBS ACLU NAACP NCAA AARP AAA ADHD IVF IUD ER EMS EMT ICE_ DUI AA EV AV "
        "CCTV"
    ) - {"FIFA", "OPEC_", "ICE_"}
    acronyms = frozenset(
        [
            "NASA",
            "NATO",
            "UNESCO",
            "UNICEF",
            "OPEC",
            "FIFA",
            "UEFA",
            "AIDS",
            "SCUBA",
            "SWAT",
            "RAM",
            "ROM",
            "GIF",
            "JPEG",
            "PIN",
            "SIM",
        ]
    )
    plural_letters = "’s"
    numeral_nouns = words_of(
        "chapter part book volume act scene section article title phase stage type class grade level tier form group "
        "unit war appendix figure table canto psalm lesson no. ch. vol. pt. sec. art. bowl apollo mark category "
        "division world episode season round"
    ) - {"world"}
    reads_numeral_i = False
    regnal_names = words_of(
        "Alexander Alfonso Amenhotep Benedict Boniface Catherine Charles Christian Clement Cleopatra Edward "
        "Elizabeth Ferdinand Francis Frederick George Gregory Gustav Harald Henry Innocent Isabella Ivan James John "
        "Joseph Julius Leo Leopold Louis Margaret Mary Maximilian Mehmed Mohammed Murad Napoleon Nicholas Olaf Otto "
        "Paul Peter Philip Pius Ptolemy Ramesses Ramses Richard Robert Rudolf Selim Sixtus Stephen Thutmose "
        "Tutankhamun Urban Victor Wilhelm William Xerxes Darius Cyrus Umberto Emmanuel Felipe Carl Edmund Malcolm_ "
        "David Constantine Justinian Theodosius Valentinian Antiochus Artaxerxes Sigismund Casimir Vladislaus Bela "
        "Haakon Christopher Eric Magnus"
    ) - {"Malcolm_"}

    symbols = {
        "&": "and", "+": "plus", "=": "equals", "==": "equals", "<": "less than", ">": "greater than",
        "≠": "is not equal to", "!=": "is not equal to", "≤": "is at most", "<=": "is at most", "≥": "is at least",
        ">=": "is at least", "≈": "is about", "≡": "is identical to", "±": "plus or minus", "×": "times",
        "÷": "divided by", "√": "the square root of", "∞": "infinity", "∑": "the sum of", "∏": "the product of",
        "∆": "delta", "∂": "partial", "∫": "the integral of", "→": "to", "←": "from", "↔": "to and from",
        "⇒": "implies", "∈": "in", "∉": "not in", "∪": "union", "∩": "intersection", "⊂": "is a subset of",
        "∅": "the empty set", "∝": "is proportional to", "∠": "angle", "∴": "therefore", "²": "squared", "³": "cubed",
        "^": "to the power of", "~": "about", "#": "number", "§": "section", "@": "at", "°": "degrees",
        "%": "percent", "‰": "per mille", "/": "over", "π": "pi", "µ": "micro", "Ω": "ohm",
    }  # fmt: skip
    address_symbols = {
        ".": "dot", "/": "slash", "-": "dash", "_": "underscore", "@": "at", ":": "colon", "?": "question mark",
        "=": "equals", "&": "and", "#": "hash", "~": "tilde", "%": "percent", "+": "plus",
    }  # fmt: skip
    terms = {
        "C++": "C plus plus", "C#": "C sharp", "F#": "F sharp", ".NET": "dot net", "Notepad++": "Notepad plus plus",
        "AT&T": "A T and T", "R&D": "R and D", "Q&A": "Q and A", "B&B": "B and B", "H&M": "H and M", "M&A": "M and A",
        "24/7": "twenty-four seven", "50-50": "fifty-fifty", "9-1-1": "nine one one", "9/11": "nine eleven",
        "50/50": "fifty fifty", "TCP/IP": "T C P I P", "A/C": "A C", "I/O": "I O", "N/A": "not applicable",
        "n/a": "not applicable", "WWI": "World War One", "WWII": "World War Two",
    }  # fmt: skip

    def date(self, day: int, month: int, year: int | None = None) -> str:
        said = f"{self.month(month)} {self.ordinal(day)}"
        return f"{said}, {self.year(year)}" if year is not None else said

    def year(self, number: int) -> str:
        return super().year(number).replace("oh-", "oh ")

    def clock(self, hour: int, minute: int, half_day: str = "") -> str:
        if half_day:
            minutes = f" {'oh ' * (minute < 10)}{self.cardinal(minute)}" if minute else ""
            return f"{self.cardinal(hour)}{minutes} {half_day.upper()} M"
        if not minute:
            return f"{self.cardinal(hour)} {'o’clock' if 0 < hour <= 12 else 'hundred'}"
        return f"{self.cardinal(hour)} {'oh ' * (minute < 10)}{self.cardinal(minute)}"

    def regnal(self, number: int, name: str) -> str:
        return f"the {self.ordinal(number)}"

    def own_rules(self) -> list[Rule]:
        number = r"\d{1,4}(?:\.\d{1,3})?"
        return [
            rule(
                "length",
                rf"(?<![\w.,])({number})\s?(?:ft\.?|feet|[′'’])\s?({number})\s?(?:in\b\.?|inches|[″\"”])",
                self._feet,
            ),
            rule(
                "length",
                r"(?<![\w.,'’])(\d{1,4})\s?([″\"”](?=\s|[,.;)])|[′'’](?=\s|$|[,.;)])|in\.(?=\s+[a-z]))",
                self._inches,
            ),
            rule("decade", r"(?<![\w.,])['’‘]?(\d0)['’]?s\b", self._decade),
            rule("decade", r"(?<![\w.,])(\d{3}0)['’]?s\b", self._decade),
            rule("year", r"(?<!\w)['’](\d\d)(?!\w|[.,]\d)", lambda match: self.cardinal(int(match[1]))),
            rule("code", r"(?<![\w.])([A-Z]{2})\s(\d{3,4})(?!\w|[.,:-]\d)", self._code),
            rule("year", r"(?<=[Ii]n\s)(10\d\d)(?!\w|[.,:-]\d)", lambda match: self.year(int(match[1]))),
            rule(
                "telephone number",
                r"(?<=[Dd]ial\s)(\d{3})\b|(?<=[Cc]all\s)(\d{3})\b(?![\d-])",
                lambda match: self.digits(match.group()),
            ),
            rule("range", r"(?<=[ap]m)\s?[-–]\s?(?=\d)", lambda match: " to "),
            rule(
                "days",
                rf"\b({DAYS})\.?\s?[-–]\s?({DAYS})\b\.?",
                lambda match: f"{self._day(match[1])} to {self._day(match[2])}" + "." * self._ends(match),
            ),
            rule("place", rf"(?<=, )({'|'.join(STATES)})(?=\s\d{{5}}\b|\W*$|,)", lambda match: STATES[match[1]]),
            rule("place", r"(?<=[A-Z]{2}\s)(\d{5})(?:-(\d{4}))?\b", lambda match: self.digits(match.group())),
            rule(
                "quantity",
                rf"(?<![\w.,])(?:(?<=\b[Aa]\s)|(?<=\b[Aa]n\s))({number})[\s-]?({self._unit})(?=\s\(|\s[a-z]{{3,}})|(?<![\w.,])({number})-({self._unit})\b",
                self._attributive,
            ),
            rule("saint or street", r"\bSt\.?(?=\s|[,;:!?)]|$)", self._saint_or_street),
            rule(
                "drive",
                r"(?<=[a-z]\s)Dr\.(?=\s*[,;]|\s+[a-z]|\s*$)",
                lambda match: "Drive" + "." * (not match.string[match.end() :]),
            ),
            rule("Roman numeral", rf"\bWorld\sWar\s({ROMAN_NUMERAL})\b", lambda match: self._war(match)),
            rule(
                "number",
                r"\b(?P<noun>[Rr]oom|[Ss]uite|[Gg]ate|[Bb]us|[Rr]oute|[Hh]ighway|[Ii]nterstate|[Cc]hannel|[Ee]xtension|"
                r"[Ff]light|[Uu]nit|[Aa]partment|Rm\.|Apt\.)\s(?P<letters>[A-Z]{0,2})\s?(?P<digits>\d{1,4})(?P<suffix>[A-Z]?)\b(?![\d%]|[.,]\d)",
                self._room,
            ),
            rule("money", r"(?<![\w.,])(\d{1,3})p\b(?!\.)", lambda match: f"{self.cardinal(int(match[1]))} P"),
        ]

    @cached_property
    def _unit(self) -> str:
        return "|".join(re.escape(symbol) for symbol in unit_symbols(self) if symbol.isalpha())

    def _code(self, match: re.Match) -> str | None:
        """“BA 2490”, but not “UK 500”."""
        if match[1] in NO_CARRIERS:
            return None
        return f"{self.letters(match[1])} {self.code_digits(match[2])}"

    def _attributive(self, match: re.Match) -> str:
        """“a 10 m cable”: the unit before a noun is singular."""
        written, symbol = match[1] or match[3], match[2] or match[4]
        unit = quantity_in_words("1", "", symbol, self).removeprefix("one ")
        return f"{self.number(*digits_of(written, self))}-{unit}"

    def _day(self, written: str) -> str:
        return next(day for day in self.cldr.days["format"]["wide"].values() if day.startswith(written[:3]))

    def _feet(self, match: re.Match) -> str:
        feet, inches = (self.number(*written.partition(".")[::2]) for written in match.groups())
        forms = ("foot/feet" if match[1] == "1" else "feet"), ("inch" if match[2] == "1" else "inches")
        return f"{feet} {self.form(forms[0], match[1])} {inches} {forms[1]}" + "." * self._ends(match)

    def _inches(self, match: re.Match) -> str | None:
        forms = "foot/feet" if match[2] in "′'’" else "inch/inches"
        if match[2] in "'’" and re.search(r"['‘]\w", match.string[: match.start()]):  # a closing quote
            return None
        if match[2] in '"”' and match.string[: match.start()].count(match[2].replace("”", "“")) % 2:
            return None
        return f"{self.cardinal(int(match[1]))} {self.form(forms, match[1])}"

    def _decade(self, match: re.Match) -> str:
        number = int(match[1])
        said = self.year(number) if number > 100 else self.cardinal(number)
        return said[:-1] + "ies" if said.endswith("y") else said + "s"

    def _saint_or_street(self, match: re.Match) -> str | None:
        """“St. Paul lives on Main St.”: a street follows its name or number."""
        follows_name = SAINT_OR_STREET.search(match.string[max(match.start() - 40, 0) : match.start()])
        before_name = re.match(r"\s+[A-Z]", match.string[match.end() :])
        if before_name and not follows_name:
            return "Saint"
        if match.group() == "St" and not follows_name:
            return None
        return "Street" + "." * self._ends(match)

    def _war(self, match: re.Match) -> str:
        return f"World War {self.cardinal({'I': 1, 'II': 2, 'III': 3, 'IV': 4}.get(match[1], 0)).capitalize()}"

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

    @staticmethod
    def _ends(match: re.Match) -> bool:
        """Return whether a full stop of the match ends the sentence too."""
        return match.group().endswith(".") and not match.string[match.end() :].strip(' )”"’»')


class BritishEnglish(AmericanEnglish):
    locale = "en_GB"
    cardinal_rules = {"": "spellout-cardinal-verbose"}
    ordinal_rules = {"": "spellout-ordinal-verbose"}
    date_order = "dmy"

    def cardinal(self, number: int, gender: str = "") -> str:
        return super().cardinal(number, gender).replace(",", "")

    def date(self, day: int, month: int, year: int | None = None) -> str:
        said = f"the {self.ordinal(day)} of {self.month(month)}"
        return f"{said} {self.year(year)}" if year is not None else said
