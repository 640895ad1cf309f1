"""Texts for people in code that knows nothing of Django, and so of no language but English."""


def N_(text: str) -> str:  # noqa: N802, the name that gettext gives it
    """Mark a text as one to translate: scripts/translations.py finds it, and `voicesite.wording.translated` says it."""
    return text
