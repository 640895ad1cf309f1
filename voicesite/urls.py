from django.contrib import admin
from django.contrib.auth.decorators import login_not_required
from django.urls import include, path
from django.views.generic import TemplateView
from django.views.i18n import set_language

from synthesis.api import openai
from synthesis.pages.studio import studio
from synthesis.protocols import mcp_endpoint

from .people import views as accounts
from .signin import registration
from .site import api, installing
from .site.metrics import metrics
from .web import appearance
from .web.undo import undo

urlpatterns = [
    path("", studio, name="studio"),
    path("", include("synthesis.urls")),
    path("voices/", include("voices.urls")),
    path("pronunciations/", include("synthesis.pronunciations.urls")),
    path("undo/<slug:kind>/<int:moment>", undo, name="undo"),
    path("setup/", registration.setup, name="setup"),
    path("register/", registration.register, name="account_signup"),
    path("join/<str:token>/", registration.register, name="join"),
    path("account/", accounts.account, name="account"),
    path("account/invitations/", accounts.invite, name="invite"),
    path("account/invitations/<int:pk>/revoke", accounts.revoke, name="revoke"),
    path("account/keys/", accounts.make_key, name="make_key"),
    path("account/keys/<int:pk>/revoke", accounts.revoke_key, name="revoke_key"),
    path("account/webhooks/", include("voicesite.hooks.urls")),
    path("account/privacy/", include("voicesite.privacy.urls")),
    path("account/", include("voicesite.signin.urls")),
    path("language/", login_not_required(set_language), name="set_language"),
    path("appearance/", appearance.choose, name="appearance"),
    path("licences/", login_not_required(TemplateView.as_view(template_name="licences.html")), name="licences"),
    path("admin/", admin.site.urls),
    path("api/", include((api.urlpatterns, "api"))),
    path("v1/", include((openai.urlpatterns, "openai"))),
    path("mcp", mcp_endpoint.endpoint),
    path("metrics", metrics, name="metrics"),
    path("docs", api.docs, name="docs"),
    path("redoc", api.redoc, name="redoc"),
    path("manifest.webmanifest", installing.manifest, name="manifest"),
    path("service-worker.js", installing.service_worker, name="service_worker"),
    path("offline/", installing.offline, name="offline"),
    path("share-recording", installing.share_recording, name="share_recording"),
]

handler400 = "voicesite.site.errors.bad_request"
handler403 = "voicesite.site.errors.forbidden"
handler404 = "voicesite.site.errors.not_found"
handler500 = "voicesite.site.errors.broken"
