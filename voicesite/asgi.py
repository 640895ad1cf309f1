"""The ASGI application: which requests wait in the event loop, and which are answered in a thread."""

import os
from typing import Any

import django
from django.core.exceptions import RequestAborted

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "voicesite.settings")
django.setup(set_prefix=False)

from django.conf import settings  # noqa: E402

from voicesite.site.observing import Observed  # noqa: E402
from voicesite.web.bodies import TooSlow  # noqa: E402
from voicesite.web.live import LiveHandler, find, is_live  # noqa: E402
from voicesite.web.pages import PageHandler  # noqa: E402

live_views, pages = LiveHandler(), PageHandler(settings.WEB_THREADS)


async def site(scope: Any, receive: Any, send: Any) -> None:
    try:
        found = find(scope["path"])
        scope["route"] = found.route or "/" if found else ""
        live = scope["live"] = found if found and is_live(found.func) else None
        await (live_views if live else pages)(scope, receive, send)
    except RequestAborted:  # the client hung up before it had sent its request
        pass
    except TooSlow:
        headers = [(b"connection", b"close"), (b"content-length", b"0")]
        await send({"type": "http.response.start", "status": 408, "headers": headers})
        await send({"type": "http.response.body"})


application = Observed(site, settings.PROXIES, on_socket=bool(settings.SOCKET_FILE))
