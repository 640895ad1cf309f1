"""The exception for a request that is rejected, and the HTTP status of each of its codes. Pure."""

from typing import Self

# The general code of each status, then particular ones. Any other code is a 422: the input is invalid.
_CODES_BY_STATUS = {
    400: "bad_request",
    401: "unauthenticated invalid_key not_set_up",
    403: "forbidden scope_missing storage_full",
    404: "not_found model_not_found unknown_url",
    405: "method_not_allowed",
    409: "conflict generation_cancelled no_engine in_progress",
    413: "too_large",
    415: "unsupported_media_type",
    422: "invalid key_reused",
    429: "busy rate_limited quota_exceeded too_much_at_once",
    500: "internal generation_failed transcription_failed",
    503: "read_only files_unreachable database_unreachable",
    507: "disk_full",
}
STATUS_BY_CODE = {code: status for status, codes in _CODES_BY_STATUS.items() for code in codes.split()}
RETRY_SECONDS = 5
RETRY_LATER_SECONDS = 30  # for what somebody has to put right first


class Rejected(Exception):
    """A request that can't be done; `message` tells the person why, and what to do about it.

    `code` is for programs and decides the status; an API response without a message has its status's general one.
    `fields` has the messages by field, and `retry` the seconds after which to repeat a request that may do better then.
    """

    def __init__(self, code: str, message: str = "", fields: dict[str, list[str]] | None = None, retry: int = 0):
        super().__init__(message)
        self.code, self.message, self.fields = code, message, fields or {}
        waits_for_somebody = self.status > 500 and code != "database_unreachable"
        self.retry = retry or (RETRY_LATER_SECONDS if waits_for_somebody else RETRY_SECONDS)

    @property
    def status(self) -> int:
        return STATUS_BY_CODE.get(self.code, 422)

    @property
    def is_for_now(self) -> bool:
        """Whether the same request may do better after a while: an answer says after how long."""
        return self.status in (429, 503, 507) or self.code == "in_progress"

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
