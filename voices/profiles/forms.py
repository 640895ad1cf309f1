"""Forms to make and edit a voice, which pages, commands and the API share."""

from django import forms
from django.db import IntegrityError, transaction
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext_lazy as _

from voices.audit import record
from voices.clips import service as clips
from voices.clips.forms import RecordingForm, SpokenConsentUsed
from voices.curation.tags import TagsField, set_tags
from voices.languages import LANGUAGES
from voices.models import Clip, VoiceProfile
from voices.written_languages import LanguageField
from voicesite.wording import lazily

NAME_TAKEN = _("You already have a voice of this name. Choose another.")


class NamedVoiceForm(forms.ModelForm):
    """Checks that the owner has no other voice of the name: Django does so only if the owner is a field too."""

    def clean_name(self):
        name = " ".join(self.cleaned_data["name"].split())
        namesakes = VoiceProfile.objects.filter(owner=self.instance.owner, name=name).exclude(pk=self.instance.pk)
        if namesakes.exists():
            raise forms.ValidationError(NAME_TAKEN)
        return name


class VoiceForm(RecordingForm, NamedVoiceForm):
    """Makes a voice from a recording."""

    class Meta:
        model = VoiceProfile
        fields = ("name", "language", "description")
        widgets = {
            "description": forms.Textarea(attrs={"rows": 2, "placeholder": _("Warm, slow, good for stories …")}),
            "name": forms.TextInput(attrs={"autocomplete": "off"}),
        }
        labels = {"name": _("Name"), "description": _("Description")}
        help_texts = {"description": ""}

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.instance.owner = self.user

    def save(self, commit=True) -> VoiceProfile | None:
        """Save the voice with its clip, and ring so that engines are fitted to it, in one transaction.

        Return None, and add an error, if another request took the name or the draft.
        """
        voice, clip = self.instance, self.draft
        assert clip
        voice.clip = clip
        voice.consent(self.user)
        try:
            with transaction.atomic():
                self.save_transcript()
                voice.save(force_insert=True)
                clips.attach(clip, voice)
                self.keep_spoken_consent(voice)
                record(self.user, voice, "made", voice.consent_record)
        except SpokenConsentUsed:
            voice._state.adding = True
            self.add_spoken_error()
            return None
        except (IntegrityError, clips.Gone):
            voice._state.adding = True
            if Clip.objects.drafts().filter(pk=clip.pk).exists():
                self.add_error("name", NAME_TAKEN)
            else:
                self.add_clip_error()
            return None
        return voice


class DetailsForm(NamedVoiceForm):
    """The name, language, description and tags of a voice."""

    language = LanguageField(
        label=_("Language"), choices=lazily(LANGUAGES), help_text=_("What is spoken in the recording")
    )
    tags = TagsField()

    Meta = VoiceForm.Meta

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.initial["tags"] = list(self.instance.tags.all())

    def save(self, commit=True) -> VoiceProfile | None:
        """Return None, and add an error, if another request took the name. Raises Http404 if the voice is deleted."""
        try:
            with transaction.atomic():
                get_object_or_404(VoiceProfile.objects.select_for_update(), pk=self.instance.pk)
                self.instance.save(update_fields=[*self.Meta.fields, "updated_at"])
                set_tags(self.instance, self.cleaned_data["tags"])
        except IntegrityError:
            self.add_error("name", NAME_TAKEN)
            return None
        return self.instance
