"""What the site writes to its log: lines for people or JSON for programs, with the ids of what each line is about.

Pure, since processes that know nothing of Django write such lines too. A log is read by more people than the site's own
pages are, and kept longer. So JSON has ids, and no words that may be somebody's: of a library's message only the template,
of an exception its type and where it was raised.
"""

import json
import logging
import os
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime
from typing import Any

VARIABLE = "VOICESITE_LOGS"  # json, or line
LINE = "%(asctime)s %(levelname)s %(name)s: %(message)s"
OWN = ("voicesite", "voices", "synthesis")  # loggers whose messages have nobody's words in them
MOST_FRAMES = 12  # of an exception

_ids: ContextVar[dict[str, Any] | None] = ContextVar("ids", default=None)


@contextmanager
def bound(**ids: Any) -> Iterator[None]:
    """Name in every line of this block what it is about: `request`, `person`, `key`, `generation`, `job`."""
    token = _ids.set({**ids_now(), **_named(ids)})
    try:
        yield
    finally:
        _ids.reset(token)


def bind(**ids: Any) -> None:
    """Add to what the innermost `bound` names. It sees that too, though it began in another thread: who asks is known late."""
    named = _ids.get()
    if named is not None:
        named.update(_named(ids))


def ids_now() -> dict[str, Any]:
    """Return what lines that are written now are about, for another process to be told."""
    return dict(_ids.get() or {})


def _named(ids: dict[str, Any]) -> dict[str, Any]:
    return {name: value if isinstance(value, int) else str(value) for name, value in ids.items() if value is not None}


class JsonFormatter(logging.Formatter):
    """A line of JSON for each event. `extra={"facts": {…}}` adds what is to be counted."""

    def format(self, record: logging.LogRecord) -> str:
        line = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "process": record.process,
            "message": _message(record),
            **ids_now(),
            **getattr(record, "facts", {}),
        }
        if record.exc_info and record.exc_info[1]:
            line["error"] = _error(record.exc_info[1])
        return json.dumps(line, ensure_ascii=False, default=str)


def _message(record: logging.LogRecord) -> str:
    if record.name.partition(".")[0] in OWN:
        if not isinstance(record.args, tuple):
            return record.getMessage()
        # What an error says may quote a text, or the addressee of a mail.
        said = (type(one).__name__ if isinstance(one, BaseException) else one for one in record.args)
        return str(record.msg) % tuple(said) if record.args else str(record.msg)
    return str(record.msg).partition("\n")[0].partition(" - ")[0]


def _error(error: BaseException) -> dict[str, Any]:
    frames = traceback.extract_tb(error.__traceback__)[-MOST_FRAMES:]
    said: dict[str, Any] = {
        "type": f"{type(error).__module__}.{type(error).__qualname__}",
        "where": [f"{frame.filename}:{frame.lineno} {frame.name}" for frame in frames],
    }
    if cause := error.__cause__ or error.__context__:
        said["cause"] = f"{type(cause).__module__}.{type(cause).__qualname__}"
    return said


def is_json() -> bool:
    return os.environ.get(VARIABLE, "").strip().lower() == "json"


def configure() -> None:
    """Write the log of a process without Django as the site writes its own."""
    handler = logging.StreamHandler()
    handler.setFormatter(JsonFormatter() if is_json() else logging.Formatter(LINE))
    logging.basicConfig(handlers=[handler])
