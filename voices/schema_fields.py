"""Fields, bodies and base schemas that the API's parts of this app share."""

from collections.abc import Callable
from datetime import datetime
from typing import Annotated, Any, Literal

from ninja import Field, Schema
from pydantic import AfterValidator, ConfigDict

from voices.languages import LANGUAGES
from voicesite.jobs.job import State

Grade = Literal["poor", "fair", "good", "excellent"]


def json_schema(**bounds: Any) -> Callable[[dict], None]:
    """For a field that a form judges: what the document tells of it. Its default is no value that could be sent."""

    def tell(schema: dict) -> None:
        schema.pop("default", None)
        schema.update(bounds)

    return tell


def check_language(code: str) -> str:
    if code and code not in LANGUAGES:
        raise ValueError("This site knows no such language.")
    return code


LANGUAGE_SCHEMA = json_schema(enum=[*LANGUAGES])


Language = Annotated[str, AfterValidator(check_language), Field(json_schema_extra=LANGUAGE_SCHEMA)]


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
