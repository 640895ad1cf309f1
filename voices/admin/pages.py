"""The admin of voices: their list, the review queue of requests to share, reports, tags and the audit log."""

from functools import wraps
from typing import Any, ClassVar

from django.conf import settings
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.db.models import Count, Exists, F, OuterRef, Prefetch, Q
from django.http import HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils.functional import Promise
from django.utils.html import format_html, format_html_join
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from voices.audit import ACTS, record_look_into
from voices.curation import service as curation
from voices.curation import tags
from voices.curation.forms import AnswerForm, KeepForm
from voices.extensions import prepared
from voices.languages import LANGUAGES
from voices.models import AuditEntry, Clip, Collection, Report, Tag, VoiceProfile
from voices.profiles.forms import DetailsForm
from voicesite.web.admin_site import ReadOnlyAdmin, StaffAdmin, player
from voicesite.web.moments import day, when
from voicesite.web.rejection import Rejected
from voicesite.wording import translated

from .actions import ACTS as ACTS_OF_VOICES
from .actions import ADMIN_ACTIONS, buttons, form_page

REVIEW_PAGE_SIZE = 20  # voices on a page of the queue
AUDIT_ENTRIES = 20  # the latest of the audit log, on the page of a voice

# Large columns that the list does not show; the database would carry them through its sort.
LARGE_CLIP_FIELDS = ("peaks", "words", "quality", "advice", "transcript", "recognized_text")
LARGE_FIELDS = ("description", "consent_wording", *(f"clip__{name}" for name in LARGE_CLIP_FIELDS))


class LanguageInUse(admin.AllValuesFieldListFilter):
    """Filter by the languages in use, shown by name."""

    def choices(self, changelist):
        for choice in super().choices(changelist):
            name = str(choice["display"])
            yield choice | {"display": translated(LANGUAGES.get(name, name))}


class ConditionFilter(admin.SimpleListFilter):
    """Filter by one of several conditions."""

    conditions: ClassVar[dict[str, tuple[str | Promise, Q]]]  # by the value in the address; each with its label
    default = Q()  # without a value

    def lookups(self, request, model_admin):
        return [(name, label) for name, (label, _condition) in self.conditions.items()]

    def queryset(self, request, rows):
        _label, condition = self.conditions.get(self.value() or "", ("", self.default))
        return rows.filter(condition)


class Standing(ConditionFilter):
    """Filter by visibility, suspension, retirement, open reports and duplicate recordings."""

    title, parameter_name = gettext_lazy("standing"), "standing"
    conditions: ClassVar = {
        "asks": (gettext_lazy("Waiting for review"), Q(share_requested_at__isnull=False)),
        "shared": (gettext_lazy("Shared"), Q(visibility=VoiceProfile.Visibility.SHARED)),
        "builtin": (gettext_lazy("Built in"), ~Q(preset="")),
        "private": (gettext_lazy("Private"), Q(visibility=VoiceProfile.Visibility.PRIVATE)),
        "reported": (gettext_lazy("Open reports"), Q(Exists(Report.objects.filter(voice=OuterRef("pk"), closed_at=None)))),
        "suspended": (gettext_lazy("Suspended"), Q(suspended_at__isnull=False)),
        "retired": (gettext_lazy("Retired"), Q(retired_at__isnull=False)),
        "doubled": (
            gettext_lazy("Has a recording of another"),
            Q(Exists(Clip.objects.filter(sha256=OuterRef("clip__sha256")).exclude(voice=OuterRef("pk")).exclude(voice=None))),
        ),
    }  # fmt: skip


def _shows_rejection(method):
    """Let a method of CuratedAdmin that raises Rejected show its message, and the page anew."""

    @wraps(method)
    def wrapped(self, request, *args, **kwargs):
        try:
            return method(self, request, *args, **kwargs)
        except Rejected as rejected:
            self.message_user(request, rejected.message, self.rejection_level)
            return redirect(request.get_full_path())

    return wrapped


class CuratedAdmin(StaffAdmin):
    """Rows whose `save_model` and actions call `voices.curation`, which also writes the audit log."""

    rejection_level = messages.ERROR
    changeform_view = _shows_rejection(StaffAdmin.changeform_view)
    response_action = _shows_rejection(StaffAdmin.response_action)

    def save_form(self, request, form, change):
        return form.instance

    def save_related(self, request, form, formsets, change):
        pass  # save_model saves the tags


