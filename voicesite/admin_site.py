"""The admin, under the site's own name and behind its own sign-in page."""

from django.contrib.admin import AdminSite
from django.contrib.admin.apps import AdminConfig
from django.core.exceptions import PermissionDenied


class VoicesiteAdminSite(AdminSite):
    site_header = site_title = "Voicesite"
    index_title = "Administration"

    def login(self, request, extra_context=None):
        from django.contrib.auth.views import redirect_to_login  # needs the models, which are not there yet above

        if request.user.is_authenticated:  # but not staff: signing in again would change nothing
            raise PermissionDenied
        return redirect_to_login(request.GET.get("next", "/admin/"))


class VoicesiteAdminConfig(AdminConfig):
    default_site = "voicesite.admin_site.VoicesiteAdminSite"
