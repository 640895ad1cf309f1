"""Genders and forms of Italian nouns, as far as “un”, “una” and the like need them. Pure."""

import re

from voices.text.normalization.language import words_of

FEMININE_IN_E = words_of(
    "notte voce parte arte morte gente mente fine legge luce croce pace rete sede siepe torre carne chiave nave nube neve "
    "madre moglie classe frase base crisi analisi tesi ipotesi mano foto auto moto radio città serie specie chiesa estate "
    "febbre fame sete sorte valle pelle stazione gru virtù tribù dose fase prole calle scure polvere cenere fede lode "
    "frode custode pagine origine immagine indagine vergine ragione torte patente corrente sorgente capitale finale "
    "centrale cattedrale cambiale nuova canzone lezione azione stagione opinione unione regione televisione email mail app"
)
MASCULINE_IN_A = words_of(
    "problema programma sistema tema clima telegramma panorama poeta collega dramma schema diagramma diploma dilemma "
    "pianeta cinema papa pigiama euro profeta atleta artista turista pilota autista dentista giornalista barista sosia vaglia gorilla"
)


def is_feminine(noun: str) -> bool:
    """Return whether a noun in the singular is feminine; of an unknown one, a guess by its ending."""
    noun = noun.lower()
    if noun in MASCULINE_IN_A:
        return False
    return noun in FEMININE_IN_E or bool(re.search(r"(?:a|[stgn]ione|tà|tù|rice|gine|udine|igie|oce)$", noun))


def plural(noun: str) -> str:
    """Return the plural of a regular noun."""
    if noun.endswith("a"):
        return noun[:-1] + "e"
    return noun[:-1] + "i" if not noun.endswith("io") else noun[:-1]


def elide(said: str) -> str:
    """Return “un’ora” for “una ora”, “uno zaino” for “un zaino”."""
    said = re.sub(r"\b([Uu])na (?=[aeiouàèéìòù]\w)", r"\1n’", said)
    return re.sub(r"\b([Uu])n (?=(?:s[bcdfglmnpqrtvz]|z|ps|pn|gn|x|y)\w)", r"\1no ", said)
