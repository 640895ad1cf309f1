"""Languages as people and programs write them: “en”, “en-US”, “English”. Forms, schemas and protocols all take them so."""

from collections.abc import Callable
from contextlib import suppress
from typing import Annotated, Any

from django import forms
from django.utils.translation import gettext_lazy as _
from ninja import Field
from pydantic import AfterValidator

from voices.languages import LANGUAGES, LANGUAGES_AND_ACCENTS, language_code, language_or_accent
from voicesite.web.rejection import Rejected


def language_of(written: Any) -> str:
    """Return the code in voices.languages of a language that a program names; empty if it names none. Raises Rejected."""
    try:
        return language_code(str(written)) if written else ""
    except ValueError as error:
        raise Rejected("invalid", str(error)).about("language") from None


class LanguageField(forms.ChoiceField):
    """A choice of a language, or, with `read=language_or_accent`, of one with all of its accents."""

    default_error_messages = {"invalid_choice": _("“%(value)s” is not a language of this site. Choose another.")}

    def __init__(self, *, read: Callable[[str], str] = language_code, **kwargs: Any):
        super().__init__(**kwargs)
        self.read = read

    def to_python(self, value: Any) -> str:
        written = super().to_python(value)
        with suppress(ValueError):  # the choices decide what is valid, and have words for what isn't
            return self.read(written) if written else ""
        return written


def _schema_type(read: Callable[[str], str], codes: dict[str, str]) -> Any:
    # Examples and no enum: programs that are made of the document would let nothing else through.
    return Annotated[
        str,
        AfterValidator(lambda written: read(written) if written else ""),
        Field(json_schema_extra={"examples": [*codes]}),
    ]


Language = _schema_type(language_code, LANGUAGES)
LanguageOrAccent = _schema_type(language_or_accent, LANGUAGES_AND_ACCENTS)
