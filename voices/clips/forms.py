"""Recordings and clips, as a page, a command or a program sends them."""

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
from voices.intake.upload_handler import as_path
from voices.languages import LANGUAGES
from voices.models import CONSENT_WORDING, Clip, VoiceProfile
from voices.text.lengths import MAX_TRANSCRIPT
from voicesite.models import User


class RecordingForm(forms.Form):
    """A recording, what is said in it, and the consent of who speaks.

    The recording is taken in and kept as a draft even where another field is wrong; `clip` names it when the form
    comes again, so that nobody sends a recording twice. A transcript belongs to the clip that it was shown with,
    `transcript_of`: the words of another one are left alone, and so are those that nobody has seen yet.
    """

    recording = forms.FileField(
        required=False,
        allow_empty_file=True,
        widget=forms.FileInput(attrs={"accept": "audio/*,video/webm,video/mp4,.wav,.flac,.mp3,.ogg,.opus,.m4a,.webm"}),
    )
    clip = forms.ModelChoiceField(Clip.objects.none(), required=False, widget=forms.HiddenInput)
    transcript = forms.CharField(required=False, max_length=MAX_TRANSCRIPT, widget=forms.Textarea(attrs={"rows": 3}))
    transcript_of = forms.UUIDField(required=False, widget=forms.HiddenInput)
    language = forms.ChoiceField(choices=LANGUAGES, help_text="What is spoken in the recording")
    consent = forms.BooleanField(required=False, label=CONSENT_WORDING)

    user: User
    draft: Clip | None = None

    def begin(self, user: User, written: QueryDict | None) -> None:
        """written: what was in the form when one of its other buttons was pressed; it is shown, and not judged."""
        self.user = user
        if written:
            self.initial = {name: written[name] for name in written if name in self.fields}
        drafts = Clip.objects.drafts().filter(owner=user).select_related("recording__search", "transcription")
        cast(forms.ModelChoiceField, self.fields["clip"]).queryset = drafts
        self.fields["clip"].error_messages["invalid_choice"] = "This recording is no longer here. Send it again."

    @property
    def shown_transcript(self) -> str:
        """What the editor holds: what was written for the draft, or else what is known of it."""
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

    def write_down(self) -> None:
        """Let the draft have the transcript and the language that were written for it."""
        assert self.draft
        written, shown_with = self.cleaned_data["transcript"], self.cleaned_data["transcript_of"]
        if shown_with == self.draft.pk or (written and shown_with is None):
            clips.set_transcript(self.draft, written, self.cleaned_data["language"])
        else:
            clips.set_transcript(self.draft, self.draft.transcript, self.cleaned_data["language"])

    def lose_clip(self) -> None:
        self.add_error("clip", self.fields["clip"].error_messages["invalid_choice"])


class AnotherClipForm(RecordingForm):
    """Gives a voice another recording."""

    def __init__(self, *args, voice: VoiceProfile, written: QueryDict | None = None, **kwargs):
        super().__init__(*args, **kwargs)
        self.initial = {"language": voice.language}
        self.voice = voice
        self.begin(voice.owner, written)

    def save(self) -> Clip | None:
        """None when another request took the recording: the form then has the error. Raises clips.Gone with the voice."""
        assert self.draft
        with transaction.atomic():
            self.write_down()
            try:
                clips.attach(self.draft, self.voice)
            except clips.Gone:
                if not VoiceProfile.objects.filter(pk=self.voice.pk).exists():
                    raise
                self.lose_clip()
                return None
            self.voice.save(update_fields=self.voice.consent(self.user))
            record(self.user, self.voice, "recorded_anew", self.voice.consent_record)
        return self.draft


class ClipForm(forms.ModelForm):
    """What is said in a clip of a voice, as its owner writes it."""

    class Meta:
        model = Clip
        fields = ("transcript", "language")
        widgets = {"transcript": forms.Textarea(attrs={"rows": 3})}
        help_texts = {"language": ""}

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        language = cast(forms.ChoiceField, self.fields["language"])
        language.choices, language.required = list(LANGUAGES.items()), True
        self.initial["language"] = self.instance.language or (
            self.instance.voice.language if self.instance.voice else ""
        )

    def save(self, commit=True) -> Clip:
        """Raises clips.Gone."""
        clips.set_transcript(self.instance, self.cleaned_data["transcript"], self.cleaned_data["language"])
        return self.instance


def take_upload(user: User, upload: UploadedFile, language: str = "") -> Clip:
    """Store an upload as a draft. `language` is what is spoken, where that is known. Raises AudioRejected."""
    check_size(upload.size or 0, limits())
    with as_path(upload) as path:
        return store_recording(user, path, upload.name or "", language)
