"""Italian words: genders and elision, as far as “un”, “una” and the like need them, and lists of names. Pure."""

import re

from voices.text.normalization.language import words_of

FEMININE_IN_E = words_of(
    "notte voce parte arte morte gente mente fine legge luce croce pace rete sede siepe torre carne chiave nave nube "
    "neve madre moglie classe frase base crisi analisi tesi ipotesi mano foto auto moto radio città serie specie "
    "chiesa estate febbre fame sete sorte valle pelle stazione gru virtù tribù dose fase prole calle scure polvere "
    "cenere fede lode frode custode pagine origine immagine indagine vergine ragione torte patente corrente sorgente "
    "capitale finale centrale cattedrale cambiale nuova canzone lezione azione stagione opinione unione regione "
    "televisione email mail app"
)
MASCULINE_IN_A = words_of(
    "problema programma sistema tema clima telegramma panorama poeta collega dramma schema diagramma diploma dilemma "
    "pianeta cinema papa bastione pigiama euro profeta atleta artista turista pilota autista dentista giornalista "
    "barista sosia vaglia gorilla"
)
NOT_NOUNS = words_of(
    "al allo alla ai agli alle del dello della dei degli delle dal dalla nel nella sul sulla con per che non tra fra "
    "era sono può come quando dove mentre anche solo più meno poi invece oppure"
)
# Where a Roman numeral before them is an ordinal: “II guerra mondiale”.
ORDINAL_NOUNS = (
    "secolo|sec\\.|millennio|guerra|edizione|piano|posto|classe|sezione|municipio|repubblica|Repubblica|Guerra|"
    "Reich|legislatura|trimestre|quadrimestre|semestre|concilio|Concilio|dinastia|crociata|Crociata|commissione|"
    "Commissione|congresso|Congresso|anniversario|centenario|festival|concorso|campionato|premio|atto|libro|"
    "canto|parte|scena|Settimana|settimana|domenica|Domenica|Internazionale|internazionale|girone|elementare|"
    "media|fascia|corpo|reggimento|armata|divisione|legione|Municipio|circoscrizione|giornata|tappa|grado|"
    "livello|turno|tempo|a\\.C\\."
)
SAINTS = {
    "San": (
        "Pietro|Paolo|Giovanni|Giuseppe|Marco|Martino|Francesco|Lorenzo|Nicola|Carlo|Michele|Giorgio|Benedetto|"
        "Bernardo|Vincenzo|Gennaro|Siro|Marino|Donato|Domenico|Luca|Matteo|Tommaso|Vito|Giacomo|Filippo|Leonardo|"
        "Gimignano|Babila|Bartolomeo"
    ),
    "Sant’": (
        "Antonio|Ambrogio|Agostino|Andrea|Anna|Agnese|Agata|Elena|Egidio|Elia|Angelo|Arcangelo|Eufemia|Orsola|Eustorgio"
    ),
    "Santa": (
        "Maria|Lucia|Chiara|Caterina|Rita|Croce|Teresa|Barbara|Cecilia|Margherita|Giulia|Monica|Rosa|Sofia|Marta|"
        "Marinella"
    ),
    "Santo": ("Stefano|Spirito|Sepolcro"),
}
INITIALISMS = words_of(
    "AZ UE FBI IBM BCE FMI OMS DNA RNA USB URL IA AI EU UK CEO CFO CV CD DVD TV HD PC GPS PDF HTML CSS SQL API IP ID "
    "QI UV SUV ADSL ATM AS AC AEK ESP ABS BTP CGIL DDL DPI DSA ECG EEG RSA RCA RSU TFR SMS MMS IIT ISS GPT LGBT OGM "
    "ONG OSS PA PD PDL FI PSI PCI DC MSI AN UDC IVG HIV CSM TG CPU GPU USL UTC GMT NBA UCI FIGC CIO ASD OK OCR UI UX "
    "IT IoT BBC CNN ABC NBC"
)
ACRONYMS = words_of(
    "FIAT ONU NATO IVA RAI USA ISTAT INPS UNESCO UNICEF NASA AIDS ENEL ENI ASL INAIL FIFA UEFA PIL SIM PIN"
)
NUMERAL_NOUNS = words_of(
    "cap art vol tav fig capitolo atto scena parte libro canto tomo volume articolo figura tavola tabella sezione "
    "fase tipo livello gruppo titolo paragrafo allegato episodio stagione appendice punto categoria classe sec "
    "secolo zona lotto comma lezione quaderno girone"
)
REGNAL_NAMES = words_of(
    "Alberto Alessandro Alfonso Amedeo Anna Augusto Baldovino Benedetto Bonifacio Callisto Carlo Caterina Celestino "
    "Clemente Cosimo Cristiano Edoardo Elisabetta Emanuele Enrico Ernesto Eugenio Federico Felipe Felice Ferdinando "
    "Filippo Francesco Giacomo Giorgio Giovanni Giulio Giuseppe Gregorio Guglielmo Gustavo Innocenzo Isabella Ivan "
    "Juan Leone Leopoldo Lorenzo Ludovico Luigi Manfredi Margherita Maria Massimiliano Maometto Martino Napoleone "
    "Nicola Niccolò Onorio Ottone Paolo Pasquale Pietro Pio Ramses Ranieri Riccardo Roberto Rodolfo Ruggero "
    "Silvestro Sisto Solimano Stefano Teodorico Tolomeo Tutmosi Umberto Urbano Vittorio Vladislao Dario Serse Ciro "
    "Vaticano Wilhelm Harald Elena Cristina Eugenia"
)


def is_feminine(noun: str) -> bool:
    """Return whether a noun in the singular is feminine; of an unknown one, a guess by its ending."""
    noun = noun.lower()
    if noun in MASCULINE_IN_A:
        return False
    return noun in FEMININE_IN_E or bool(re.search(r"(?:a|[stgnz]ione|tà|tù|rice|gine|udine|igie|oce)$", noun))


def gender_of(noun: str) -> str:
    return "f" if is_feminine(noun) else "m"


def elide(said: str) -> str:
    """Return “un’ora” for “una ora”, “uno zaino” for “un zaino”."""
    said = re.sub(
        r"\bal (?=(?:settimana|tonnellata|libbra)\b)", "alla ", re.sub(r"\bal (?=(?:notte|persona)\b)", "a ", said)
    )
    said = re.sub(r"\bal (?=[aeiou])", "all’", said)
    said = re.sub(r"\b([Uu])na (?=[aeiouàèéìòù]\w)", r"\1n’", said)
    return re.sub(r"\b([Uu])n (?=(?:s[bcdfglmnpqrtvz]|z|ps|pn|gn|x|y)\w)", r"\1no ", said)


def elide_hours(said: str) -> str:
    """Return “dall’una” for “dalle una”."""
    return re.sub(r"\b(d?all)e (?=una\b)", r"\1’", said)
