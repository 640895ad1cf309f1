"""Italian."""

import re

from voices.text.normalization.language import Currency

from .italian_rules import ItalianRules
from .italian_words import ACRONYMS, INITIALISMS, NUMERAL_NOUNS, REGNAL_NAMES, elide, gender_of


class Italian(ItalianRules):
    code = "it"
    scale_nouns = "scala"
    locale = "it_IT"
    elides = True
    separators = (("." + " \u00a0\u202f", ","), ("'’", "."))  # the last is Swiss
    cardinal_rules = {"": "spellout-numbering", "f": "spellout-cardinal-feminine"}
    ordinal_rules = {"": "spellout-ordinal-masculine", "f": "spellout-ordinal-feminine"}
    whole_fraction = True
    point = "virgola"
    dot = "punto"
    minus = "meno"
    plus = "più"
    until = "a"
    fraction_of = "di"
    comparisons = {"<": "meno di", ">": "più di"}
    until_amounts = ""  # “quattro cinque metri”
    and_half = "e mezzo"
    ordinal_endings = "[ºª°]"
    fraction_names = {2: "mezzo/mezzi"}
    before_numbers = {
        "n.": "numero", "n°": "numero", "nº": "numero", "nr.": "numero", "num.": "numero", "nn.": "numeri",
        "№": "numero", "pag.": "pagina", "pagg.": "pagine", "p.": "pagina", "pp.": "pagine", "pg.": "pagina",
        "cap.": "capitolo", "capp.": "capitoli", "art.": "articolo", "artt.": "articoli", "fig.": "figura",
        "figg.": "figure", "tab.": "tabella", "tav.": "tavola", "vol.": "volume", "voll.": "volumi",
        "par.": "paragrafo", "sez.": "sezione", "int.": "interno", "es.": "esempio", "v.": "verso", "vv.": "versi",
        "co.": "comma", "lett.": "lettera", "all.": "allegato", "eq.": "equazione", "op.": "opera", "l.": "legge",
        "ed.": "edizione", "h.": "ore", "h": "ore", "km": "chilometro", "sc.": "scena", "c.": "comma",
    }  # fmt: skip

    percent = "per cento"
    per_mille = "per mille"
    currencies = {
        "€": Currency("euro", "centesimo/centesimi"), "$": Currency("dollaro/dollari", "centesimo/centesimi"),
        "£": Currency("sterlina/sterline", "penny/pence", "f"), "¥": Currency("yen"),
        "₹": Currency("rupia/rupie", "", "f"), "₽": Currency("rublo/rubli", "copeco/copechi"), "₩": Currency("won"),
        "₺": Currency("lira turca/lire turche", "", "f"), "₪": Currency("shekel"), "₿": Currency("bitcoin"),
        "¢": Currency("centesimo/centesimi"), "₤": Currency("lira/lire", "", "f"),
        "R$": Currency("real/real", "centavo/centavos"),
        "US$": Currency("dollaro americano/dollari americani", "centesimo/centesimi"),
        "C$": Currency("dollaro canadese/dollari canadesi", "centesimo/centesimi"),
        "EUR": Currency("euro", "centesimo/centesimi"),
        "USD": Currency("dollaro americano/dollari americani", "centesimo/centesimi"),
        "CAD": Currency("dollaro canadese/dollari canadesi", "centesimo/centesimi"),
        "CHF": Currency("franco svizzero/franchi svizzeri", "centesimo/centesimi"),
        "GBP": Currency("sterlina/sterline", "penny/pence", "f"), "JPY": Currency("yen"), "CNY": Currency("yuan"),
        "BRL": Currency("real"), "BTC": Currency("bitcoin"), "INR": Currency("rupia/rupie", "", "f"),
        "ITL": Currency("lira/lire", "", "f"),
    }  # fmt: skip
    scales = {
        "k": "mila", "K": "mila", "M": "milione/milioni", "mln": "milione/milioni", "mln.": "milione/milioni",
        "Mln": "milione/milioni", "mld": "miliardo/miliardi", "Mld": "miliardo/miliardi", "mld.": "miliardo/miliardi",
        "mrd": "miliardo/miliardi", "milione": "milione/milioni", "milioni": "milione/milioni",
        "miliardo": "miliardo/miliardi", "miliardi": "miliardo/miliardi", "mila": "mila",
    }  # fmt: skip
    scale_of = " di "
    millions_of = "di"
    and_cents = " e "
    says_cents = False
    units = {
        "km/h": "chilometro orario/chilometri orari", "kmh": "chilometro orario/chilometri orari",
        "t": "tonnellata/tonnellate", "h": "ora/ore", "hr": "ora/ore", "hrs": "ora/ore", "oz": "oncia/once",
        "kg": "chilo/chili", "kWh": "chilowattora", "MWh": "megawattora", "GWh": "gigawattora", "TWh": "terawattora",
        "Wh": "wattora", "mAh": "milliampere ora", "A": "ampere", "dB": "decibel", "bar": "bar",
        "mq": "metro quadrato/metri quadrati", "mq.": "metro quadrato/metri quadrati",
        "kmq": "chilometro quadrato/chilometri quadrati", "mc": "metro cubo/metri cubi", "q": "quintale/quintali",
        "Mbps": "megabit al secondo", "Mbit/s": "megabit al secondo", "Mb/s": "megabit al secondo",
        "Gbit/s": "gigabit al secondo", "Gbps": "gigabit al secondo", "MB/s": "megabyte al secondo",
        "giri/min": "giro al minuto/giri al minuto", "rpm": "giro al minuto/giri al minuto", "CV": "cavallo/cavalli",
        "cv": "cavallo/cavalli", "m/s": "metro al secondo/metri al secondo",
        "l/100 km": "litro per cento chilometri/litri per cento chilometri",
        "ab./km²": "abitante per chilometro quadrato/abitanti per chilometro quadrato", "ab.": "abitante/abitanti",
        "gg": "giorno/giorni", "gg.": "giorno/giorni", "hg": "ettogrammo/ettogrammi", "Nm": "newton metro",
        "hp": "cavallo/cavalli", "pz": "pezzo/pezzi", "pz.": "pezzo/pezzi", "pers.": "persona/persone",
        "tbsp": "cucchiaio/cucchiai", "tsp": "cucchiaino/cucchiaini", "cpr": "compressa/compresse",
        "bpm": "battito al minuto/battiti al minuto", "mmHg": "millimetro di mercurio/millimetri di mercurio",
        "km/s": "chilometro al secondo/chilometri al secondo",
    }  # fmt: skip
    not_units = frozenset({"ha", "mi", "gal", "kn", "l'"})
    unit_genders = dict.fromkeys(
        ["h", "hr", "hrs", "t", "lb", "lbs", "oz", "fl oz", "cal", "kcal", "psi", "ppm", "pers.", "yd", "cpr"], "f"
    )
    per = "al"
    per_amount = "ogni"
    compass = {"N": "nord", "S": "sud", "E": "est", "O": "ovest", "W": "ovest"}
    per_nouns = {
        "h": "ora", "ora": "ora", "giorno": "giorno", "mese": "mese", "anno": "anno", "notte": "notte",
        "settimana": "settimana", "persona": "persona", "pers.": "persona", "kg": "chilo", "min": "minuto",
        "ab.": "abitante", "mq": "metro quadrato",
    }  # fmt: skip

    hour_letters = "[hH]"
    date_of = "di"
    year_of = "del"

    abbreviations = {
        "ecc.": "eccetera", "ecc": "eccetera", "etc.": "eccetera", "p.es.": "per esempio", "p. es.": "per esempio",
        "per es.": "per esempio", "ad es.": "ad esempio", "es.": "esempio", "cfr.": "confronta", "cfr": "confronta",
        "cf.": "confronta", "tel.": "telefono", "cell.": "cellulare", "a.C.": "avanti Cristo",
        "a. C.": "avanti Cristo", "d.C.": "dopo Cristo", "d. C.": "dopo Cristo", "S.p.A.": "S P A", "SpA": "S P A",
        "S.r.l.": "S R L", "Srl": "S R L", "S.n.c.": "S N C", "S.a.s.": "S A S", "c.so": "corso", "p.za": "piazza",
        "p.zza": "piazza", "p.le": "piazzale", "v.le": "viale", "l.go": "largo", "vic.": "vicolo", "ca.": "circa",
        "circ.": "circa", "sig.": "signor", "sig.ra": "signora", "sig.na": "signorina", "sigg.": "signori",
        "sigg.ri": "signori", "sig.re": "signore", "dott.": "dottor", "dott.ssa": "dottoressa",
        "dr.ssa": "dottoressa", "dott.sse": "dottoresse", "dott.ri": "dottori", "prof.": "professor",
        "prof.ssa": "professoressa", "proff.": "professori", "ing.": "ingegner", "avv.": "avvocato",
        "on.": "onorevole", "arch.": "architetto", "geom.": "geometra", "rag.": "ragionier", "mons.": "monsignor",
        "egr.": "egregio", "gent.mo": "gentilissimo", "gent.ma": "gentilissima", "gent.": "gentile",
        "spett.": "spettabile", "spett.le": "spettabile", "ill.mo": "illustrissimo", "cav.": "cavalier",
        "sen.": "senatore", "min.": "minimo", "s.l.m.": "sul livello del mare", "slm": "sul livello del mare",
        "c/o": "presso", "D.Lgs.": "decreto legislativo", "D.L.": "decreto legge", "N.B.": "nota bene",
        "P.S.": "post scriptum", "i.e.": "cioè", "e.g.": "per esempio", "vs": "versus", "vs.": "versus",
        "et al.": "e altri", "op. cit.": "opera citata", "ibid.": "ibidem", "sec.": "secolo", "gen.": "gennaio",
        "feb.": "febbraio", "sett.": "settembre", "ott.": "ottobre", "nov.": "novembre", "dic.": "dicembre",
        "lun.": "lunedì", "ven.": "venerdì", "sab.": "sabato", "ord.": "ordinanza", "dom.": "domenica",
        "a.m.": "del mattino", "p.m.": "del pomeriggio", "n.d.r.": "nota della redazione",
        "ndr": "nota della redazione", "p.v.": "prossimo venturo", "u.s.": "ultimo scorso", "c.m.": "corrente mese",
        "F.lli": "fratelli", "f.lli": "fratelli", "f.to": "firmato", "rif.": "riferimento", "ed.": "edizione",
        "prov.": "provincia", "loc.": "località", "uff.": "ufficio", "trad.": "traduzione", "pref.": "prefisso",
        "approx.": "circa", "temp.": "temperatura", "cad.": "cadauno", "tot.": "totale", "segg.": "seguenti",
        "gg.": "giorni", "ab.": "abitanti", "km/h": "chilometri orari", "m²": "metro quadrato",
        "mq": "metri quadrati", "km²": "chilometro quadrato", "m³": "metro cubo", "kWh": "chilowattora",
        "°C": "gradi Celsius", "e/o": "e o", "pers.": "persone", "dr.": "dottor", "cap.": "capitolo",
        "art.": "articolo", "mmHg": "millimetri di mercurio", "trim.": "trimestre", "q.b.": "quanto basta",
        "C.le": "Centrale",
        "p.p.": "punti percentuali", "conf.": "confezione",
        "incl.": "inclusa", "xké": "perché", "xkè": "perché", "nn": "non", "cmq": "comunque", "mar.": "martedì",
        "mer.": "mercoledì",
        "gio.": "giovedì", "s. l. m.": "sul livello del mare", "lett.": "lettera", "escl.": "esclusa",
    }  # fmt: skip
    titles = {
        "Dr": "dottor", "SS.": "Santi", "Gen.": "generale", "Col.": "colonnello", "Cap.": "capitano",
        "Card.": "cardinal", "Mr.": "mister", "Mrs.": "missis", "Sen.": "senatore", "Rev.": "reverendo",
        "gen.": "generale", "col.": "colonnello", "card.": "cardinal", "Com.te": "comandante", "Ten.": "tenente",
        "Serg.": "sergente", "Mar.": "maresciallo", "Pres.": "presidente",
    }  # fmt: skip
    initialisms = INITIALISMS
    acronyms = ACRONYMS
    numeral_nouns = NUMERAL_NOUNS
    regnal_names = REGNAL_NAMES

    symbols = {
        "&": "e", "+": "più", "=": "uguale", "==": "uguale", "<": "minore di", ">": "maggiore di", "≠": "diverso da",
        "!=": "diverso da", "≤": "minore o uguale a", "<=": "minore o uguale a", "≥": "maggiore o uguale a",
        ">=": "maggiore o uguale a", "≈": "circa", "≡": "identico a", "±": "più o meno", "×": "per", "÷": "diviso",
        "√": "radice quadrata di", "∞": "infinito", "∑": "somma di", "∏": "prodotto di", "∆": "delta",
        "∂": "derivata parziale di", "∫": "integrale di", "→": "verso", "←": "da", "↔": "da e verso", "⇒": "implica",
        "∈": "appartiene a", "∉": "non appartiene a", "∪": "unione", "∩": "intersezione", "⊂": "sottoinsieme di",
        "∅": "insieme vuoto", "∝": "proporzionale a", "∠": "angolo", "∴": "quindi", "²": "al quadrato",
        "³": "al cubo", "^": "elevato a", "~": "circa", "#": "numero", "§": "paragrafo", "@": "chiocciola",
        "°": "gradi", "%": "per cento", "‰": "per mille", "/": "su", "π": "pi greco", "µ": "micro", "Ω": "ohm",
    }  # fmt: skip
    address_symbols = {
        ".": "punto", "/": "barra", "-": "trattino", "_": "trattino basso", "@": "chiocciola", ":": "due punti",
        "?": "punto interrogativo", "=": "uguale", "&": "e", "#": "cancelletto", "~": "tilde", "%": "per cento",
        "+": "più",
    }  # fmt: skip
    terms = {
        "C++": "C plus plus", "C#": "C sharp", "F#": "F sharp", ".NET": "dot net", "AT&T": "A T e T", "R&S": "R e S",
        "R&D": "R e D", "H&M": "H e M", "B&B": "B and B", "24/7": "ventiquattro ore su ventiquattro",
        "50/50": "cinquanta e cinquanta", "h24": "ventiquattro ore su ventiquattro",
        "H24": "ventiquattro ore su ventiquattro", "4x4": "quattro per quattro", "TCP/IP": "T C P I P",
        "CO2": "C O due", "CO₂": "C O due", "H2O": "H due O", "H₂O": "H due O", "G8": "G otto",
        "N/A": "non applicabile", "24/48h": "ventiquattro quarantotto ore", "24/48 h": "ventiquattro quarantotto ore",
         "Wi-Fi": "wi-fi", "M5S": "Movimento Cinque Stelle",
    }  # fmt: skip

    # Numbers

    def cardinal(self, number: int, gender: str = "") -> str:
        """gender: “m” and “f” where the noun follows; only one itself has a gender: “un”, “una”, but “ventuno”."""
        if number == 1 and gender:
            return "una" if gender == "f" else "un"
        return super().cardinal(number)

    def year(self, number: int) -> str:
        return self.cardinal(number)

    def ordinal(self, number: int, gender: str = "") -> str:
        if number > 10 and number not in (100, 1000):  # CLDR has “centoottantesimo” and “duemilamillesimo”
            said = re.sub("mila$", "mille", self.cardinal(number)).replace("tré", "tre")
            stem = said if said.endswith(("tre", "sei")) else said[:-1]
            return stem + ("esima" if gender == "f" else "esimo")
        return super().ordinal(number, gender)

    def read_ordinal(self, number: int, ending: str) -> str:
        return self.ordinal(number, "f" if ending == "ª" else "")

    def fraction_digits(self, fraction: str) -> str:
        if len(fraction) == 3 and fraction[0] != "0":
            return self.cardinal(int(fraction))
        return super().fraction_digits(fraction)

    def fraction(self, above: int, below: int) -> str:
        if above > 1 and below >= 10:  # a mark, such as 28/30
            return self.join(self.cardinal(above), "su", self.cardinal(below))
        part = self.fraction_names.get(below) or self.ordinal(below)
        forms = part if "/" in part else f"{part}/{part[:-1]}i"
        return self.join(self.cardinal(above, "m"), self.form(forms, str(above)))

    def code_digits(self, written: str) -> str:
        return self.cardinal(int(written)) if len(written) < 4 and written[0] != "0" else super().code_digits(written)

    def address_digits(self, written: str) -> str:
        return self.cardinal(int(written))

    def telephone(self, written: str) -> str:
        code = re.match(r"\+(\d\d)(?=\D)", written)
        return f"{self.cardinal(int(code[1]))}, {self.digits(written[3:])}" if code else self.digits(written)

    def join(self, *parts: str) -> str:
        return elide(super().join(*parts))

    # Amounts

    def money(self, whole: str, fraction: str, currency: Currency, scale: str = "") -> str:
        if self.scales.get(scale) == "mila":
            return self.join(self._thousands(whole, fraction), currency.unit.split("/")[-1])
        return super().money(whole, fraction, currency, scale)

    def counted(self, whole: str, fraction: str, forms: str, gender: str = "m") -> str:
        return self._thousands(whole, fraction) if forms == "mila" else super().counted(whole, fraction, forms, gender)

    # Calendar

    def day(self, day: int) -> str:
        return "primo" if day == 1 else self.cardinal(day)

    def clock(self, hour: int, minute: int, half_day: str = "") -> str:
        part = {"a": "del mattino", "p": "del pomeriggio" if hour % 12 < 6 else "di sera"}.get(half_day, "")
        said = self.cardinal(hour, "f")
        return " ".join(filter(None, [said, f"e {self.cardinal(minute)}" if minute else "", part]))

    # Words

    def regnal(self, number: int, name: str) -> str:
        return self.ordinal(number, "f" if name.endswith("a") and name != "Nicola" else "")

    def numbered(self, noun: str, number: int) -> str:
        return self.ordinal(number, gender_of(noun))
