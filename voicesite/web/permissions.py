"""The Permissions-Policy: of what browsers can do, pages get what they have a use for, and what they might embed gets nothing."""

from collections.abc import Callable

from django.http import HttpRequest
from django.http.response import HttpResponseBase

OURS = (
    "autoplay",  # the player goes on to the next sentence
    "clipboard-write",  # links are copied
    "microphone",  # the recorder
    "publickey-credentials-create",
    "publickey-credentials-get",
    "web-share",  # of speech, on phones
)
NOBODYS = (
    "accelerometer",
    "bluetooth",
    "browsing-topics",
    "camera",
    "clipboard-read",
    "display-capture",
    "encrypted-media",
    "fullscreen",
    "geolocation",
    "gyroscope",
    "hid",
    "idle-detection",
    "local-fonts",
    "magnetometer",
    "midi",
    "payment",
    "picture-in-picture",
    "screen-wake-lock",
    "serial",
    "usb",
    "window-management",
    "xr-spatial-tracking",
)
POLICY = ", ".join([f"{feature}=(self)" for feature in OURS] + [f"{feature}=()" for feature in NOBODYS])


def middleware(get_response: Callable[[HttpRequest], HttpResponseBase]) -> Callable[[HttpRequest], HttpResponseBase]:
    def respond(request: HttpRequest) -> HttpResponseBase:
        response = get_response(request)
        response.headers["Permissions-Policy"] = POLICY
        return response

    return respond
