"""Numbers in words, in each of the ten languages."""

import pytest

from voices.text.normalization import normalize

SPOKEN_BY_TEXT = {
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
