"""The part of the page of a new voice that shows a sentence to read aloud, and takes the recording of it."""

from django.conf import settings
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_safe

from voices.analysis.reference_audio import AudioRejected
from voices.audit import Look, record_looks
from voices.languages import LANGUAGES
from voices.models import Recording, SpokenConsent, VoiceProfile, open_to_staff
from voicesite.people.requests import Request, as_uuid
from voicesite.web.media import file_name, sound_response
from voicesite.web.polling import poll
from voicesite.web.rejection import Rejected
from voicesite.wording import translated

from . import service

# Buttons: send the recording; end the check of it; another sentence; look how far it is.
ACTS = ("speak", "stop-sentence", "sentence", "look")


def part(request: Request, recording: Recording | None, language: str) -> HttpResponse:
    """Do what a button beside the sentence asks for, and render that part of the page."""
    context = act(request, recording, language)
    return render(request, "voices/consent/_spoken.html", context, status=422 if context["spoken_rejected"] else 200)


def act(request: Request, recording: Recording | None, language: str) -> dict:
    """Do what a button beside the sentence asks for; return the context of that part of the page.

    recording: of the voice that is to be made, once there is one.
    """
    asker, rejected = service.asker_of(request), ""
    language = language if language in LANGUAGES else "en-us"
    pressed, pk = request.POST.get("act"), as_uuid(request.POST.get("spoken_consent"))
    shown = service.find(request.user, asker, pk)
    try:
        if pressed == "sentence":
            shown = service.ask(request.user, asker, language)
        elif shown is None or (shown.language != language and not shown.audio):
            shown = service.current(request.user, asker, language)
        if pressed == "stop-sentence" and shown.request_cancel():
            shown.refresh_from_db()
        elif pressed == "speak":
            _take(request, shown, recording, is_shown=shown.pk == pk)
    except Rejected as error:
        rejected = translated(error.message)
    return _context(shown) | {"spoken_rejected": rejected}


def _take(request: Request, shown: SpokenConsent, recording: Recording | None, *, is_shown: bool) -> None:
    upload = request.FILES.get("sentence")
    if not is_shown:
        raise AudioRejected(
            "gone",
            _(
                "The sentence on the page was in another language, or older than {minutes} minutes. Read this one."
            ).format(minutes=service.MINUTES),
        )
    if recording is None:
        raise AudioRejected("required", _("First add the recording of the voice: the sentence is compared with it."))
    if upload is None:
        raise AudioRejected("required", _("First record the sentence, or choose a recording of it."))
    service.take(shown, upload, recording)


def _context(shown: SpokenConsent | None) -> dict:
    return {
        "spoken_is_asked": True,
        "spoken": shown,
        "spoken_required": service.is_required(),
        "sentence_bytes": settings.CLIP_MAX_BYTES,
        "sentence_seconds": service.MAX_SECONDS,
    }


@require_GET
def status(request: Request, pk) -> HttpResponse:
    """Answer the poll for what was heard in a sentence."""
    spoken = get_object_or_404(service.unused(request.user), pk=pk, asker=service.asker_of(request))
    return poll(request, "voices/consent/_spoken.html", _context(spoken), going=spoken.is_under_way)


@require_safe
def audio(request: Request, pk) -> HttpResponseBase:
    """Return the recording of a sentence to who sent it, and to staff who may look into its voice."""
    kept = SpokenConsent.objects.exclude(audio="").filter(voice__deleted_at=None).select_related("voice")
    spoken = get_object_or_404(kept, pk=pk)
    if spoken.owner_id != request.user.pk:
        open_to_them = (
            VoiceProfile.objects.filter(open_to_staff()) if request.user.is_staff else VoiceProfile.objects.none()
        )
        get_object_or_404(open_to_them, pk=spoken.voice_id)
        record_looks(
            request.user,
            "listened",
            [Look(f"spoken consent {spoken.pk}", spoken.owner_id, spoken.voice)],
        )
    name = file_name("consent", extension="flac")
    return sound_response(request, spoken.audio, etag=str(spoken.pk), name=name, content_type="audio/flac")
