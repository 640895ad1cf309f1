"""European Portuguese: what it says otherwise than the Brazilian."""

import re
from functools import cached_property

from unicode_rbnf import RbnfEngine

from .iberian import SPACE
from .portuguese import BrazilianPortuguese

EUROPEAN_WORDS = {
        "quilômetro": "quilómetro", "Anônima": "Anónima", "seção": "secção", "celular": "telemóvel",
        "quadro por": "imagem por", "quadros por": "imagens por", "bilhão/bilhões": "mil milhões",
        "trilhão/trilhões": "bilião/biliões", "interseção": "interseção", "cerquilha": "cardinal", "okay": "okay",
    }  # fmt: skip


def _european(table: dict[str, str]) -> dict[str, str]:
    """Return a table of the Brazilian norm in the European one."""
    return {written: _replaced(said) for written, said in table.items()}


def _replaced(said: str) -> str:
    for brazilian, european in EUROPEAN_WORDS.items():
        said = said.replace(brazilian, european)
    return said


class EuropeanPortuguese(BrazilianPortuguese):
    locale = "pt_PT"
    before_numbers = _european(BrazilianPortuguese.before_numbers)
    units = _european(BrazilianPortuguese.units)
    per_nouns = _european(BrazilianPortuguese.per_nouns)
    scales = _european(BrazilianPortuguese.scales) | {"bilião": "bilião/biliões", "biliões": "bilião/biliões"}
    abbreviations = _european(BrazilianPortuguese.abbreviations)
    address_symbols = _european(BrazilianPortuguese.address_symbols)
    terms = _european(BrazilianPortuguese.terms)
    telephones = (
        *BrazilianPortuguese.telephones,
        rf"[2389]\d\d{SPACE}\d{{3}}{SPACE}\d{{3}}",
        rf"2\d{SPACE}\d{{3}}{SPACE}\d{{4}}",
        r"[29]\d{8}",
        r"\d{4}-\d{3}",  # post codes
    )

    @cached_property
    def _spellout(self) -> RbnfEngine:
        return RbnfEngine.for_language(self.locale)

    def cardinal(self, number: int, gender: str = "") -> str:
        return re.sub(r"\bum mil milhões", "mil milhões", super().cardinal(number, gender))
