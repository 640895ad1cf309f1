"""What a person says about a voice, and the recording that goes with it. The page and the commands share these."""

from typing import cast

from django import forms
from django.db import IntegrityError, transaction
from django.http import QueryDict
from django.shortcuts import get_object_or_404

from voices.audit import record
from voices.clips import service as clips
from voices.clips.forms import RecordingForm
from voices.curation.tags import TagsField, set_tags
from voices.languages import LANGUAGES
from voices.models import Clip, VoiceProfile
from voicesite.models import User

NAME_TAKEN = "You already have a voice of this name. Choose another."


class NamedVoiceForm(forms.ModelForm):
    """A voice whose owner is known and no field: Django's own check of the name does not run then."""

    def clean_name(self):
        name = " ".join(self.cleaned_data["name"].split())
        namesakes = VoiceProfile.objects.filter(owner=self.instance.owner, name=name).exclude(pk=self.instance.pk)
        if namesakes.exists():
            raise forms.ValidationError(NAME_TAKEN)
        return name


class VoiceForm(RecordingForm, NamedVoiceForm):
    """Makes a voice of a recording."""

    class Meta:
        model = VoiceProfile
        fields = ("name", "language", "description")
        widgets = {
            "description": forms.Textarea(attrs={"rows": 2, "placeholder": "Warm, slow, good for stories …"}),
            "name": forms.TextInput(attrs={"autocomplete": "off"}),
        }
        help_texts = {"description": ""}

    def __init__(self, *args, user: User, written: QueryDict | None = None, **kwargs):
        super().__init__(*args, **kwargs)
        self.instance.owner = user
        self.begin(user, written)

    def save(self, commit=True) -> VoiceProfile | None:
        """Save the voice with its recording, and ring for whoever fits engines to it, all or nothing.

        None when another request was faster and took the name or the recording: the form then has the error.
        """
        voice, clip = self.instance, self.draft
        assert clip
        voice.clip = clip
        voice.consent(self.user)
        try:
            with transaction.atomic():
                self.write_down()
                voice.save(force_insert=True)
                clips.attach(clip, voice)
                record(self.user, voice, "made", voice.consent_record)
        except (IntegrityError, clips.Gone):
            voice._state.adding = True
            if Clip.objects.drafts().filter(pk=clip.pk).exists():
                self.add_error("name", NAME_TAKEN)
            else:
                self.lose_clip()
            return None
        return voice


class DetailsForm(NamedVoiceForm):
    """What a voice is called, and said to be."""

    tags = TagsField()

    class Meta(VoiceForm.Meta):
        pass

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        cast(forms.ChoiceField, self.fields["language"]).choices = list(LANGUAGES.items())
        self.initial["tags"] = list(self.instance.tags.all())

    def save(self, commit=True) -> VoiceProfile | None:
        """Return None when another request took the name: the form then has the error. Raises Http404."""
        try:
            with transaction.atomic():
                get_object_or_404(VoiceProfile.objects.select_for_update(), pk=self.instance.pk)
                self.instance.save(update_fields=[*self.Meta.fields, "updated_at"])
                set_tags(self.instance, self.cleaned_data["tags"])
        except IntegrityError:
            self.add_error("name", NAME_TAKEN)
            return None
        return self.instance
