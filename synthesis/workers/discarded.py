"""Deletion of what people deleted a minute ago, and can't bring back any more."""

from synthesis.generations import arranging, takes
from synthesis.pronunciations import service as pronunciations
from voices.clips import discarding as voices

PORTION = 10  # texts at once, of maybe thousands of files each, while nothing else is swept


def turn() -> int:
    """Delete a portion of what is due; return how many things."""
    texts, folders = takes.delete_discarded(PORTION), arranging.delete_discarded()
    return texts + folders + pronunciations.delete_discarded(PORTION) + voices.delete_discarded(PORTION)
