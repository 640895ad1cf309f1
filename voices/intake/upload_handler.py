"""Store uploads as they arrive: one file per request, never more than its page accepts."""

import tempfile
from pathlib import Path

from django.conf import settings
from django.core.files.uploadedfile import TemporaryUploadedFile, UploadedFile
from django.core.files.uploadhandler import TemporaryFileUploadHandler

from voicesite.temporary import PREFIX

SLACK_BYTES = 4096  # stored beyond the limit
# The setting with the limit of pages that accept something else than a recording, for users who are signed in. An address
# of the API is named after its first operation, which lists.
LIMIT_BY_VIEW = {"voices:import": "IMPORT_MAX_BYTES", "api:list_imports": "IMPORT_MAX_BYTES"}


class _Upload(TemporaryUploadedFile):
    """A file by whose name the sweeper knows that it is the site's."""

    def __init__(self, name, content_type, size, charset, content_type_extra=None):
        extension = Path(name).suffix[:10]
        file = tempfile.NamedTemporaryFile(prefix=PREFIX, suffix=extension)  # noqa: SIM115 -- Django closes it
        UploadedFile.__init__(self, file, name, content_type, size, charset, content_type_extra)


class BoundedUploadHandler(TemporaryFileUploadHandler):
    """Store the first file of a request, up to the limit of its page; `file.size` is the size that was sent.

    The rest of the request is read and dropped: a browser shows a response only once it has sent everything.
    """

    def new_file(self, *args, **kwargs):
        self._is_first = not hasattr(self, "file")
        if self._is_first:
            super(TemporaryFileUploadHandler, self).new_file(*args, **kwargs)
            self.file = _Upload(self.file_name, self.content_type, 0, self.charset, self.content_type_extra)
            self._free_bytes = self._max_bytes() + SLACK_BYTES

    def _max_bytes(self) -> int:
        request = self.request
        if request and request.resolver_match and request.user.is_authenticated:
            return getattr(settings, LIMIT_BY_VIEW.get(request.resolver_match.view_name, "CLIP_MAX_BYTES"))
        return settings.CLIP_MAX_BYTES

    def receive_data_chunk(self, raw_data, start):
        if self._is_first:
            self.file.write(raw_data[: self._free_bytes])
            self._free_bytes -= min(len(raw_data), self._free_bytes)

    def file_complete(self, file_size):
        return super().file_complete(file_size) if self._is_first else None
