"""The REST operation that shows how a text will be read."""

from synthesis.generations import cast as casting
from synthesis.generations.forms import PreviewForm
from voicesite.people.requests import Request
from voicesite.web.rest import Router, rejection

from .schemas import TextPreviewIn, TextPreviewOut

router = Router(tags=["Speech"])


@router.post("/text/preview", response=TextPreviewOut, summary="See how a text will be read", errors=[409])
def preview_text(request: Request, body: TextPreviewIn):
    """Return the text as it will be spoken, part by part. Nothing is spoken or kept."""
    form = PreviewForm(body.dict(), user=request.user)
    if not form.is_valid():
        raise rejection(form)
    found, voice, speakers = form.preview(), form.cleaned_data["voice"], form.speakers
    warnings = list(found.warnings)
    if form.without_voice:
        names = casting.names_of(form.without_voice)
        warnings.append(f"This looks like a dialogue of {names}: `cast` gives each a voice.")
    segments = []
    for segment in found.segments:
        speaker = speakers.get(segment.speaker, voice)
        segments.append(vars(segment) | {"voice": speaker.pk if speaker else None})
    return {"segments": segments, "warnings": warnings, "estimate": form.estimate()}
