"""Keep a Fitting for each voice, made from the clip that suits the engine best."""

from contextlib import suppress

from django.db import IntegrityError, transaction
from django.db.models import F, QuerySet

from synthesis.engines import choice as engine_choice
from synthesis.engines import engine_class
from synthesis.models import Fitting
from synthesis.speech.conditioning import best_clip
from voices.models import VoiceProfile


def voices_to_fit() -> QuerySet[VoiceProfile]:
    """Return voices without a fitting, and those changed since theirs: another clip may be the best now.

    A built-in voice needs none: its engine has it as it is.
    """
    return VoiceProfile.objects.filter(preset="").exclude(fitting__as_of=F("updated_at"))


def request_fittings() -> None:
    """Make a Fitting for each voice that lacks one, for an engine that refines and the clip that suits it best.

    A fitting of another clip is deleted; a running attempt at it loses the row.
    """
    engine = engine_class(engine_choice.current().engine)
    if not engine.refines:
        engine = engine_class("kokoro")  # which can speak in every voice, on every machine
    for voice in voices_to_fit().prefetch_related("clips")[:100]:
        clip = best_clip(voice, engine)
        with suppress(IntegrityError), transaction.atomic():  # it may be deleted meanwhile
            Fitting.objects.filter(voice=voice).exclude(clip=clip).delete()
            fitting = {"clip": clip, "engine": engine.name, "model": engine.models[0].name}
            checked = {"as_of": voice.updated_at}
            Fitting.objects.update_or_create(voice=voice, defaults=checked, create_defaults=fitting | checked)
