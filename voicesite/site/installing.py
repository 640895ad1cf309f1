"""What makes the site an app on a phone or a computer: its manifest, its service worker and the page shown offline."""

import hashlib
import json
import re
from functools import cache
from pathlib import Path

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.contrib.staticfiles import finders
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.templatetags.static import static
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import cache_control
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_safe


@cache
def paper() -> tuple[str, str]:
    """Return the colour of paper by day and by night, as the style sheets have it: a phone paints its bars with it."""
    sheets = "".join(_source(name) for name in ("tokens.css", "site.css"))
    token = re.search(r"--paper: light-dark\((#\w+), (#\w+)\)", sheets)
    assert token, "no style sheet has --paper of two colours"
    return token[1], token[2]


def _source(name: str) -> str:
    """Return what stands in a file of static/."""
    found = finders.find(name)
    return Path(found).read_text(encoding="utf-8") if isinstance(found, str) else ""


@login_not_required
@require_safe
@cache_control(max_age=3600)
def manifest(request: HttpRequest) -> HttpResponse:
    """Describe the site to whoever installs it; the same for all, as it is fetched without cookies."""
    new_voice, icon = reverse("voices:new"), {"src": static("icon-192.png"), "sizes": "192x192", "type": "image/png"}
    large = {"sizes": "512x512", "type": "image/png"}
    described = {
        "id": "/",
        "name": settings.PUBLIC_NAME,
        "short_name": settings.PUBLIC_NAME,
        "description": _("Clone voices on your own machine, and hear any text in them."),
        "start_url": reverse("studio"),
        "scope": "/",
        "display": "standalone",
        "background_color": paper()[0],
        "theme_color": paper()[0],
        "categories": ["productivity", "utilities"],
        "icons": [
            icon,
            {"src": static("icon-512.png"), **large},
            {"src": static("icon-maskable.png"), "purpose": "maskable", **large},
        ],
        "shortcuts": [
            {"name": _("Studio"), "url": reverse("studio"), "icons": [icon]},
            {"name": _("Library"), "url": reverse("synthesis:list"), "icons": [icon]},
            {"name": _("New voice"), "url": new_voice, "icons": [icon]},
        ],
        "share_target": {
            "action": reverse("share_recording"),
            "method": "POST",
            "enctype": "multipart/form-data",
            "params": {
                "files": [
                    {"name": "recording", "accept": ["audio/*", ".m4a", ".mp3", ".ogg", ".opus", ".wav", ".webm"]}
                ]
            },
        },
    }
    return JsonResponse(described, content_type="application/manifest+json")


@login_not_required
@require_safe
@cache_control(no_cache=True)
def service_worker(request: HttpRequest) -> HttpResponse:
    """Serve the service worker from the root, so that it has the whole site, with the addresses it keeps.

    Its version is the hash of all that it keeps. So it changes, and browsers replace it, exactly when any of that does.
    """
    page = render_to_string("offline.html")
    kept = sorted(set(re.findall(rf'(?:href|src)="({re.escape(settings.STATIC_URL)}[^"]+)"', page)))
    script = _source("service-worker.js")
    version = hashlib.sha256("\0".join([page, script, *kept, settings.VERSION]).encode()).hexdigest()[:16]
    addresses = {
        "version": version,
        "offline": reverse("offline"),
        "kept": kept,
        "share": reverse("share_recording"),
        "newVoice": reverse("voices:new"),
    }
    return HttpResponse(f"const site = {json.dumps(addresses)};\n{script}", content_type="text/javascript")


@login_not_required
@require_safe
@cache_control(no_cache=True)
def offline(request: HttpRequest) -> HttpResponse:
    """Show the page that the service worker keeps. There is nobody's in it: it is in the browser after they sign out."""
    return render(request, "offline.html")


@csrf_exempt  # nothing is read or kept of what is sent
@login_not_required
@require_http_methods(["GET", "HEAD", "POST"])
def share_recording(request: HttpRequest) -> HttpResponse:
    """Answer a recording that was shared but that the service worker did not take: the page asks for it again.

    A phone shares by a POST without a token, which any site could send. So the worker keeps the file in the browser and
    opens the page of a new voice, which sends it as if it had been dropped there; here it is only refused.
    """
    return redirect(f"{reverse('voices:new')}?shared")
