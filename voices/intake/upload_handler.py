"""Uploads as they arrive: one file a request, to a temporary file, and never more than the page takes."""

from django.conf import settings
from django.core.files.uploadhandler import FileUploadHandler, TemporaryFileUploadHandler

SLACK_BYTES = 4096  # stored beyond the limit
# The setting with the limit of pages that take something else than a recording. Nobody sends them as a visitor. An
# address of the API is named after its first operation, that which lists.
LIMIT_BY_VIEW = {"voices:import": "IMPORT_MAX_BYTES", "api:list_imports": "IMPORT_MAX_BYTES"}


class BoundedUploadHandler(TemporaryFileUploadHandler):
    """Store the first file of a request, up to the limit of its page; `file.size` is what was sent.

    The rest of the request is read and dropped: a browser shows an answer only once it has sent everything.
    """

    def __init__(self, request=None):
        super().__init__(request)
        self._room: int | None = None  # bytes that may still be stored, once a file has begun
        self._is_dropped = False  # the file that arrives now

    def new_file(self, *args, **kwargs):
        self._is_dropped = self._room is not None
        if self._is_dropped:
            FileUploadHandler.new_file(self, *args, **kwargs)
        else:
            super().new_file(*args, **kwargs)
            self._room = self._max_bytes() + SLACK_BYTES

    def _max_bytes(self) -> int:
        request = self.request
        if request and request.resolver_match and request.user.is_authenticated:
            return getattr(settings, LIMIT_BY_VIEW.get(request.resolver_match.view_name, "CLIP_MAX_BYTES"))
        return settings.CLIP_MAX_BYTES

    def receive_data_chunk(self, raw_data, start):
        if not self._is_dropped and self._room is not None:
            self.file.write(raw_data[: self._room])
            self._room -= min(len(raw_data), self._room)

    def file_complete(self, file_size):
        return None if self._is_dropped else super().file_complete(file_size)