@admin.register(VoiceProfile)
class VoiceProfileAdmin(CuratedAdmin):
    form = DetailsForm
    fields = ("name", "language", "description", "tags")
    list_display = ("name", "whose", "recording", "grade", "language", "standing", "consent", "created_at")
    list_filter = (Standing, "clip__grade", ("language", LanguageInUse), "collections", "created_at")
    list_select_related = ("owner", "clip", "consent_by")
    list_per_page = 50
    show_full_result_count = False
    search_fields = ("name", "description", "owner__username", "tags__name")
    search_help_text = gettext_lazy("By name, description, tag, or who owns it")
    actions = ADMIN_ACTIONS

    def get_urls(self):
        review = self.admin_site.admin_view(self.review)
        return [path("review/", review, name="voices_voiceprofile_review"), *super().get_urls()]

    def get_queryset(self, request):
        return VoiceProfile.objects.read_by(request.user).defer(*LARGE_FIELDS).order_by("name")

    def get_search_fields(self, request):
        return self.search_fields if sees_all() else [name for name in self.search_fields if name != "description"]

    def lookup_allowed(self, lookup, value, request):
        """Refuse to filter by what people wrote, where staff may not read it: they would find out what it says."""
        return (sees_all() or not lookup.startswith("description")) and super().lookup_allowed(lookup, value, request)

    def get_fields(self, request, obj=None):
        return self.fields if obj is None or obj.is_open else [name for name in self.fields if name != "description"]

    def review(self, request) -> HttpResponse:
        """Show the voices whose owners request to share them, oldest request first."""
        clips = Clip.objects.select_related("recording").defer("recording__peaks")
        asking = VoiceProfile.objects.to_review().read_by(request.user)
        waiting = prepared(asking.select_related("owner", "clip", "consent_by"))
        waiting = waiting.prefetch_related("tags", "spoken_consents", Prefetch("clips", clips)).order_by(
            "share_requested_at", "pk"
        )
        page = Paginator(waiting, REVIEW_PAGE_SIZE).get_page(request.GET.get("page"))
        record_look_into(request.user, page)
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": _("Waiting for review"),
            "page": page,
            "acts": [(name, ACTS_OF_VOICES[name]) for name in ("approve", "refuse", "suspend")],
        }
        return TemplateResponse(request, "admin/voices/review.html", context)

    # The list

    @admin.display(description=gettext_lazy("owner"), ordering="owner__username")
    def whose(self, voice):
        return voice.owner or _("built in")

    def recording(self, voice):
        if not voice.is_open:
            return _("private")
        return player(
            reverse("voices:clip_audio", args=[voice.clip_id]), _("{name}, the recording").format(name=voice.name)
        )

    @admin.display(description=gettext_lazy("quality"), ordering="clip__grade")
    def grade(self, voice):
        return voice.clip.get_grade_display() or "–"

    @admin.display(description=gettext_lazy("standing"), ordering="visibility")
    def standing(self, voice):
        return format_html_join("", '<span class="standing {}">{}</span> ', standing(voice))

    @admin.display(description=gettext_lazy("consent"), ordering="consent_at")
    def consent(self, voice):
        return "" if voice.is_builtin else format_html("{}, {}", voice.consented, day(voice.consent_at))

    # The page of one

    def change_view(self, request, object_id, form_url="", extra_context=None):
        context = {"show_save_and_add_another": False, **(extra_context or {})}
        if (voice := self.get_object(request, object_id)) is not None and self.has_view_permission(request, voice):
            if voice.is_open:
                record_look_into(request.user, [voice])
            clips = voice.clips.select_related("recording", "transcription").order_by("created_at")
            context |= {
                "voice": voice,
                "standing": standing(voice),
                "acts": buttons(voice),
                "clips": sorted(clips, key=lambda clip: clip.pk != voice.clip_id),
                "collections": voice.collections.all(),
                "reports": voice.reports.open().read_by(request.user),
                "entries": [
                    (entry, actor_of(entry), translated(ACTS.get(entry.act, entry.act)))
                    for entry in voice.audit.all()[:AUDIT_ENTRIES]
                ],
                "duplicates": duplicates(voice),
            }
        return super().change_view(request, object_id, form_url, context)

    def save_model(self, request, voice, form, change):
        changes = {name: form.cleaned_data[name] for name in form.changed_data}
        new_tags = changes.pop("tags", None)
        curation.correct(request.user, voice, changes, new_tags)

    def history_view(self, request, object_id, extra_context=None):
        return redirect(f"{reverse('admin:voices_auditentry_changelist')}?voice={object_id}")

    # Deletion

    def get_deleted_objects(self, voices, request):
        """Return a short summary for the confirmation page; Django's own lists every row of the cascade."""
        summary = [
            _("{voice}, of {owner}. What it spoke stays.").format(voice=voice, owner=voice.owner or _("nobody"))
            for voice in voices
        ]
        clips = Clip.objects.filter(voice__in=[voice.pk for voice in voices]).count()
        return summary, {_("voices"): len(summary), _("clips"): clips}, set(), []

    def has_delete_permission(self, request, obj=None):
        return super().has_delete_permission(request, obj) and (obj is None or not obj.is_builtin)

    def delete_model(self, request, voice):
        curation.delete(request.user, voice)


