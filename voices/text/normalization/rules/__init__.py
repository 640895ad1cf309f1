"""The rules that all languages share, in the order in which they are asked."""

from itertools import chain

from voices.text.normalization.language import Language
from voices.text.normalization.scanner import Rule

from . import addresses, amounts, calendar, codes, numbers, symbols, words


def rules_of(language: Language) -> list[Rule]:
    """Return all rules of a language, its own ones first."""
    parts = (addresses, codes, calendar, amounts, words, numbers, symbols)
    return [*language.own_rules(), *chain.from_iterable(part.rules(language) for part in parts)]
