"""What programs write of the speech that they want, in OpenAI's words and in Kokoro-FastAPI's, and what they are told.

Much of it stands for something else here: a model's name for the default one, a voice's for the one that a person has
chosen. What was done about it is in headers of the answer, which programs that don't know them ignore.
"""

import math
import re
from typing import Any
from urllib.parse import quote

from synthesis.aliases.meaning import Meaning
from synthesis.engines import engine_class
from synthesis.generations.forms import NO_WORDS, SPEED_RANGE, ApiGenerationForm
from synthesis.models import MAX_INSTRUCTIONS, Generation
from voices.languages import language_code
from voices.written_languages import language_of
from voicesite.modelhost.catalogue import ModelOption
from voicesite.models import User
from voicesite.web.rejection import Rejected

# OpenAI's models, with the dates that some names end with: here, each is the default model.
DEFAULT_MODEL_NAMES = ("tts-1", "tts-1-hd", "gpt-4o-mini-tts")
_DATED = re.compile(r"-(\d{4}|\d{4}-\d{2}-\d{2})$")
# Kokoro's, as its servers and clients write it, of any maker and version: “hexgrad/Kokoro-82M”, “kokoro-v1_0”.
_KOKORO = re.compile(r"([\w.-]+/)?kokoro(-82m)?(-?v[\d._]+)?(-onnx)?", re.IGNORECASE)

OPENAI_SPEEDS = (0.25, 4.0)
# How Kokoro writes languages: https://github.com/hexgrad/kokoro
_KOKORO_LANGUAGES = {
    "a": "en-us", "b": "en-gb", "e": "es", "f": "fr", "h": "hi", "i": "it", "j": "ja", "p": "pt-br", "z": "zh",
}  # fmt: skip
API_FIELD_NAMES = {"text": "input"}  # what the API calls a field of the form


class NothingToSay(Rejected):
    """The text has no words, and nothing else is wrong with what was asked for."""


def generation_of(user: User, body: dict) -> Generation:
    """Return the generation that a body asks for, unsaved. Raises Rejected, and NothingToSay."""
    cast, meaning, model = body.get("cast"), Meaning(user), str(body.get("model") or "")
    form_data = {
        "voice": _voice(meaning, body.get("voice")),
        "text": body.get("input") if isinstance(body.get("input"), str) else "",
        "model": "" if stands_for_default(model) else model,
        "speed": min(max(_speed(body.get("speed")), SPEED_RANGE[0]), SPEED_RANGE[1]),
        "seed": body.get("seed"),
        "cast": cast,
    }
    if isinstance(cast, dict):
        form_data["cast"] = {name: voice and _voice(meaning, voice) for name, voice in cast.items()}
    form = ApiGenerationForm(form_data, user=user)
    data = form.data = dict(form.data)
    if is_kokoro(model):  # where it is here; elsewhere a program that was set up for it gets the default
        kokoro = next((option for option in form.here if option.engine == "kokoro"), None)
        data["model"] = kokoro.key if kokoro else ""
    data["language"] = _language(body, form.option)
    if not form.is_valid():
        if form.has_error("text", NO_WORDS):
            words = str(form.errors.pop("text")[0])
            if not form.errors:
                raise NothingToSay("bad_request", words).about("input")
        name, errors = next(iter(form.errors.items()))
        if name == "model":
            words = f"There is no model “{model}” here; /v1/models lists them."
            raise Rejected("model_not_found", words).about("model")
        if name == "voice":
            raise Rejected("voice_not_found", f"{errors[0]} /v1/audio/voices lists them.").about("voice")
        raise Rejected("bad_request", str(errors[0])).about(API_FIELD_NAMES.get(name, name))
    generation = form.generation()
    if engine_class(generation.engine).takes_instructions:
        generation.instructions = _instructions(body)
    return generation


def headers_of(generation: Generation, body: dict) -> dict[str, str]:
    """Return the headers that say which voice speaks, and what of the body was done otherwise than it says."""
    headers = {"X-Voice": quote(generation.voice_name, safe=" !#$&'()*+,/:;=?@[]")}  # a header holds ASCII only
    if generation.voice_id:
        headers["X-Voice-Id"] = str(generation.voice_id)
    if generation.speed != _speed(body.get("speed")):
        headers["X-Speed"] = f"{generation.speed:g}"
    if _instructions(body) and not generation.instructions:
        headers["X-Instructions"] = "ignored"
    return headers


def stands_for_default(model: str) -> bool:
    """Return whether a program means the default model by this name of OpenAI's, or names none."""
    return not model or _DATED.sub("", model) in DEFAULT_MODEL_NAMES


def is_kokoro(model: str) -> bool:
    """Return whether a program means Kokoro by this name."""
    return bool(_KOKORO.fullmatch(model))


def _voice(meaning: Meaning, written: Any) -> str:
    """Return the id of the voice that is meant, by a name, an id or an object that has one; what is written if none is."""
    if isinstance(written, dict):
        written = written.get("id") or written.get("name")
    if not isinstance(written, str | None):
        return str(written)
    voice = meaning.voice(written or "")
    return str(voice.pk) if voice else written or ""


def _speed(written: Any) -> float:
    """Return the speed that was asked for. Raises Rejected."""
    try:
        speed = 1.0 if written is None else float(written)
    except (TypeError, ValueError, OverflowError):
        speed = math.nan
    if not OPENAI_SPEEDS[0] <= speed <= OPENAI_SPEEDS[1]:
        words = f"The speed goes from {OPENAI_SPEEDS[0]:g} to {OPENAI_SPEEDS[1]:g}."
        raise Rejected("bad_request", words).about("speed")
    return speed


def _language(body: dict, option: ModelOption) -> str:
    """Return the language to speak in: empty for the voice's, and of another accent where the model knows only that.

    Kokoro's `lang_code` is taken where the model speaks it; `language` where it doesn't is an error of the form.
    """
    wanted = language_of(body.get("language"))
    if not wanted:
        written = str(body.get("lang_code") or "")
        try:
            wanted = _KOKORO_LANGUAGES.get(written) or language_code(written)
        except ValueError:
            return ""
    alike = [code for code in option.languages if code.partition("-")[0] == wanted.partition("-")[0]]
    if wanted in alike or (body.get("language") and not alike):
        return wanted
    return alike[0] if alike else ""


def _instructions(body: dict) -> str:
    written = body.get("instructions")
    return written.strip()[:MAX_INSTRUCTIONS] if isinstance(written, str) else ""
