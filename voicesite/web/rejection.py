"""The exception for a request that is rejected, and the HTTP status of each of its codes. Pure."""

from typing import Self

# The general code of each status, then particular ones. Any other code is a 422: the input is invalid.
_CODES_BY_STATUS = {
    400: "bad_request",
    401: "unauthenticated invalid_key",
    403: "forbidden scope_missing",
    404: "not_found model_not_found unknown_url",
    405: "method_not_allowed",
    409: "conflict generation_cancelled no_engine",
    413: "too_large",
    415: "unsupported_media_type",
    422: "invalid",
    429: "busy",
    500: "internal generation_failed transcription_failed",
}
STATUS_BY_CODE = {code: status for status, codes in _CODES_BY_STATUS.items() for code in codes.split()}
RETRY_SECONDS = 5


class Rejected(Exception):
    """A request that can't be done; `message` tells the person why, and what to do about it.

    `code` is for programs and decides the status; an API response without a message has its status's general one.
    `fields` has the messages by field, and `retry` the seconds after which to repeat a request that was a 429.
    """

    def __init__(
        self, code: str, message: str = "", fields: dict[str, list[str]] | None = None, retry: int = RETRY_SECONDS
    ):
        super().__init__(message)
        self.code, self.message, self.fields, self.retry = code, message, fields or {}, retry

    @property
    def status(self) -> int:
        return STATUS_BY_CODE.get(self.code, 422)

    @property
    def page_status(self) -> int:
        """The status of a page that shows the message: 429 or 422, which htmx swaps in (templates/base.html).

        Not 503 if the site is busy: htmx must not swap in a 503, which may be a proxy's page.
        """
        return 429 if self.status == 429 else 422

    def about(self, field: str) -> Self:
        """Return this rejection, with its message for `field`."""
        self.fields = {field: [self.message]}
        return self
