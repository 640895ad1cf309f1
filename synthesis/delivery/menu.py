"""What can be downloaded of a generation, for the menu of its page."""

from dataclasses import dataclass
from typing import Any

from synthesis.models import Generation, Rendition
from voicesite.jobs.job import State

from . import renditions
from .encoding import FORMATS

ORDER = ("mp3", "m4a", "wav", "flac", "opus", "aac")  # what most people want comes first


@dataclass(frozen=True)
class Choice:
    """A format that speech can be downloaded in."""

    name: str  # as in `?format=`
    title: str
    is_at_once: bool  # its file is there, or quickly made
    rendition: Rendition | None  # that is being made, or could not be


def downloads(generation: Generation) -> dict[str, Any]:
    """Return the context of the menu. Two queries."""
    made = {rendition.audio_format: rendition for rendition in generation.renditions.all()}
    choices = []
    for name in ORDER:
        rendition = made.get(name)
        if name == "wav":
            choices.append(Choice(name, FORMATS[name].title, True, None))
        elif rendition and rendition.state == State.COMPLETED:
            is_at_once = renditions.is_short(generation) or renditions.is_ready(rendition, generation)
            choices.append(Choice(name, FORMATS[name].title, is_at_once, None))
        else:
            is_at_once = rendition is None and renditions.is_short(generation)
            choices.append(Choice(name, FORMATS[name].title, is_at_once, rendition))
    return {
        "generation": generation,
        "target": f"#downloads-{generation.pk}",
        "choices": choices,
        "going": any(choice.rendition and choice.rendition.is_active for choice in choices),
        "has_sentences": generation.segments.in_text().exists(),
    }
