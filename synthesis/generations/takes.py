"""Takes: generations of one text in one voice with other seeds. One is picked, and stands for all in the library.

The constraint `generation_one_take_picked` allows one picked take; changing it locks all takes of the text first.
"""

import secrets
import uuid
from contextlib import suppress
from functools import partial

from django.db import transaction
from django.db.models import QuerySet

from synthesis.engines import EngineError
from synthesis.engines import choice as engine_choice
from synthesis.models import MAX_SEED, Download, Generation, SegmentTake
from synthesis.scripts.marks import read_marks
from voices.languages import best_match
from voices.models import VoiceProfile
from voicesite.jobs.job import State
from voicesite.modelhost.catalogue import ModelOption
from voicesite.models import User

from . import cast

MAX_TAKES = 10  # of one text
MAX_TITLE_SOURCE_CHARACTERS = 500  # characters that a title is taken from


def of_text(generation: Generation) -> QuerySet[Generation]:
    """Return all takes of the text of `generation`, itself too."""
    return Generation.objects.filter(owner=generation.owner_id, take_group=generation.take_group)


def first(voice: VoiceProfile, text: str, option: ModelOption, language: str = "", **fields) -> Generation:
    """Return the first take of `text`, unsaved. Its language is by default the closest to the voice's that is spoken."""
    return Generation(
        voice=voice,
        voice_name=voice.name,
        title=title_of(text),
        text=text,
        language=language or best_match(voice.language, list(option.languages)),
        engine=option.engine,
        model=option.model,
        **fields,
    )


def another(generation: Generation) -> Generation:
    """Return another take of `generation`, with the same cast, unsaved."""
    same = ("owner_id", "voice_id", "title", "text", "language", "engine", "model", "speed", "take_group")
    take = Generation(
        # The voice may have another name by now.
        voice_name=generation.voice.name if generation.voice else generation.voice_name,
        seed=secrets.randbelow(MAX_SEED),
        is_picked=False,
        **{name: getattr(generation, name) for name in same},
    )
    take.cast_members = cast.copied(generation)
    return take


def voice(user: User, generation: Generation) -> VoiceProfile | None:
    """Return its voice; None if it was deleted or `user` may no longer see it."""
    if generation.voice_id is None:
        return None
    return VoiceProfile.objects.visible_to(user).filter(pk=generation.voice_id).first()


def why_not_speak(user: User, generation: Generation) -> str:
    """Return why its text can't be spoken again, in words; empty when it can."""
    speaker = voice(user, generation)
    if speaker is None or not speaker.is_usable:
        why = "is suspended or retired" if speaker else "is no longer here"
        return f"{generation.voice_name} {why}: choose another voice for this text."
    return _why_not_cast(user, generation) or why_no_model(user, generation)


def why_no_model(user: User, generation: Generation) -> str:
    """Return why its model can't speak here any more, in words; empty when it can."""
    with suppress(EngineError):
        option = engine_choice.option(engine_choice.key(generation.engine, generation.model))
        coming = Download.objects.active().filter(engine=generation.engine, model=generation.model)
        if option and not (option.is_here or user.is_staff or coming.exists()):  # only staff may have it downloaded
            return f"{option.title} is not on this machine any more: write the text anew with another model."
    return ""


def _why_not_cast(user: User, generation: Generation) -> str:
    members = list(generation.cast.all())
    visible = VoiceProfile.objects.visible_to(user).filter(pk__in=[one.voice_id for one in members if one.voice_id])
    voices = {one.pk: one for one in visible}
    for one in members:
        speaker = voices.get(one.voice_id) if one.voice_id else None
        if speaker is None or not speaker.is_usable:
            why = "is suspended or retired" if speaker else "is no longer here"
            return f"{one.voice_name}, the voice of {one.name}, {why}: choose another for this text."
    return ""


def why_no_other_take(user: User, generation: Generation) -> str:
    """Return why there can't be another take, in words; empty when there can."""
    if why := why_not_speak(user, generation):
        return why
    if of_text(generation).count() >= MAX_TAKES:
        return f"There are {MAX_TAKES} takes of this text, which is the most. Delete one first."
    return ""


def pick(generation: Generation) -> bool:
    """Pick this take. Returns False when it is not completed, or gone."""
    with transaction.atomic():
        of_text = _locked(generation.take_group)
        if not any(take.pk == generation.pk and take.state == State.COMPLETED for take in of_text):
            return False
        _pick(generation.take_group, generation.pk)
    return True


def delete(generation: Generation) -> None:
    """Delete a take with its files; if it was picked, pick the newest completed one of the others.

    A running attempt at it loses the row, and stops within a chunk.
    """
    storage = generation.audio.storage
    with transaction.atomic():
        others = [take for take in _locked(generation.take_group) if take.pk != generation.pk]
        spoken = SegmentTake.objects.filter(segment__generation=generation).values_list("audio", flat=True)
        renditions = generation.renditions.values_list("file", flat=True)
        begun = generation.segments.exclude(parts=[]).values_list("parts", flat=True)
        files = [generation.audio.name, *spoken, *renditions, *(name for parts in begun for name, _ in parts)]
        generation.delete()
        if others and not any(take.is_picked for take in others):
            best = max(others, key=lambda take: (take.state == State.COMPLETED, take.created_at))
            _pick(generation.take_group, best.pk)
        for name in filter(None, files):
            transaction.on_commit(partial(storage.delete, name))


def forget(generation: Generation) -> None:
    """Delete it; if there is a whole, only cancel what is changed in it and hide its task: no finished speech is lost."""
    with transaction.atomic():
        _locked(generation.take_group)
        if Generation.objects.filter(pk=generation.pk).exclude(audio="").update(is_task=False):
            generation.request_cancel()
        else:
            delete(generation)


def delete_all(generation: Generation) -> None:
    """Delete all takes of its text."""
    with transaction.atomic():
        for take in of_text(generation):
            delete(take)


def _locked(take_group: uuid.UUID) -> list[Generation]:
    of_text = Generation.objects.select_for_update().filter(take_group=take_group).order_by("pk")
    return list(of_text.only("pk", "state", "is_picked", "created_at"))


def _pick(take_group: uuid.UUID, pk: uuid.UUID) -> None:
    Generation.objects.filter(take_group=take_group, is_picked=True).exclude(pk=pk).update(is_picked=False)
    Generation.objects.filter(pk=pk).update(is_picked=True)


def title_of(text: str, limit: int = 60) -> str:
    """Return the first whole words of a text, without its marks, as its title in lists."""
    line = " ".join(block.text for block in read_marks(text[:MAX_TITLE_SOURCE_CHARACTERS])).strip() or " ".join(
        text.split()
    )
    if len(line) <= limit:
        return line
    return line[:limit].rsplit(" ", 1)[0].rstrip(" ,;:.") + "…"
