"""Takes: generations of one text in one voice with other seeds. One is picked, and stands for all in the library.

The constraint `generation_one_take_picked` allows one picked take; changing it locks all takes of the text first.
"""

import secrets
import uuid
from contextlib import suppress
from datetime import datetime
from functools import partial

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from synthesis.engines import EngineError
from synthesis.engines import choice as engine_choice
from synthesis.models import MAX_SEED, Download, Evaluation, Generation, Rendition, SegmentTake
from synthesis.scripts.marks import read_marks
from voices.languages import best_match
from voices.models import VoiceProfile
from voicesite.deleted import can_undo, due
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
    """Return another take of `generation`, with the same cast and tags, unsaved."""
    same = (
        "owner_id",
        "voice_id",
        "title",
        "text",
        "language",
        "engine",
        "model",
        "speed",
        "instructions",
        "take_group",
        "is_favourite",
        "folder_id",
    )
    take = Generation(
        # The voice may have another name by now.
        voice_name=generation.voice.name if generation.voice else generation.voice_name,
        seed=secrets.randbelow(MAX_SEED),
        is_picked=False,
        **{name: getattr(generation, name) for name in same},
    )
    take.cast_members = cast.copied(generation)
    take.tag_names = list(generation.tags.values_list("name", flat=True))
    return take


def rename(generation: Generation, title: str) -> None:
    """Give all takes of its text a title."""
    of_text(generation).update(title=title)


def set_favourite(generation: Generation, is_favourite: bool) -> None:
    """Mark all takes of its text as a favourite, or take the mark away."""
    of_text(generation).update(is_favourite=is_favourite)


def voice(user: User, generation: Generation) -> VoiceProfile | None:
    """Return its voice; None if it was deleted or `user` may no longer see it."""
    if generation.voice_id is None:
        return None
    return VoiceProfile.objects.visible_to(user).filter(pk=generation.voice_id).first()


def why_not_speak(user: User, generation: Generation) -> str:
    """Return why its text can't be spoken again, in words; empty when it can."""
    speaker = voice(user, generation)
    if speaker is None or not speaker.is_usable:
        why = _("is suspended or retired") if speaker else _("is no longer available")
        return _("{voice_name} {why}: choose another voice for this text.").format(
            voice_name=generation.voice_name, why=why
        )
    return _why_not_cast(user, generation) or why_no_model(user, generation)


def why_no_model(user: User, generation: Generation) -> str:
    """Return why its model can't speak here any more, in words; empty when it can."""
    with suppress(EngineError):
        option = engine_choice.option(engine_choice.key(generation.engine, generation.model))
        coming = Download.objects.active().filter(engine=generation.engine, model=generation.model)
        if option and not (option.is_here or user.is_staff or coming.exists()):  # only staff may have it downloaded
            return _("{title} is no longer on this machine: edit the text and speak it with another model.").format(
                title=option.title
            )
    return ""


def _why_not_cast(user: User, generation: Generation) -> str:
    members = list(generation.cast.all())
    visible = VoiceProfile.objects.visible_to(user).filter(pk__in=[one.voice_id for one in members if one.voice_id])
    voices = {one.pk: one for one in visible}
    for one in members:
        speaker = voices.get(one.voice_id) if one.voice_id else None
        if speaker is None or not speaker.is_usable:
            why = _("is suspended or retired") if speaker else _("is no longer available")
            return _("{voice_name}, the voice of {name}, {why}: choose another for this text.").format(
                voice_name=one.voice_name, name=one.name, why=why
            )
    return ""


def why_no_other_take(user: User, generation: Generation) -> str:
    """Return why there can't be another take, in words; empty when there can."""
    if why := why_not_speak(user, generation):
        return why
    if of_text(generation).count() >= MAX_TAKES:
        return _("There are {max_takes} takes of this text, which is the limit. Delete one first.").format(
            max_takes=MAX_TAKES
        )
    return ""


