"""What a person says about a voice, and the recording that goes with it. The page and the commands share these."""

import tempfile
from pathlib import Path
from typing import cast

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.db import IntegrityError, transaction
from django.db.models import Q
from django.utils import timezone

from voicesite.models import User

from .audio import AudioRejected
from .clips import delete_clip, limits, store_recording
from .decoding import check_size
from .languages import LANGUAGES
from .models import CONSENT, Clip, VoiceProfile
from .tasks import ring_fitting

NAMESAKE = "You already have a voice of this name. Choose another."


class NamedVoiceForm(forms.ModelForm):
    """A voice whose owner is known and no field: Django's own check of the name does not run then."""

    def clean_name(self):
        name = " ".join(self.cleaned_data["name"].split())
        namesakes = VoiceProfile.objects.filter(owner=self.instance.owner, name=name).exclude(pk=self.instance.pk)
        if namesakes.exists():
            raise forms.ValidationError(NAMESAKE)
        return name


class VoiceForm(NamedVoiceForm):
    """Makes a voice, or changes one.

    The recording is taken in and kept as a draft even where another field is wrong; `clip` names it when the form
    comes again, so that nobody sends a recording twice.
    """

    recording = forms.FileField(
        required=False,
        allow_empty_file=True,
        widget=forms.FileInput(attrs={"accept": "audio/*,video/webm,video/mp4,.wav,.flac,.mp3,.ogg,.opus,.m4a,.webm"}),
    )
    clip = forms.ModelChoiceField(Clip.objects.none(), required=False, widget=forms.HiddenInput)
    transcript = forms.CharField(required=False, max_length=2000, widget=forms.Textarea(attrs={"rows": 3}))
    consent = forms.BooleanField(required=False, label=CONSENT)

    class Meta:
        model = VoiceProfile
        fields = ("name", "language", "description")
        widgets = {
            "description": forms.Textarea(attrs={"rows": 2, "placeholder": "Warm, slow, good for stories …"}),
            "name": forms.TextInput(attrs={"autocomplete": "off"}),
        }
        help_texts = {"description": ""}

    def __init__(self, *args, user: User, **kwargs):
        super().__init__(*args, **kwargs)
        self.user = user
        self.instance.owner = getattr(self.instance, "owner", None) or user
        cast(forms.ModelChoiceField, self.fields["clip"]).queryset = Clip.objects.drafts().filter(owner=user)
        self.fields["clip"].error_messages["invalid_choice"] = "This recording is no longer here. Send it again."
        self.fields["description"].required = False
        if not self.is_new:
            self.fields["transcript"].initial = self.instance.clip.transcript
        cast(forms.ChoiceField, self.fields["language"]).choices = list(LANGUAGES.items())
        self.draft: Clip | None = None

    @property
    def is_new(self) -> bool:
        return self.instance._state.adding

    def clean(self):
        super().clean()
        cleaned = self.cleaned_data
        upload, self.draft = cleaned.get("recording"), cleaned.get("clip")
        if upload is not None:
            try:
                self.draft = take_upload(self.user, upload)
            except AudioRejected as rejected:
                self.add_error("recording", forms.ValidationError(rejected.message, code=rejected.code))
        if self.draft is None and self.is_new and not self.errors.get("recording") and not self.errors.get("clip"):
            self.add_error("recording", forms.ValidationError("Choose or record a few seconds of speech.", "required"))
        if (self.draft or self.is_new) and not cleaned.get("consent"):
            self.add_error("consent", "A voice is cloned only with the consent of its speaker. Confirm it to go on.")
        return cleaned

    def save(self, commit=True) -> VoiceProfile | None:
        """Save the voice with its recording, and ring for whoever fits engines to it, all or nothing.

        None when another request was faster and took the name or the recording: the form then has the error. Raises
        VoiceProfile.DoesNotExist when it deleted the voice.
        """
        voice, changed = self.instance, list(self.Meta.fields)
        before = None if self.is_new else voice.clip
        clip = self.draft or voice.clip
        clip.language, clip.transcript = voice.language, self.cleaned_data["transcript"]
        try:
            with transaction.atomic():
                if self.draft:
                    voice.clip = self.draft
                    voice.consent_wording, voice.consent_by, voice.consent_at = CONSENT, self.user, timezone.now()
                    changed += ["clip", "consent_wording", "consent_by", "consent_at"]
                if before is None:
                    voice.save(force_insert=True)
                else:
                    before = VoiceProfile.objects.select_for_update().select_related("clip").get(pk=voice.pk).clip
                    voice.save(update_fields=[*changed, "updated_at"])
                taken = Clip.objects.filter(Q(voice=None) | Q(voice=voice), pk=clip.pk)
                if not taken.update(voice=voice, language=clip.language, transcript=clip.transcript):
                    raise IntegrityError("Another voice took the clip, or it was deleted.")
                if before and self.draft and before != self.draft:
                    delete_clip(before)
                ring_fitting()
        except IntegrityError:
            if self.draft and not Clip.objects.drafts().filter(pk=self.draft.pk).exists():
                self.add_error("clip", self.fields["clip"].error_messages["invalid_choice"])
            else:
                self.add_error("name", NAMESAKE)
            return None
        return voice


def take_upload(user: User, upload: UploadedFile) -> Clip:
    """Store an upload as a draft. Raises AudioRejected."""
    if hasattr(upload, "temporary_file_path"):
        upload.flush()
        return store_recording(user, Path(upload.temporary_file_path()), upload.name or "", upload.size)
    check_size(upload.size or 0, limits())
    with tempfile.NamedTemporaryFile(prefix="voicesite-") as file:
        for chunk in upload.chunks():
            file.write(chunk)
        file.flush()
        return store_recording(user, Path(file.name), upload.name or "")
