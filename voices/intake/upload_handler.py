"""Uploads as they arrive: one file a request, to a temporary file, and never more than the page takes."""

import contextlib
import tempfile
from collections.abc import Iterator
from pathlib import Path

from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.core.files.uploadhandler import FileUploadHandler, TemporaryFileUploadHandler

SLACK = 4096  # bytes kept beyond the limit
# Pages that take something else than a recording, by name: the setting with its bytes. Nobody sends them as a visitor.
LARGER = {"voices:import": "IMPORT_MAX_BYTES", "api:import_voices": "IMPORT_MAX_BYTES"}


class BoundedUploadHandler(TemporaryFileUploadHandler):
    """Reads a request of any length to its end, so that it can be answered politely, and stores only what is allowed:
    the first file, and of that as much as the page takes. `file.size` is what was sent, not what was stored.
    """

    def __init__(self, request=None):
        super().__init__(request)
        self.room: int | None = None  # bytes that may still be stored, once a file has begun
        self.skips = False

    def new_file(self, *args, **kwargs):
        self.skips = self.room is not None
        if self.skips:
            FileUploadHandler.new_file(self, *args, **kwargs)
        else:
            super().new_file(*args, **kwargs)
            self.room = self._most() + SLACK

    def _most(self) -> int:
        request = self.request
        if request and request.resolver_match and request.user.is_authenticated:
            return getattr(settings, LARGER.get(request.resolver_match.view_name, "CLIP_MAX_BYTES"))
        return settings.CLIP_MAX_BYTES

    def receive_data_chunk(self, raw_data, start):
        if not self.skips and self.room is not None:
            self.file.write(raw_data[: self.room])
            self.room -= min(len(raw_data), self.room)

    def file_complete(self, file_size):
        return None if self.skips else super().file_complete(file_size)


@contextlib.contextmanager
def as_path(upload: UploadedFile) -> Iterator[Path]:
    """An upload as a file of this machine, which it is already where it came by a request."""
    if hasattr(upload, "temporary_file_path"):
        upload.flush()
        yield Path(upload.temporary_file_path())
        return
    with tempfile.NamedTemporaryFile(prefix="voicesite-") as file:
        for chunk in upload.chunks():
            file.write(chunk)
        file.flush()
        yield Path(file.name)
