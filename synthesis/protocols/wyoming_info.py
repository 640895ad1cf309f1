"""What the Wyoming protocol tells of this site, and how a request's voice and language are found."""

from typing import Any

from django.conf import settings
from wyoming.info import AsrModel, AsrProgram, Attribution, Info, TtsProgram, TtsVoice, TtsVoiceSpeaker
from wyoming.tts import SynthesizeVoice

from synthesis.generations.voice_names import by_id_or_name, label
from voices.models import VoiceProfile
from voices.transcription import choice as transcriber_choice
from voices.written_languages import language_of
from voicesite.modelhost.protocol import ModelError
from voicesite.models import User
from voicesite.web.rejection import Rejected

_KOKORO = Attribution("Kokoro-82M", "https://huggingface.co/hexgrad/Kokoro-82M")

MOST_NAMES = 20  # of voices, in an error


def info(user: User) -> Info:
    """Return the voices that `user` may speak with, and the models that transcribe here."""
    here: dict[str, Any] = {"installed": True, "version": settings.VERSION}
    site = Attribution("Voicesite", settings.SITE_URL)
    voices = _voices(user)
    spoken = [
        TtsVoice(
            name=name,
            description=label(voice, user),
            attribution=_KOKORO if voice.is_builtin else Attribution(voice.owner.username if voice.owner else "", ""),
            # Only its own: a client that has chosen a voice no longer tells the language of the text.
            languages=[_tag(voice.language)],
            speakers=[TtsVoiceSpeaker(voice.name)],
            **here,
        )
        for name, voice in _names(voices, user).items()
    ]
    heard = [
        AsrModel(name=model, description=title, attribution=site, languages=list(map(_tag, codes)), **here)
        for model, title, codes in _transcribers()
    ]
    program = here | {"name": "voicesite", "description": "Voicesite", "attribution": site}
    speech = TtsProgram(**program, voices=spoken, supports_synthesize_streaming=True)
    hearing = AsrProgram(**program, models=heard)
    return Info(tts=[speech] if spoken else [], asr=[hearing] if heard else [])


def voice(user: User, wanted: SynthesizeVoice | None) -> VoiceProfile:
    """Return the voice that a request means: by its name, else by its language, else the first of `user`'s own.

    Raises Rejected.
    """
    voices = _voices(user)
    if wanted and wanted.name:
        if found := by_id_or_name(voices, str(wanted.name), user):
            return found[0]
        names = list(_names(voices, user))
        some = f"{', '.join(names[:MOST_NAMES])}{' …' if names[MOST_NAMES:] else '.'}" if names else "none yet."
        raise Rejected("voice_not_found", f"There is no voice called “{wanted.name}” here. There are: {some}")
    if wanted and wanted.language:
        code = language_of(wanted.language)
        voices = [voice for voice in voices if voice.language.split("-")[0] == code.split("-")[0]]
        voices.sort(key=lambda voice: (voice.owner_id != user.pk, voice.language != code))
    if not voices:
        raise Rejected("voice_not_found", f"{user.username} has no voice for this. Create one on the site.")
    return voices[0]


def _voices(user: User) -> list[VoiceProfile]:
    """Return the voices that `user` may speak with: their own first, then shared ones, then built-in ones."""
    voices = VoiceProfile.objects.usable_by(user).select_related("owner").order_by("preset", "name", "pk")
    return sorted(voices, key=lambda voice: voice.owner_id != user.pk)


def _names(voices: list[VoiceProfile], user: User) -> dict[str, VoiceProfile]:
    """Return the voices by what they are called here: by name, or by id where that name means another voice."""
    return {
        voice.name if by_id_or_name(voices, voice.name, user) == [voice] else str(voice.pk): voice for voice in voices
    }


def _transcribers() -> list[tuple[str, str, list[str]]]:
    """Return the models that transcribe here, with their titles and the languages for which each would be taken."""
    try:
        here = [option for option in transcriber_choice.options() if option.is_here]
    except ModelError:
        return []
    found, taken = [], set()
    for option in here:
        if codes := [code for code in option.languages if code not in taken]:
            found.append((option.model, option.title, codes))
            taken |= set(codes)
    return found


def _tag(code: str) -> str:
    """Return a code of voices.languages as a language tag: “en-us” as “en-US”."""
    language, _, region = code.partition("-")
    return f"{language}-{region.upper()}" if region else language
