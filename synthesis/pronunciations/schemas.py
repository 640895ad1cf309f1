"""The API's schemas of pronunciations."""

from datetime import datetime
from typing import Literal
from uuid import UUID

from ninja import Field, Schema

from voices.schema_fields import Body, example, form_field
from voices.written_languages import LanguageOrAccent

from .forms import NewEntryForm
from .models import PronunciationEntry


class PronunciationOut(Schema):
    """How a word is said."""

    id: UUID
    word: str = Field(description="One or several", examples=["Nike"])
    said: str = Field(description="A respelling, or IPA between slashes", examples=["nye-kee"])
    language: str = Field(description="A language, an accent of one, or empty for every language", examples=["en"])
    match_case: bool = Field(description="Whether only these capital and small letters are meant", examples=[False])
    is_ipa: bool = Field(description="Whether it is IPA: engines without phonemes read the word as it is written")
    site: bool = Field(description="Whether it is for everyone on the site: staff change it", examples=[False])
    created_at: datetime
    updated_at: datetime

    @staticmethod
    def resolve_site(entry: PronunciationEntry) -> bool:
        return entry.owner_id is None


class PronunciationIn(Body):
    model_config = example(word="Nike", said="nye-kee", language="en")

    word: str = form_field(NewEntryForm, "word")
    said: str = form_field(NewEntryForm, "said")
    language: str = form_field(
        NewEntryForm, "language", description="A language or an accent; for every one by default"
    )
    match_case: bool = form_field(NewEntryForm, "match_case", False, "Only these capital and small letters")
    site: bool = Field(False, description="For everyone on the site: staff only")


class PronunciationChanges(Body):
    """What is left out stays as it is."""

    model_config = example(said="nye-kee")

    word: str | None = form_field(NewEntryForm, "word", None)
    said: str | None = form_field(NewEntryForm, "said", None)
    language: str | None = form_field(NewEntryForm, "language", None, "A language or an accent; empty for every one")
    match_case: bool | None = form_field(NewEntryForm, "match_case", None, "Only these capital and small letters")


class PronunciationFilters(Schema):
    q: str = Field("", max_length=200, description="A part of the word, or of how it is said")
    language: LanguageOrAccent = Field(default_factory=str, description="Only those that apply to it")
    whose: Literal["", "mine", "site"] = Field("", description="Your own, or the site's")


class Whose(Schema):
    whose: Literal["mine", "site"] = Field("mine", description="Your own, or the site's")


class ImportIn(Schema):
    preview: bool = Field(False, description="Change nothing: say what would be done")
    site: bool = Field(False, description="For everyone on the site: staff only")


class RefusedOut(Schema):
    line: int = Field(description="Of the file, from 1", examples=[7])
    word: str = Field(examples=["Nike"])
    problem: str = Field(examples=["language: “xx” is not a language of this site."])


class ImportReport(Schema):
    """What the import did, or would do."""

    new: int = Field(examples=[12])
    changed: int = Field(examples=[1])
    same: int = Field(description="Lines that were there already", examples=[3])
    refused: list[RefusedOut] = Field(description="Lines that are left out, and why")
