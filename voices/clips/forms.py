"""Forms for recordings and transcripts, which pages, commands and the API share."""

from typing import cast

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.http import QueryDict

from voices.analysis.reference_audio import AudioRejected
from voices.audit import record
from voices.clips import service as clips
from voices.clips.service import limits, store_recording
from voices.intake.decoding import check_size
from voices.languages import LANGUAGES
from voices.models import CONSENT_WORDING, Clip, VoiceProfile
from voices.text.lengths import MAX_TRANSCRIPT
from voicesite.models import User
from voicesite.web.media import as_path


class RecordingForm(forms.Form):
    """A recording, its transcript, and the speaker's consent.

    The recording is stored as a draft even if another field is invalid; `clip` names the draft when the form is sent
    again, so that nobody has to upload twice. `transcript_of` names the clip that the transcript was shown with: the
    transcript of another clip is not overwritten, nor one that came after the form was rendered.
    """

    recording = forms.FileField(
        required=False,
        allow_empty_file=True,
        widget=forms.FileInput(attrs={"accept": "audio/*,video/webm,video/mp4,.wav,.flac,.mp3,.ogg,.opus,.m4a,.webm"}),
    )
    clip = forms.ModelChoiceField(Clip.objects.none(), required=False, widget=forms.HiddenInput)
    transcript = forms.CharField(required=False, max_length=MAX_TRANSCRIPT, widget=forms.Textarea)
    transcript_of = forms.UUIDField(required=False, widget=forms.HiddenInput)
    language = forms.ChoiceField(choices=LANGUAGES, help_text="What is spoken in the recording")
    consent = forms.BooleanField(required=False, label=CONSENT_WORDING)

    user: User
    draft: Clip | None = None

    def __init__(self, *args, user: User, written: QueryDict | None = None, **kwargs):
        """written: what the fields held when another button of the form was pressed; shown again, without validation."""
        super().__init__(*args, **kwargs)
        self.user = user
        if written:
            self.initial = {name: written[name] for name in written if name in self.fields}
        drafts = Clip.objects.drafts().filter(owner=user).select_related("recording__search", "transcription")
        cast(forms.ModelChoiceField, self.fields["clip"]).queryset = drafts
        self.fields["clip"].error_messages["invalid_choice"] = "This recording is no longer here. Send it again."

    @property
    def shown_transcript(self) -> str:
        """The text for the transcript's editor: what was written for this draft, or else the draft's transcript."""
        written, shown_with = self["transcript"].value() or "", self["transcript_of"].value() or ""
        if self.draft is None or shown_with == str(self.draft.pk) or (written and not shown_with):
            return written
        return self.draft.transcript

    def clean(self):
        super().clean()
        cleaned = self.cleaned_data
        upload, self.draft = cleaned.get("recording"), cleaned.get("clip")
        if upload is not None:
            try:
                self.draft = take_upload(self.user, upload, cleaned.get("language", ""))
            except AudioRejected as rejected:
                self.add_error("recording", forms.ValidationError(rejected.message, code=rejected.code))
        if self.draft is None and not self.errors.get("recording") and not self.errors.get("clip"):
            self.add_error("recording", forms.ValidationError("Choose or record a few seconds of speech.", "required"))
        if not cleaned.get("consent"):
            self.add_error("consent", "A voice is cloned only with the consent of its speaker. Confirm it to go on.")
        return cleaned

    def save_transcript(self) -> None:
        """Store the language in the draft, and the transcript if it was written for this draft."""
        assert self.draft
        clips.set_transcript(self.draft, self.shown_transcript.strip(), self.cleaned_data["language"])

    def add_clip_error(self) -> None:
        self.add_error("clip", self.fields["clip"].error_messages["invalid_choice"])


class AnotherClipForm(RecordingForm):
    """Adds another recording to a voice."""

    def __init__(self, *args, voice: VoiceProfile, **kwargs):
        super().__init__(*args, user=voice.owner, initial={"language": voice.language}, **kwargs)
        self.voice = voice

    def save(self) -> Clip | None:
        """Return None, and add an error, if another request took the draft. Raises clips.Gone if the voice is deleted."""
        assert self.draft
        with transaction.atomic():
            self.save_transcript()
            try:
                clips.attach(self.draft, self.voice)
            except clips.Gone:
                if not VoiceProfile.objects.filter(pk=self.voice.pk).exists():
                    raise
                self.add_clip_error()
                return None
            self.voice.save(update_fields=self.voice.consent(self.user))
            record(self.user, self.voice, "recorded_anew", self.voice.consent_record)
        return self.draft


class ClipForm(forms.ModelForm):
    """The transcript and language of a clip."""

    language = forms.ChoiceField(choices=LANGUAGES)

    class Meta:
        model = Clip
        fields = ("transcript", "language")
        widgets = {
            "transcript": forms.Textarea(attrs={"rows": 3, "maxlength": MAX_TRANSCRIPT, "data-transcript-editor": True})
        }

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.initial["language"] = self.instance.language or (
            self.instance.voice.language if self.instance.voice else ""
        )

    def save(self, commit=True) -> Clip:
        """Raises clips.Gone."""
        clips.set_transcript(self.instance, self.cleaned_data["transcript"], self.cleaned_data["language"])
        return self.instance


def take_upload(user: User, upload: UploadedFile, language: str = "") -> Clip:
    """Store an upload as a draft. language: what is spoken, if known. Raises AudioRejected."""
    check_size(upload.size or 0, limits())
    with as_path(upload) as path:
        return store_recording(user, path, upload.name or "", language)
