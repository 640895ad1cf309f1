"""How a text will be read, before it is spoken: one answer for the studio, the API and `manage.py speak`."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _

from synthesis.engines import engine_class
from synthesis.pronunciations.models import PronunciationEntry
from synthesis.scripts.language_check import looks_like
from synthesis.scripts.script import ScriptSegment, prepare
from voices.languages import best_match, language_names
from voicesite.modelhost.catalogue import ModelOption
from voicesite.models import User


@dataclass(frozen=True)
class Preview:
    """A text as it will be read, and what its author should know first."""

    segments: tuple[ScriptSegment, ...]
    warnings: tuple[str, ...]  # about the text as a whole, in sentences
    language: str  # that it is read in: a code of voices.languages
    other_language: str = ""  # that it plainly is in, as the code that the model speaks; "" where there is none
    takes_ipa: bool = False  # the engine pronounces IPA between slashes


def preview(
    user: User,
    text: str,
    language: str,
    option: ModelOption,
    options: Sequence[ModelOption] = (),
    speakers: Collection[str] = (),
) -> Preview:
    """Return how `option` will read `text`, with the pronunciations of `user`.

    language: a code of voices.languages. options: the models that `user` may choose, to name one that speaks the
    language that the text is in, where `option` does not. speakers: the names of its cast.
    """
    engine = engine_class(option.engine)
    script = prepare(text, language, engine, PronunciationEntry.objects.for_text(user, language), speakers)
    warnings, other = list(script.warnings), ""
    if found := looks_like(text, language):
        warning, other = _about_language(found, option, options)
        warnings.insert(0, warning)
    return Preview(script.segments, tuple(warnings), language, other, engine.takes_ipa)


def beginning(text: str, most: int) -> str:
    """Return the first characters of a text, `most` at most, up to the end of a paragraph or sentence where there is one."""
    if len(text) <= most:
        return text
    part = text[:most]
    end = max(part.rfind(mark, most // 2) + 1 for mark in ("\n", ". ", "! ", "? ", "。"))
    return part[: end or most].rstrip()


def _about_language(found: str, option: ModelOption, options: Sequence[ModelOption]) -> tuple[str, str]:
    """Return the warning that a text looks like the language `found`, and the code under which `option` speaks it."""
    name = language_names([found])[0]
    if _speaks(option, found):
        return _("This looks like {name}.").format(name=name), best_match(found, list(option.languages))
    words = _("This looks like {name}, which {title} does not speak").format(name=name, title=option.title)
    other = next((one for one in options if _speaks(one, found)), None)
    return _("{words}; {title} does.").format(words=words, title=other.title) if other else f"{words}.", ""


def _speaks(option: ModelOption, language: str) -> bool:
    """Return whether a model speaks a language, in whatever accent."""
    return language.partition("-")[0] in {code.partition("-")[0] for code in option.languages}
