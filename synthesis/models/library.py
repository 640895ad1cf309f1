"""How a person keeps their texts in order: folders, and tags."""

import uuid
from typing import ClassVar, Self

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.db import models
from django.db.models import Count, Q
from django.db.models.functions import Lower

from voices.text.lengths import MAX_NAME, MAX_TAG
from voicesite.deleted import Deletable, UndeletedManager
from voicesite.models import User

_SHOWN = Q(generations__is_picked=True, generations__deleted_at=None)


class FolderQuerySet(models.QuerySet):
    def visible_to(self, user: User | AnonymousUser) -> Self:
        """Return the folders that `user` may see and change: their own."""
        return self.filter(owner=user) if user.is_authenticated else self.none()

    def counted(self) -> Self:
        """Annotate `text_count`: how many texts are in each, whatever the number of their takes."""
        counted = self.annotate(text_count=Count("generations", filter=_SHOWN))
        return counted.order_by(Lower("name"), "pk")  # which Django leaves out where it counts


class Folder(Deletable):
    """A folder of somebody's library. A text is in one of them, or in none."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    name = models.CharField(max_length=MAX_NAME)
    created_at = models.DateTimeField(auto_now_add=True)

    texts = models.JSONField(default=list, editable=False, help_text="What was in it when it was deleted, for undo")

    objects: ClassVar = UndeletedManager.from_queryset(FolderQuerySet)()
    everything: ClassVar = FolderQuerySet.as_manager()

    class Meta:
        ordering = [Lower("name"), "pk"]
        constraints = [
            models.UniqueConstraint(
                "owner",
                Lower("name"),
                condition=Q(deleted_at=None),
                name="folder_name_unique",
                violation_error_message="You have a folder of that name. Choose another name.",
            )
        ]

    def __str__(self) -> str:
        return f"Folder {str(self.pk)[:8]}"  # not its name: the administration names rows so


class TextTag(models.Model):
    """A word by which a text is found again. All takes of a text have it in common, as their title.

    It goes with its text, so that no list is ever of tags that nothing has.
    """

    generation = models.ForeignKey("synthesis.Generation", on_delete=models.CASCADE, related_name="tags")
    name = models.CharField(max_length=MAX_TAG, help_text="Normalized: voices.curation.tags.tag_name")

    class Meta:
        ordering = ["name"]
        indexes = [models.Index(fields=["name"])]
        constraints = [models.UniqueConstraint(fields=["generation", "name"], name="text_tag_unique")]

    def __str__(self) -> str:
        return f"Tag {self.pk}"
