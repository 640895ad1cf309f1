from django.contrib import admin
from django.contrib.auth.admin import UserAdmin

from .models import Invitation, User

admin.site.register(User, UserAdmin)


@admin.register(Invitation)
class InvitationAdmin(admin.ModelAdmin):
    list_display = ("__str__", "created_by", "created_at", "expires_at", "used_by")
    list_select_related = ("created_by", "used_by")
    list_filter = ("created_at",)
    search_fields = ("note", "created_by__username", "used_by__username")
    readonly_fields = ("token", "created_by", "used_by", "created_at")

    def has_add_permission(self, request):
        return False  # the account page makes them, and shows the link
