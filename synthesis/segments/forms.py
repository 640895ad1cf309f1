"""The form of a sentence that is changed, for pages and programs."""

from django import forms

from synthesis.generations.voice_names import NO_SUCH_VOICE, SEVERAL_VOICES, by_id_or_name
from synthesis.models import Generation
from synthesis.scripts.marks import MAX_PAUSE_SECONDS
from voices.models import VoiceProfile
from voicesite.models import User

from . import editing

_NO_PAUSE = f"A pause goes from 0 to {MAX_PAUSE_SECONDS:g} seconds."


class SegmentForm(forms.Form):
    """Other words, another voice, another pause: what is left out stays as it is."""

    text = forms.CharField(
        required=False,
        strip=False,
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={
            "null_characters_not_allowed": "This text has a character that cannot be said, of code 0. Delete it."
        },
    )
    voice = forms.CharField(required=False)  # its id or name
    pause = forms.FloatField(
        required=False,
        min_value=0,
        max_value=MAX_PAUSE_SECONDS,
        help_text="Seconds of silence after it",
        error_messages=dict.fromkeys(("invalid", "min_value", "max_value"), _NO_PAUSE),
    )

    def __init__(self, data: dict, *, user: User):
        super().__init__(data)
        self.user = user

    def clean_text(self) -> str | None:
        return self.cleaned_data["text"] if self.data.get("text") is not None else None

    def clean_voice(self) -> VoiceProfile | None:
        written = self.cleaned_data["voice"]
        if not written:
            return None
        found = by_id_or_name(VoiceProfile.objects.usable_by(self.user), written, self.user)
        if len(found) != 1:
            raise forms.ValidationError(SEVERAL_VOICES if found else NO_SUCH_VOICE)
        return found[0]

    def change(self, generation: Generation, index: int) -> None:
        """Change the sentence at `index`. Call it after `is_valid()`. Raises Rejected."""
        editing.change(generation, index, **self.cleaned_data)
