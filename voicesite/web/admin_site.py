"""The Django admin with the site's own name and sign-in page, and the base class of what staff administer."""

from urllib.parse import urlencode

from django.conf import settings
from django.contrib import admin, messages
from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import FieldDoesNotExist, PermissionDenied
from django.db import models
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.decorators import method_decorator
from django.utils.html import format_html
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from .moments import when


class VoicesiteAdminSite(admin.AdminSite):
    site_header = site_title = gettext_lazy("Voicesite")
    index_title = gettext_lazy("Administration")
    enable_nav_sidebar = False  # a few lists need no second menu, and their rows need the width

    def has_permission(self, request):
        return super().has_permission(request) and (not settings.STAFF_2FA or _has_shown_second_factor(request))

    @method_decorator(login_not_required)
    def login(self, request, extra_context=None):
        from django.contrib.auth.views import redirect_to_login  # imports models, which are not loaded yet at the top

        if self.has_permission(request):
            return redirect("admin:index")
        target = request.GET.get("next", "/admin/")
        if super().has_permission(request):  # staff, who have shown a password only
            return _ask_for_second_factor(request, target)
        if request.user.is_authenticated:  # but not staff: signing in again would change nothing
            raise PermissionDenied
        return redirect_to_login(target)

    def password_change(self, request, extra_context=None):
        """Lead to the site's own page, which knows leaked passwords and ends other sessions."""
        return redirect("account_change_password")

    def get_app_list(self, request, app_label=None):
        """Leave out django-q2's tables: its messages only wake workers, and the jobs have pages of their own."""
        return [app for app in super().get_app_list(request, app_label) if app["app_label"] != "django_q"]


def _has_shown_second_factor(request) -> bool:
    """Return whether this session began with a code or a passkey, or was confirmed by one."""
    from allauth.account.internal.flows.login import get_authentication_records

    return any(record["method"] == "mfa" for record in get_authentication_records(request, request.user))


def _ask_for_second_factor(request, target: str):
    from allauth.mfa.utils import is_mfa_enabled

    if is_mfa_enabled(request.user):
        return redirect(f"{reverse('mfa_reauthenticate')}?{urlencode({'next': target})}")
    messages.warning(request, _("The administration asks for a second step when you sign in. Set it up here first."))
    return redirect("mfa_index")


def next_url(request) -> str:
    """Return where an action leads: back to the page with its button, or to the list with its filters."""
    url = request.POST.get("next", "")
    if url_has_allowed_host_and_scheme(url, allowed_hosts={request.get_host()}, require_https=request.is_secure()):
        return url
    return request.get_full_path()


def player(source: str, label: str) -> str:
    """Return an audio element for a list; the browser fetches the file only when someone plays it."""
    return format_html('<audio controls preload="none" src="{}" aria-label="{}"></audio>', source, label)


class MomentAdmin(admin.ModelAdmin):
    """Rows whose moments are shown as on the other pages of the site, in lists that are called what they list."""

    def changelist_view(self, request, extra_context=None):
        title = {"title": capfirst(self.opts.verbose_name_plural)}
        return super().changelist_view(request, title | (extra_context or {}))

    def get_list_display(self, request):
        return [_as_moment(self.model, column) for column in super().get_list_display(request)]


def _as_moment(model: type[models.Model], column):
    """Return a column of a list, or what shows it if it is a field with a moment."""
    try:
        field = model._meta.get_field(column)
    except FieldDoesNotExist:
        return column
    if not isinstance(field, models.DateTimeField):
        return column

    @admin.display(description=field.verbose_name, ordering=column, empty_value="–")
    def moment(row):
        return when(getattr(row, column)) or None

    return moment


class StaffAdmin(MomentAdmin):
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
