"""Fields, bodies and base schemas that the API's parts of this app share."""

from collections.abc import Callable
from datetime import datetime
from typing import Annotated, Any, Literal

from django.core.validators import MaxLengthValidator, MaxValueValidator, MinValueValidator
from django.forms import Form, ModelForm
from ninja import Field, Schema
from pydantic import AfterValidator, ConfigDict

from voices.languages import LANGUAGES
from voicesite.jobs.job import State

BOUNDS = {MaxLengthValidator: "maxLength", MinValueValidator: "minimum", MaxValueValidator: "maximum"}

Grade = Literal["poor", "fair", "good", "excellent"]


def form_field(
    form: type[Form] | type[ModelForm], name: str, default: Any = "", description: str = "", **schema: Any
) -> Any:
    """Declare a field that `form` judges by its field `name`, whose bounds, choices and help the document tells.

    The schema itself bounds nothing, so that the form says what is wrong. Its default is no value that could be sent.
    schema: what else the document tells.
    """
    field = form.base_fields[name]
    validators: list[Any] = list(field.validators)
    if model := getattr(getattr(form, "_meta", None), "model", None):
        validators += model._meta.get_field(name).validators
    if codes := [code for code, _ in getattr(field, "choices", ()) if code]:
        schema["enum"] = codes
    else:
        schema |= {BOUNDS[type(one)]: one.limit_value for one in validators if type(one) in BOUNDS}
    return Field(default, description=description or str(field.help_text) or None, json_schema_extra=_told(schema))


def _told(schema: dict[str, Any]) -> Callable[[dict], None]:
    def tell(told: dict) -> None:
        told.pop("default", None)
        told.update(schema)

    return tell


def check_language(code: str) -> str:
    if code and code not in LANGUAGES:
        raise ValueError("This site knows no such language.")
    return code


Language = Annotated[str, AfterValidator(check_language), Field(json_schema_extra=_told({"enum": [*LANGUAGES]}))]


class Job(Schema):
    """Work that is done in the background, and how far it is."""

    status: State = Field(validation_alias="state", description="completed, failed and cancelled are ends")
    progress: int = Field(description="0 to 100", examples=[40])
    stage: str = Field(description="What is being done, in words", examples=["Listening"])
    error: str = Field(description="Why it failed, in words", examples=[""])
    created_at: datetime
    started_at: datetime | None
    finished_at: datetime | None


class Body(Schema):
    """JSON: a number is no text, and a field that nobody knows is a mistake."""

    model_config = ConfigDict(extra="forbid", strict=True)


def example(**fields: Any) -> ConfigDict:
    return ConfigDict(json_schema_extra={"example": fields})
