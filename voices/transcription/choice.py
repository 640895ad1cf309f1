"""The choice of transcriber and model: what transcribes here, why, and in which languages.

Nothing is cached, so that a download that ended in another process counts at once.
"""

from collections.abc import Iterable, Iterator

from django.conf import settings
from django.utils.translation import gettext as _

from voices.languages import language_names
from voicesite.modelhost import weights
from voicesite.modelhost.catalogue import ModelOption, with_default
from voicesite.modelhost.protocol import ModelError

from .transcribers import TRANSCRIBERS, Model, Transcriber

NO_TRANSCRIBER = "none"  # the value of VOICESITE_TRANSCRIBER that turns transcription off

# The hub's name of the model that OpenAI calls “turbo”, and the pattern of all others' names.
_HUB_NAMES = {
    "faster-whisper": ("mobiuslabsgmbh/faster-whisper-large-v3-turbo", "Systran/faster-{}whisper-{}"),
    "mlx": ("mlx-community/whisper-large-v3-turbo", "mlx-community/{}whisper-{}-mlx"),
}


def options() -> list[ModelOption]:
    """Return every model that can transcribe on this machine, downloaded or not, preferred ones first.

    Raises ModelError (permanent) if VOICESITE_TRANSCRIBER names no transcriber.
    """
    return with_default(_options(_transcribers()))


def current() -> ModelOption | None:
    """Return the default: what transcribes the languages that it knows; None if nothing works here."""
    return next((option for option in options() if option.is_default), None)


def transcriber_for(language: str) -> ModelOption:
    """Return what transcribes `language`, a code of voices.languages, or detects it if empty.

    Raises ModelError (permanent) if nothing can.
    """
    if settings.TRANSCRIBER == NO_TRANSCRIBER:
        raise ModelError(_("Nothing is transcribed on this site: type what is said."), permanent=True)
    here = [option for option in options() if option.is_here]
    if able := [option for option in here if _is_able(option, language)]:
        return able[0]
    known = language_names(code for option in here for code in option.languages)
    if not known:
        raise ModelError(_("No transcriber works on this machine: type what is said."), permanent=True)
    name = " ".join(language_names([language])) or language
    raise ModelError(
        _("Only {names} can be transcribed on this site, and not {name}: type what is said.").format(
            names=" and ".join(known), name=name
        ),
        permanent=True,
    )


def can_transcribe(language: str) -> bool:
    """Return whether `transcriber_for` finds something. It looks first where nothing is looked up on the disk."""
    return any(_is_able(option, language) for option in _options(reversed(_transcribers())))


def reason() -> str:
    """Return why `current` is what it is, as in “Whisper small transcribes here: …”, without a full stop."""
    able, now, chosen = options(), current(), TRANSCRIBERS.short_name(settings.TRANSCRIBER)
    if now is None:
        return _("VOICESITE_TRANSCRIBER is none") if chosen == NO_TRANSCRIBER else _("none works on this machine")
    wanted = able[0] if chosen != "auto" or settings.TRANSCRIBER_MODEL else now
    if chosen not in ("auto", wanted.engine):
        return _("VOICESITE_TRANSCRIBER is {transcriber}, which cannot run here").format(
            transcriber=settings.TRANSCRIBER
        )
    if not wanted.is_here and not wanted.is_fetched:
        return _("the folder that VOICESITE_TRANSCRIBER_MODEL names holds no complete model")
    if not wanted.is_here:
        return _("{title} is not downloaded yet").format(title=wanted.title)
    return _("the best that is on this machine") if chosen == "auto" else _("chosen by VOICESITE_TRANSCRIBER")


def unavailable() -> dict[str, str]:
    """Return the transcribers that can't run here: why, by name."""
    return {each.name: why for each in _transcribers() if (why := each.unavailable())}


def full_name(written: str, transcriber: str) -> str:
    """Return the hub's name of a Whisper model that OpenAI calls “small”, “large-v3-turbo” …; other names unchanged."""
    if "/" in written or weights.is_path(written) or transcriber not in _HUB_NAMES:
        return written
    turbo, pattern = _HUB_NAMES[transcriber]
    if written in ("turbo", "large-v3-turbo"):
        return turbo
    size = written.removeprefix("distil-")
    return pattern.format("distil-" if size != written else "", size)


def _transcribers() -> list[type[Transcriber]]:
    return [] if settings.TRANSCRIBER == NO_TRANSCRIBER else TRANSCRIBERS.in_order(settings.TRANSCRIBER)


def _options(transcribers: Iterable[type[Transcriber]]) -> Iterator[ModelOption]:
    for each in transcribers:
        if not each.unavailable():
            for model in _models(each):
                key = f"transcriber:{each.name}:{model.name}"
                yield each.option(model, key=key, detects_language=each.detects_language)


def _is_able(option: ModelOption, language: str) -> bool:
    return option.is_here and (not language or language in option.languages)


def _models(transcriber: type[Transcriber]) -> list[Model]:
    """Return the models of a transcriber, the one that VOICESITE_TRANSCRIBER_MODEL names first."""
    written, chosen = settings.TRANSCRIBER_MODEL, TRANSCRIBERS.short_name(settings.TRANSCRIBER)
    if not written or transcriber.name == "bundled" or chosen not in ("auto", transcriber.name):
        return list(transcriber.models)
    name = full_name(written, transcriber.name)
    named = next(
        (model for model in transcriber.models if model.name == name),
        Model(name, f"Whisper {written}"),
    )
    return [named, *(model for model in transcriber.models if model.name != name)]
