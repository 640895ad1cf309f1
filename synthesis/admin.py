"""The administration of generations, their jobs and the models that workers have loaded."""

from typing import ClassVar

from django.contrib import admin, messages
from django.urls import reverse
from django.utils.html import format_html

from voices.admin.pages import LanguageInUse, VoiceProfileAdmin
from voices.models import VoiceProfile
from voicesite.jobs.job import State
from voicesite.modelhost import weights
from voicesite.web.admin_site import ReadOnlyAdmin, StaffAdmin, player

from .generations import takes
from .generations.samples import with_sample
from .models import Download, Evaluation, Fitting, Generation, LoadedModel
from .pronunciations import service as pronunciations
from .pronunciations.forms import EntryForm
from .pronunciations.models import PronunciationEntry
from .workers import tasks

HISTORY = ("timing", "attempts", "error", "created_at")  # the last columns of every list of jobs

admin.site.unregister(VoiceProfile)


@admin.register(VoiceProfile)
class SpeakingVoiceAdmin(VoiceProfileAdmin):
    """Voices, each with its sample beside its recording."""

    def get_list_display(self, request):
        return (*self.list_display[:3], "sample", *self.list_display[3:])

    def get_queryset(self, request):
        return with_sample(super().get_queryset(request))

    @admin.display(description="says a sentence")
    def sample(self, voice):
        if voice.sample is None:
            return "not yet"
        return player(reverse("synthesis:audio", args=[voice.sample]), f"{voice.name} says a sentence")


class JobAdmin(StaffAdmin):
    """A list of jobs with their progress, which staff may retry or cancel."""

    list_per_page = 50
    actions = ("try_again", "cancel")
    exclude: ClassVar[tuple[str, ...]] = ()

    def get_readonly_fields(self, request, obj=None):
        """Return all fields but the priority, which staff may change, and the hidden ones."""
        return [field.name for field in self.model._meta.fields if field.name not in ("priority", *self.exclude)]

    @admin.display(description="progress", ordering="progress")
    def bar(self, job):
        return format_html('<progress max="100" value="{0}">{0} %</progress> {0} %', job.progress)

    @admin.display(description="waited + worked")
    def timing(self, job):
        if not job.started_at:
            return "–"
        waited = (job.started_at - job.created_at).total_seconds()
        worked = f"{(job.finished_at - job.started_at).total_seconds():.1f} s" if job.finished_at else "…"
        return f"{waited:.1f} s + {worked}"

    @admin.action(description="Try again (failed and cancelled ones)", permissions=["change"])
    def try_again(self, request, jobs):
        retried = sum(job.retry() for job in jobs)
        self.message_user(request, f"Waiting again: {retried}.", messages.SUCCESS)

    @admin.action(description="Cancel (waiting and running ones)", permissions=["change"])
    def cancel(self, request, jobs):
        cancelled = sum(job.request_cancel() for job in jobs)
        self.message_user(request, f"Cancelled, or cancelling: {cancelled}.", messages.SUCCESS)


@admin.register(Generation)
class GenerationAdmin(JobAdmin):
    list_display = ("title", "owner", "voice_name", "state", "bar", "player", "similarity", "word_error_rate", *HISTORY)
    list_filter = ("state", "engine", ("language", LanguageInUse), "created_at", "is_sample")
    list_select_related = ("owner",)
    search_fields = ("title", "text", "voice_name", "owner__username")
    exclude: ClassVar = ("audio", "peaks")  # the player stands for both

    def get_queryset(self, request):
        return super().get_queryset(request).defer("text", "recognized_text", "peaks")

    def get_readonly_fields(self, request, obj=None):
        return ["player", *super().get_readonly_fields(request, obj)]

    @admin.display(description="speech")
    def player(self, generation):
        if generation.state != State.COMPLETED:
            return "–"
        return player(reverse("synthesis:audio", args=[generation.pk]), generation.title)

    def delete_model(self, request, generation):
        takes.delete(generation)


@admin.register(Evaluation)
class EvaluationAdmin(JobAdmin):
    list_display = ("generation", "state", "bar", *HISTORY)
    list_filter = ("state",)
    list_select_related = ("generation",)
    search_fields = ("generation__title", "generation__owner__username")


@admin.register(Fitting)
class FittingAdmin(JobAdmin):
    list_display = ("voice", "engine", "state", "bar", *HISTORY)
    list_filter = ("state", "engine")
    list_select_related = ("voice",)
    search_fields = ("voice__name", "voice__owner__username")


@admin.register(Download)
class DownloadAdmin(JobAdmin):
    list_display = ("model", "engine", "state", "bar", "size", *HISTORY[:-1], "requested_by", "created_at")
    list_filter = ("state", "engine")
    list_select_related = ("requested_by",)
    search_fields = ("model", "requested_by__username")

    @admin.display(description="fetched")
    def size(self, download):
        return weights.in_words(download.bytes_done, download.bytes_total) if download.bytes_total else "–"


@admin.register(PronunciationEntry)
class PronunciationEntryAdmin(StaffAdmin):
    """The dictionary of the site, to which staff add here, and people's own entries."""

    form = EntryForm
    list_display = ("word", "said", "language", "match_case", "whose", "updated_at")
    list_filter = ("language", ("owner", admin.EmptyFieldListFilter))
    list_select_related = ("owner",)
    search_fields = ("word", "said", "owner__username")

    def has_add_permission(self, request):
        return request.user.is_staff

    @admin.display(description="whose", ordering="owner__username", empty_value="everyone’s")
    def whose(self, entry):
        return entry.owner

    def delete_model(self, request, entry):
        pronunciations.delete(entry)


@admin.register(LoadedModel)
class LoadedModelAdmin(ReadOnlyAdmin):
    """The models that workers have loaded. Workers write these rows; staff read them, and can unload a model."""

    list_display = (
        "worker",
        "engine",
        "model",
        "runs_on",
        "held",
        "before",
        "changed_at",
        "used_at",
        "unload_requested",
    )
    search_fields = ("worker", "model")
    actions = ("unload",)

    @admin.display(description="memory", ordering="memory")
    def held(self, device):
        return weights.in_words(device.memory)

    @admin.display(description="before the last change", ordering="memory_before")
    def before(self, device):
        return weights.in_words(device.memory_before)

    @admin.action(description="Unload the model now", permissions=["view"])
    def unload(self, request, devices):
        loaded = devices.exclude(model="")
        for device in loaded:
            tasks.request_unload(device)
        self.message_user(request, f"Asked to unload: {len(loaded)}.", messages.SUCCESS)
