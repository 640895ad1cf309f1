"""Jobs in the administration: lists with their progress, and a page of each on which it is tried again or cancelled."""

from collections.abc import Iterator
from typing import Any, ClassVar

from django.contrib import admin, messages
from django.shortcuts import redirect
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from voicesite.jobs.job import Job, State
from voicesite.templatetags.display import duration
from voicesite.wording import percent

from .admin_site import StaffAdmin, next_url
from .moments import when
from .rejection import Rejected

HISTORY = ("timing", "attempts", "error", "created_at")  # the last columns of every list of jobs


class JobAdmin(StaffAdmin):
    """A list of jobs with their progress, which staff may retry or cancel."""

    list_per_page = 50
    actions = ("try_again", "cancel")
    change_form_template = "admin/jobs/change_form.html"
    first_fields: ClassVar[tuple[str, ...]] = ("priority",)  # on the page of one; the others are folded away

    def get_readonly_fields(self, request, obj=None):
        """Return all fields but the priority, which staff may change."""
        return [field.name for field in self.model._meta.fields if field.name != "priority"]

    def get_fieldsets(self, request, obj=None):
        fields = self.get_fields(request, obj)
        first = [name for name in self.first_fields if name in fields]
        rest = [name for name in fields if name not in first]
        return [(None, {"fields": first}), (_("Technical details"), {"fields": rest, "classes": ["collapse"]})]

    def change_view(self, request, object_id, form_url="", extra_context=None):
        context: dict[str, Any] = {"show_save_and_continue": False}
        if (job := self.get_object(request, object_id)) and self.has_view_permission(request, job):
            context |= {"job": job, "facts": list(self.facts(job)), "acts": list(self.acts(job))}
        return super().change_view(request, object_id, form_url, context | (extra_context or {}))

    def facts(self, job: Job) -> Iterator[tuple[str, object]]:
        """Return what is to be known of a job, each with its name."""
        yield _("Asked for"), when(job.created_at)
        if job.started_at:
            yield _("Waited"), duration((job.started_at - job.created_at).total_seconds())
        if job.started_at and job.finished_at:
            yield _("Worked"), duration((job.finished_at - job.started_at).total_seconds())
        if job.attempts:
            yield _("Attempts"), job.attempts

    def acts(self, job: Job) -> Iterator[tuple[str, str]]:
        """Return what may be done with it: actions of the list, each with the words of its button."""
        if job.state in (State.FAILED, State.CANCELLED):
            yield "try_again", _("Try again")
        if job.is_active and not job.cancel_requested:
            yield "cancel", _("Cancel")

    @admin.display(description=gettext_lazy("progress"), ordering="progress")
    def bar(self, job):
        return format_html(
            '<progress max="100" value="{0}">{1}</progress> {1}', job.progress, percent(job.progress / 100)
        )

    @admin.display(description=gettext_lazy("waited + worked"))
    def timing(self, job):
        if not job.started_at:
            return "–"
        waited = duration((job.started_at - job.created_at).total_seconds())
        worked = duration((job.finished_at - job.started_at).total_seconds()) if job.finished_at else "…"
        return f"{waited} + {worked}"

    @admin.action(description=gettext_lazy("Try again (failed and cancelled ones)"), permissions=["change"])
    def try_again(self, request, jobs):
        retried = 0
        for job in jobs:
            try:
                retried += job.retry()
            except Rejected as rejected:  # by a limit of its owner
                self.message_user(request, f"{job}: {rejected.message}", messages.WARNING)
        self.message_user(request, _("Waiting again: %(n)s.") % {"n": retried}, messages.SUCCESS)
        return redirect(next_url(request))

    @admin.action(description=gettext_lazy("Cancel (waiting and running ones)"), permissions=["change"])
    def cancel(self, request, jobs):
        cancelled = sum(job.request_cancel() for job in jobs)
        self.message_user(request, _("Cancelled, or cancelling: %(n)s.") % {"n": cancelled}, messages.SUCCESS)
        return redirect(next_url(request))
