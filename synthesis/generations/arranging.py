"""Put texts in order: folders and tags, which all takes of a text have in common."""

from collections.abc import Iterable
from datetime import datetime

from django.db import transaction
from django.db.models import Count, QuerySet
from django.utils import timezone

from synthesis.models import Folder, Generation, TextTag
from voices.text.lengths import MAX_NAME, MAX_TAGS
from voicesite.deleted import can_undo, due
from voicesite.models import User
from voicesite.web.names import free_name

MAX_FOLDERS = 200  # of a person


def takes_of(generations: Iterable[Generation]) -> QuerySet[Generation]:
    """Return all takes of some texts, of whichever takes these are given."""
    texts = {(one.owner_id, one.take_group) for one in generations}
    owners, groups = {owner for owner, _ in texts}, {group for _, group in texts}
    return Generation.objects.filter(owner__in=owners, take_group__in=groups)


def move(generations: Iterable[Generation], folder: Folder | None) -> None:
    """Put texts into a folder, or into none."""
    takes_of(generations).update(folder=folder)


class _InAnyCase(set):
    """Folded names, which contain a name however it is written."""

    def __contains__(self, name) -> bool:
        return super().__contains__(name.casefold())


def discard(folder: Folder) -> datetime | None:
    """Delete a folder so that `restore` brings it back for a minute; its texts stay, in none. Return the mark for that."""
    if not can_undo():
        folder.delete()
        return None
    now = timezone.now()
    with transaction.atomic():
        inside = Generation.objects.select_for_update().filter(folder=folder)
        groups = sorted({str(group) for group in inside.values_list("take_group", flat=True)})
        Folder.objects.filter(pk=folder.pk).update(deleted_at=now, texts=groups)
        inside.update(folder=None)
    return now


def restore(owner: User, moment: datetime) -> Folder | None:
    """Bring back the folder that was deleted then, with its texts that are in no other since; None if it is gone.

    Where there is a folder of its name now, it gets another.
    """
    with transaction.atomic():
        folder = Folder.everything.select_for_update().filter(owner=owner, deleted_at=moment).first()
        if folder is None:
            return None
        taken = {name.casefold() for name in Folder.objects.filter(owner=owner).values_list("name", flat=True)}
        if folder.name.casefold() in taken:
            folder.name = free_name(folder.name, _InAnyCase(taken), MAX_NAME)
        texts, folder.texts, folder.deleted_at = folder.texts, [], None
        folder.save(update_fields=["name", "texts", "deleted_at"])
        Generation.objects.filter(owner=owner, take_group__in=texts, folder=None).update(folder=folder)
    return folder


def delete_discarded() -> int:
    """Delete the folders that can't be brought back any more; return how many."""
    return Folder.everything.filter(deleted_at__lt=due()).delete()[0]


def add_tags(generations: Iterable[Generation], names: Iterable[str]) -> int:
    """Add tags to texts, and return how many texts already had as many as they may have and were left out.

    `names` are normalized, as `TagsField` returns them.
    """
    names, full = list(names), 0
    with transaction.atomic():
        takes = list(takes_of(generations).select_for_update().prefetch_related("tags").only("pk", "take_group"))
        new = []
        for take in takes:
            before = {tag.name for tag in take.tags.all()}
            added = [name for name in names if name not in before]
            if len(before) + len(added) > MAX_TAGS:
                full += 1 if take.is_picked else 0
                continue
            new += [TextTag(generation=take, name=name) for name in added]
        TextTag.objects.bulk_create(new, ignore_conflicts=True)
    return full


def remove_tags(generations: Iterable[Generation], names: Iterable[str]) -> None:
    """Remove tags from texts."""
    TextTag.objects.filter(generation__in=takes_of(generations), name__in=list(names)).delete()


def set_tags(generation: Generation, names: Iterable[str]) -> None:
    """Replace the tags of a text."""
    names = list(names)
    with transaction.atomic():
        takes = list(takes_of([generation]).select_for_update().only("pk"))
        TextTag.objects.filter(generation__in=takes).exclude(name__in=names).delete()
        new = [TextTag(generation=take, name=name) for take in takes for name in names]
        TextTag.objects.bulk_create(new, ignore_conflicts=True)


def tags_of(user: User) -> list[tuple[str, int]]:
    """Return the tags of somebody's texts by name, each with how many texts have it. One query."""
    mine = TextTag.objects.filter(generation__in=Generation.objects.visible_to(user).filter(is_picked=True))
    return list(mine.values_list("name").annotate(Count("pk")).order_by("name"))
