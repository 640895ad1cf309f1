"""The page that says of a file whether it was made here."""

from django import forms
from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods

from voices.clips.service import limits
from voices.origins import origin_of_upload
from voicesite.people.requests import Request
from voicesite.web.rejection import Rejected


class FileForm(forms.Form):
    """The file that somebody asks about."""

    audio = forms.FileField(
        label=_("The file"),
        allow_empty_file=True,
        error_messages={"required": _("Choose a file first.")},
        widget=forms.FileInput(attrs={"accept": "audio/*,.wav,.flac,.mp3,.ogg,.opus,.m4a,.aac"}),
    )


@require_http_methods(["GET", "POST"])
def provenance(request: Request) -> HttpResponse:
    form = FileForm(request.POST, request.FILES) if request.method == "POST" else FileForm()
    context = {"form": form, "max_megabytes": limits().max_bytes // 2**20}
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                context["origin"] = origin_of_upload(request.user, form.cleaned_data["audio"])
                context["name"] = form.cleaned_data["audio"].name
                status = 200
            except Rejected as rejected:
                form.add_error("audio", rejected.message)
                status = rejected.page_status
    return render(request, "synthesis/provenance.html", context, status=status)
