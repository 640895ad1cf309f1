from django.contrib import admin
from django.contrib.auth import views as auth
from django.contrib.auth.decorators import login_not_required
from django.urls import include, path
from django.views.generic import TemplateView

from synthesis.api import openai
from synthesis.pages.studio import studio

from .people import views as accounts
from .site import api

urlpatterns = [
    path("", studio, name="studio"),
    path("", include("synthesis.urls")),
    path("voices/", include("voices.urls")),
    path("pronunciations/", include("synthesis.pronunciations.urls")),
    path("setup/", accounts.setup, name="setup"),
    path("register/", accounts.register, name="register"),
    path("join/<str:token>/", accounts.register, name="join"),
    path("account/", accounts.account, name="account"),
    path("account/invitations/", accounts.invite, name="invite"),
    path("account/invitations/<int:pk>/revoke", accounts.revoke, name="revoke"),
    path("account/keys/", accounts.make_key, name="make_key"),
    path("account/keys/<int:pk>/revoke", accounts.revoke_key, name="revoke_key"),
    path("account/login/", auth.LoginView.as_view(redirect_authenticated_user=True), name="login"),
    path("account/logout/", auth.LogoutView.as_view(), name="logout"),
    path("account/password/", auth.PasswordChangeView.as_view(), name="password_change"),
    path("account/password/done/", auth.PasswordChangeDoneView.as_view(), name="password_change_done"),
    path("account/reset/", auth.PasswordResetView.as_view(), name="password_reset"),
    path("account/reset/sent/", auth.PasswordResetDoneView.as_view(), name="password_reset_done"),
    path("account/reset/<uidb64>/<token>/", auth.PasswordResetConfirmView.as_view(), name="password_reset_confirm"),
    path("account/reset/done/", auth.PasswordResetCompleteView.as_view(), name="password_reset_complete"),
    path("licences/", login_not_required(TemplateView.as_view(template_name="licences.html")), name="licences"),
    path("admin/", admin.site.urls),
    path("api/", include((api.urlpatterns, "api"))),
    path("v1/", include((openai.urlpatterns, "openai"))),
    path("docs", api.docs, name="docs"),
    path("redoc", api.redoc, name="redoc"),
]

handler400 = "voicesite.web.errors.bad_request"
