"""The REST API of what a person's programs mean by names of voices."""

from uuid import UUID

from ninja import Field, Schema

from synthesis.generations.voice_names import NO_SUCH_VOICE, SEVERAL_VOICES, by_id_or_name
from voices.schema_fields import Body
from voices.text.lengths import MAX_NAME
from voicesite.people.requests import Request
from voicesite.web.rejection import Rejected
from voicesite.web.rest import Router

from .meaning import MAX_ALIASES, Meaning, choose

router = Router(tags=["Speech"])


class VoiceNamesOut(Schema):
    """What is chosen, of voices that may be used now, and what speaks otherwise."""

    default: UUID | None = Field(description="The chosen voice of names without a choice; null where none is chosen")
    names: dict[str, UUID] = Field(description="The chosen voices, by name", examples=[{"alloy": "0f0e6c5e-…"}])
    speaks: UUID | None = Field(description="The voice that names without a choice have now; null where there is none")


class VoiceNamesIn(Body):
    default: str | None = Field(None, description="A voice, by id or name; null for your own first one")
    names: dict[str, str | None] = Field(
        default_factory=dict,
        description="Voices, by id or name, for names that programs use; null is as if it were left out",
        examples=[{"alloy": "Granny", "af_bella": None}],
    )


@router.get("/voice-names", response=VoiceNamesOut, summary="Show what names of voices mean")
def get_voice_names(request: Request):
    """Names that programs ask for at /v1/, such as `alloy`, and the voices that you have chosen for them."""
    meaning = Meaning(request.user)
    names = {name: voice.pk for name, voice in meaning.chosen.items() if name}
    chosen, default = meaning.chosen.get(""), meaning.default
    return {"default": chosen and chosen.pk, "names": names, "speaks": default and default.pk}


@router.put("/voice-names", response=VoiceNamesOut, summary="Choose what names of voices mean")
def set_voice_names(request: Request, body: VoiceNamesIn):
    """Replace all of it. Case makes no difference in a name."""
    if len(body.names) > MAX_ALIASES:
        raise Rejected("invalid", f"There can be {MAX_ALIASES} names at most.").about("names")
    usable, chosen = Meaning(request.user).voices, {}
    for name, written in {"": body.default, **{name.strip(): voice for name, voice in body.names.items()}}.items():
        field = f"names.{name}" if name else "default"
        if len(name) > MAX_NAME or "\0" in name:
            raise Rejected("invalid", f"A name has {MAX_NAME} characters at most.").about(field)
        if written:
            found = by_id_or_name(usable, written, request.user)
            if len(found) != 1:
                raise Rejected("invalid", SEVERAL_VOICES if found else NO_SUCH_VOICE).about(field)
            chosen[name.casefold()] = str(found[0].pk)
    choose(request.user, chosen)
    return get_voice_names(request)
