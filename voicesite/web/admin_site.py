"""The admin, under the site's own name and behind its own sign-in page."""

from django.contrib import admin
from django.contrib.admin.apps import AdminConfig
from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import PermissionDenied
from django.shortcuts import redirect
from django.utils.decorators import method_decorator
from django.utils.html import format_html


class VoicesiteAdminSite(admin.AdminSite):
    site_header = site_title = "Voicesite"
    index_title = "Administration"
    enable_nav_sidebar = False  # a few lists need no second menu, and their rows need the width

    @method_decorator(login_not_required)
    def login(self, request, extra_context=None):
        from django.contrib.auth.views import redirect_to_login  # needs the models, which are not there yet above

        if self.has_permission(request):
            return redirect("admin:index")
        if request.user.is_authenticated:  # but not staff: signing in again would change nothing
            raise PermissionDenied
        return redirect_to_login(request.GET.get("next", "/admin/"))

    def get_app_list(self, request, app_label=None):
        """Without django-q2's tables: they hold doorbells, and the rows of work say what is done."""
        return [app for app in super().get_app_list(request, app_label) if app["app_label"] != "django_q"]


class VoicesiteAdminConfig(AdminConfig):
    default_site = "voicesite.web.admin_site.VoicesiteAdminSite"


def player(source: str, label: str) -> str:
    """A row's sound, which is fetched only when someone plays it."""
    return format_html('<audio controls preload="none" src="{}" aria-label="{}"></audio>', source, label)


class StaffAdmin(admin.ModelAdmin):
    """What everyone on the staff may see, change and delete. They need no permissions one by one."""

    def has_module_permission(self, request):
        return request.user.is_staff

    def has_view_permission(self, request, obj=None):
        return request.user.is_staff

    has_change_permission = has_delete_permission = has_view_permission

    def has_add_permission(self, request):
        return False  # people make these on the site's own pages
