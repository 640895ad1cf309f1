"""The buttons beside the advice on a clip."""

from django import template

from voices.analysis.reference_audio import LONG_SECONDS
from voices.models import Clip, ExcerptSearch
from voicesite.jobs.job import State

register = template.Library()

ADJUSTABLE_SECONDS = 4.0  # of a recording, from which a part of it may do better than the whole


@register.simple_tag
def advice_with_remedies(clip: Clip, others: bool = False, recorder: bool = False) -> list[tuple[str, str, str]]:
    """Return the advice on a clip as level, sentence and what a button beside it does about it, each once; "" for none.

    others: whether there are other excerpts of the recording to choose. recorder: whether the page takes recordings.
    Buttons: “clean”, “next” or “search” (another excerpt), “adjust” (choose one by hand), “record”.
    """
    shown: list[tuple[str, str, str]] = []
    for level, sentence, remedy in clip.advice:
        button = _button(clip, remedy, others, recorder) if level == "warning" else ""
        shown.append((level, sentence, "" if button in (said for *_, said in shown) else button))
    return shown


def _button(clip: Clip, remedy: str, others: bool, recorder: bool) -> str:
    if remedy == "denoise" and not clip.original_audio:
        return "clean"
    if remedy == "excerpt":
        return _excerpt_button(clip, others, recorder)
    return "record" if remedy and recorder else ""


def _excerpt_button(clip: Clip, others: bool, recorder: bool) -> str:
    if recorder and others:
        return "next"
    search: ExcerptSearch | None = getattr(clip.recording, "search", None)
    if search and search.is_active:
        return ""
    if recorder and clip.recording.seconds > LONG_SECONDS and not (search and search.state == State.COMPLETED):
        return "search"
    if clip.recording.seconds >= ADJUSTABLE_SECONDS:
        return "adjust"
    return "record" if recorder else ""