def sees_all() -> bool:
    """Return whether staff see everybody's private things, and not only what awaits their decision."""
    return settings.STAFF_ACCESS == "all"


def standing(voice: VoiceProfile) -> list[tuple[str, str]]:
    """Return the (CSS class, label) pairs of a voice: its visibility, and any request, suspension or retirement."""
    return [
        ("shared", _("Built in") if voice.is_builtin else _("Shared"))
        if voice.is_shared
        else ("private", _("Private")),
        *([("asks", _("Waiting for review"))] if voice.share_requested_at else []),
        *([("suspended", _("Suspended"))] if voice.suspended_at else []),
        *([("retired", _("Retired"))] if voice.retired_at else []),
    ]


def duplicates(voice: VoiceProfile):
    """Return up to five other voices that have a clip with the same SHA-256."""
    same = Clip.objects.filter(sha256__in=voice.clips.values("sha256"), voice=OuterRef("pk"))
    return VoiceProfile.objects.filter(Exists(same)).exclude(pk=voice.pk).select_related("owner")[:5]


class Answered(ConditionFilter):
    """Filter by whether a report is answered; by default, only open ones."""

    title, parameter_name = gettext_lazy("answered"), "answered"
    conditions: ClassVar = {
        "yes": (gettext_lazy("Answered"), Q(closed_at__isnull=False)),
        "all": (gettext_lazy("All"), Q()),
    }
    default = Q(closed_at=None)

    def choices(self, changelist):
        _all, *others = super().choices(changelist)
        href = changelist.get_query_string(remove=[self.parameter_name])
        yield {"selected": self.value() is None, "query_string": href, "display": _("Open")}
        yield from others


@admin.register(Report)
class ReportAdmin(CuratedAdmin):
    """Reports of voices. Staff answer each once, and its reporter reads the answer; none is deleted.

    Staff who are reported themselves read what is said, but neither learn by whom nor answer.
    """

    form = AnswerForm
    list_display = ("summary", "voice", "of", "who", "created_at", "outcome")
    list_filter = (Answered, "created_at")
    list_select_related = ("voice__owner", "closed_by")
    list_per_page = 50
    search_fields = ("voice__name", "voice__owner__username", "reporter_name", "reason", "answer")
    readonly_fields = ("reason", "who", "created_at", "closed_by", "closed_at")
    ordering = ("-created_at",)
    actions = None
    rejection_level = messages.WARNING  # somebody else answered first

    def delete_view(self, request, object_id, extra_context=None):
        raise PermissionDenied

    def get_queryset(self, request):
        return Report.objects.read_by(request.user).order_by(*self.ordering)

    def lookup_allowed(self, lookup, value, request):
        """Refuse filters by who reported: they would find out what the list hides."""
        return not lookup.startswith("reporter") and super().lookup_allowed(lookup, value, request)

    def has_change_permission(self, request, obj=None):
        may = super().has_change_permission(request)
        return may and (obj is None or Report.objects.answerable_by(request.user).filter(pk=obj.pk).exists())

    def get_fields(self, request, obj=None):
        answered, may_answer = ("closed_by", "closed_at"), self.has_change_permission(request, obj)
        rest = answered if obj and obj.closed_at else ("suspend",) if may_answer else ()
        return ("reason", "who", "created_at", "answer", *rest)

    def change_view(self, request, object_id, form_url="", extra_context=None):
        buttons = ("show_delete", "show_save_and_continue", "show_save_and_add_another")
        context: dict[str, Any] = dict.fromkeys(buttons, False)
        if report := self.get_object(request, object_id):
            voices = prepared(VoiceProfile.objects.read_by(request.user))
            context["voice"] = voice = voices.get(pk=report.voice_id)
            context["standing"] = standing(voice)
            context["others"] = voice.reports.open().read_by(request.user).exclude(pk=report.pk)
            context["is_theirs"] = not report.closed_at and not self.has_change_permission(request, report)
        return super().change_view(request, object_id, form_url, context | (extra_context or {}))

    def save_model(self, request, report, form, change):
        answer, suspend = form.cleaned_data["answer"], form.cleaned_data["suspend"]
        if not curation.answer_report(request.user, report, answer, suspend_it=suspend):
            raise Rejected("answered", _("Someone else has just answered this report. Here is what they wrote."))

    def response_change(self, request, report):
        words = _("Answered: {voice} is suspended.") if "suspend" in request.POST else _("Answered: {voice} stays.")
        self.message_user(request, words.format(voice=report.voice), messages.SUCCESS)
        return self.response_post_save_change(request, report)

    @admin.display(description=gettext_lazy("what is wrong"))
    def summary(self, report):
        return report.reason if len(report.reason) < 120 else f"{report.reason[:119]}…"

    @admin.display(description=gettext_lazy("reporter"), ordering="reporter_name")
    def who(self, report):
        return report.reported_by

    @admin.display(description=gettext_lazy("owner"), ordering="voice__owner__username")
    def of(self, report):
        return report.voice.owner

    @admin.display(description=gettext_lazy("answer"), ordering=F("closed_at").desc(nulls_first=True))
    def outcome(self, report):
        if not report.closed_at:
            return format_html('<span class="standing asks">{}</span>', _("Open"))
        by = report.closed_by or _("someone who has left")
        return format_html("{} ({}, {})", report.answer, by, when(report.closed_at))


