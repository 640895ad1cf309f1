"""Which transcriber and model write down what is said here, why, and which languages they know.

Nothing is remembered between calls: a download that ended in another process counts from the next page on.
"""

from dataclasses import dataclass

from django.conf import settings

from voices.languages import LANGUAGES
from voicesite.modelhost import weights
from voicesite.modelhost.protocol import ModelError

from .transcribers import TRANSCRIBERS, Model, Transcriber, transcriber_class

# Best first: `auto` takes the first that works on this machine and has its model here.
AUTO_ORDER = ("mlx", "faster-whisper", "bundled")
NONE = "none"

# What people call models of Whisper, by what the hub calls them where it is not of the pattern.
_TURBO = {
    "faster-whisper": "mobiuslabsgmbh/faster-whisper-large-v3-turbo",
    "mlx": "mlx-community/whisper-large-v3-turbo",
}
_PATTERNS = {"faster-whisper": "Systran/faster-{}whisper-{}", "mlx": "mlx-community/{}whisper-{}-mlx"}


@dataclass(frozen=True)
class TranscriberChoice:
    """A transcriber with a model."""

    name: str
    model: str
    title: str
    languages: tuple[str, ...]
    detects_language: bool
    download: int  # bytes to fetch before its first use, about; 0 where it comes with the transcriber, or not known
    is_fetched: bool  # its files come from the hub
    is_here: bool

    @property
    def key(self) -> str:
        """Names it in a form."""
        return f"transcriber:{self.name}:{self.model}"

    @property
    def knows(self) -> str:
        """Its languages, in words; two accents are one."""
        names = sorted({LANGUAGES[code].partition(" (")[0] for code in self.languages})
        return "all languages of this site" if set(self.languages) == set(LANGUAGES) else " and ".join(names)


def choices() -> list[TranscriberChoice]:
    """What can write down speech on this machine, preferred ones first, be their models here or not."""
    return [
        TranscriberChoice(
            each.name,
            model.name,
            model.title,
            each.languages_of(model.name),
            each.detects_language,
            model.download,
            _is_fetched(each) and not weights.is_path(model.name),
            not _is_fetched(each) or weights.find(model.name) is not None,
        )
        for each in _able()
        for model in _models(each)
    ]


def current() -> TranscriberChoice | None:
    """What writes down speech unless its language is one that only another knows; None where nothing can."""
    return next((choice for choice in choices() if choice.is_here), None)


def transcriber_for(language: str) -> TranscriberChoice:
    """What writes down `language`, a code of voices.languages; with an empty one, whatever is spoken.

    Raises ModelError (permanent), in words, where nothing can.
    """
    if settings.TRANSCRIBER == NONE:
        raise ModelError("Nothing is transcribed on this site: type what is said.", permanent=True)
    here = [choice for choice in choices() if choice.is_here]
    for choice in here:
        if not language or language in choice.languages:
            return choice
    known = sorted({LANGUAGES[code].partition(" (")[0] for choice in here for code in choice.languages})
    if not known:
        raise ModelError("No transcriber works on this machine: type what is said.", permanent=True)
    name = LANGUAGES.get(language, language).partition(" (")[0]
    raise ModelError(
        f"Only {' and '.join(known)} can be transcribed on this site, and not {name}: type what is said.",
        permanent=True,
    )


def reason() -> str:
    """Why `current` is what it is, as in “Whisper small transcribes here: …”, without a full stop."""
    able, now = choices(), current()
    if now is None:
        return "VOICESITE_TRANSCRIBER is none" if settings.TRANSCRIBER == NONE else "none works on this machine"
    wanted = able[0] if settings.TRANSCRIBER != "auto" or settings.TRANSCRIBER_MODEL else now
    if settings.TRANSCRIBER not in ("auto", wanted.name):
        return f"VOICESITE_TRANSCRIBER is {settings.TRANSCRIBER}, which cannot run here"
    if not wanted.is_here and not wanted.is_fetched:
        return "the folder that VOICESITE_TRANSCRIBER_MODEL names holds no complete model"
    if not wanted.is_here:
        return f"{wanted.title} is not downloaded yet"
    return "chosen by VOICESITE_TRANSCRIBER" if settings.TRANSCRIBER != "auto" else "the best that is on this machine"


def unavailable() -> dict[str, str]:
    """Why the transcribers that can't run here can't, by name."""
    return {each.name: why for each in _all() if (why := each.unavailable())}


def _all() -> list[type[Transcriber]]:
    """All that may listen with these settings, preferred ones first, whether they can run here or not.

    One that `auto` never takes is made for tests, and listens alone.
    """
    if settings.TRANSCRIBER == NONE:
        return []
    if settings.TRANSCRIBER not in ("auto", *AUTO_ORDER):
        return [transcriber_class(settings.TRANSCRIBER)]
    names = [name for name in AUTO_ORDER if name in TRANSCRIBERS]
    names.sort(key=lambda name: name != settings.TRANSCRIBER)
    return [transcriber_class(name) for name in names]


def _able() -> list[type[Transcriber]]:
    return [each for each in _all() if not each.unavailable()]


def _models(transcriber: type[Transcriber]) -> list[Model]:
    """The models of a transcriber, the one that VOICESITE_TRANSCRIBER_MODEL names first."""
    written = settings.TRANSCRIBER_MODEL
    if not written or transcriber.name == "bundled" or settings.TRANSCRIBER not in ("auto", transcriber.name):
        return list(transcriber.models)
    name = full_name(written, transcriber.name)
    named = next((model for model in transcriber.models if model.name == name), Model(name, f"Whisper {written}"))
    return [named, *(model for model in transcriber.models if model.name != name)]


def full_name(written: str, transcriber: str) -> str:
    """The hub's name of a model that is written as OpenAI calls it (“small”, “large-v3-turbo”); others stay."""
    if "/" in written or weights.is_path(written) or transcriber not in _PATTERNS:
        return written
    if written in ("turbo", "large-v3-turbo"):
        return _TURBO[transcriber]
    short = written.removeprefix("distil-")
    return _PATTERNS[transcriber].format("distil-" if short != written else "", short)


def _is_fetched(transcriber: type[Transcriber]) -> bool:
    """Whether its models are files that may not be here."""
    return any(model.download for model in transcriber.models)
