"""Errors, reported to the Sentry that SENTRY_DSN names: which they are and where, without anybody's words."""

from importlib.util import find_spec
from typing import Any

from django.conf import settings

from voicesite import logs

OF_FRAME = ("filename", "abs_path", "function", "module", "lineno", "in_app")
OF_EVENT = ("event_id", "timestamp", "platform", "level", "logger", "release", "environment", "sdk")


def start() -> None:
    """Report what is logged as an error from now on. The library is imported only here: a site without it pays nothing."""
    if not settings.SENTRY_DSN or find_spec("sentry_sdk") is None:
        return
    import sentry_sdk
    from sentry_sdk.integrations.logging import LoggingIntegration

    sentry_sdk.init(
        settings.SENTRY_DSN,
        release=f"voicesite@{settings.VERSION}",
        default_integrations=False,  # they collect requests, commands and texts of queries
        auto_enabling_integrations=False,
        integrations=[LoggingIntegration(level=None)],
        include_local_variables=False,
        include_source_context=False,
        max_breadcrumbs=0,
        server_name="",
        before_send=without_words,
    )


def without_words(event: Any, hint: Any) -> Any:
    """Return what of an event is told: no message, request, person or variable; with the ids that the log has."""
    errors = event.get("exception", {}).get("values", ())
    told: dict[str, Any] = {name: event[name] for name in OF_EVENT if name in event}
    told["exception"] = {
        "values": [
            {
                "type": error.get("type"),
                "module": error.get("module"),
                "stacktrace": {
                    "frames": [
                        {name: frame[name] for name in OF_FRAME if name in frame}
                        for frame in (error.get("stacktrace") or {}).get("frames", ())
                    ]
                },
            }
            for error in errors
        ]
    }
    if not errors:
        told["message"] = "An error was logged"
    told["tags"] = {name: str(value) for name, value in logs.ids_now().items() if name != "key"}
    return told
