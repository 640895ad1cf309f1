"""What is kept of a person, as the apps tell: each hands out its part and deletes it, without this room knowing the apps.

An app appends an instance of its subclass of PersonalData to `personal_data` in `AppConfig.ready`.
"""

from collections.abc import Iterator, Mapping
from typing import Any, ClassVar, NamedTuple

from django.core.files import File
from django.db import models

from voicesite.jobs.job import Job
from voicesite.models import User

_INTERNALS = {"claim_token", "lease_expires_at", "worker", "attempts", "failures", "priority", "cancel_requested"}


class Document(NamedTuple):
    """Something to be written as JSON, at `path` of the archive."""

    path: str
    content: Any


class Sound(NamedTuple):
    """A stored file, at `path` of the archive."""

    path: str
    file: File


class PersonalData:
    """The part of one app."""

    contents: ClassVar[Mapping[str, str]] = {}  # what is in which file or folder of the archive, for its README

    def collect(self, person: User) -> Iterator[Document | Sound]:
        """Yield all that is `person`'s: readable documents, and files."""
        yield from ()

    def goes(self, person: User) -> list[str]:
        """Return what is deleted with the account of `person`, in words, with numbers."""
        return []

    def stays(self, person: User) -> list[str]:
        """Return what is kept, and why, in words."""
        return []

    def stop(self, person: User) -> None:
        """Cancel what is waiting or being made for `person`, whose account is locked now."""

    def delete_some(self, person: User, most: int) -> int:
        """Delete up to `most` things of `person` with their files, and return of how many; 0: nothing is left.

        It may be called again at any time, after a crash too.
        """
        return 0


personal_data: list[PersonalData] = []  # from the ground up


def as_dict(row: models.Model, *left_out: str) -> dict[str, Any]:
    """Return the fields of a row by name, for a document: without files, blobs, how a job is run, and `left_out`.

    Everything else of a row is handed out, whatever fields it will have.
    """
    unreadable = (models.FileField, models.BinaryField)
    skipped = _INTERNALS.union(left_out) if isinstance(row, Job) else set(left_out)
    fields = (field for field in row._meta.concrete_fields if not isinstance(field, unreadable))
    return {field.name: getattr(row, field.attname) for field in fields if field.name not in skipped}
