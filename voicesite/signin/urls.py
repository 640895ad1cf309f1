"""Addresses of signing in, below /account/. Names that begin with `account_` are those that allauth looks up."""

from allauth.account import views as allauth
from allauth.socialaccount import views as social
from allauth.socialaccount.providers.openid_connect import views as openid_connect
from django.urls import include, path

from . import emails, sessions, views

urlpatterns = [
    path("login/", views.SignIn.as_view(), name="account_login"),
    path("logout/", allauth.logout, name="account_logout"),
    path("inactive/", allauth.account_inactive, name="account_inactive"),
    path("confirm/", allauth.reauthenticate, name="account_reauthenticate"),
    path("password/", allauth.password_change, name="account_change_password"),
    path("password/new/", allauth.password_set, name="account_set_password"),
    path("reset/", allauth.password_reset, name="account_reset_password"),
    path("reset/sent/", allauth.password_reset_done, name="account_reset_password_done"),
    path("reset/done/", allauth.password_reset_from_key_done, name="account_reset_password_from_key_done"),
    path(
        "reset/<str:uidb36>/<str:key>/",
        allauth.password_reset_from_key,
        name="account_reset_password_from_key",
    ),
    path("email/", emails.change, name="change_email"),
    path("email/confirm/<str:token>/", emails.confirm, name="confirm_email"),
    path("sessions/", sessions.sessions, name="sessions"),
    path("sessions/end", sessions.end_other_sessions, name="end_other_sessions"),
    path("sessions/<int:pk>/end", sessions.end_session, name="end_session"),
    path("second-step/", include("allauth.mfa.urls")),
    path("single-sign-on/", views.connections, name="socialaccount_connections"),
    path("single-sign-on/register/", social.signup, name="socialaccount_signup"),
    path("single-sign-on/cancelled/", social.login_cancelled, name="socialaccount_login_cancelled"),
    path("single-sign-on/failed/", social.login_error, name="socialaccount_login_error"),
    path("<str:provider_id>/login/", views.go_to_provider, name="openid_connect_login"),
    path("<str:provider_id>/login/callback/", openid_connect.callback, name="openid_connect_callback"),
]
