"""Numbers in words, in each of the ten languages."""

import pytest

from voices.text.normalization import normalize

SPOKEN_BY_TEXT = {
    "fr": {
        "71, 80, 81": "soixante et onze, quatre-vingts, quatre-vingt-un",
        "10 000 personnes": "dix mille personnes",
        "3,14 et 0,05": "trois virgule quatorze et zéro virgule zéro cinq",
        "14h30, 1h, 9:05": "quatorze heures trente, une heure, neuf heures cinq",
        "12,50 €, 5 millions €": "douze euros cinquante, cinq millions d’euros",
        "50 %": "cinquante pour cent",
        "1er, 1ère, 2e": "premier, première, deuxième",
        "en 1984": "en mille neuf cent quatre-vingt-quatre",
        "06 12 34 56 78": "zéro six, un deux, trois quatre, cinq six, sept huit",
    },
    "es": {
        "1.234,5": "mil doscientos treinta y cuatro coma cinco",
        "1,500 pesos": "mil quinientos pesos",
        "21.000 y 31.000": "veintiún mil y treinta y un mil",
        "3ª y 1º": "tercera y primero",
        "14:30, 1:00": "catorce y treinta, una",
        "12,50 €, $1": "doce euros con cincuenta, un dólar",
        "5 millones €": "cinco millones de euros",
        "50%": "cincuenta por ciento",
        "2026": "dos mil veintiséis",
    },
    "it": {
        "0,05": "zero virgola zero cinque",
        "1.000 lire": "mille lire",
        "14:30": "quattordici e trenta",
        "3º": "terzo",
        "12,50 €, 1 £": "dodici euro e cinquanta, una sterlina",
        "20%": "venti per cento",
        "1984": "millenovecentottantaquattro",
    },
    "pt-br": {
        "R$ 12,50, R$ 1": "doze reais e cinquenta, um real",
        "14:30, 22:00, 1:00": "catorze e trinta, vinte e duas horas, uma hora",
        "3ª": "terceira",
        "1.105": "mil cento e cinco",
        "50%": "cinquenta por cento",
    },
}


@pytest.mark.parametrize(
    "language, written, said",
    [(language, written, said) for language, table in SPOKEN_BY_TEXT.items() for written, said in table.items()],
)
def test_it_is_read_as_people_read_it(language, written, said):
    assert normalize(written, language) == said


def test_numbers_longer_than_any_language_counts_are_read_out():
    assert normalize("1" * 60, "it").split() == ["uno"] * 60
    assert normalize("1." + "1" * 60, "en-us").split()[:3] == ["one", "point", "one"]
