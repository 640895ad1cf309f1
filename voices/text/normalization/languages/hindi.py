"""Hindi."""

import re

from voices.text.normalization.language import VOWEL_SIGNS, Currency, Language, words_of
from voices.text.normalization.rules.words import ROMAN_NUMERAL, roman
from voices.text.normalization.scanner import Rule, rule

LETTER = rf"[क-हअ-औ][{VOWEL_SIGNS}]{{0,3}}"
# Letters of the Latin alphabet whose names have two letters of the Devanagari one
LATIN_LETTERS = "एफ़?|एच|आई|एल|एम|एन|क्यू|आर|एस|डब्ल्यू|एक्स|वाई|ज़ेड"
REGNAL_ORDINALS = ["प्रथम", "द्वितीय", "तृतीय", "चतुर्थ", "पंचम", "षष्ठ", "सप्तम", "अष्टम", "नवम", "दशम"]
HALVES = {1: "डेढ़", 2: "ढाई"}  # one and a half, two and a half
IRREGULAR_ORDINALS = {1: "पहल", 2: "दूसर", 3: "तीसर", 4: "चौथ", 6: "छठ"}


class Hindi(Language):
    code = "hi"
    locale = "hi"
    ordinal_rules = {"": "spellout-ordinal-masculine", "f": "spellout-ordinal-feminine"}
    point = "दशमलव"
    minus = "माइनस"
    plus = "प्लस"
    until = "से"
    ordinal_endings = "ल[ाीे]|र[ाीे]|थ[ाीे]|ठ[ाीे]|व(?:ां|ाँ|ीं|ें|ा)"
    fraction_names = {2: "बटा दो", 3: "तिहाई", 4: "चौथाई"}
    before_numbers = {
        "सं.": "संख्या", "क्र.": "क्रमांक", "पृ.": "पृष्ठ", "अ.": "अध्याय", "No.": "नंबर", "नं.": "नंबर", "धा.": "धारा",
        "रजि. नं.": "रजिस्ट्रेशन नंबर", "पृ. सं.": "पृष्ठ संख्या", "वि.सं.": "विक्रम संवत", "मो.": "मोबाइल",
        "दू.": "दूरभाष",
        "खं.": "खंड", "मो. नं.": "मोबाइल नंबर", "फ़ो.": "फ़ोन", "अनु.": "अनुच्छेद",
    }  # fmt: skip

    percent = "प्रतिशत"
    per_mille = "प्रति हज़ार"
    currencies = {
        "₹": Currency("रुपया/रुपये", "पैसा/पैसे"), "Rs.": Currency("रुपया/रुपये", "पैसा/पैसे"),
        "रु.": Currency("रुपया/रुपये", "पैसा/पैसे"), "$": Currency("डॉलर", "सेंट"), "€": Currency("यूरो", "सेंट"),
        "£": Currency("पाउंड", "पेंस"), "¥": Currency("येन"), "INR": Currency("रुपया/रुपये", "पैसा/पैसे"),
        "USD": Currency("डॉलर", "सेंट"), "EUR": Currency("यूरो", "सेंट"), "GBP": Currency("पाउंड", "पेंस"),
    }  # fmt: skip
    scales = {
        "हज़ार": "हज़ार", "हजार": "हज़ार", "लाख": "लाख", "करोड़": "करोड़", "अरब": "अरब", "K": "हज़ार",
        "M": "मिलियन", "bn": "बिलियन", "B": "बिलियन", "मिलियन": "मिलियन", "बिलियन": "बिलियन", "लाख करोड़": "लाख करोड़",
        "हज़ार करोड़": "हज़ार करोड़", "हजार करोड़": "हज़ार करोड़", "Cr": "करोड़", "cr": "करोड़", "खरब": "खरब",
    }  # fmt: skip
    units = {
        "किमी": "किलोमीटर", "कि.मी.": "किलोमीटर", "मी.": "मीटर", "मीटर": "मीटर", "सेमी": "सेंटीमीटर",
        "से.मी.": "सेंटीमीटर", "किग्रा": "किलोग्राम", "कि.ग्रा.": "किलोग्राम", "ग्रा.": "ग्राम", "ली.": "लीटर",
        "मिमी": "मिलीमीटर", "किमी/घंटा": "किलोमीटर प्रति घंटा", "कि.मी./घं.": "किलोमीटर प्रति घंटा", "dB": "डेसिबल",
        "kn": "नॉट", "Mbps": "मेगाबिट प्रति सेकंड", "मि.ग्रा.": "मिलीग्राम", "मिग्रा": "मिलीग्राम",
        "मि.ली.": "मिलीलीटर",
        "मिली": "मिलीलीटर", "मि.मी.": "मिलीमीटर", "मि.": "मिनट", "से.": "सेकंड", "घं.": "घंटे", "लीटर": "लीटर",
        "ग्राम": "ग्राम",
        "किलो": "किलो", "वर्ग किमी": "वर्ग किलोमीटर", "वर्ग कि.मी.": "वर्ग किलोमीटर", "वर्ग मी.": "वर्ग मीटर",
        "किमी/लीटर": "किलोमीटर प्रति लीटर", "cc": "सी सी", "mmHg": "मिलीमीटर पारा", "°से.": "डिग्री सेल्सियस",
        "°से": "डिग्री सेल्सियस", "km/s": "किलोमीटर प्रति सेकंड",
    }  # fmt: skip
    per = "प्रति"
    per_nouns = {"घंटा": "घंटा", "दिन": "दिन", "माह": "माह", "वर्ष": "वर्ष", "kg": "किलो", "h": "घंटा",
        "घंटे": "घंटा", "महीना": "महीना", "साल": "साल", "व्यक्ति": "व्यक्ति", "किग्रा": "किलोग्राम", "किलो": "किलो",
        "लीटर": "लीटर",
        "सेकंड": "सेकंड", "मिनट": "मिनट", "रात": "रात", "पीस": "पीस", "दर्जन": "दर्जन"}  # fmt: skip
    compass = {"N": "उत्तर", "S": "दक्षिण", "E": "पूर्व", "W": "पश्चिम"}

    month_names = {
        "जनवरी": 1, "फरवरी": 2, "फ़रवरी": 2, "मार्च": 3, "अप्रैल": 4, "मई": 5, "जून": 6, "जुलाई": 7, "अगस्त": 8,
        "सितंबर": 9, "सितम्बर": 9, "अक्टूबर": 10, "अक्तूबर": 10, "नवंबर": 11, "नवम्बर": 11, "दिसंबर": 12, "दिसम्बर": 12,
        "जन": 1, "फर": 2, "फ़र": 2, "अप्रै": 4, "जुला": 7, "अग": 8, "सितं": 9, "अक्टू": 10, "नवं": 11, "दिसं": 12,
    }  # fmt: skip
    clock_ending = "बजे"

    abbreviations = {
        "ई.पू.": "ईसा पूर्व", "ई.": "ईस्वी", "आदि.": "आदि", "उदा.": "उदाहरण", "कि.मी.": "किलोमीटर", "रु.": "रुपये",
        "वि.सं.": "विक्रम संवत", "लि.": "लिमिटेड", "प्रा.": "प्राइवेट", "a.m.": "ए एम", "p.m.": "पी एम",
        "उ.प्र.": "उत्तर प्रदेश", "म.प्र.": "मध्य प्रदेश", "आ.प्र.": "आंध्र प्रदेश", "हि.प्र.": "हिमाचल प्रदेश",
        "ई. पू.": "ईसा पूर्व",
        "सोम.": "सोमवार", "मंगल.": "मंगलवार", "बुध.": "बुधवार", "गुरु.": "गुरुवार", "शुक्र.": "शुक्रवार",
        "शनि.": "शनिवार", "रवि.": "रविवार",
        "सं.": "संख्या", "पृ.": "पृष्ठ", "किमी": "किलोमीटर", "किग्रा": "किलोग्राम", "भा.ज.पा.": "भाजपा",
        "मो.": "मोबाइल", "नं.": "नंबर", "क्र.": "क्रमांक",
    }  # fmt: skip
    titles = {
        "डॉ.": "डॉक्टर", "डा.": "डॉक्टर", "प्रो.": "प्रोफ़ेसर", "पं.": "पंडित", "स्व.": "स्वर्गीय", "Dr.": "डॉक्टर",
        "कु.": "कुमारी",
        "इंजी.": "इंजीनियर", "मि.": "मिस्टर", "ले.": "लेफ़्टिनेंट", "कै.": "कैप्टन", "मो.": "मोहम्मद", "Mr.": "मिस्टर",
        "Mrs.": "मिसेज़", "Prof.": "प्रोफ़ेसर",
        "एड.": "एडवोकेट",
    }  # fmt: skip
    initialisms = words_of(
        "AI ATM BJP CEO GST IIT IIM IT PM CM UP MP UPI USA UK UN TV OTP ID GDP IAS IPS CBI SBI USB URL IPC RBI ED "
        "EMI API IP CPU BBC CNN EVM ICU OPD IPO CGPA AQI BMI IFSC ITI UPSC SSC UGC DU JNU AMU BHU NIA CRPF ISI FIR "
        "RTI NRI VIP HIV EU"
    )
    acronyms = words_of(
        "NASA NATO UNESCO UNICEF AIIMS PAN SIM ISRO RAM ROM COVID NEET SAARC BRICS OPEC FIFA SEBI NABARD IRCTC"
    )

    symbols = {
        "&": "और", "+": "प्लस", "=": "बराबर", "==": "बराबर", "<": "से कम", ">": "से अधिक", "≠": "बराबर नहीं",
        "!=": "बराबर नहीं", "≤": "से कम या बराबर", "<=": "से कम या बराबर", "≥": "से अधिक या बराबर",
        ">=": "से अधिक या बराबर", "≈": "लगभग", "±": "प्लस या माइनस", "×": "गुणा", "÷": "भाग", "√": "वर्गमूल",
        "∞": "अनंत", "→": "से", "²": "वर्ग", "³": "घन", "^": "की घात", "~": "लगभग", "#": "नंबर", "§": "धारा",
        "@": "ऐट", "°": "डिग्री", "%": "प्रतिशत", "‰": "प्रति हज़ार", "/": "बटा", "π": "पाई", "µ": "माइक्रो",
        "Ω": "ओम",
    }  # fmt: skip
    address_symbols = {
        ".": "डॉट", "/": "स्लैश", "-": "डैश", "_": "अंडरस्कोर", "@": "ऐट", ":": "कोलन", "?": "प्रश्नचिह्न",
        "=": "बराबर", "&": "और", "#": "हैश", "~": "टिल्ड", "%": "प्रतिशत", "+": "प्लस",
    }  # fmt: skip
    terms = {
        "C++": "C प्लस प्लस", "C#": "C शार्प", "AT&T": "A T और T", "24/7": "चौबीस घंटे सातों दिन", "1st": "फ़र्स्ट",
        "2nd": "सेकंड",
        "3rd": "थर्ड", "4th": "फ़ोर्थ", "H2O": "H टू O", "CO2": "C O टू", "CO₂": "C O टू",
        "24x7": "चौबीस घंटे सातों दिन",
        "3G": "थ्री जी", "4G": "फ़ोर जी", "5G": "फ़ाइव जी", "4K": "फ़ोर के", "8K": "एट के",
    }  # fmt: skip
    numeral_nouns = words_of("अध्याय खंड भाग अंक अनुसूची कक्षा टाइप श्रेणी सर्ग पाठ चरण विश्वयुद्ध")
    regnal_names = words_of(
        "एलिज़ाबेथ एलिजाबेथ लुई चार्ल्स हेनरी जॉर्ज जेम्स एडवर्ड रिचर्ड विलियम नेपोलियन पॉल फ्रांसिस "
        "फ़्रांसिस बेनेडिक्ट चंद्रगुप्त पुलकेशिन अकबर शाहआलम विक्रमादित्य कैथरीन निकोलस पीटर अलेक्ज़ेंडर "
        "फ़िलिप रामसेस राजेंद्र लियो "
    )

    def year(self, number: int) -> str:
        """Return a year; those before 2000 by hundreds: “उन्नीस सौ सैंतालीस”."""
        if not 1100 <= number < 2000:
            return self.cardinal(number)
        hundreds, rest = divmod(number, 100)
        return self.join(self.cardinal(hundreds), "सौ", self.cardinal(rest) if rest else "")

    def read_ordinal(self, number: int, ending: str) -> str:
        vowel = ending[1:]
        if number in IRREGULAR_ORDINALS:
            return IRREGULAR_ORDINALS[number] + (vowel[0] if vowel else "ा")
        said = "सौ" if number == 100 else self.cardinal(number)
        return said + ("वां" if ending in ("वाँ", "वा") or ending[0] != "व" else ending)

    def fraction(self, above: int, below: int) -> str:
        if (above, below) == (1, 2):
            return "आधा"
        if below in (3, 4) and above < below:
            return f"{self.cardinal(above)} {self.fraction_names[below]}"
        return f"{self.cardinal(above)} बटा {self.cardinal(below)}"

    def mixed(self, whole: int, above: int, below: int) -> str:
        """Return a mixed number: डेढ़ is one and a half, पौने चार three and three quarters."""
        if (above, below) == (1, 2):
            return HALVES.get(whole) or f"साढ़े {self.cardinal(whole)}"
        if (above, below) == (1, 4):
            return f"सवा {self.cardinal(whole)}"
        if (above, below) == (3, 4):
            return f"पौने {self.cardinal(whole + 1)}"
        return f"{self.cardinal(whole)} सही {self.fraction(above, below)}"

    def score(self, first: str, second: str) -> str | None:
        return f"{self.cardinal(int(first))}-{self.cardinal(int(second))}"

    def clock(self, hour: int, minute: int, half_day: str = "") -> str:
        """Return a time: साढ़े नौ बजे is half past nine, पौने दस बजे a quarter to ten."""
        if minute in (15, 30, 45) and 0 < hour < 13:
            next_hour = hour % 12 if minute == 45 else hour
            said = f"{self.mixed(next_hour, minute // 15, 4) if minute != 30 else self.mixed(hour, 1, 2)} बजे"
        elif minute:
            said = f"{self.cardinal(hour)} बजकर {self.cardinal(minute)} मिनट"
        else:
            said = f"{self.cardinal(hour)} बजे"
        return self.join(self._part_of_day(hour % 12, half_day) if half_day else "", said)

    @staticmethod
    def _part_of_day(hour: int, half_day: str) -> str:
        if half_day == "a":
            return "सुबह" if hour > 3 else "रात"
        return "दोपहर" if hour < 4 else "शाम" if hour < 8 else "रात"

    def telephone(self, written: str) -> str:
        """Return a telephone number; the ten digits of a mobile one in two fives."""
        return self.digits(re.sub(r"(?<!\d)(\d{5})(\d{5})(?!\d)", r"\1 \2", written))

    def regnal(self, number: int, name: str) -> str:
        return REGNAL_ORDINALS[number - 1] if number <= len(REGNAL_ORDINALS) else f"{self.cardinal(number)}वें"

    def own_rules(self) -> list[Rule]:
        names = "|".join(self.regnal_names)
        initial = rf"(?:{LATIN_LETTERS}|{LETTER})"
        return [
            rule("time", r"(?<![\w:.,])(\d{1,2})[:.](\d\d)\s?बजे(?!\w)", self._oclock),
            rule("length", r"(?<![\w.,])(\d)['’′]\s?(\d{1,2})(?:[\"”″]|'')", self._feet),
            rule("money", r"(?<=\d)/-(?:\s?रु\.)?(?!\w)", lambda match: ""),
            rule("money", r"(?<![\w.,₹])(?P<number>\d[\d,]{0,15})/-(?:\s?रु\.)?(?!\w)", self._rupees),
            rule(
                "telephone number",
                r"(?<![\w.,+-])(?:[6-9]\d{4}[ -]?\d{5}|1800(?:-\d{2,4}){2,3})(?![\w-]|[.,]\d)",
                self._telephone,
            ),
            rule(
                "code",
                r"(?:(?<=पिन )|(?<=कोड )|(?<=कोड: )|(?<=पिन: )|(?<=[^\d\s] - )|(?<=[^\d\s]-))[1-8]\d{5}(?!\w|[.,]\d)",
                self._telephone,
            ),
            rule("code", r"(?:(?<=नं\. )|(?<=नंबर )|(?<=संख्या )|(?<=सं\. ))\d{5,}(?!\w|[.,]\d)", self._telephone),
            rule("range", r"(?<![\w.,-])(\d{1,3})[-–](\d{1,3})(?![\w-]|[.,]\d)", self._score),
            rule(
                "Roman numeral", rf"(?<![\w{VOWEL_SIGNS}])(?P<name>{names})\s(?P<numeral>{ROMAN_NUMERAL})\b", self._king
            ),
            rule("initials", rf"(?<![\w.{VOWEL_SIGNS}])(?:{initial}\.\s?){{2,6}}(?=[{VOWEL_SIGNS}])", self._initials),
            rule("initials", rf"(?<![\w.{VOWEL_SIGNS}])(?:{initial}\.){{2,6}}", self._initials),
        ]

    def _oclock(self, match: re.Match) -> str | None:
        hour, minute = int(match[1]), int(match[2])
        if hour > 24 or minute > 59:
            return None
        said = self.clock(hour, minute)
        goes_on = re.match(r"\s(?!(?:से|तक|का|के|की|और|या|पर|को)\s)[क-ह]", match.string[match.end() :])
        return said + " पर" if said.endswith("मिनट") and goes_on else said

    def _feet(self, match: re.Match) -> str:
        return f"{self.cardinal(int(match[1]))} फ़ुट {self.cardinal(int(match[2]))} इंच"

    def _king(self, match: re.Match) -> str:
        return f"{match['name']} {self.regnal(roman(match['numeral']), match['name'])}"

    def _rupees(self, match: re.Match) -> str:
        return self.money(match["number"].replace(",", ""), "", self.currencies["₹"])

    def _telephone(self, match: re.Match) -> str:
        return self.telephone(match.group())

    def _score(self, match: re.Match) -> str | None:
        """Return a score; what goes up is likelier a range."""
        is_score = int(match[1]) >= int(match[2]) or "स्कोर" in match.string[: match.start()]
        return self.score(match[1], match[2]) if is_score else None

    def _initials(self, match: re.Match) -> str | None:
        written, first = match.group().strip(), match.group().partition(".")[0] + "."
        known = {*self.abbreviations, *self.units}
        if written in known or known | {*self.titles, *self.before_numbers} >= {first}:
            return None
        return re.sub(r"\.\s?", " ", match.group()).strip() + " " * (match.group()[-1] != ".")
