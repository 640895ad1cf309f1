"""espeak-ng, in the engine's process: the IPA of a piece of text. The library keeps its state in global variables.

Called as its speak_lib.h (version 1.52) says. `phonemizer`, the usual way to it, splits a text at the wrong mark where
marks of one kind repeat, and gives no hold on words of another language.
"""

import ctypes
import re
from functools import cache, lru_cache
from typing import NamedTuple

from synthesis.engines.base import EngineError

# espeak's names of languages, as paths in its data: a plain “en-gb” is none of its names.
VOICES = {
    "en-us": "gmw/en-US",
    "en-gb": "gmw/en",
    "es": "roa/es",
    "fr": "roa/fr",
    "it": "roa/it",
    "pt-br": "roa/pt-BR",
    "hi": "inc/hi",
}
_TIE = "\u0361"  # between the letters of one phoneme: a diphthong is one, two vowels in a row are not
_FLAG = re.compile(r"\(([a-z-]+)\)")

_SYNCHRONOUS = 2  # AUDIO_OUTPUT_SYNCHRONOUS: nothing is played
_DONT_EXIT = 0x8000  # espeakINITIALIZE_DONT_EXIT: it would end the process if its data is not there
_UTF8 = 1
_IPA_WITH_TIES = 0x02 | 0x80 | ord(_TIE) << 8


class Stretch(NamedTuple):
    """A part of what espeak says that is in one language."""

    ipa: str
    foreign: str  # espeak's code of the language if it is another, else empty


@lru_cache(maxsize=4096)
def phonemize(text: str, language: str) -> tuple[Stretch, ...]:
    """Return the IPA of a text without punctuation, a space between words, one stretch for each change of language.

    espeak writes these as `(en)fˈʊtbɔːl(fr)`. Raises EngineError.
    """
    library = _library()
    if library.espeak_SetVoiceByName(VOICES[language].encode()):
        raise EngineError(f"espeak-ng has no voice {VOICES[language]}. {_AGAIN}", permanent=True)
    clauses = []
    position = ctypes.c_char_p(text.encode("utf-8", "replace").replace(b"\0", b" "))
    while position:  # espeak moves it on by a clause at a time, and clears it at the end
        clause = library.espeak_TextToPhonemes(ctypes.byref(position), _UTF8, _IPA_WITH_TIES)
        clauses.append((clause or b"").decode("utf-8", "replace"))
    whole = " ".join(" ".join(clauses).split())
    # It ties the letters of a flag, too.
    own, *rest = _FLAG.split(re.sub(r"\([^()]*\)", lambda flag: flag[0].replace(_TIE, ""), whole))
    code = language.partition("-")[0]
    stretches = [(own, code), *zip(rest[1::2], rest[::2], strict=True)]
    return tuple(Stretch(ipa, "" if flag == code else flag) for ipa, flag in stretches if ipa.strip())


_AGAIN = "Install the package espeakng-loader again."


@cache
def _library() -> ctypes.CDLL:
    import espeakng_loader

    try:
        library = ctypes.CDLL(espeakng_loader.get_library_path())
        library.espeak_TextToPhonemes.restype = ctypes.c_char_p
        folder = espeakng_loader.get_data_path().encode()
        started = library.espeak_Initialize(_SYNCHRONOUS, 0, folder, _DONT_EXIT) > 0
    except (OSError, AttributeError, RuntimeError) as error:
        raise EngineError(f"espeak-ng could not be loaded: {error} {_AGAIN}", permanent=True) from error
    if not started:
        raise EngineError(f"espeak-ng does not find its data. {_AGAIN}", permanent=True)
    return library
