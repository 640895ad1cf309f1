"""Italian."""

import re

from voices.text.normalization.language import Currency, Language, words_of
from voices.text.normalization.rules.amounts import SPACE, unit_symbols
from voices.text.normalization.rules.calendar import DAYS_IN_MONTH
from voices.text.normalization.rules.words import ROMAN_NUMERAL, roman
from voices.text.normalization.scanner import Rule, rule, stop_of

from .italian_nouns import elide, is_feminine, plural

# Where a Roman numeral before them is an ordinal: “II guerra mondiale”.
ORDINAL_NOUNS = (
    "secolo|sec\\.|millennio|guerra|edizione|piano|posto|classe|sezione|municipio|repubblica|Repubblica|Guerra|Reich|legislatura|"
    "trimestre|quadrimestre|semestre|concilio|Concilio|dinastia|crociata|Crociata|commissione|Commissione|congresso|Congresso|"
    "atto|libro|canto|parte|scena|Settimana|settimana|domenica|Domenica|Internazionale|internazionale|girone|elementare|media|"
    "fascia|corpo|reggimento|armata|divisione|legione|Municipio|circoscrizione|giornata|tappa|grado|livello|turno|tempo|a\\.C\\."
)
SAINTS = {
    "San": "Pietro|Paolo|Giovanni|Giuseppe|Marco|Martino|Francesco|Lorenzo|Nicola|Carlo|Michele|Giorgio|Benedetto|Bernardo|"
    "Vincenzo|Gennaro|Siro|Marino|Donato|Domenico|Luca|Matteo|Tommaso|Vito|Giacomo|Filippo|Leonardo|Gimignano|Babila|Bartolomeo",
    "Sant’": "Antonio|Ambrogio|Agostino|Andrea|Anna|Agnese|Agata|Elena|Egidio|Elia|Angelo|Arcangelo|Eufemia|Orsola|Eustorgio",
    "Santa": "Maria|Lucia|Chiara|Caterina|Rita|Croce|Teresa|Barbara|Cecilia|Margherita|Giulia|Monica|Rosa|Sofia|Marta|Marinella",
    "Santo": "Stefano|Spirito|Sepolcro",
}
HOUR_WORDS = r"(?:[Aa]lle|[Dd]alle|[Oo]re|[Ll]e|[Vv]erso\sle|h\.?|[Aa]ll[’']|[Dd]all[’']|[Ee]ntro\sle|e\sle)"


