from allauth.account.adapter import get_adapter
from allauth.account.internal.flows.reauthentication import raise_if_reauthentication_required
from allauth.mfa.models import Authenticator
from django import forms
from django.contrib import admin, messages
from django.contrib.auth.admin import UserAdmin
from django.contrib.auth.forms import UserChangeForm
from django.contrib.auth.models import Group
from django.core.exceptions import ValidationError
from django.db.models import Count, F, OuterRef, Subquery
from django.urls import reverse
from django.utils.html import format_html
from django.utils.text import format_lazy
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from synthesis.models import Generation
from voices.models import VoiceProfile
from voicesite.limits import quotas
from voicesite.modelhost.weights import in_words
from voicesite.privacy import keeping, leaving
from voicesite.privacy.personal_data import personal_data
from voicesite.web.admin_site import MomentAdmin, StaffAdmin
from voicesite.web.rejection import Rejected
from voicesite.wording import thousands

from .models import Invitation, KeepingRule, User

admin.site.unregister(Group)  # is_staff and is_superuser are all the roles there are
for model in [model for model in admin.site._registry if model.__module__.startswith("allauth.")]:
    admin.site.unregister(model)  # secrets and sessions of people; what staff need of them is an action below


RIGHTS = ("is_active", "is_staff", "is_superuser", "groups", "user_permissions")


def _may_manage(staff: User, person: User | None) -> bool:
    """Return whether `staff` may change or delete a person, whatever permissions they have: superusers only other superusers may."""
    return staff.is_superuser or person is None or not person.is_superuser


class PersonForm(UserChangeForm):
    """A person, with how long their things are kept. Keeps the site from losing its last administrator."""

    keep_speech, keep_uploads, keep_drafts = (
        forms.IntegerField(
            label=format_lazy(gettext_lazy("{kind}: days"), kind=kind.label),
            required=False,
            min_value=0,
            max_value=keeping.MAX_DAYS,
        )
        for kind in KeepingRule.Kind
    )

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        for kept in keeping.of_person(self.instance):
            if field := self.fields.get(f"keep_{kept.kind}"):
                field.initial = kept.staff
                field.help_text = _("They chose {days}.").format(days=thousands(kept.own)) if kept.own else ""

    def clean(self):
        cleaned = super().clean() or self.cleaned_data
        stays = cleaned.get("is_superuser", True) and cleaned.get("is_active", True)
        if not stays and self.initial.get("is_superuser") and leaving.is_last_administrator(self.instance):
            raise ValidationError(_("This is the only administrator. Make somebody else one first."))
        return cleaned


