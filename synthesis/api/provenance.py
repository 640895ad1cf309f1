"""The REST operation that says of a file whether it was made here."""

from datetime import datetime
from typing import Literal
from uuid import UUID

from ninja import Field, File, Schema, UploadedFile

from voices.origins import origin_of_upload
from voicesite.people.requests import Request
from voicesite.web.rejection import Rejected
from voicesite.web.rest import Router

router = Router(tags=["Speech"])


class ProvenanceOut(Schema):
    from_here: bool = Field(description="Whether it is known that this site made it. False proves nothing")
    shown_by: Literal["manifest", "sound"] | None = Field(
        description="Its signed C2PA manifest, or its sound, which is known here bit by bit"
    )
    manifest_is_changed: bool = Field(description="It carries a manifest of this site that does not fit it")
    made_at: datetime | None
    model: str = Field(description="Which made it; empty if that is not known")
    generation_id: UUID | None = Field(description="Your speech that it is, which you may have deleted")
    message: str = Field(description="The answer in words for people")


@router.post(
    "/provenance",
    response=ProvenanceOut,
    summary="Ask whether a file was made here",
    errors=[413, 429],
    takes_long=True,
)
def ask_provenance(request: Request, audio: File[UploadedFile]):
    """Say of any audio file whether this site made it, when and with which model. The file is not kept.

    It is known by its manifest, which WAV, MP3 and M4A files carry, or else by its sound, as long as that was not
    cut or encoded anew. Whose it is, is told to nobody.
    """
    try:
        origin = origin_of_upload(request.user, audio)
    except Rejected as rejected:
        raise rejected.about("audio") from None
    return {
        "from_here": origin.is_here,
        "shown_by": origin.shown_by or None,
        "manifest_is_changed": origin.is_changed,
        "made_at": origin.made_at,
        "model": origin.model,
        "generation_id": origin.speech,
        "message": origin.in_words,
    }
