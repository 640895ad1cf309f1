"""The administration of generations, their jobs and the models that workers have loaded."""

from django.contrib import admin, messages
from django.db.models import Exists, OuterRef, Q
from django.shortcuts import get_object_or_404, redirect
from django.urls import path, reverse
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext

from voices.admin.pages import LanguageInUse, VoiceProfileAdmin, actor_of, sees_all
from voices.audit import ACTS, Look, record_looks
from voices.models import AuditEntry, VoiceProfile
from voicesite.jobs.job import State
from voicesite.modelhost import weights
from voicesite.templatetags.display import duration
from voicesite.texts import N_
from voicesite.web.admin_site import ReadOnlyAdmin, StaffAdmin, player
from voicesite.web.job_admin import HISTORY, JobAdmin
from voicesite.wording import decimal, percent, translated

from .generations import takes
from .generations.hearing import record_hearing
from .generations.samples import with_sample
from .models import Download, Evaluation, Fitting, Generation, ListeningLink, LoadedModel
from .pronunciations import service as pronunciations
from .pronunciations.forms import EntryForm
from .pronunciations.models import PronunciationEntry
from .sharing import service as sharing
from .workers import tasks

admin.site.unregister(VoiceProfile)


@admin.register(VoiceProfile)
class SpeakingVoiceAdmin(VoiceProfileAdmin):
    """Voices, each with its sample beside its recording."""

    def get_list_display(self, request):
        columns = super().get_list_display(request)
        return [*columns[:3], "sample", *columns[3:]]

    def get_queryset(self, request):
        return with_sample(super().get_queryset(request))

    @admin.display(description=gettext_lazy("sample"))
    def sample(self, voice):
        if not voice.is_open:
            return _("private")
        if voice.sample is None:
            return "" if voice.is_builtin else _("not yet")
        return player(reverse("synthesis:audio", args=[voice.sample]), _("{name}, sample").format(name=voice.name))


def _recording(request, response, what: str):
    """Log, where staff see everything, whose things are on this page of a list, and return the page."""
    if sees_all() and (shown := getattr(response, "context_data", {}).get("cl")):
        owners = {row.owner_id for row in shown.result_list if row.owner_id}
        record_looks(request.user, "looked", [Look(what, owner) for owner in owners])
    return response


WHAT_IS_SAID = ("title", "text", "recognized_text", "differences")  # private, as the sound is


@admin.register(Generation)
class GenerationAdmin(JobAdmin):
    """Speech and its progress. What it says is seen and heard as far as STAFF_ACCESS lets staff; each look is logged."""

    change_form_template = "admin/synthesis/generation/change_form.html"
    list_display = ("name", "owner", "voice_name", "state", "bar", "player", "similarity", "word_error_rate", *HISTORY)
    list_filter = ("state", "engine", ("language", LanguageInUse), "created_at", "is_sample")
    list_select_related = ("owner",)
    search_fields = ("title", "text", "voice_name", "owner__username")

    def get_queryset(self, request):
        heard = Generation.objects.audible_by(request.user)
        found = super().get_queryset(request).defer("text", "recognized_text", "peaks")
        return found.annotate(is_open=Exists(heard.filter(pk=OuterRef("pk"))))

    def get_search_fields(self, request):
        return self.search_fields if sees_all() else [name for name in self.search_fields if name not in WHAT_IS_SAID]

    def lookup_allowed(self, lookup, value, request):
        """Refuse to filter by what was said, where staff may not read it: they would find out what it is."""
        allowed = sees_all() or not lookup.startswith(WHAT_IS_SAID)
        return allowed and super().lookup_allowed(lookup, value, request)

    def get_exclude(self, request, obj=None):
        """Leave out the file, for which the player stands, and what was said where staff may not read it."""
        return ("audio", "peaks", *(() if obj and obj.is_open else WHAT_IS_SAID))

    def get_readonly_fields(self, request, obj=None):
        hidden = self.get_exclude(request, obj)
        return ["player", *(name for name in super().get_readonly_fields(request, obj) if name not in hidden)]

    def changelist_view(self, request, extra_context=None):
        return _recording(request, super().changelist_view(request, extra_context), "titles of your speech")

    def change_view(self, request, object_id, form_url="", extra_context=None):
        context: dict = {}
        if generation := self.get_object(request, object_id):
            if generation.is_open:
                record_hearing(request.user, generation, "looked")
            context["links"] = generation.links.all()
            looks = AuditEntry.objects.filter(whose=generation.owner_id, detail=f"speech {generation.pk}")
            context["entries"] = [
                (entry, actor_of(entry), translated(ACTS.get(entry.act, entry.act))) for entry in looks[:20]
            ]
        return super().change_view(request, object_id, form_url, context | (extra_context or {}))

    def facts(self, generation):
        """Return what a curator asks, beside what is to be known of any job."""
        yield from super().facts(generation)
        if generation.seconds:
            yield _("Length"), duration(generation.seconds)
        if generation.seconds and generation.compute_seconds:
            factor = generation.compute_seconds / generation.seconds
            yield _("Real-time factor (compute per second of audio)"), decimal(factor, 2)
        if generation.first_audio_seconds is not None:
            yield _("Time to first sound"), duration(generation.first_audio_seconds)
        if generation.similarity is not None:
            yield _("Similarity to the voice"), decimal(generation.similarity, 2)
        if generation.word_error_rate is not None:
            yield _("Words heard otherwise"), percent(generation.word_error_rate)
        yield _("Model"), generation.model
        yield _("Language"), generation.get_language_display()

    def get_deleted_objects(self, generations, request):
        """Return a short summary for the confirmation page; Django's own names sentences and speakers."""
        return (
            [_("{what}, of {owner}").format(what=one, owner=one.owner) for one in generations],
            {_("speech"): len(generations)},
            set(),
            [],
        )

    @admin.display(description=gettext_lazy("what"), ordering="-created_at")
    def name(self, generation):
        return generation.title if sees_all() else str(generation)

    @admin.display(description=gettext_lazy("speech"))
    def player(self, generation):
        if generation.state != State.COMPLETED:
            return "–"
        if not generation.is_open:
            return _("private")
        return player(reverse("synthesis:audio", args=[generation.pk]), str(generation))

    def delete_model(self, request, generation):
        takes.delete(generation)


