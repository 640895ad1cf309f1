"""The REST operation that shows how a text will be read."""

from synthesis.generations.forms import PreviewForm
from voicesite.people.requests import Request
from voicesite.web.rest import Router, rejection

from .schemas import TextPreviewIn, TextPreviewOut

router = Router(tags=["Speech"])


@router.post("/text/preview", response=TextPreviewOut, summary="See how a text will be read", errors=[409])
def preview_text(request: Request, body: TextPreviewIn):
    """Return the text as it will be spoken, part by part. Nothing is spoken or kept."""
    form = PreviewForm(body.dict(exclude={"cast"}), user=request.user)
    if not form.is_valid():
        raise rejection(form)
    found, voice = form.preview(), form.cleaned_data["voice"]
    segments = [vars(segment) | {"voice": voice.pk if voice else None} for segment in found.segments]
    return {"segments": segments, "warnings": found.warnings}
