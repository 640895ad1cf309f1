"""French, with numbers as in France."""

import re

from voices.text.normalization.language import Currency, words_of

from .french_nouns import is_feminine
from .french_rules import FrenchRules, elide

ORDINAL_ENDINGS = r"ers?|[eè]res?|res?|i?[eè]mes?|i[eè]res?|nde?s?|des?|d|es?|ᵉʳ|ʳᵉ|ᵉ"


class French(FrenchRules):
    code = "fr"
    scale_nouns = "échelle"
    locale = "fr_FR"
    elides = True
    separators = ((" \u00a0\u202f", ","), (".", ","), ("'’", "."))  # the last is Swiss
    cardinal_rules = {"": "spellout-cardinal-masculine", "f": "spellout-cardinal-feminine"}
    ordinal_rules = {"": "spellout-ordinal-masculine", "f": "spellout-ordinal-feminine"}
    whole_fraction = True
    point = "virgule"
    dot = "point"
    minus = "moins"
    until = "à"
    fraction_of = "de"
    comparisons = {"<": "moins de", ">": "plus de"}
    and_half = "et demi"
    ordinal_endings = ORDINAL_ENDINGS
    fraction_names = {2: "demi/demis", 3: "tiers", 4: "quart/quarts"}
    before_numbers = {
        "n°": "numéro", "nº": "numéro", "nᵒ": "numéro", "n°s": "numéros", "nᵒˢ": "numéros", "№": "numéro",
        "no": "numéro", "no.": "numéro", "num.": "numéro", "p.": "page", "pp.": "pages", "pag.": "page",
        "art.": "article", "chap.": "chapitre", "ch.": "chapitre", "vol.": "volume", "t.": "tome", "fig.": "figure",
        "tab.": "tableau", "al.": "alinéa", "§": "paragraphe", "v.": "vers", "sect.": "section", "éq.": "équation",
        "op.": "opus", "apt.": "appartement", "appt.": "appartement", "bât.": "bâtiment", "vers.": "version",
        "ext.": "extension", "q.": "question", "sc.": "scène", "ex.": "exercice", "th.": "thermostat",
        "let.": "lettre", "km": "kilomètre",

    }  # fmt: skip

    percent = "pour cent"
    per_mille = "pour mille"
    currencies = {
        "€": Currency("euro/euros", "centime/centimes"), "$": Currency("dollar/dollars", "cent/cents"),
        "£": Currency("livre/livres", "penny/pence", "f"), "¥": Currency("yen/yens"),
        "₹": Currency("roupie/roupies", "", "f"), "₽": Currency("rouble/roubles", "kopeck/kopecks"),
        "₩": Currency("won/wons"), "₺": Currency("livre turque/livres turques", "", "f"),
        "₪": Currency("shekel/shekels"), "₿": Currency("bitcoin/bitcoins"),
        "₣": Currency("franc/francs", "centime/centimes"), "¢": Currency("cent/cents"),
        "R$": Currency("réal/réals", "centavo/centavos"),
        "US$": Currency("dollar américain/dollars américains", "cent/cents"),
        "$US": Currency("dollar américain/dollars américains", "cent/cents"),
        "C$": Currency("dollar canadien/dollars canadiens", "cent/cents"),
        "$CA": Currency("dollar canadien/dollars canadiens", "cent/cents"),
        "EUR": Currency("euro/euros", "centime/centimes"),
        "USD": Currency("dollar américain/dollars américains", "cent/cents"),
        "CAD": Currency("dollar canadien/dollars canadiens", "cent/cents"),
        "CHF": Currency("franc suisse/francs suisses", "centime/centimes"),
        "GBP": Currency("livre/livres", "penny/pence", "f"), "JPY": Currency("yen/yens"),
        "CNY": Currency("yuan/yuans"), "FF": Currency("franc/francs", "centime/centimes"),
        "FCFA": Currency("franc CFA/francs CFA"), "XOF": Currency("franc CFA/francs CFA"),
        "BTC": Currency("bitcoin/bitcoins"), "MAD": Currency("dirham/dirhams", "centime/centimes"),
        "BRL": Currency("réal/réals"), "DZD": Currency("dinar/dinars"),
    }  # fmt: skip
    scales = {
        "k": "mille", "K": "mille", "M": "million/millions", "Md": "milliard/milliards", "Mds": "milliard/milliards",
        "Mrd": "milliard/milliards", "Mrds": "milliard/milliards", "mille": "mille",
        "million": "million/millions", "millions": "million/millions", "milliard": "milliard/milliards",
        "milliards": "milliard/milliards",
    }  # fmt: skip
    scale_of = " de "
    millions_of = "de"
    says_cents = False
    units = {
        "h": "heure/heures", "H": "heure/heures", "hrs": "heure/heures", "mn": "minute/minutes", "j": "jour/jours",
        "kWh": "kilowattheure/kilowattheures", "MWh": "mégawattheure/mégawattheures",
        "GWh": "gigawattheure/gigawattheures", "TWh": "térawattheure/térawattheures", "Wh": "wattheure/wattheures",
        "mAh": "milliampèreheure/milliampèreheures", "A": "ampère/ampères", "dB": "décibel/décibels",
        "bar": "bar/bars", "bars": "bar/bars", "Nm": "newton-mètre/newtons-mètres", "o": "octet/octets",
        "ko": "kilooctet/kilooctets", "Ko": "kilooctet/kilooctets", "Mo": "mégaoctet/mégaoctets",
        "Go": "gigaoctet/gigaoctets", "To": "téraoctet/téraoctets",
        "Mo/s": "mégaoctet par seconde/mégaoctets par seconde", "Mbit/s": "mégabit par seconde/mégabits par seconde",
        "Mb/s": "mégabit par seconde/mégabits par seconde", "Mbps": "mégabit par seconde/mégabits par seconde",
        "Gbit/s": "gigabit par seconde/gigabits par seconde", "tr/min": "tour par minute/tours par minute",
        "ch": "cheval/chevaux", "CV": "cheval/chevaux", "hab.": "habitant/habitants",
        "hab./km²": "habitant par kilomètre carré/habitants par kilomètre carré", "pers.": "personne/personnes",
        "hab/km²": "habitant par kilomètre carré/habitants par kilomètre carré", "t": "tonne/tonnes",
        "q": "quintal/quintaux", "l/100 km": "litre aux cent kilomètres/litres aux cent kilomètres",
        "kg": "kilo/kilos", "L/100 km": "litre aux cent kilomètres/litres aux cent kilomètres", "g": "gramme/grammes",
        "l/100": "litre aux cent/litres aux cent", "c. à s.": "cuillère à soupe/cuillères à soupe",
        "c. à c.": "cuillère à café/cuillères à café", "càs": "cuillère à soupe/cuillères à soupe",
        "càc": "cuillère à café/cuillères à café", "mol": "mole/moles", "pt": "point/points", "pts": "point/points",
        "cp": "comprimé/comprimés", "cps": "comprimé/comprimés", "bpm": "battement par minute/battements par minute",
        "mmHg": "millimètre de mercure/millimètres de mercure", "km/s": "kilomètre par seconde/kilomètres par seconde",
        "gCO₂": "gramme de C O deux/grammes de C O deux",
    }  # fmt: skip
    not_units = frozenset({"mi", "kn"})
    unit_genders = dict.fromkeys(
        ["h", "H", "hr", "hrs", "min", "mn", "s", "sec", "t", "lb", "lbs", "oz", "fl oz", "cal", "kcal", "tbsp", "tsp",
         "ms", "µs", "ns", "psi", "ppm", "pers.", "c. à s.", "c. à c.", "càs", "càc", "mol"], "f",
    )  # fmt: skip
    per = "par"
    per_amount = "les"
    compass = {"N": "nord", "S": "sud", "E": "est", "O": "ouest", "W": "ouest"}
    per_nouns = {
        "jour": "jour", "an": "an", "h": "heure", "min": "minute", "j": "jour", "mois": "mois", "nuit": "nuit",
        "semaine": "semaine", "sem.": "semaine", "pers.": "personne", "personne": "personne", "pièce": "pièce",
        "hab.": "habitant", "hab": "habitant", "année": "année", "élève": "élève", "mètre": "mètre",
    }  # fmt: skip

    hour_letters = "[hH]"

    abbreviations = {
        "etc.": "et cetera", "etc": "et cetera", "p. ex.": "par exemple", "p.ex.": "par exemple",
        "par ex.": "par exemple", "c.-à-d.": "c’est-à-dire", "c.à.d.": "c’est-à-dire", "c-à-d": "c’est-à-dire",
        "càd": "c’est-à-dire", "i.e.": "c’est-à-dire", "e.g.": "par exemple", "env.": "environ", "cf.": "confer",
        "cf": "confer", "s.v.p.": "s’il vous plaît", "svp": "s’il vous plaît", "stp": "s’il te plaît",
        "s.t.p.": "s’il te plaît", "N.B.": "nota bene", "P.-S.": "post-scriptum", "P.S.": "post-scriptum",
        "tél.": "téléphone", "télécop.": "télécopie", "adr.": "adresse", "av. J.-C.": "avant Jésus-Christ",
        "av. J.C.": "avant Jésus-Christ", "apr. J.-C.": "après Jésus-Christ", "apr. J.C.": "après Jésus-Christ",
        "ap. J.-C.": "après Jésus-Christ", "J.-C.": "Jésus-Christ", "av.": "avenue", "bd": "boulevard",
        "bd.": "boulevard", "bld": "boulevard", "boul.": "boulevard", "blvd": "boulevard", "pl.": "place",
        "rte": "route", "fg": "faubourg", "imp.": "impasse", "chem.": "chemin", "Cie": "compagnie",
        "Ets": "établissements", "dép.": "département", "dépt": "département", "arr.": "arrondissement",
        "éd.": "édition", "hab.": "habitants", "moy.": "moyenne", "ibid.": "ibidem", "op. cit.": "opus citatum",
        "et al.": "et alii", "réf.": "référence", "rdv": "rendez-vous", "qqch": "quelque chose", "qqn": "quelqu’un",
        "qqch.": "quelque chose", "qqn.": "quelqu’un", "janv.": "janvier", "févr.": "février", "juil.": "juillet",
        "oct.": "octobre", "nov.": "novembre", "déc.": "décembre", "lun.": "lundi", "mar.": "mardi",
        "ven.": "vendredi", "sam.": "samedi", "dim.": "dimanche", "apt": "appartement", "appt": "appartement",
        "bât.": "bâtiment", "vs": "versus", "vs.": "versus", "c/o": "aux bons soins de",
        "M. et Mme": "Monsieur et Madame", "MM.": "Messieurs", "Mme": "Madame", "Mme.": "Madame", "Mmes": "Mesdames",
        "Mlle": "Mademoiselle", "Mlle.": "Mademoiselle", "Mlles": "Mesdemoiselles", "Mgr": "Monseigneur",
        "Vve": "veuve", "suiv.": "suivants", "trad.": "traduction", "vol.": "volume", "chap.": "chapitre",
        "art.": "article", "pop.": "population", "alt.": "altitude", "temp.": "température", "dir.": "direction",
        "resp.": "respectivement", "gén.": "général", "anc.": "ancien", "div.": "divers", "mens.": "mensuel",
        "hebdo.": "hebdomadaire", "n. d. l. r.": "note de la rédaction", "NDLR": "note de la rédaction",
        "ndlr": "note de la rédaction", "m²": "mètre carré", "km²": "kilomètre carré", "m³": "mètre cube",
        "km/h": "kilomètres par heure", "kWh": "kilowattheure", "°C": "degrés Celsius", "et/ou": "et ou",
        "sté": "société", "R.-V.": "rendez-vous", "pdt": "pendant", "trim.": "trimestre", "ét.": "étage",
        "Pdt": "président", "Pdte": "présidente", "pcq": "parce que", "code civ.": "code civil",
        "du Gal": "du général", "le Gal": "le général", "incl.": "incluse", "et s.": "et suivants",
        "T°": "température", "bcp": "beaucoup",
        "tjs": "toujours", "tlj": "tous les jours", "mmHg": "millimètres de mercure", "HT": "hors taxes",
        "TTC": "toutes taxes comprises", "code pén.": "code pénal",
    }  # fmt: skip
    titles = {
        "M.": "Monsieur", "Mr": "Monsieur", "Mr.": "Monsieur", "Dr": "Docteur", "Dr.": "Docteur", "Drs": "Docteurs",
        "Pr": "Professeur", "Pr.": "Professeur", "Prof.": "Professeur", "Me": "Maître", "St": "Saint",
        "St.": "Saint", "Ste": "Sainte", "Sts": "Saints", "Stes": "Saintes", "Cdt": "Commandant", "Cne": "Capitaine",
        "Gal": "Général", "Lt": "Lieutenant", "Col.": "Colonel",
    }  # fmt: skip
    initialisms = words_of(
        "AF RATP TVA RER TER EDF USA UE URSS FBI CIA IA ADN ARN OGM ONG BCE PIB CAC RSA APL HEC IUT IRM IVG OMS OPA "
        "ORL SUV UV VIP AFP UMP BCE IBM CEO EU ISF CSA PEA ADSL API APIs URL USB GPS USB LGBT IP ID IT AOC AOP IGP "
        "BO DJ CE CP CHU SA SARL SAS SASU EURL SCI RIB TAO PAO CAO EPS UFR UFC AG CA PC PCF PS LR LREM RN FO CGT "
        "CFDT FSU DRH PDG DGA RH PME ETI TPE HLM VTT VTC BD CD DVD TV HD UHD LCD QI EEG ECG AVC MST IST VIH HIV IDF "
        "RGPD IGN CEA UIT OCDE OMC FMI AIE AIEA RDA RFA RFI RTL BFM LCI OM OL PSG OGC FC AS UCI ATP WTA FFF CIO JO "
        "PO AN ENS UTC GMT IHM ABS ESP SOS"
    )
    acronyms = frozenset(
        ["NASA", "OTAN", "UNESCO", "UNICEF", "ONU", "SIDA", "INSEE", "SMIC", "ENA", "FIFA", "UEFA", "PIN", "SIM"]
    )
    numeral_nouns = words_of(
        "chap art vol fig chapitre chapitres tome livre acte scène partie section article volume annexe figure "
        "tableau classe niveau type phase titre groupe stade degré chant leçon saison épisode catégorie division "
        "zone étape lot mode grade axe unité alinéa"
    )
    regnal_names = words_of(
        "Albert Alexandre Alphonse Amédée Baudouin Benoît Boniface Catherine Charles Christian Clément Clovis "
        "Constantin Édouard Edouard Élisabeth Elisabeth Elizabeth Étienne Eugène Ferdinand François Frédéric Georges "
        "George Grégoire Guillaume Gustave Hassan Henri Innocent Isabelle Ivan Jacques Jean Jules Jean-Paul Joseph "
        "Léon Léopold Louis Marguerite Marie Maximilien Mohammed Mohamed Napoléon Nicolas Otton Paul Philippe Pie "
        "Pierre Rainier Ramsès Richard Robert Rodolphe Sixte Thoutmôsis Urbain Victor Wilhelm Charles-Albert "
        "Victor-Emmanuel Emmanuel Juan-Carlos Carlos Felipe Harald Paul Umberto Humbert Ptolémée Darius Cyrus Xerxès "
        "Mehmed Soliman Selim Vatican Apollo"
    )

    symbols = {
        "&": "et", "+": "plus", "=": "égale", "==": "égale", "<": "inférieur à", ">": "supérieur à",
        "≠": "différent de", "!=": "différent de", "≤": "inférieur ou égal à", "<=": "inférieur ou égal à",
        "≥": "supérieur ou égal à", ">=": "supérieur ou égal à", "≈": "environ", "≡": "identique à",
        "±": "plus ou moins", "×": "fois", "÷": "divisé par", "√": "racine carrée de", "∞": "l’infini",
        "∑": "somme de", "∏": "produit de", "∆": "delta", "∂": "d rond", "∫": "intégrale de", "→": "vers",
        "←": "depuis", "↔": "et réciproquement", "⇒": "implique", "∈": "appartient à", "∉": "n’appartient pas à",
        "∪": "union", "∩": "inter", "⊂": "inclus dans", "∅": "l’ensemble vide", "∝": "proportionnel à", "∠": "angle",
        "∴": "donc", "²": "au carré", "³": "au cube", "^": "puissance", "~": "environ", "#": "numéro",
        "§": "paragraphe", "@": "arobase", "°": "degrés", "%": "pour cent", "‰": "pour mille", "/": "sur", "π": "pi",
        "µ": "micro", "Ω": "ohm",
    }  # fmt: skip
    address_symbols = {
        ".": "point", "/": "slash", "-": "tiret", "_": "tiret bas", "@": "arobase", ":": "deux points",
        "?": "point d’interrogation", "=": "égal", "&": "et", "#": "dièse", "~": "tilde", "%": "pour cent", "+": "plus",
    }  # fmt: skip
    terms = {
        "C++": "C plus plus", "C#": "C sharp", "F#": "F sharp", ".NET": "dot net", "AT&T": "A T et T",
        "R&D": "R et D", "H&M": "H et M", "M&M’s": "M et M’s", "B&B": "B and B", "50/50": "cinquante cinquante",
        "24/7": "vingt-quatre heures sur vingt-quatre", "24h/24": "vingt-quatre heures sur vingt-quatre",
        "24 h/24": "vingt-quatre heures sur vingt-quatre", "24h/24h": "vingt-quatre heures sur vingt-quatre",
        "7j/7": "sept jours sur sept", "7 j/7": "sept jours sur sept", "7j/7j": "sept jours sur sept",
        "4x4": "quatre quatre", "4×4": "quatre quatre", "TCP/IP": "T C P I P", "CO2": "C O deux", "CO₂": "C O deux",
        "H2O": "H deux O", "H₂O": "H deux O", "O₂": "O deux", "O2": "O deux", "TF1": "T F un", "H1N1": "H un N un",
        "Wi-Fi": "wifi", "S/O": "sans objet", "N/A": "non applicable", "24/48h": "vingt-quatre à quarante-huit heures",
        "24/48 h": "vingt-quatre à quarante-huit heures",
    }  # fmt: skip

    # Numbers

    def cardinal(self, number: int, gender: str = "") -> str:
        return super().cardinal(number, gender).replace("-et-", " et ")

    def year(self, number: int) -> str:
        return self.cardinal(number)

    def ordinal(self, number: int, gender: str = "") -> str:
        said = super().ordinal(number, gender).removeprefix("un ")
        # CLDR has “quatre-vingt-et-unième” and “cent-et-unième”.
        said = re.sub("(?<=quatre-vingt)-et-unième", "-unième", said)
        return re.sub("(?<=cent|ille)-et-unième", " unième", said).replace("-et-", " et ")

    def read_ordinal(self, number: int, ending: str) -> str:
        """ending: “2d” and “2nde” are “second” and “seconde”, “2e” is “deuxième”."""
        singular = ending.removesuffix("s")
        if number == 2 and singular in ("d", "nd", "de", "nde"):
            said = "seconde" if singular.endswith("e") else "second"
        else:
            said = self.ordinal(number, "f" if re.fullmatch("[eè]?re|i[eè]re|ʳᵉ", singular) else "")
        return said + ending[len(singular) :]

    def fraction_digits(self, fraction: str) -> str:
        if len(fraction) == 3 and fraction[0] != "0":
            return self.cardinal(int(fraction))
        return super().fraction_digits(fraction)

    def fraction(self, above: int, below: int) -> str:
        if above > 1 and below >= 10 or above > below > 4:  # a mark, such as 15/20, or blood pressure
            return self.join(self.cardinal(above), "sur", self.cardinal(below))
        return super().fraction(above, below)

    def score(self, first: str, second: str) -> str | None:
        if int(first) > 99 and int(second) < 100:  # an article of law, such as 121-1
            return self.join(self.cardinal(int(first)), "tiret", self.cardinal(int(second)))
        return super().score(first, second)

    def gender_of(self, noun: str) -> str:
        return "f" if is_feminine(noun) else ""

    def code_digits(self, written: str) -> str:
        if len(written) < 4 and written[0] != "0":
            return self.cardinal(int(written))
        return self.telephone(written).replace(",", "")

    def address_digits(self, written: str) -> str:
        return self.cardinal(int(written))

    def telephone(self, written: str) -> str:
        """Return a telephone number as people say it: by groups of two or three digits, each a number."""
        groups = re.findall(r"\d+", written)
        if len(groups) == 1 and len(groups[0]) == 5 and groups[0][:2] != "00":  # a postcode
            return self._group(groups[0][:2]) + " mille" + f" {self._group(groups[0][2:])}" * (groups[0][2:] != "000")
        short = (part for group in groups for part in _split(group))
        return ", ".join(self._group(group) for group in short)

    def join(self, *parts: str) -> str:
        return elide(super().join(*parts))

    # Amounts

    def money(self, whole: str, fraction: str, currency: Currency, scale: str = "") -> str:
        said = super().money(whole, fraction, currency, scale)
        return elide(re.sub(r"^un (?=mille )", "", said.replace("mille de ", "mille ")))

    def counted(self, whole: str, fraction: str, forms: str, gender: str = "m") -> str:
        return (
            forms if (whole, fraction, forms) == ("1", "", "mille") else super().counted(whole, fraction, forms, gender)
        )

    # Calendar

    def day(self, day: int) -> str:
        return "premier" if day == 1 else self.cardinal(day)

    def clock(self, hour: int, minute: int, half_day: str = "") -> str:
        part = {"a": "du matin", "p": "de l’après-midi" if hour % 12 < 6 else "du soir"}.get(half_day, "")
        said = self.counted(str(hour), "", "heure/heures", "f")
        return self.join(said, self.cardinal(minute) if minute else "", part)

    # Words

    def regnal(self, number: int, name: str) -> str:
        if number == 1:
            return "première" if name.endswith(("beth", "ine", "ie", "lle", "te")) else "premier"
        return self.cardinal(number)


def _split(digits: str) -> list[str]:
    """Return the parts by which a long group of digits is said: three first if their number is odd, then twos."""
    if len(digits) < 4:
        return [digits]
    odd = 3 if len(digits) % 2 else 0
    return [digits[:odd]] * bool(odd) + re.findall(r"\d\d", digits[odd:])
