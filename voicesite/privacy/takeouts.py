"""Everything that is a person's, as one zip file: asked for, packed by a worker, and deleted some days later."""

import json
import tempfile
import zipfile
from collections.abc import Iterator
from datetime import timedelta
from functools import partial
from itertools import chain
from typing import IO

from django.conf import settings
from django.core.files import File
from django.core.files.storage import default_storage
from django.core.serializers.json import DjangoJSONEncoder
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from voicesite.jobs.attempts import BeatingFile, Heartbeat, retry_on_database_error
from voicesite.jobs.job import Lost, State
from voicesite.limits import quotas
from voicesite.models import Takeout, User

from .personal_data import Document, personal_data

KEPT = timedelta(days=2)  # time enough to download it; longer, it would be one more copy that lies about
CHUNK_BYTES = 1024 * 1024

_README = """\
Everything that the site {site} keeps of {person}, as of {at}.

Documents are JSON, in UTF-8; moments are in UTC. Sounds are as the site keeps them.

{contents}

Not in here: passwords and secrets of keys and webhooks, which nobody should have a copy of; what the engine computed
from a recording, which is no sound and can be computed again; and speech in other formats, which is made of the WAV.
{missing}"""


def ask(person: User) -> Takeout:
    """Return the takeout that is being packed for a person; else begin a new one, in place of the one that there was."""
    with transaction.atomic():
        quotas.lock(person.pk)  # of two requests, the second finds what the first has begun
        if running := Takeout.objects.active().filter(owner=person).first():
            return running
        delete_all(person)
        takeout = Takeout(owner=person)
        takeout.submit()
    return takeout


def pack(takeout: Takeout, heartbeat: Heartbeat) -> None:
    """Pack everything, then complete the row. Raises Lost, leaving no file."""
    heartbeat.flush(state=State.GENERATING, progress=10, stage=_("Collecting"))
    # A temporary file without a name: nothing is left of it, however this process ends.
    with tempfile.TemporaryFile() as packed:
        _write(packed, takeout.owner, heartbeat)
        heartbeat.flush(state=State.PROCESSING, progress=90, stage=_("Saving"))
        packed.flush()
        content = BeatingFile(packed, heartbeat)
        size = content.size
        name = default_storage.save(f"{takeout.folder}/{takeout.pk}/{takeout.claim_token}.zip", content)
    made = {"file": name, "bytes": size, "expires_at": timezone.now() + KEPT}
    try:
        retry_on_database_error(lambda: takeout.finish(State.COMPLETED, **made))
    except Lost:
        # A commit whose acknowledgement was lost with the connection looks like a lost row when it is retried.
        if not Takeout.objects.filter(pk=takeout.pk, file=name).exists():
            default_storage.delete(name)
            raise


def _write(packed: IO[bytes], person: User, heartbeat: Heartbeat) -> None:
    """Write the zip file. A sound that was deleted meanwhile, or is gone, is named in the README."""
    expected, copied, missing = max(quotas.stored_bytes(person), 1), 0, []
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for part in (part for data in personal_data for part in data.collect(person)):
            heartbeat()
            if isinstance(part, Document):
                written = json.dumps(part.content, cls=DjangoJSONEncoder, ensure_ascii=False, indent=2)
                archive.writestr(part.path, written)
                continue
            try:
                chunks = _chunks(part.file)
                first = next(chunks, b"")
            except FileNotFoundError:
                missing.append(part.path)
                continue
            entry = zipfile.ZipInfo(part.path, timezone.now().timetuple()[:6])
            entry.compress_type = zipfile.ZIP_STORED  # sounds don't get smaller
            with archive.open(entry, "w", force_zip64=True) as member:
                for chunk in chain([first], chunks):
                    member.write(chunk)
                    copied += len(chunk)
                    heartbeat(progress=10 + round(80 * min(copied / expected, 1.0)))
        archive.writestr("README.txt", _readme(person, missing))


def _chunks(file: File) -> Iterator[bytes]:
    with file.open("rb") as stream:
        yield from iter(partial(stream.read, CHUNK_BYTES), b"")


def _readme(person: User, missing: list[str]) -> str:
    contents = {path: words for data in personal_data for path, words in data.contents.items()}
    width = max(map(len, contents), default=0)
    return _README.format(
        site=settings.SITE_NAME,
        person=person.username,
        at=f"{timezone.now():%Y-%m-%d %H:%M} UTC",
        contents="\n".join(f"{path:<{width}}  {words}" for path, words in contents.items()),
        missing="".join(f"\nGone before it could be copied: {path}" for path in missing),
    )


def delete_all(person: User) -> int:
    """Delete the takeouts of a person with their files; return of how many. One that is being packed stops."""
    return _delete(Takeout.objects.filter(owner=person))


def delete_old() -> int:
    """Delete what has expired; return of how many."""
    return _delete(Takeout.objects.filter(expires_at__lt=timezone.now()))


def _delete(takeouts) -> int:
    with transaction.atomic():
        rows = list(takeouts)
        for takeout in rows:
            takeout.delete()
            if takeout.file:
                transaction.on_commit(partial(default_storage.delete, str(takeout.file.name)))
    return len(rows)
