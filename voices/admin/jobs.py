"""The administration of work on recordings: its state, and nothing of what is said in them."""

from django.contrib import admin
from django.utils.translation import gettext_lazy

from voices.models import ExcerptSearch, Transcription
from voicesite.web.job_admin import HISTORY, JobAdmin


@admin.register(Transcription)
class TranscriptionAdmin(JobAdmin):
    list_display = ("__str__", "whose", "state", "bar", "transcriber", *HISTORY)
    list_filter = ("state", "created_at")
    list_select_related = ("clip__owner",)
    search_fields = ("clip__owner__username",)

    def get_readonly_fields(self, request, obj=None):
        """Leave out the transcript that it replaces, which is its owner's."""
        return [name for name in super().get_readonly_fields(request, obj) if name != "replaces"]

    def get_exclude(self, request, obj=None):
        return ("replaces",)

    @admin.display(description=gettext_lazy("owner"), ordering="clip__owner__username")
    def whose(self, job):
        return job.clip.owner


@admin.register(ExcerptSearch)
class ExcerptSearchAdmin(JobAdmin):
    list_display = ("__str__", "whose", "state", "bar", *HISTORY)
    list_filter = ("state", "created_at")
    list_select_related = ("recording__owner",)
    search_fields = ("recording__owner__username",)

    @admin.display(description=gettext_lazy("owner"), ordering="recording__owner__username")
    def whose(self, job):
        return job.recording.owner
