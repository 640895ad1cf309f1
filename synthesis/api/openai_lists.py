"""GET /v1/models, and the lists of voices and models that OpenAI lacks and programs ask other servers for.

Each list is under the names that different programs read it by. Where VOICESITE_PUBLIC_VOICES is on, those at /v1/audio/
need no key, as Open WebUI sends none: they then hold what is shared with the whole site, and say nothing of people.
"""

from typing import Any

from django.http import HttpResponse, JsonResponse

from synthesis.engines import EngineError
from synthesis.engines import choice as engine_choice
from voices.models import VoiceProfile
from voicesite.people.requests import Request
from voicesite.web.rejection import Rejected

from .openai_errors import endpoint
from .openai_speech import DEFAULT_MODEL_NAMES, is_kokoro, stands_for_default

TRANSCRIPTION_MODEL = "whisper-1"


@endpoint("speak", "GET", public=True)
def voices(request: Request) -> HttpResponse:
    """List the voices that the person may speak with; those of the whole site, where nobody has shown a key."""
    user = request.user if request.user.is_authenticated else None
    usable = VoiceProfile.objects.usable_by(user) if user else VoiceProfile.objects.usable_by_everyone()
    listed = []
    for voice in usable.select_related("owner").order_by("name", "pk"):
        item = {
            "id": str(voice.pk),
            "name": voice.name,
            "object": "voice",
            "language": voice.language,
            "is_builtin": voice.is_builtin,
        }
        if user:
            item["description"] = voice.description
            item["shared_by"] = voice.owner.username if voice.owner and voice.owner != user else None
        listed.append(item)
    return JsonResponse({"object": "list", "data": listed, "voices": listed})


@endpoint("speak", "GET", public=True)
def speech_models(request: Request) -> HttpResponse:
    """List the models that speak."""
    listed = [_model(name) for name in _speech_models()]
    return JsonResponse({"object": "list", "data": listed, "models": listed})


@endpoint("speak", "GET")
def models(request: Request) -> HttpResponse:
    listed = [_model(name) for name in (*_speech_models(), TRANSCRIPTION_MODEL)]
    return JsonResponse({"object": "list", "data": listed, "models": listed})


@endpoint("speak", "GET")
def model(request: Request, name: str) -> HttpResponse:
    if not (name in (*_speech_models(), TRANSCRIPTION_MODEL) or stands_for_default(name) or is_kokoro(name)):
        raise Rejected("model_not_found", f"There is no model “{name}” here.").about("model")
    return JsonResponse(_model(name))


def _speech_models() -> list[str]:
    """Return the names of the models that are here, and OpenAI's, which stand for the default one."""
    try:
        here = [option.key for option in engine_choice.options() if option.is_here]
    except EngineError:
        here = []
    return [*here, *(DEFAULT_MODEL_NAMES if here else ())]


def _model(name: str) -> dict[str, Any]:
    return {"id": name, "name": name, "object": "model", "created": 0, "owned_by": "voicesite"}