def actor_of(entry: AuditEntry) -> str:
    """Return who did it, in words. Whoever reports a voice is not written down: its owner may be staff."""
    return entry.actor_name or (_("not recorded") if entry.act == "reported" else _("the site itself"))


class Act(ConditionFilter):
    """Filter the audit log by what was done."""

    title, parameter_name = gettext_lazy("act"), "act"
    conditions: ClassVar = {act: (capfirst(gettext_lazy(label)), Q(act=act)) for act, label in ACTS.items()}


@admin.register(AuditEntry)
class AuditEntryAdmin(ReadOnlyAdmin):
    """The audit log: who did what to which voice."""

    list_display = ("at", "who", "what", "to", "detail", "why")
    list_display_links = None
    list_filter = (Act, "at")
    list_select_related = ("voice",)
    list_per_page = 100
    show_full_result_count = False
    search_fields = ("voice_name", "actor_name", "detail")
    search_help_text = gettext_lazy("By the name of the voice or of the person, or by what was said")

    @admin.display(description=gettext_lazy("who"), ordering="actor_name")
    def who(self, entry):
        return actor_of(entry)

    @admin.display(description=gettext_lazy("did what"))
    def what(self, entry):
        return translated(ACTS.get(entry.act, entry.act))

    @admin.display(description=gettext_lazy("voice"), ordering="voice_name")
    def to(self, entry):
        if entry.voice is None or entry.voice.deleted_at:
            return _("{name} (deleted)").format(name=entry.voice_name) if entry.voice_name else "–"
        page = reverse("admin:voices_voiceprofile_change", args=[entry.voice_id])
        return format_html('<a href="{}">{}</a>', page, entry.voice_name)


class GroupAdmin(StaffAdmin):
    """Groups of voices, with a link to the voices of each: tags and collections."""

    def get_queryset(self, request):
        return super().get_queryset(request).annotate(voice_count=Count("voices", filter=Q(voices__deleted_at=None)))

    @admin.display(description=gettext_lazy("voices"), ordering="-voice_count")
    def voice_link(self, group):
        page, lookup = reverse("admin:voices_voiceprofile_changelist"), f"{self.opts.model_name}s__id__exact"
        count = ngettext("{count} voice", "{count} voices", group.voice_count).format(count=group.voice_count)
        return format_html('<a href="{}?{}={}">{}</a>', page, lookup, group.pk, count)


@admin.register(Tag)
class TagAdmin(GroupAdmin):
    """Tags. Owners make them with their voices; staff rename, merge and delete them."""

    list_display = ("name", "voice_link")
    list_per_page = 100
    search_fields = ("name",)
    fields = ("name",)
    actions = ("merge",)

    @admin.action(description=gettext_lazy("Merge …"), permissions=["change"])
    def merge(self, request, chosen):
        """Merge tags into one of them, chosen on a form."""
        found = list(chosen[:100])
        if len(found) < 2:
            self.message_user(request, _("Choose at least two tags; one is kept."), messages.WARNING)
            return None
        among = Tag.objects.filter(pk__in=[tag.pk for tag in found])
        form = KeepForm(request.POST if "words" in request.POST else None, among=among)
        if form.is_valid():
            keep = form.cleaned_data["keep"]
            tags.merge_tags(request.user, keep, [tag for tag in found if tag != keep])
            self.message_user(request, _("They are all “{keep}” now.").format(keep=keep), messages.SUCCESS)
            return None
        about = _("Voices tagged with the others get the one you keep.")
        return form_page(
            self, request, "merge", found, form, _("Merge"), about, what=_("{count} tags").format(count=len(found))
        )

    def save_model(self, request, tag, form, change):
        tags.rename_tag(request.user, tag, tag.name)

    def delete_model(self, request, tag):
        tags.delete_tag(request.user, tag)


@admin.register(Collection)
class CollectionAdmin(GroupAdmin):
    """Collections. The actions of the voice list add and remove voices."""

    list_display = ("name", "description", "voice_link")
    search_fields = ("name", "description")
    fields = ("name", "description")

    def has_add_permission(self, request):
        return request.user.is_staff
