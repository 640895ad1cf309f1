"""How the site says no: one family of exceptions, and one table from their codes to HTTP statuses. Pure."""

from typing import Self

# Of each status the general code, then particular ones. Any other code is a 422: something is wrong with what was sent.
_CODES = {
    400: "bad_request",
    401: "unauthenticated invalid_key invalid_api_key",
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
STATUS = {code: status for status, codes in _CODES.items() for code in codes.split()}
RETRY_SECONDS = 5


class Rejected(Exception):
    """What somebody wants can't be done; the message says why, and what to do, in words for them.

    `code` is for programs and decides the status. Without a message, an answer has the general one of its status.
    `fields` says what is wrong with which field, and `retry` after how many seconds a 429 may be sent again.
    """

    def __init__(
        self, code: str, message: str = "", fields: dict[str, list[str]] | None = None, retry: int = RETRY_SECONDS
    ):
        super().__init__(message)
        self.code, self.message, self.fields, self.retry = code, message, fields or {}, retry

    @property
    def status(self) -> int:
        return STATUS.get(self.code, 422)

    @property
    def page_status(self) -> int:
        """Return the status of a page that shows the message: 429 or 422, which htmx swaps in (templates/base.html).

        Not 503 where the site is busy: that may be a proxy's page, which must not be shown as a part of ours.
        """
        return 429 if self.status == 429 else 422

    def about(self, field: str) -> Self:
        """Return this rejection, as one of what `field` holds."""
        self.fields = {field: [self.message]}
        return self