@admin.register(Evaluation)
class EvaluationAdmin(JobAdmin):
    list_display = ("generation", "state", "bar", *HISTORY)
    list_filter = ("state",)
    list_select_related = ("generation",)
    search_fields = ("generation__voice_name", "generation__owner__username")


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

    @admin.display(description=gettext_lazy("fetched"))
    def size(self, download):
        return weights.in_words(download.bytes_done, download.bytes_total) if download.bytes_total else "–"


@admin.register(ListeningLink)
class ListeningLinkAdmin(ReadOnlyAdmin):
    """The addresses at which people without an account hear speech: staff see all of them, and end any.

    One that staff ended keeps its owner from making another to the same text, until staff delete it here.
    """

    list_display = ("title", "of", "voice", "standing", "listens", "created_at", "expires_at", "page")
    list_filter = ("ending", "created_at", "expires_at")
    list_select_related = ("generation__owner",)
    list_per_page = 50
    search_fields = ("title", "generation__voice_name", "generation__owner__username")
    exclude = ("token",)
    actions = ("end_links",)

    def get_queryset(self, request):
        large = (f"generation__{name}" for name in ("text", "recognized_text", "peaks", "differences"))
        return super().get_queryset(request).defer(*large)

    def has_delete_permission(self, request, obj=None):
        return request.user.is_staff

    @admin.display(description=gettext_lazy("whose"), ordering="generation__owner__username")
    def of(self, link):
        return link.generation.owner

    @admin.display(description=gettext_lazy("voice"), ordering="generation__voice_name")
    def voice(self, link):
        return link.generation.voice_name

    @admin.display(description=gettext_lazy("standing"))
    def standing(self, link):
        return link.get_ending_display() or (_("works") if link.is_active else _("expired"))

    @admin.display(description=gettext_lazy("what listeners see"))
    def page(self, link):
        if not link.is_active:
            return "–"
        return format_html(
            '<a href="{}">{}</a>',
            reverse("admin:synthesis_listeninglink_open", args=[link.pk]),
            pgettext("a page", "Open"),
        )

    def get_urls(self):
        opening = self.admin_site.admin_view(self.open)
        return [path("<int:pk>/open/", opening, name="synthesis_listeninglink_open"), *super().get_urls()]

    def open(self, request, pk: int):
        """Log that staff listen, then show what listeners see: that page itself asks nobody who they are."""
        link = get_object_or_404(self.get_queryset(request).select_related("generation__voice"), pk=pk)
        record_hearing(request.user, link.generation, why=N_("you share it by a listening link"))
        return redirect("synthesis:listen", link.token)

    @admin.action(description=gettext_lazy("Turn off link"), permissions=["view"])
    def end_links(self, request, links):
        ended = sum(sharing.end(link, ListeningLink.Ending.STAFF, request.user) for link in links)
        self.message_user(
            request,
            _("Links turned off: {count}. Their owners can see that staff did it.").format(count=ended),
            messages.SUCCESS,
        )

    def delete_model(self, request, link):
        sharing.end(link, ListeningLink.Ending.STAFF, request.user)  # which is written down
        super().delete_model(request, link)


@admin.register(PronunciationEntry)
class PronunciationEntryAdmin(StaffAdmin):
    """The dictionary of the site, to which staff add here; people's own entries where STAFF_ACCESS is "all"."""

    form = EntryForm
    list_display = ("word", "said", "language", "match_case", "whose", "updated_at")
    list_filter = ("language", ("owner", admin.EmptyFieldListFilter))
    list_select_related = ("owner",)
    search_fields = ("word", "said", "owner__username")

    def get_queryset(self, request):
        found = super().get_queryset(request)
        return found if sees_all() else found.filter(Q(owner=None) | Q(owner=request.user))

    def changelist_view(self, request, extra_context=None):
        return _recording(request, super().changelist_view(request, extra_context), "your pronunciations")

    def get_object(self, request, object_id, from_field=None):
        """Return an entry for its page, or for that of its deletion or history, which show the word: that is logged."""
        entry = super().get_object(request, object_id, from_field)
        if entry and entry.owner_id:
            record_looks(request.user, "looked", [Look("your pronunciations", entry.owner_id)])
        return entry

    def has_add_permission(self, request):
        return request.user.is_staff

    @admin.display(description=gettext_lazy("whose"), ordering="owner__username")
    def whose(self, entry):
        return entry.owner or _("everyone’s")

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

    @admin.display(description=gettext_lazy("memory"), ordering="memory")
    def held(self, device):
        return weights.in_words(device.memory)

    @admin.display(description=gettext_lazy("before the last change"), ordering="memory_before")
    def before(self, device):
        return weights.in_words(device.memory_before)

    @admin.action(description=gettext_lazy("Unload the model now"), permissions=["view"])
    def unload(self, request, devices):
        loaded = devices.exclude(model="")
        for device in loaded:
            tasks.request_unload(device)
        self.message_user(request, _("Unloading: {count}.").format(count=len(loaded)), messages.SUCCESS)
