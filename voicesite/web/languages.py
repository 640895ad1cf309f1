"""The language of pages: a person's choice, else that of their browser. Programs are answered in English.

A page is written in the language that its reader chose on the account page; without one, in that of the cookie that the
links at the foot of the pages before sign-in set; without that, in what the browser asks for by Accept-Language. The API
says the same to all who use it, since programs, logs and searches for an error message rely on its words.
"""

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils import translation
from django.utils.cache import patch_vary_headers

FOR_PROGRAMS = ("/api/", "/v1/", "/mcp", "/metrics", "/static/")


class LanguageMiddleware:
    """Activate the reader's language, and say by headers which one it is and on what it depends."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]):
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.path.startswith(FOR_PROGRAMS):
            with translation.override(settings.LANGUAGE_CODE):
                return self.get_response(request)
        language = _language_of(request)
        with translation.override(language):
            response = self.get_response(request)
        if response.headers.get("Content-Type", "").startswith("text/html"):  # not sound, whose language is its text's
            response.headers.setdefault("Content-Language", language)
            patch_vary_headers(response, ("Accept-Language", "Cookie"))
        return response


def _language_of(request: HttpRequest) -> str:
    for chosen in (getattr(request.user, "ui_language", ""), request.COOKIES.get(settings.LANGUAGE_COOKIE_NAME)):
        if chosen in dict(settings.LANGUAGES):
            return chosen
    return translation.get_language_from_request(request)
