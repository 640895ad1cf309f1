"""Pronunciations, in the dictionaries of people and of the whole site."""

import uuid
from typing import ClassVar, Self
from unicodedata import normalize

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q

from voices.languages import LANGUAGES_AND_ACCENTS
from voices.text.pronunciation import (
    MAX_SAID,
    MAX_WORD,
    Pronunciation,
    fold,
    is_ipa,
    problem_of_said,
    problem_of_word,
)
from voicesite.deleted import Deletable, UndeletedManager
from voicesite.models import User
from voicesite.web.names import clean_text
from voicesite.wording import lazily


class PronunciationQuerySet(models.QuerySet):
    def visible_to(self, user: User) -> Self:
        """Return those that apply to what `user` speaks: their own and the site's."""
        return self.filter(Q(owner=user) | Q(owner=None))

    def editable_by(self, user: User) -> Self:
        """Return those that `user` may change: their own; staff, the site's too."""
        return self.visible_to(user) if user.is_staff else self.filter(owner=user)

    def for_language(self, language: str) -> Self:
        """Return those that apply to a language, or with a code such as “en” to any accent of it."""
        base = language.split("-")[0]
        accents = Q(language=language) if language != base else Q(language__startswith=f"{base}-")
        return self.filter(accents | Q(language__in=("", base)))

    def for_text(self, user: User, language: str) -> list[Pronunciation]:
        """Return the dictionary of a text of `user`: where several are for one word, the first applies. One query.

        Own ones go before the site's; those of the accent before those of the language, and these before those of every
        language; those that keep the case before those that don't.
        """
        rows = self.visible_to(user).filter(language__in={"", language, language.split("-")[0]})
        fields = rows.values_list("owner", "language", "match_case", "word", "said")
        ordered = sorted(fields, key=lambda row: (row[0] is None, -len(row[1]), not row[2]))
        return [Pronunciation(word, said, match_case) for _, _, match_case, word, said in ordered]


class PronunciationEntry(Deletable):
    """How a word is said, in the dictionary of a person or of the whole site."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        blank=True,
        on_delete=models.CASCADE,
        related_name="+",
        help_text="Empty: it is the whole site's",
    )
    language = models.CharField(
        max_length=8, blank=True, choices=lazily(LANGUAGES_AND_ACCENTS), help_text="Empty: every one"
    )
    word = models.CharField(max_length=MAX_WORD)
    said = models.CharField(max_length=MAX_SAID)
    match_case = models.BooleanField("only in this case", default=False)
    key = models.CharField(max_length=4 * MAX_WORD, editable=False, help_text="By which words are sorted and unique")
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    objects: ClassVar = UndeletedManager.from_queryset(PronunciationQuerySet)()
    everything: ClassVar = PronunciationQuerySet.as_manager()

    class Meta:
        verbose_name = "pronunciation"
        ordering = ["key", "language", "pk"]
        indexes = [models.Index(fields=["owner", "key"])]
        constraints = [
            models.UniqueConstraint(
                fields=["owner", "language", "key"],
                condition=Q(deleted_at=None),
                name="pronunciation_unique_for_owner",
            ),
            models.UniqueConstraint(
                fields=["language", "key"],
                condition=Q(owner=None, deleted_at=None),
                name="pronunciation_unique_for_site",
            ),
        ]

    def __str__(self) -> str:
        return self.word

    def save(self, *args, **kwargs) -> None:
        self.key = self.key_of(self.word, self.match_case)
        super().save(*args, **kwargs)

    def clean(self) -> None:
        """Put the word and how it is said into one form. Raises ValidationError."""
        self.word, self.said = (normalize("NFC", clean_text(text, MAX_SAID)) for text in (self.word, self.said))
        self.key = self.key_of(self.word, self.match_case)
        checks = {"word": problem_of_word, "said": problem_of_said}  # an empty field, or too long, is told already
        problems = {
            name: problem for name, of in checks.items() if (text := getattr(self, name)) and (problem := of(text))
        }
        if problems:
            raise ValidationError(problems)

    @staticmethod
    def key_of(word: str, match_case: bool) -> str:
        """Return what entries for the same words have in common."""
        return f"{fold(word)}={word}" if match_case else fold(word)

    @property
    def is_ipa(self) -> bool:
        return is_ipa(self.said)

    def pronunciation(self) -> Pronunciation:
        return Pronunciation(self.word, self.said, self.match_case)
