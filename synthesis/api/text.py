"""The REST operation that shows how a text will be read."""

from synthesis.generations import cast as casting
from synthesis.generations.forms import PreviewForm
from voicesite.people.requests import Request
from voicesite.web.rest import Router, rejection

from .schemas import TextPreviewIn, TextPreviewOut

MOST_PREVIEWED = 20_000  # characters of a text that are read, in about 0.4 s of a thread that others wait for

router = Router(tags=["Speech"])


@router.post(
    "/text/preview", response=TextPreviewOut, summary="Preview how a text will be read", errors=[409], takes_long=True
)
def preview_text(request: Request, body: TextPreviewIn):
    """Return the text as it will be spoken, part by part. Nothing is spoken or kept.

    Of a long text only the beginning is read, up to the end of a sentence; a warning says so. Send the rest by itself.
    """
    form = PreviewForm(body.dict(), user=request.user, most_previewed=MOST_PREVIEWED)
    if not form.is_valid():
        raise rejection(form)
    found, voice, speakers = form.preview(), form.cleaned_data["voice"], form.speakers
    warnings = list(found.warnings)
    if form.without_voice:
        names = casting.names_of(form.without_voice)
        warnings.append(f"This looks like a dialogue of {names}: `cast` gives each a voice.")
    if form.characters > MOST_PREVIEWED:
        read = len(form.cleaned_data["text"])
        warnings.append(f"This shows the first {read:,} of {form.characters:,} characters: send the rest by itself.")
    segments = []
    for segment in found.segments:
        speaker = speakers.get(segment.speaker, voice)
        segments.append(vars(segment) | {"voice": speaker.pk if speaker else None})
    return {"segments": segments, "warnings": warnings, "estimate": form.estimate()}