def pick(generation: Generation) -> bool:
    """Pick this take. Returns False when it is not completed, or gone."""
    with transaction.atomic():
        of_text = lock(generation.take_group)
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
        of_text = lock(generation.take_group)
        others = [take for take in of_text if take.pk != generation.pk]
        if any(take.is_active for take in of_text if take.pk == generation.pk):
            generation.on_end(State.CANCELLED)
        spoken = SegmentTake.objects.filter(segment__generation=generation).values_list("audio", flat=True)
        renditions = generation.renditions.values_list("file", flat=True)
        begun = generation.segments.exclude(parts=[]).values_list("parts", flat=True)
        files = [generation.audio.name, *spoken, *renditions, *(name for parts in begun for name, _ in parts)]
        generation.delete()
        _pick_best(generation.take_group, others)
        for name in filter(None, files):
            transaction.on_commit(partial(storage.delete, name))


def discard(*doomed: Generation) -> datetime | None:
    """Delete takes at once for everyone, but so that `restore` brings them back for a minute; return the mark for that.

    What is being made of them is cancelled. Returns None where nothing can be undone: they are deleted with their files.
    """
    if not can_undo():
        for generation in doomed:
            delete(generation)
        return None
    now, pks = timezone.now(), {generation.pk for generation in doomed}
    with transaction.atomic():
        of_texts = {group: lock(group) for group in sorted({generation.take_group for generation in doomed})}
        _cancel_all(pks)
        Generation.objects.filter(pk__in=pks).update(deleted_at=now)
        for group, of_text in of_texts.items():
            _pick_best(group, [take for take in of_text if take.pk not in pks])
    return now


def restore(owner: User, moment: datetime) -> list[Generation]:
    """Bring back what `owner` discarded at that moment; return it, nothing if it is deleted. What was cancelled stays so."""
    with transaction.atomic():
        gone = Generation.everything.select_for_update().filter(owner=owner, deleted_at=moment).order_by("pk")
        found = list(gone.defer("text", "recognized_text"))
        picked = [take.take_group for take in found if take.is_picked]
        Generation.objects.filter(take_group__in=picked, is_picked=True).update(is_picked=False)
        Generation.everything.filter(pk__in=[take.pk for take in found]).update(deleted_at=None)
        for group in {take.take_group for take in found}:
            _pick_best(group, lock(group))
    return found


def delete_discarded(most: int) -> int:
    """Delete up to `most` takes that can't be brought back any more, with their files; return how many."""
    gone = Generation.everything.filter(deleted_at__lt=due())
    deleted = 0
    for generation in gone.order_by("deleted_at").only("pk", "take_group", "audio", "state")[:most]:
        with transaction.atomic():
            if gone.select_for_update().filter(pk=generation.pk).exists():  # and was not brought back meanwhile
                delete(generation)
                deleted += 1
    return deleted


def _cancel_all(pks: set[uuid.UUID]) -> None:
    """End what is being made of takes. A running attempt has lost its row, and stops within a chunk."""
    for model in (Rendition, Evaluation):
        for job in model.objects.active().filter(generation__in=pks):
            job.request_cancel()
    Generation.objects.active().filter(pk__in=pks).close(State.CANCELLED, cancel_requested=True)


def forget(generation: Generation) -> None:
    """Delete it; if there is a whole, only cancel what is changed in it and hide its task: no finished speech is lost."""
    with transaction.atomic():
        lock(generation.take_group)
        if Generation.objects.filter(pk=generation.pk).exclude(audio="").update(is_task=False):
            generation.request_cancel()
        else:
            discard(generation)


def lock(take_group: uuid.UUID) -> list[Generation]:
    """Lock all takes of a text until the transaction ends, in the order in which everybody does; return them."""
    of_text = Generation.objects.select_for_update().filter(take_group=take_group).order_by("pk")
    return list(of_text.only("pk", "state", "is_picked", "created_at"))


def _pick_best(take_group: uuid.UUID, others: list[Generation]) -> None:
    """Pick the newest completed one of the takes that are left, if none of them is picked."""
    if others and not any(take.is_picked for take in others):
        _pick(take_group, max(others, key=lambda take: (take.state == State.COMPLETED, take.created_at)).pk)


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
