"""The Django admin with the site's own name and sign-in page, and the base class of what staff administer."""

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
        from django.contrib.auth.views import redirect_to_login  # imports models, which are not loaded yet at the top

        if self.has_permission(request):
            return redirect("admin:index")
        if request.user.is_authenticated:  # but not staff: signing in again would change nothing
            raise PermissionDenied
        return redirect_to_login(request.GET.get("next", "/admin/"))

    def get_app_list(self, request, app_label=None):
        """Leave out django-q2's tables: its messages only wake workers, and the jobs have pages of their own."""
        return [app for app in super().get_app_list(request, app_label) if app["app_label"] != "django_q"]


class VoicesiteAdminConfig(AdminConfig):
    default_site = "voicesite.web.admin_site.VoicesiteAdminSite"


def player(source: str, label: str) -> str:
    """Return an audio element for a list; the browser fetches the file only when someone plays it."""
    return format_html('<audio controls preload="none" src="{}" aria-label="{}"></audio>', source, label)


class StaffAdmin(admin.ModelAdmin):
    """Rows that all staff may see, change and delete, without permissions of their own."""

    def has_view_permission(self, request, obj=None):
        return request.user.is_staff

    has_module_permission = has_change_permission = has_delete_permission = has_view_permission

    def has_add_permission(self, request):
        return False  # people make these on the site's own pages

    def delete_queryset(self, request, chosen):
        """Delete one by one, by `delete_model`, which may do more than the queryset would."""
        for row in chosen:
            self.delete_model(request, row)


class ReadOnlyAdmin(StaffAdmin):
    """Rows that all staff may see, and nobody changes here."""

    def has_change_permission(self, request, obj=None):
        return False

    has_delete_permission = has_change_permission
