"""Make the segments of a text: what an engine speaks, one utterance each."""

from django.utils.translation import gettext as _

from synthesis.engines import engine_class
from synthesis.engines.base import EngineError
from synthesis.models import Generation, Segment
from synthesis.scripts.script import prepare


def make_segments(generation: Generation) -> None:
    """Make the segments of a text, unless an earlier attempt did. Raises EngineError where it has no words."""
    if generation.segments.exists():
        return
    cast = {member.name: member.voice for member in generation.cast.select_related("voice")}
    engine = engine_class(generation.engine)
    script = prepare(generation.text, generation.language, engine, generation.dictionary(), cast.keys())
    if not script.segments:
        raise EngineError(_("There is nothing to say here: it has no words."), permanent=True)
    fields = ("text", "spoken", "pause", "pause_before", "speaker", "starts_paragraph")
    Segment.objects.bulk_create(
        Segment(
            generation=generation,
            index=index,
            voice=cast.get(part.speaker, generation.voice),
            **{field: getattr(part, field) for field in fields},
        )
        for index, part in enumerate(script.segments)
    )
