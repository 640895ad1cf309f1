"""What is kept of a person with speech: texts, sentences, sounds, drafts, pronunciations, links."""

from collections.abc import Iterator
from pathlib import PurePath
from typing import ClassVar

from django.db import transaction
from django.db.models import Prefetch
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from synthesis.generations import takes
from synthesis.models import (
    CastMember,
    Draft,
    Folder,
    Generation,
    ListeningLink,
    PronunciationEntry,
    Segment,
    SegmentTake,
    VoiceAlias,
)
from synthesis.pronunciations import service as pronunciations
from voicesite.models import User
from voicesite.privacy.personal_data import Document, PersonalData, Sound, as_dict
from voicesite.web.names import slug

_INNER = ("owner", "api_key", "peaks", "reserved_seconds", "respoken_seconds", "eta_seconds", "time_share")


class SpeechData(PersonalData):
    contents: ClassVar = {
        "speech/": "your texts with their sound, and each sentence with its takes and changes",
        "draft.json": "what you were writing in the studio",
        "pronunciations.json": "your dictionary",
        "voice-names.json": "which voices your programs mean by names such as alloy",
        "folders.json": "the folders of your library",
        "links.json": "the listening links to your speech, and how often each was opened",
    }

    def collect(self, person: User) -> Iterator[Document | Sound]:
        yield Document("draft.json", [as_dict(one, "id", "owner") for one in Draft.objects.filter(owner=person)])
        entries = PronunciationEntry.objects.filter(owner=person)
        yield Document("pronunciations.json", [as_dict(entry, "owner") for entry in entries])
        aliases = VoiceAlias.objects.filter(owner=person)
        yield Document("voice-names.json", [as_dict(alias, "id", "owner") for alias in aliases])
        folders = Folder.objects.filter(owner=person)
        yield Document("folders.json", [as_dict(folder, "owner") for folder in folders])
        links = ListeningLink.objects.filter(generation__owner=person)
        yield Document("links.json", [as_dict(link, "token") for link in links])
        told = (
            Prefetch("cast", CastMember.named.all()),
            "tags",
            Prefetch("segments__takes", SegmentTake.objects.order_by("number")),
        )
        rows = Generation.objects.filter(owner=person)
        rows = rows.prefetch_related("edits", "segments", *told).order_by("created_at")
        for generation in rows.iterator(chunk_size=50):
            yield from _of(generation)

    def goes(self, person: User) -> list[str]:
        texts = Generation.objects.asked_for_by(person).count()
        links = ListeningLink.objects.active().filter(generation__owner=person).count()
        words = ngettext(
            "{count} text with sound, sentences and all formats",
            "{count} texts with sound, sentences and all formats",
            texts,
        )
        linked = ngettext("{count} listening link to your texts", "{count} listening links to your texts", links)
        return [
            words.format(count=texts),
            *([linked.format(count=links)] if links else []),
            _("your draft in the studio, your dictionary, and what engines learnt of your voices"),
        ]

    def stays(self, person: User) -> list[str]:
        return [
            _("what others spoke with a voice that you shared: it is their text, and they can’t have it spoken again")
        ]

    def stop(self, person: User) -> None:
        for generation in Generation.objects.active().filter(owner=person):
            generation.request_cancel()

    def delete_some(self, person: User, most: int) -> int:
        if generations := list(Generation.everything.filter(owner=person)[:most]):
            for generation in generations:
                takes.delete(generation)
            return len(generations)
        entries = list(PronunciationEntry.everything.filter(owner=person)[:most])
        with transaction.atomic():
            for entry in entries:
                pronunciations.delete(entry)
        return len(entries)


def _of(generation: Generation) -> Iterator[Document | Sound]:
    """Yield the document of a generation, with its cast, sentences and changes, and its sounds."""
    kind = "samples" if generation.is_sample else "words" if generation.pronounces_id else "speech"
    day, name = f"{generation.created_at:%Y-%m-%d}", slug(generation.title[:40])
    folder = f"speech/{day}-{name or kind}-{str(generation.pk)[:8]}"
    segments: list[Segment] = sorted(generation.segments.all(), key=lambda one: (one.index is None, one.index, one.pk))
    sentences, files = [], []
    for segment in segments:
        spoken = []
        for take in segment.takes.all():
            file = f"sentences/{segment.pk}-take-{take.number}{PurePath(str(take.audio.name)).suffix}"
            spoken.append(as_dict(take, "segment", "voice_key") | {"sound": file})
            files.append(Sound(f"{folder}/{file}", take.audio))
        sentences.append(as_dict(segment, "generation", "parts") | {"takes": spoken})
    document = as_dict(generation, *_INNER) | {
        "cast": [as_dict(member, "id", "generation") for member in generation.cast.all()],
        "tags": [tag.name for tag in generation.tags.all()],
        "sentences": sentences,
        "changes": [as_dict(edit, "generation") for edit in generation.edits.all()],
    }
    yield Document(f"{folder}/speech.json", document)
    if generation.audio:
        yield Sound(f"{folder}/speech{PurePath(str(generation.audio.name)).suffix}", generation.audio)
    yield from files