class Italian(Language):
    code = "it"
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
    and_half = "e mezzo"
    ordinal_endings = "[ºª°]"
    fraction_names = {2: "mezzo/mezzi"}
    number_words = {
        "n.": "numero", "n°": "numero", "nº": "numero", "nr.": "numero", "num.": "numero", "nn.": "numeri", "№": "numero",
        "pag.": "pagina", "pagg.": "pagine", "p.": "pagina", "pp.": "pagine", "pg.": "pagina", "cap.": "capitolo",
        "capp.": "capitoli", "art.": "articolo", "artt.": "articoli", "fig.": "figura", "figg.": "figure", "tab.": "tabella",
        "tav.": "tavola", "vol.": "volume", "voll.": "volumi", "par.": "paragrafo", "sez.": "sezione", "int.": "interno",
        "es.": "esempio", "v.": "verso", "vv.": "versi", "co.": "comma", "lett.": "lettera", "all.": "allegato", "eq.": "equazione",
        "op.": "opera", "ed.": "edizione", "h.": "ore",
    }  # fmt: skip

    percent = "per cento"
    per_mille = "per mille"
    currencies = {
        "€": Currency("euro", "centesimo/centesimi"), "$": Currency("dollaro/dollari", "centesimo/centesimi"),
        "£": Currency("sterlina/sterline", "penny/pence", "f"), "¥": Currency("yen"), "₹": Currency("rupia/rupie", "", "f"),
        "₽": Currency("rublo/rubli", "copeco/copechi"), "₩": Currency("won"), "₺": Currency("lira turca/lire turche", "", "f"),
        "₪": Currency("shekel"), "₿": Currency("bitcoin"), "¢": Currency("centesimo/centesimi"),
        "₤": Currency("lira/lire", "", "f"), "R$": Currency("real/real", "centavo/centavos"),
        "US$": Currency("dollaro americano/dollari americani", "centesimo/centesimi"),
        "C$": Currency("dollaro canadese/dollari canadesi", "centesimo/centesimi"), "EUR": Currency("euro", "centesimo/centesimi"),
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
        "mrd": "miliardo/miliardi", "milione": "milione/milioni", "milioni": "milione/milioni", "miliardo": "miliardo/miliardi",
        "miliardi": "miliardo/miliardi", "mila": "mila",
    }  # fmt: skip
    scale_of = " di "
    millions_of = "di"
    and_cents = " e "
    says_cents = False
    units = {
        "km/h": "chilometro orario/chilometri orari", "kmh": "chilometro orario/chilometri orari", "t": "tonnellata/tonnellate",
        "kg": "chilo/chili", "kWh": "chilowattora", "MWh": "megawattora", "GWh": "gigawattora", "TWh": "terawattora",
        "Wh": "wattora", "mAh": "milliampere ora", "A": "ampere", "dB": "decibel", "bar": "bar", "mq": "metro quadrato/metri quadrati",
        "mq.": "metro quadrato/metri quadrati", "kmq": "chilometro quadrato/chilometri quadrati", "mc": "metro cubo/metri cubi",
        "q": "quintale/quintali", "Mbps": "megabit al secondo", "Mbit/s": "megabit al secondo", "Mb/s": "megabit al secondo",
        "Gbit/s": "gigabit al secondo", "Gbps": "gigabit al secondo", "MB/s": "megabyte al secondo",
        "giri/min": "giro al minuto/giri al minuto", "rpm": "giro al minuto/giri al minuto", "CV": "cavallo/cavalli",
        "cv": "cavallo/cavalli", "m/s": "metro al secondo/metri al secondo", "l/100 km": "litro per cento chilometri/litri per cento chilometri",
        "ab./km²": "abitante per chilometro quadrato/abitanti per chilometro quadrato", "ab.": "abitante/abitanti",
        "gg": "giorno/giorni", "gg.": "giorno/giorni", "hg": "ettogrammo/ettogrammi", "Nm": "newton metro", "hp": "cavallo/cavalli",
        "pz": "pezzo/pezzi", "pz.": "pezzo/pezzi", "pers.": "persona/persone", "tbsp": "cucchiaio/cucchiai", "tsp": "cucchiaino/cucchiaini",
    }  # fmt: skip
    not_units = frozenset({"ha", "mi", "gal", "kn", "l'"})
    unit_genders = dict.fromkeys(
        ["h", "hr", "hrs", "t", "lb", "lbs", "oz", "fl oz", "cal", "kcal", "psi", "ppm", "pers.", "yd"], "f"
    )
    per = "al"
    per_nouns = {
        "h": "ora", "ora": "ora", "giorno": "giorno", "mese": "mese", "anno": "anno", "notte": "notte", "settimana": "settimana",
        "persona": "persona", "pers.": "persona", "kg": "chilo", "min": "minuto", "ab.": "abitante", "mq": "metro quadrato",
    }  # fmt: skip

    hour_letters = "[hH]"
    date_of = "di"
    year_of = "del"

    abbreviations = {
        "ecc.": "eccetera", "ecc": "eccetera", "etc.": "eccetera", "p.es.": "per esempio", "p. es.": "per esempio",
        "per es.": "per esempio", "ad es.": "ad esempio", "es.": "esempio", "cfr.": "confronta", "cfr": "confronta", "cf.": "confronta",
        "tel.": "telefono", "cell.": "cellulare", "a.C.": "avanti Cristo", "a. C.": "avanti Cristo", "d.C.": "dopo Cristo",
        "d. C.": "dopo Cristo", "S.p.A.": "S P A", "SpA": "S P A", "S.r.l.": "S R L", "Srl": "S R L", "S.n.c.": "S N C",
        "S.a.s.": "S A S", "c.so": "corso", "p.za": "piazza", "p.zza": "piazza", "p.le": "piazzale", "v.le": "viale", "l.go": "largo",
        "vic.": "vicolo", "ca.": "circa", "circ.": "circa", "sig.": "signor", "sig.ra": "signora", "sig.na": "signorina",
        "sigg.": "signori", "sigg.ri": "signori", "sig.re": "signore", "dott.": "dottor", "dott.ssa": "dottoressa", "dr.ssa": "dottoressa", "dott.sse": "dottoresse",
        "dott.ri": "dottori", "prof.": "professor", "prof.ssa": "professoressa", "proff.": "professori", "ing.": "ingegner",
        "avv.": "avvocato", "on.": "onorevole", "arch.": "architetto", "geom.": "geometra", "rag.": "ragionier", "mons.": "monsignor",
        "egr.": "egregio", "gent.mo": "gentilissimo", "gent.ma": "gentilissima", "gent.": "gentile", "spett.": "spettabile",
        "spett.le": "spettabile", "ill.mo": "illustrissimo", "cav.": "cavalier", "sen.": "senatore", "min.": "minimo",
        "s.l.m.": "sul livello del mare", "slm": "sul livello del mare", "c/o": "presso", "N.B.": "nota bene", "P.S.": "post scriptum",
        "i.e.": "cioè", "e.g.": "per esempio", "vs": "versus", "vs.": "versus", "et al.": "e altri", "op. cit.": "opera citata",
        "ibid.": "ibidem", "sec.": "secolo", "gen.": "gennaio", "feb.": "febbraio", "sett.": "settembre", "ott.": "ottobre",
        "nov.": "novembre", "dic.": "dicembre", "lun.": "lunedì", "ven.": "venerdì", "dom.": "domenica", "a.m.": "del mattino",
        "p.m.": "del pomeriggio", "n.d.r.": "nota della redazione", "ndr": "nota della redazione", "p.v.": "prossimo venturo",
        "u.s.": "ultimo scorso", "c.m.": "corrente mese", "F.lli": "fratelli", "f.lli": "fratelli", "f.to": "firmato", "rif.": "riferimento",
        "ed.": "edizione", "vol.": "volume", "pag.": "pagina", "fig.": "figura", "prov.": "provincia", "loc.": "località",
        "uff.": "ufficio", "trad.": "traduzione", "pref.": "prefisso", "approx.": "circa", "temp.": "temperatura",
        "cad.": "cadauno", "tot.": "totale", "segg.": "seguenti", "ss.": "seguenti", "gg.": "giorni", "ab.": "abitanti",
        "km/h": "chilometri orari", "m²": "metro quadrato", "mq": "metri quadrati", "km²": "chilometro quadrato", "m³": "metro cubo",
        "kWh": "chilowattora", "°C": "gradi Celsius", "e/o": "e o", "pers.": "persone", "dr.": "dottor", "cap.": "capitolo", "art.": "articolo",
    }  # fmt: skip
    titles = {
        "Dr": "dottor", "Gen.": "generale", "Col.": "colonnello", "Cap.": "capitano", "Card.": "cardinal", "Mr.": "mister",
        "Mrs.": "missis", "Sen.": "senatore", "Rev.": "reverendo", "gen.": "generale", "col.": "colonnello", "card.": "cardinal",
        "Com.te": "comandante", "Ten.": "tenente", "Serg.": "sergente", "Mar.": "maresciallo", "Pres.": "presidente",
    }  # fmt: skip
    initialisms = words_of(
        "UE FBI IBM BCE FMI OMS DNA RNA USB URL IA AI EU UK CEO CFO CV CD DVD TV HD PC GPS PDF HTML CSS SQL API IP ID QI UV SUV "
        "ADSL ATM AS AC AEK ESP ABS BTP CGIL DDL DPI DSA ECG EEG RSA RCA RSU TFR SMS MMS IIT ISS "
        "GPT LGBT OGM ONG OSS PA PD PDL FI PSI PCI DC MSI AN UDC IVG HIV CSM TG CPU GPU "
        "USL UTC GMT NBA UCI FIGC CIO ASD OK OCR UI UX IT IoT BBC CNN ABC NBC"
    )
    acronyms = words_of(
        "FIAT ONU NATO IVA RAI USA ISTAT INPS UNESCO UNICEF NASA AIDS ENEL ENI ASL INAIL FIFA UEFA PIL SIM PIN"
    )
    numeral_nouns = words_of(
        "capitolo atto scena parte libro canto tomo volume articolo figura tavola tabella sezione fase tipo livello gruppo titolo "
        "paragrafo allegato episodio stagione appendice punto categoria classe sec secolo zona lotto comma lezione quaderno girone"
    )
    regnal_names = words_of(
        "Alberto Alessandro Alfonso Amedeo Anna Augusto Baldovino Benedetto Bonifacio Callisto Carlo Caterina Celestino Clemente "
        "Cosimo Cristiano Edoardo Elisabetta Emanuele Enrico Ernesto Eugenio Federico Felipe Felice Ferdinando Filippo Francesco "
        "Giacomo Giorgio Giovanni Giulio Giuseppe Gregorio Guglielmo Gustavo Innocenzo Isabella Ivan Juan Leone Leopoldo Lorenzo "
        "Ludovico Luigi Manfredi Margherita Maria Massimiliano Maometto Martino Napoleone Nicola Niccolò Onorio Ottone Paolo "
        "Pasquale Pietro Pio Ramses Ranieri Riccardo Roberto Rodolfo Ruggero Silvestro Sisto Solimano Stefano Teodorico Tolomeo "
        "Tutmosi Umberto Urbano Vittorio Vladislao Dario Serse Ciro Vaticano Wilhelm Harald Elena Cristina Eugenia"
    )

    symbols = {
        "&": "e", "+": "più", "=": "uguale", "==": "uguale", "<": "minore di", ">": "maggiore di", "≠": "diverso da",
        "!=": "diverso da", "≤": "minore o uguale a", "<=": "minore o uguale a", "≥": "maggiore o uguale a",
        ">=": "maggiore o uguale a", "≈": "circa", "≡": "identico a", "±": "più o meno", "×": "per", "÷": "diviso",
        "√": "radice quadrata di", "∞": "infinito", "∑": "somma di", "∏": "prodotto di", "∆": "delta", "∂": "derivata parziale di",
        "∫": "integrale di", "→": "verso", "←": "da", "↔": "da e verso", "⇒": "implica", "∈": "appartiene a",
        "∉": "non appartiene a", "∪": "unione", "∩": "intersezione", "⊂": "sottoinsieme di", "∅": "insieme vuoto",
        "∝": "proporzionale a", "∠": "angolo", "∴": "quindi", "²": "al quadrato", "³": "al cubo", "^": "elevato a", "~": "circa",
        "#": "numero", "§": "paragrafo", "@": "chiocciola", "°": "gradi", "%": "per cento", "‰": "per mille", "/": "su",
        "π": "pi greco", "µ": "micro", "Ω": "ohm",
    }  # fmt: skip
    address_symbols = {
        ".": "punto", "/": "barra", "-": "trattino", "_": "trattino basso", "@": "chiocciola", ":": "due punti",
        "?": "punto interrogativo", "=": "uguale", "&": "e", "#": "cancelletto", "~": "tilde", "%": "per cento", "+": "più",
    }  # fmt: skip
    terms = {
        "C++": "C plus plus", "C#": "C sharp", "F#": "F sharp", ".NET": "dot net", "AT&T": "A T e T", "R&S": "R e S",
        "R&D": "R e D", "H&M": "H e M", "B&B": "B and B", "24/7": "ventiquattro ore su ventiquattro", "50/50": "cinquanta e cinquanta",
        "h24": "ventiquattro ore su ventiquattro", "H24": "ventiquattro ore su ventiquattro", "4x4": "quattro per quattro",
        "TCP/IP": "T C P I P", "CO2": "C O due", "CO₂": "C O due", "H2O": "H due O", "H₂O": "H due O", "G8": "G otto",
        "N/A": "non applicabile", "Wi-Fi": "wi-fi", "M5S": "Movimento Cinque Stelle",
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
            said = self.cardinal(number)
            stem = (
                said[:-1] + ("e" if said.endswith("é") else "")
                if said[-1] in "aoeié" and not said.endswith(("tre", "sei"))
                else said
            )
            stem = said.removesuffix("mila") + "mill" if said.endswith("mila") else stem
            stem = stem.removesuffix("é") + "ee" if said.endswith("é") else stem
            return stem + ("esima" if gender == "f" else "esimo")
        return super().ordinal(number, gender)

    def read_ordinal(self, number: int, ending: str) -> str:
        return self.ordinal(number, "f" if ending == "ª" else "")

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

    def gender_of(self, noun: str) -> str:
        return "f" if is_feminine(noun) else "m"

    def join(self, *parts: str) -> str:
        return elide(super().join(*parts))

    # Amounts

    def money(self, whole: str, fraction: str, currency: Currency, scale: str = "") -> str:
        if self.scales.get(scale) == "mila":
            return self.join(self._thousands(whole, fraction), currency.unit.split("/")[-1])
        return super().money(whole, fraction, currency, scale)

    def counted(self, whole: str, fraction: str, forms: str, gender: str = "m") -> str:
        return self._thousands(whole, fraction) if forms == "mila" else super().counted(whole, fraction, forms, gender)

    def _thousands(self, whole: str, fraction: str) -> str:
        return self.join(self.number(whole, fraction), "mila") if fraction else self.number(f"{whole}000")

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
        return self.ordinal(number, self.gender_of(noun))

    def own_rules(self) -> list[Rule]:
        months = "gennaio|febbraio|marzo|aprile|maggio|giugno|luglio|agosto|settembre|ottobre|novembre|dicembre"
        halves = "ora|litro|chilo|kg|tazza|bicchiere|cucchiaio|cucchiaino|giornata|pagina|limone|metro|mela|cipolla|secolo|l|bustina"
        letters, saints = "[^\\W\\d_]", "|".join(SAINTS.values())
        return [
            rule(
                "date",
                rf"\b([Ll]|[Dd]ell|[Aa]ll|[Dd]all|[Nn]ell|[Ss]ull)['’]1[º°]?(?=\s(?:{months})\b)",
                self._first_of_month,
            ),
            rule(
                "time",
                rf"(?P<before>\b{HOUR_WORDS}\s?)(?P<hour>[01]?\d|2[0-4])\.(?P<minute>[0-5]\d)(?!\d|[.,]\d|\s?[%€])",
                self._dotted_time,
            ),
            rule(
                "date",
                r"(?<=\b[Ii]l\s|[Aa]l\s|[Ee]l\s)(\d\d?)/(\d\d?)(?![\w/]|[.,]\d|\sd)|(?<![\w./])([0-3]\d)/(0\d|1[0-2])(?![\w/]|[.,]\d)",
                self._day_of_month,
            ),
            rule("number", rf"(?<![\w.,])1\s(?P<noun>{letters}{{3,}})", self._one),
            rule("number", r"(?<![\w.,])(\d{1,3})\s?mila\b", lambda match: self._thousands(match[1], "")),
            rule(
                "ordinal",
                rf"(?<![\w.,])(\d{{1,3}})°(?=\s(?!gradi|nord|sud|est|ovest|con|per|sono|sotto|sopra|nel|alla|all|alle|fino|circa|centigradi){letters}{{3,}})",
                self._ordinal,
            ),
            rule(
                "ordinal",
                rf"(?<![\w.,])(\d{{1,3}})([ao])(?=\s{letters}{{4,}})",
                lambda match: self.ordinal(int(match[1]), "f" if match[2] == "a" else ""),
            ),
            rule(
                "fraction",
                rf"(?<![\w./,])(?:(?P<whole>\d{{1,4}}){SPACE}?(?:e{SPACE})?)?(?:½|1/2){SPACE}(?:di\s)?(?P<noun>{halves})\b",
                self._half,
            ),
            rule(
                "Roman numeral",
                rf"(?<![\w.-])(?P<numeral>(?=[IVXLC]){ROMAN_NUMERAL})(?P<to>[-–](?=[IVX])|\s(?={ORDINAL_NOUNS})|\se\s(?=[IVX]+\s(?:{ORDINAL_NOUNS})))",
                self._roman_ordinal,
            ),
            rule(
                "Roman numeral",
                rf"\b(?:sec|secc)\.\s(?P<numeral>(?=[IVXLC]){ROMAN_NUMERAL})\b",
                lambda match: f"secolo {self.ordinal(roman(match['numeral']))}",
            ),
            rule("saint", rf"\bS\.\s?(?=(?:{saints})\b)", self._saint),
            rule("street", r"\bv\.(?=\s?(?:p\.|pag|fig|cap|art|sopra|sotto|anche|nota|tab|n\.))", lambda match: "vedi"),
            rule("year", r"(?<!\w)['’](\d{2,3})(?![\w’']|[.,]\d)", lambda match: self.cardinal(int(match[1]))),
            rule("version", r"(?<![\d.,])(?<!\w[.,])(\d{1,4})\.(\d{1,2})(?![\w%€$£]|[.,/:]\d)", self._dotted),
            rule("length", r"(?<![\w.,])(\d{1,3})\s?[″\"](?=[\s,.;)]|$)", self._inches),
            rule("quantity", r"(?<=\d\s)ha(?=[.,;)]|$|\sdi\s)|(?<=\d)ha\b", lambda match: "ettari"),
            rule("abbreviation", r"\b(?:max|MAX)\.(?!\w)", lambda match: "massimo" + stop_of(match)),
        ]

    def _ordinal(self, match: re.Match) -> str:
        noun = match.string[match.end() :].split()[0]
        return self.ordinal(int(match[1]), self.gender_of(noun))

    def _first_of_month(self, match: re.Match) -> str:
        article = match[1]
        return {"l": "il", "dell": "del", "all": "al", "dall": "dal", "nell": "nel", "sull": "sul"}[
            article.lower()
        ] + " primo"

    def _dotted_time(self, match: re.Match) -> str:
        return match["before"] + self.clock(int(match["hour"]), int(match["minute"]))

    def _day_of_month(self, match: re.Match) -> str | None:
        day, month = (int(part) for part in match.groups() if part)
        return self.date(day, month) if 1 <= month <= 12 and 1 <= day <= DAYS_IN_MONTH[month] else None

    def _one(self, match: re.Match) -> str | None:
        noun = match["noun"]
        if (
            noun in unit_symbols(self)
            or noun in self.currencies
            or noun.lower() in self._month_names
            or noun in self.scales
            and noun != "milione"
        ):
            return None
        return elide(f"{'una' if is_feminine(noun) else 'un'} {noun}")

    @property
    def _month_names(self) -> set[str]:
        return {
            name.lower().rstrip(".")
            for width in ("wide", "abbreviated")
            for name in self.cldr.months["format"][width].values()
        }

    def _half(self, match: re.Match) -> str:
        noun = {"kg": "chilo", "l": "litro"}.get(match["noun"], match["noun"])
        half = "mezza" if is_feminine(noun) else "mezzo"
        if match["whole"]:
            number = self.cardinal(int(match["whole"]), self.gender_of(noun))
            return elide(f"{number} {noun if match['whole'] == '1' else plural(noun)} e {half}")
        return "mezz’ora" if noun == "ora" else f"{half} {noun}"

    def _roman_ordinal(self, match: re.Match) -> str | None:
        number = roman(match["numeral"])
        noun = re.search(
            rf"(?:[-–]|\s|\se\s)(?:[IVXLC]+(?:\s|[-–]))*({ORDINAL_NOUNS})",
            match.string[match.start("to") : match.end() + 60],
        )
        if not noun:
            return None
        between = {"-": "-", "–": "-"}.get(match["to"], match["to"])
        return self.ordinal(number, self.gender_of(noun[1].rstrip("."))) + between

    def _saint(self, match: re.Match) -> str:
        name = re.match(r"\w+", match.string[match.end() :])
        title = next(title for title, names in SAINTS.items() if name and name[0] in names.split("|"))
        return title if title.endswith("’") else f"{title} "

    def _inches(self, match: re.Match) -> str | None:
        if match.string[: match.end() - 1].count('"') % 2:  # a closing quote
            return None
        return self.counted(match[1], "", "pollice/pollici")

    def _dotted(self, match: re.Match) -> str | None:
        """“Python 3.11”, “2.5”: what people write with a point they say with one; not before a unit."""
        after = re.match(rf"{SPACE}?(%|[€$£]|[^\W\d_]+[²³]?)", match.string[match.end() :])
        if after and (
            after[1] in unit_symbols(self) or after[1] in self.currencies or after[1] in self.scales or after[1] == "%"
        ):
            return None
        zero = "zero " * (len(match[2]) == 2 and match[2][0] == "0")
        return f"{self.number(match[1])} punto {zero}{self.cardinal(int(match[2]))}"
