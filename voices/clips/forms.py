"""Forms for recordings and transcripts, which pages, commands and the API share."""

from typing import cast

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.http import QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from voices.analysis.reference_audio import AudioRejected
from voices.audit import record
from voices.clips import service as clips
from voices.clips.service import delete_oldest_drafts, limits, store_recording
from voices.consent import service as spoken
from voices.intake.decoding import check_size
from voices.languages import LANGUAGES
from voices.models import CONSENT_WORDING, Clip, SpokenConsent, VoiceProfile
from voices.text.lengths import MAX_TRANSCRIPT
from voices.written_languages import LanguageField
from voicesite.models import User
from voicesite.web.media import as_path
from voicesite.wording import lazily, translated


class SpokenConsentUsed(Exception):
    """Another request has used the sentence, or it has expired just now."""


class RecordingForm(forms.Form):
    """A recording, its transcript, and the speaker's consent.

    The recording is stored as a draft even if another field is invalid; `clip` names the draft when the form is sent
    again, so that nobody has to upload twice. `transcript_of` names the clip that the transcript was shown with: the
    transcript of another clip is not overwritten, nor one that came after the form was rendered.
    """

    recording = forms.FileField(
        label=gettext_lazy("Recording"),
        required=False,
        allow_empty_file=True,
        widget=forms.FileInput(attrs={"accept": "audio/*,video/webm,video/mp4,.wav,.flac,.mp3,.ogg,.opus,.m4a,.webm"}),
    )
    clip = forms.ModelChoiceField(Clip.objects.none(), required=False, widget=forms.HiddenInput)
    transcript = forms.CharField(
        label=gettext_lazy("Transcript"), required=False, max_length=MAX_TRANSCRIPT, widget=forms.Textarea
    )
    transcript_of = forms.UUIDField(required=False, widget=forms.HiddenInput)
    language = LanguageField(
        label=gettext_lazy("Language"),
        choices=lazily(LANGUAGES),
        help_text=gettext_lazy("What is spoken in the recording"),
    )
    read = forms.CharField(required=False, max_length=20, widget=forms.HiddenInput)  # which text, in the recording
    consent = forms.BooleanField(required=False, label=gettext_lazy(CONSENT_WORDING))
    spoken_consent = forms.UUIDField(required=False, widget=forms.HiddenInput)

    user: User
    asker: str = ""  # who may use a spoken consent: see voices.consent.service; empty for the operator's commands
    spoken: SpokenConsent | None = None
    draft: Clip | None = None
    deleted: str = ""  # which older recordings were, in words

    def __init__(self, *args, user: User, asker: str = "", written: QueryDict | None = None, **kwargs):
        """asker: as of `consent.service.asker_of`. written: what the fields held when another button of the form was pressed; shown again, without validation."""
        super().__init__(*args, **kwargs)
        self.user, self.asker = user, asker
        if written:
            self.initial = {name: written[name] for name in written if name in self.fields}
        drafts = Clip.objects.drafts().filter(owner=user).select_related("recording__search", "transcription")
        cast(forms.ModelChoiceField, self.fields["clip"]).queryset = drafts
        self.fields["clip"].error_messages["invalid_choice"] = _("This recording was deleted. Upload it again.")

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
                self.draft, self.deleted = take_upload(
                    self.user, upload, cleaned.get("language", ""), cleaned.get("read", "")
                )
            except AudioRejected as rejected:
                self.add_error("recording", forms.ValidationError(translated(rejected.message), code=rejected.code))
        if self.draft is None and not self.errors.get("recording") and not self.errors.get("clip"):
            self.add_error(
                "recording", forms.ValidationError(_("Record or choose a few seconds of speech."), "required")
            )
        if not cleaned.get("consent"):
            self.add_error(
                "consent", _("A voice is cloned only with the consent of its speaker. Please confirm it to continue.")
            )
        if self.asker and spoken.is_asked():
            self.spoken = spoken.find(self.user, self.asker, cleaned.get("spoken_consent"))
            if spoken.is_required() and self.draft and (why := spoken.why_not_good(self.spoken, self.draft.recording)):
                self.add_error("spoken_consent", why)
        return cleaned

    def keep_spoken_consent(self, voice: VoiceProfile) -> None:
        """Keep the sentence that was read with the voice, in the transaction that makes it. Raises SpokenConsentUsed."""
        was_read = self.spoken and self.spoken.audio and not self.spoken.cancel_requested
        if self.spoken and was_read and not spoken.use(self.spoken, voice):
            raise SpokenConsentUsed

    def add_spoken_error(self) -> None:
        self.add_error("spoken_consent", _("This sentence was used already, or is too old. Read a new one."))

    def save_transcript(self) -> None:
        """Store the language in the draft, and the transcript if it was written for this draft."""
        assert self.draft
        clips.set_transcript(self.draft, self.shown_transcript.strip(), self.cleaned_data["language"])

    def add_clip_error(self) -> None:
        self.add_error("clip", self.fields["clip"].error_messages["invalid_choice"])


class AnotherClipForm(RecordingForm):
    """Adds another recording to a voice."""

    def __init__(self, *args, voice: VoiceProfile, **kwargs):
        assert voice.owner, _("nobody adds clips to a built-in voice")
        super().__init__(*args, user=voice.owner, initial={"language": voice.language}, **kwargs)
        self.voice = voice

    def save(self) -> Clip | None:
        """Return None, and add an error, if another request took the draft. Raises clips.Gone if the voice is deleted."""
        assert self.draft
        try:
            with transaction.atomic():
                self.save_transcript()
                clips.attach(self.draft, self.voice)
                self.voice.save(update_fields=self.voice.consent(self.user))
                self.keep_spoken_consent(self.voice)
                record(self.user, self.voice, "recorded_anew", self.voice.consent_record)
        except clips.Gone:
            if not VoiceProfile.objects.filter(pk=self.voice.pk).exists():
                raise
            self.add_clip_error()
            return None
        except SpokenConsentUsed:
            self.add_spoken_error()
            return None
        return self.draft


class ClipForm(forms.ModelForm):
    """The transcript and language of a clip."""

    language = LanguageField(label=gettext_lazy("Language"), choices=lazily(LANGUAGES))

    class Meta:
        model = Clip
        fields = ("transcript", "language")
        labels = {"transcript": gettext_lazy("Transcript")}
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


def take_upload(user: User, upload: UploadedFile, language: str = "", read: str = "") -> tuple[Clip, str]:
    """Store an upload as a draft; return it, and which older drafts were deleted for it, in words. Raises AudioRejected.

    language: what is spoken, if known. read: the key of the passage that was read, if one was.
    """
    check_size(upload.size or 0, limits())
    with as_path(upload) as path:
        return store_recording(user, path, upload.name or "", language, read), delete_oldest_drafts(user)