@admin.register(User)
class PeopleAdmin(MomentAdmin, UserAdmin):
    """User accounts, for superusers only: the right to change accounts is a way to sign in as anyone."""

    list_display = ("username", "full_name", "email", "is_staff", "is_superuser", "is_active", "made", "last_login")
    list_filter = ("is_staff", "is_superuser", "is_active", "date_joined")
    list_per_page = 50
    fieldsets = (
        (None, {"fields": ("username", "password")}),
        (gettext_lazy("Person"), {"fields": ("first_name", "last_name", "email")}),
        (
            gettext_lazy("Rights"),
            {
                "fields": ("is_active", "is_staff", "is_superuser"),
                "description": gettext_lazy(
                    "Staff curate voices and generations. Administrators (superusers) manage people too."
                ),
            },
        ),
        (gettext_lazy("When"), {"fields": ("last_login", "date_joined", "leaves_at")}),
        (
            gettext_lazy("Limits"),
            {
                "fields": (
                    "requests_per_minute",
                    "work_at_once",
                    "speech_seconds_a_day",
                    "stored_megabytes",
                    "used",
                ),
            },
        ),
        (
            gettext_lazy("How long things are kept"),
            {
                "fields": tuple(f"keep_{kind}" for kind in KeepingRule.Kind),
                "description": gettext_lazy(
                    "Empty: as the site has it; 0: until they delete them. People may choose less."
                ),
            },
        ),
    )
    readonly_fields = ("last_login", "date_joined", "leaves_at", "used")
    actions = ("remove_second_step", "keep_account")
    form = PersonForm

    def get_queryset(self, request):
        def count(model, **which):
            theirs = model.objects.filter(owner=OuterRef("pk"), **which).order_by().values("owner")
            return Subquery(theirs.annotate(n=Count("pk")).values("n"))

        counts = {"voice_count": count(VoiceProfile), "spoken": count(Generation, is_sample=False)}
        return super().get_queryset(request).annotate(**counts)

    def get_readonly_fields(self, request, obj=None):
        """Return what nobody but a superuser may give, whatever permissions somebody has: no one raises their own rights."""
        fixed = super().get_readonly_fields(request, obj)
        return fixed if request.user.is_superuser else (*fixed, *RIGHTS)

    def has_change_permission(self, request, obj=None):
        return super().has_change_permission(request, obj) and _may_manage(request.user, obj)

    def has_delete_permission(self, request, obj=None):
        return super().has_delete_permission(request, obj) and _may_manage(request.user, obj)

    def save_model(self, request, person, form, change):
        super().save_model(request, person, form, change)
        for kind in KeepingRule.Kind:
            if f"keep_{kind}" in form.changed_data:
                keeping.set_for(person, kind, staff_days=form.cleaned_data[f"keep_{kind}"])

    def get_deleted_objects(self, people, request):
        """Return what goes and what stays for the confirmation page; Django's own lists every row of the cascade."""
        told = []
        for person in people:
            if why := leaving.why_not(person):
                return [], {}, set(), [f"{person}: {why}"]
            goes = (words for data in personal_data for words in data.goes(person))
            stays = (words for data in personal_data for words in data.stays(person))
            told += [
                str(person),
                [_("Deleted: {what}").format(what=one) for one in goes],
                [_("Stays: {what}").format(what=one) for one in stays],
            ]
        return told, {_("people"): len(people)}, set(), []

    def delete_model(self, request, person):
        """Delete a person at once, with all that is theirs. The page before said what stays."""
        leaving.delete(person)

    def delete_queryset(self, request, chosen):
        """Delete one by one. The last administrator stays, also of several who are chosen."""
        for person in chosen:
            try:
                self.delete_model(request, person)
            except Rejected as rejected:
                self.message_user(request, f"{person}: {rejected.message}", messages.ERROR)

    @admin.action(
        description=gettext_lazy("Keep the account: for people who asked to delete it"), permissions=["change"]
    )
    def keep_account(self, request, people):
        kept = [person for person in people if leaving.stay(person)]
        for person in kept:
            self.log_change(request, person, "Kept the account, which was to be deleted.")
        self.message_user(request, _("Open again: {count}.").format(count=len(kept)), messages.SUCCESS)

    @admin.action(
        description=gettext_lazy("Remove the second step: for people who lost their phone"), permissions=["change"]
    )
    def remove_second_step(self, request, people):
        raise_if_reauthentication_required(request, app="allauth.mfa")
        removed, _each = Authenticator.objects.filter(user__in=people).delete()
        for person in people:
            self.log_change(request, person, "Removed the second step.")
            get_adapter(request).send_notification_mail("account/email/second_step_removed", person)
        self.message_user(
            request, _("Removed {count} codes and passkeys. A password is enough to sign in now.").format(count=removed)
        )

    @admin.display(description=gettext_lazy("used now"))
    def used(self, person):
        now = quotas.usage(person)
        speech, stored = quotas.in_minutes(now.speech_seconds_today), in_words(now.stored_bytes)
        words = _("{speech} of speech today, {stored} stored, {active} waiting or worked on").format(
            speech=speech, stored=stored, active=thousands(now.work_active)
        )
        return " ".join([f"{words}.", *now.warnings])

    @admin.display(description=gettext_lazy("name"))
    def full_name(self, person):
        return person.get_full_name()

    @admin.display(description=gettext_lazy("made"), ordering=F("spoken").desc(nulls_last=True))
    def made(self, person):
        voices, generations = (
            f"{reverse(f'admin:{rows}_changelist')}?owner={person.pk}"
            for rows in ("voices_voiceprofile", "synthesis_generation")
        )
        spoke, has = person.spoken or 0, person.voice_count or 0
        made = ngettext("{count} voice", "{count} voices", has).format(count=has)
        said = ngettext("{count} text", "{count} texts", spoke).format(count=spoke)
        html = '<a href="{}">{}</a>, <a href="{}&amp;is_sample__exact=0">{}</a>'
        return format_html(html, voices, made, generations, said)


@admin.register(Invitation)
class InvitationAdmin(StaffAdmin):
    list_display = ("__str__", "created_by", "created_at", "expires_at", "used_by")
    list_select_related = ("created_by", "used_by")
    list_filter = ("created_at",)
    search_fields = ("note", "created_by__username", "used_by__username")
    readonly_fields = ("token", "created_by", "used_by", "created_at")
