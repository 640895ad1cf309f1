"""Types of fields and base classes for the API's schemas."""

from datetime import datetime
from typing import Any, Literal

from django.core.validators import MaxLengthValidator, MaxValueValidator, MinValueValidator
from django.forms import Form, ModelForm
from ninja import Field, Schema
from pydantic import ConfigDict

from voices.written_languages import LanguageField
from voicesite.jobs.job import State

KEYWORDS = {MaxLengthValidator: "maxLength", MinValueValidator: "minimum", MaxValueValidator: "maximum"}

Grade = Literal["poor", "fair", "good", "excellent"]


def form_field(
    form: type[Form] | type[ModelForm], name: str, default: Any = "", description: str = "", **schema: Any
) -> Any:
    """Declare a field that `form` validates by its field `name`; the OpenAPI document shows that one's limits and help.

    The schema itself has no limits, so that the form's messages are shown. A factory keeps its default out of the document.
    schema: what else the document says of it.
    """
    field = form.base_fields[name]
    validators: list[Any] = list(field.validators)
    if model := getattr(getattr(form, "_meta", None), "model", None):
        validators += model._meta.get_field(name).validators
    if codes := [code for code, _ in getattr(field, "choices", ()) if code]:
        schema["examples" if isinstance(field, LanguageField) else "enum"] = codes  # which it takes in other words too
    else:
        schema |= {KEYWORDS[type(one)]: one.limit_value for one in validators if type(one) in KEYWORDS}
    described = description or str(field.help_text) or None
    return Field(default_factory=lambda: default, description=described, json_schema_extra=schema)


class Job(Schema):
    """A background job and its progress."""

    status: State = Field(validation_alias="state", description="Final if completed, failed or cancelled")
    progress: int = Field(description="0 to 100", examples=[40])
    stage: str = Field(description="What is being done, in words", examples=["Listening"])
    error: str = Field(description="Why it failed, in words", examples=[""])
    created_at: datetime
    started_at: datetime | None
    finished_at: datetime | None


class Body(Schema):
    """A JSON body without type coercion or unknown fields."""

    model_config = ConfigDict(extra="forbid", strict=True)


def example(**fields: Any) -> ConfigDict:
    return ConfigDict(json_schema_extra={"example": fields})
