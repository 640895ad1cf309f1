from django.contrib import admin
from django.contrib.auth.admin import UserAdmin
from django.contrib.auth.models import Group
from django.db import transaction
from django.db.models import Count, F, OuterRef, Subquery
from django.urls import reverse
from django.utils.html import format_html

from synthesis.generations import takes
from synthesis.models import Generation
from voices.clips.service import delete_clip, delete_voice
from voices.models import VoiceProfile
from voicesite.web.admin_site import StaffAdmin

from .models import Invitation, User

admin.site.unregister(Group)  # is_staff and is_superuser are all the roles there are


@admin.register(User)
class PeopleAdmin(UserAdmin):
    """User accounts, for superusers only: the right to change accounts is a way to sign in as anyone."""

    list_display = ("username", "full_name", "email", "is_staff", "is_superuser", "is_active", "made", "last_login")
    list_filter = ("is_staff", "is_superuser", "is_active", "date_joined")
    list_per_page = 50
    fieldsets = (
        (None, {"fields": ("username", "password")}),
        ("Person", {"fields": ("first_name", "last_name", "email")}),
        (
            "May",
            {
                "fields": ("is_active", "is_staff", "is_superuser"),
                "description": "Staff curate voices and generations. Administrators (superusers) manage people too.",
            },
        ),
        ("When", {"fields": ("last_login", "date_joined")}),
    )
    readonly_fields = ("last_login", "date_joined")

    def get_queryset(self, request):
        def count(model, **which):
            theirs = model.objects.filter(owner=OuterRef("pk"), **which).order_by().values("owner")
            return Subquery(theirs.annotate(n=Count("pk")).values("n"))

        counts = {"voice_count": count(VoiceProfile), "spoken": count(Generation, is_sample=False)}
        return super().get_queryset(request).annotate(**counts)

    def delete_model(self, request, person):
        """Delete a person with their voices, clips, generations and files. Generations of others with these voices stay."""
        with transaction.atomic():
            for generation in person.generations.all():
                takes.delete(generation)
            for voice in person.voices.all():
                delete_voice(voice)
            for clip in person.clips.all():
                delete_clip(clip)
            person.delete()

    delete_queryset = StaffAdmin.delete_queryset

    @admin.display(description="name")
    def full_name(self, person):
        return person.get_full_name()

    @admin.display(description="made", ordering=F("spoken").desc(nulls_last=True))
    def made(self, person):
        voices, generations = (
            f"{reverse(f'admin:{rows}_changelist')}?owner={person.pk}"
            for rows in ("voices_voiceprofile", "synthesis_generation")
        )
        html = '<a href="{}">{} voices</a>, <a href="{}&amp;is_sample__exact=0">{} generations</a>'
        return format_html(html, voices, person.voice_count or 0, generations, person.spoken or 0)


@admin.register(Invitation)
class InvitationAdmin(StaffAdmin):
    list_display = ("__str__", "created_by", "created_at", "expires_at", "used_by")
    list_select_related = ("created_by", "used_by")
    list_filter = ("created_at",)
    search_fields = ("note", "created_by__username", "used_by__username")
    readonly_fields = ("token", "created_by", "used_by", "created_at")
