"""A change of a generation's segments: one transaction, and what it takes to undo it.

1. It begins by raising `Generation.revision`. That locks the row, so that changes come one after another, and a worker
   that is about to keep a take or to complete the whole does so before or after it. A worker that joined the segments of
   an older revision joins them again.
2. A segment that is to be spoken again gets a higher `revision`, also where a change is undone: what is being spoken of
   it is dropped.
3. `SegmentEdit.before` has what is needed to restore rows and text exactly. Rows that others replaced stay for that,
   without an index.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext as _

from synthesis.engines import EngineError, engine_class
from synthesis.generations import takes
from synthesis.models import Generation, Segment, SegmentEdit
from synthesis.scripts.sentences import Span
from synthesis.speech.files import delete_segments
from voices.models import VoiceProfile
from voicesite.web.rejection import Rejected
from voicesite.wording import thousands

from . import listing, written_text

MAX_EDITS = 100  # of a generation, that can be undone
_FAR = 1_000_000  # indices on their way to others: two steps, as each must be unique all the time
_BATCH_ROWS = 200


class _Unchanged(Exception):
    """Nothing was changed: the transaction is rolled back, and no worker notices it."""


@contextmanager
def editing(generation: Generation) -> Iterator["Edit"]:
    """Change segments of a generation by an Edit; its worker speaks what lacks, and joins the whole anew.

    Raises Rejected where the generation is gone, has no segments, or its model can't speak here any more.
    """
    try:
        with transaction.atomic():
            lock(generation)
            edit = Edit(generation)
            yield edit
            edit.finish()
    except _Unchanged:
        pass


def lock(generation: Generation) -> None:
    """Take the lock of a generation until the transaction ends, and read it anew. Raises Rejected, as `editing` does."""
    if not Generation.objects.filter(pk=generation.pk).update(revision=F("revision") + 1):
        raise Rejected("not_found", _("It has been deleted."))
    generation.refresh_from_db(fields=["title", "text", "revision", "state", "audio"])
    if not generation.segments.in_text().exists():
        if generation.is_heard:
            raise Rejected("conflict", _("Its sentences are no longer stored. Speak the text again to change it."))
        raise Rejected("conflict", _("It has no sentences yet. You can change them once it is being spoken."))
    try:
        engine_class(generation.engine)
    except EngineError as error:
        raise Rejected("conflict", error.message) from None
    if why := takes.why_no_model(generation.owner, generation):
        raise Rejected("conflict", why)


class Edit:
    """What a change does, once the generation is locked."""

    def __init__(self, generation: Generation):
        self.generation = generation
        self.what = ""  # in words, as in “Sentence 3: other words”
        self.text: str | None = generation.text  # None: it is to be written anew from the segments
        self._old: dict[int, dict[str, Any]] = {}  # values of rows before, by primary key
        self._rows: dict[int, Segment] = {}
        self._replaced: list[tuple[int, int]] = []  # primary keys and indices
        self._made: list[int] = []
        self._shift: tuple[int, int] = (0, 0)  # from which index on, and by how much, rows have moved

    def segment(self, index: int) -> Segment:
        """Return the segment at `index`. Raises Rejected where there is none."""
        rows = self.generation.segments.in_text().select_related("take", "voice")
        segment = rows.filter(index=index).first()
        if segment is None:
            raise Rejected("not_found", _("This text has no sentence {index}.").format(index=index + 1))
        return segment

    def place(self, index: int) -> Span | None:
        """Return where a segment stands in the text of the generation. Call it before segments are changed."""
        return listing.place_of(self.generation, index)

    def set(self, segment: Segment, **changes: Any) -> None:
        """Change fields of a segment, by the names of their columns, such as `voice_id`."""
        old = self._old.setdefault(segment.pk, {})
        if "revision" in changes:  # a worker sets these afterwards
            old |= {"state": segment.state, "take_id": segment.take_id} | old
        for name, value in changes.items():
            if (before := getattr(segment, name)) != value:
                old.setdefault(name, before)
                setattr(segment, name, value)
        if old:
            self._rows[segment.pk] = segment

    def speak(self, segment: Segment, **changes: Any) -> None:
        """Change a segment that is then spoken again; its take is heard until then."""
        self.set(segment, state=Segment.State.PENDING, revision=segment.revision + 1, **changes)

    def replace(self, old: Sequence[Segment], new: Sequence[Segment]) -> None:
        """Put new rows in the place of neighbouring ones, which lose their index; those after them move."""
        segments = self.generation.segments
        first, by = old[0].index, len(new) - len(old)
        assert first is not None
        now = {"changed_at": timezone.now()}
        self._replaced = [(segment.pk, segment.index) for segment in old]  # type: ignore[misc]
        segments.filter(pk__in=[segment.pk for segment in old]).update(index=None, **now)
        self._shift = first + len(old), by
        move(self.generation, *self._shift)
        for number, segment in enumerate(new):
            segment.index = first + number
        self._made = [segment.pk for segment in Segment.objects.bulk_create(new)]

    def finish(self) -> None:
        """Write what was changed and what undoes it. The generation is pending again, if it had ended."""
        generation = self.generation
        changed = {pk: old for pk, old in self._old.items() if old}
        if not changed and not self._replaced:
            raise _Unchanged
        _write(list(self._rows.values()), {name for old in changed.values() for name in old})
        if self.text is None:
            self.text = written_text.written_anew(list(generation.segments.in_text()))
        if len(self.text) > max(settings.TEXT_LIMIT, len(generation.text)):
            raise Rejected(
                "invalid",
                _("With this, the text would have {count} characters; the limit is {text_limit}.").format(
                    count=thousands(len(self.text)), text_limit=thousands(settings.TEXT_LIMIT)
                ),
            ).about("text")
        before = {
            "title": generation.title,
            "words": written_text.difference(generation.text, self.text),
            "segments": {str(pk): _as_json(old) for pk, old in changed.items()},
            "replaced": self._replaced,
            "made": self._made,
            "shift": self._shift,
        }
        if generation.title == takes.title_of(generation.text):
            generation.title = takes.title_of(self.text)
        generation.text = self.text
        generation.save(update_fields=["text", "title"])
        SegmentEdit.objects.create(generation=generation, what=self.what[:100], before=before)
        _forget_old_edits(generation)
        generation.reopen()


def move(generation: Generation, first: int, by: int) -> None:
    """Move the segments from index `first` on by so many places. Two queries, however many there are."""
    if by:
        generation.segments.filter(index__gte=first).update(index=F("index") + _FAR)
        moved = generation.segments.filter(index__gte=_FAR)
        moved.update(index=F("index") - _FAR + by, changed_at=timezone.now())


def undo(generation: Generation) -> str:
    """Undo the last change of a generation's segments and text, and return what it was. Raises Rejected.

    What the change had spoken anew need not be spoken again: the takes that were heard before it are there.
    """
    with transaction.atomic():
        lock(generation)
        edit = generation.edits.first()
        if edit is None:
            raise Rejected("conflict", _("There is nothing to undo."))
        before = edit.before
        delete_segments(generation.segments.filter(pk__in=before["made"]))
        first, by = before["shift"]
        move(generation, first + by, -by)
        for pk, index in before["replaced"]:
            generation.segments.filter(pk=pk).update(index=index, changed_at=timezone.now())
        _restore(generation, {int(pk): old for pk, old in before["segments"].items()})
        generation.title = before["title"]
        generation.text = written_text.undone(generation.text, written_text.Change(*before["words"]))
        generation.save(update_fields=["text", "title"])
        edit.delete()
        generation.reopen()
    return edit.what


def _restore(generation: Generation, before: dict[int, dict[str, Any]]) -> None:
    rows = generation.segments.in_bulk(before)
    spoken_in = {old["voice_id"] for old in before.values() if old.get("voice_id")}
    there = {str(pk) for pk in VoiceProfile.objects.filter(pk__in=spoken_in).values_list("pk", flat=True)}
    fields: set[str] = set()
    for pk, segment in rows.items():
        old = before[pk]
        if "voice_id" in old:
            old["voice_id"] = UUID(old["voice_id"]) if old["voice_id"] in there else None
        if "revision" in old:
            old["revision"] = segment.revision + 1
        if old.get("state") == Segment.State.GENERATING:
            old["state"] = Segment.State.PENDING
        for name, value in old.items():
            setattr(segment, name, value)
        fields |= old.keys()
    _write(list(rows.values()), fields)


def _write(rows: list[Segment], fields: set[str]) -> None:
    names = {"changed_at", *(name.removesuffix("_id") for name in fields)}
    for segment in rows:
        segment.changed_at = timezone.now()
        if "revision" in fields:
            names.add("parts")
            segment.parts = []  # the beginning of what is not wanted any more
    Segment.objects.bulk_update(rows, sorted(names), batch_size=_BATCH_ROWS)


def _as_json(old: dict[str, Any]) -> dict[str, Any]:
    """Return values of a row for `SegmentEdit.before`, without its tries: each has a seed, and none is used twice."""
    return {name: str(value) if isinstance(value, UUID) else value for name, value in old.items() if name != "tries"}


def _forget_old_edits(generation: Generation) -> None:
    for edit in generation.edits.all()[MAX_EDITS:]:
        delete_segments(generation.segments.filter(pk__in=[pk for pk, _ in edit.before["replaced"]]))
        edit.delete()
