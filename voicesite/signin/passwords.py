"""Rules of passwords beyond Django's, named in AUTH_PASSWORD_VALIDATORS."""

import re
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from .leaked import is_leaked

SHORTEST_WORD = 3  # shorter names are part of too many words
LEAST_LEFT = 8  # characters of a password that are the person's secret
REPEATED = re.compile(r"(.{1,4}?)\1+.{0,3}")


class OwnWordsValidator:
    """Refuse passwords that are little but the person's own name: without it, they must still be long enough.

    Django's UserAttributeSimilarityValidator compares the whole: `kimkimkim` and `kim12345` are not similar to `kim`.
    """

    def validate(self, password: str, user: Any = None) -> None:
        left = password.casefold()
        for word in sorted(_own_words(user), key=len, reverse=True):
            left = left.replace(word, "")
        if left != password.casefold() and len(left) < LEAST_LEFT:
            raise ValidationError(
                _("This password is mostly your own name. Without it, there must still be %(least)d characters."),
                code="password_own_words",
                params={"least": LEAST_LEFT},
            )

    def get_help_text(self) -> str:
        return _("Not your own name with a little added.")


class RepetitionValidator:
    """Refuse passwords that are a few characters again and again."""

    def validate(self, password: str, user: Any = None) -> None:
        if REPEATED.fullmatch(password.casefold()):
            raise ValidationError(_("This password repeats a few characters."), code="password_repetition")

    def get_help_text(self) -> str:
        return _("Not a few characters again and again.")


class LeakedPasswordValidator:
    """Refuse passwords that leaked, beyond the most common ones that Django refuses."""

    def validate(self, password: str, user: Any = None) -> None:
        if is_leaked(password):
            raise ValidationError(_("This password has leaked, so others will try it."), code="password_leaked")

    def get_help_text(self) -> str:
        return _("Not one that has leaked.")


def _own_words(user: Any) -> set[str]:
    """Return the words of a person's names and of their e-mail address, before the @."""
    written = [getattr(user, field, "") or "" for field in ("username", "first_name", "last_name")]
    written.append((getattr(user, "email", "") or "").partition("@")[0])
    words = {word for text in written for word in [text, *re.split(r"[\W_]+", text)]}
    return {word.casefold() for word in words if len(word) >= SHORTEST_WORD}
