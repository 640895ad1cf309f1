"""Hindi."""

import re

from voices.text.normalization.language import Currency, Language
from voices.text.normalization.scanner import Rule, rule

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
        "M": "मिलियन", "bn": "बिलियन", "मिलियन": "मिलियन", "बिलियन": "बिलियन",
    }  # fmt: skip
    units = {
        "किमी": "किलोमीटर", "कि.मी.": "किलोमीटर", "मी.": "मीटर", "मीटर": "मीटर", "सेमी": "सेंटीमीटर",
        "से.मी.": "सेंटीमीटर", "किग्रा": "किलोग्राम", "कि.ग्रा.": "किलोग्राम", "ग्रा.": "ग्राम", "ली.": "लीटर",
        "मिमी": "मिलीमीटर", "किमी/घंटा": "किलोमीटर प्रति घंटा", "कि.मी./घं.": "किलोमीटर प्रति घंटा", "dB": "डेसिबल",
        "kn": "नॉट", "Mbps": "मेगाबिट प्रति सेकंड",
    }  # fmt: skip
    per = "प्रति"
    per_nouns = {"घंटा": "घंटा", "दिन": "दिन", "माह": "माह", "वर्ष": "वर्ष", "kg": "किलो", "h": "घंटा"}

    month_names = {
        "जनवरी": 1, "फरवरी": 2, "फ़रवरी": 2, "मार्च": 3, "अप्रैल": 4, "मई": 5, "जून": 6, "जुलाई": 7, "अगस्त": 8,
        "सितंबर": 9, "सितम्बर": 9, "अक्टूबर": 10, "अक्तूबर": 10, "नवंबर": 11, "नवम्बर": 11, "दिसंबर": 12, "दिसम्बर": 12,
    }  # fmt: skip
    clock_ending = "बजे"

    abbreviations = {
        "ई.पू.": "ईसा पूर्व", "ई.": "ईस्वी", "आदि.": "आदि", "उदा.": "उदाहरण", "कि.मी.": "किलोमीटर", "रु.": "रुपये",
        "वि.सं.": "विक्रम संवत", "लि.": "लिमिटेड", "प्रा.": "प्राइवेट", "a.m.": "ए एम", "p.m.": "पी एम",
    }  # fmt: skip
    titles = {
        "डॉ.": "डॉक्टर", "डा.": "डॉक्टर", "प्रो.": "प्रोफ़ेसर", "पं.": "पंडित", "स्व.": "स्वर्गीय", "Dr.": "डॉक्टर",
    }  # fmt: skip
    initialisms = frozenset(
        [
            "AI",
            "ATM",
            "BJP",
            "CEO",
            "GST",
            "IIT",
            "IT",
            "PM",
            "CM",
            "UP",
            "MP",
            "UPI",
            "USA",
            "UK",
            "UN",
            "TV",
            "PAN",
            "OTP",
            "ID",
            "GDP",
            "IAS",
            "IPS",
            "CBI",
            "SBI",
            "USB",
            "URL",
        ]
    )
    initialisms -= {"PAN"}
    acronyms = frozenset(["NASA", "NATO", "UNESCO", "UNICEF", "AIIMS", "PAN", "SIM"])

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
    terms = {"C++": "C प्लस प्लस", "C#": "C शार्प", "AT&T": "A T और T", "24/7": "चौबीस घंटे सातों दिन"}

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
        return self.cardinal(number) + ("वां" if ending in ("वाँ", "वा") or ending[0] != "व" else ending)

    def fraction(self, above: int, below: int) -> str:
        if (above, below) == (1, 2):
            return "आधा"
        if below in (3, 4):
            return f"{self.cardinal(above)} {self.fraction_names[below]}"
        return f"{self.cardinal(above)} बटा {self.cardinal(below)}"

    def mixed(self, whole: int, above: int, below: int) -> str:
        """Return a mixed number: डेढ़ is one and a half, ढाई two and a half."""
        if (above, below) == (1, 2):
            return {1: "डेढ़", 2: "ढाई"}.get(whole) or f"साढ़े {self.cardinal(whole)}"
        if (above, below) == (1, 4):
            return f"सवा {self.cardinal(whole)}"
        return f"{self.cardinal(whole)} सही {self.fraction(above, below)}"

    def clock(self, hour: int, minute: int, half_day: str = "") -> str:
        hours = f"{self.cardinal(hour)} बजकर {self.cardinal(minute)} मिनट" if minute else f"{self.cardinal(hour)} बजे"
        return f"{ {'a': 'सुबह ', 'p': 'शाम '}.get(half_day, '') }{hours}"

    def own_rules(self) -> list[Rule]:
        return [
            rule("time", r"(?<![\w:.,])(\d{1,2}):(\d\d)(?=\s?बजे)\s?बजे", self._oclock),
            rule("money", r"(?<=\d)/-(?:\s?रु\.)?(?!\w)", lambda match: " रुपये"),
        ]

    def _oclock(self, match: re.Match) -> str | None:
        hour, minute = int(match[1]), int(match[2])
        return self.clock(hour, minute) if hour < 25 and minute < 60 else None
