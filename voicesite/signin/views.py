"""The sign-in page, and single sign-on."""

import logging

import requests
from allauth.account.views import LoginView
from allauth.socialaccount.providers.openid_connect import views as openid_connect
from allauth.socialaccount.views import connections as allauth_connections
from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render

from voicesite.people.requests import Request

from . import guesses

logger = logging.getLogger(__name__)


class SignIn(LoginView):
    def form_invalid(self, form) -> HttpResponse:
        response = super().form_invalid(form)
        if any(error.code == guesses.TOO_MANY for error in form.non_field_errors().as_data()):
            response.status_code = 429
        return response


@login_not_required
def go_to_provider(request: HttpRequest, provider_id: str) -> HttpResponse:
    """Send somebody on to the provider, whose addresses are asked for first; allauth does not expect that to fail."""
    try:
        return openid_connect.login(request, provider_id)
    except requests.RequestException as error:
        logger.error("The provider of single sign-on does not answer: %s", error)
        return render(request, "socialaccount/authentication_error.html", status=502)


def connections(request: Request) -> HttpResponse:
    """Show, make and end the connection of one's account with the provider, where the site has one."""
    if not settings.OIDC_URL:
        raise Http404
    return allauth_connections(request)
