"""The forms of a sentence that is changed, for programs and for pages."""

from typing import Any

from django import forms

from synthesis.generations.voice_names import NO_SUCH_VOICE, SEVERAL_VOICES, by_id_or_name
from synthesis.models import Generation, Segment
from synthesis.scripts.marks import MAX_PAUSE_SECONDS
from voices.models import VoiceProfile
from voicesite.models import User

from . import editing

MAX_CHARACTERS = 5_000  # of what a sentence is changed to: it is read while the database waits, 0.1 s for so many
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

    def __init__(self, data: dict | None, *, user: User, **options):
        super().__init__(data, **options)
        self.user = user

    def clean_text(self) -> str | None:
        if self.data.get("text") is None:
            return None
        text = self.cleaned_data["text"]
        if len(text) > MAX_CHARACTERS:
            raise forms.ValidationError(
                f"This has {len(text):,} characters; a sentence can be changed to {MAX_CHARACTERS:,} at most. Put the "
                "rest into the next one."
            )
        return text

    def clean_pause(self) -> float | None:
        pause = self.cleaned_data["pause"]
        # As it is written into the text: in milliseconds, never as -0.
        return None if pause is None else abs(round(pause, 3))

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


class SentenceForm(SegmentForm):
    """The same on a page, filled in with a sentence as it is: only what somebody changed there is changed.

    The page posts what it was filled in with, as `was_text` and so on: the sentence may have been changed elsewhere since.
    """

    voice = forms.CharField(required=False, widget=forms.Select)

    def __init__(self, data: dict | None, *, user: User, segment: Segment, written: str):
        initial: dict[str, Any] = {
            "text": written,
            "voice": str(segment.voice_id or ""),
            "pause": round(segment.pause, 3),
        }
        self.overtaken: list[str] = []  # fields that were changed here and, since the page was made, elsewhere
        if data is not None:
            data = dict(data.items())
            for name, now in initial.items():
                was, said = (_words(data.get(key, now)) for key in (f"was_{name}", name))
                if said == was:
                    data[name] = str(now)
                elif _words(now) not in (was, said):
                    self.overtaken.append(name)
        super().__init__(data, user=user, initial=initial, auto_id="sentence_%s")
        self.fields["text"].label = "Words"
        self.fields["pause"].label = "Pause after it"
        self.fields["pause"].widget.attrs["step"] = 0.05
        self.fields["pause"].help_text = ""
        usable = VoiceProfile.objects.usable_by(user).order_by("name", "pk").only("pk", "name", "owner")
        choices = [(str(voice.pk), _name(voice, user)) for voice in usable]
        if initial["voice"] not in dict(choices):
            # By its name only where it is still seen: its owner may have changed it since.
            key = segment.voice_id
            seen = VoiceProfile.objects.visible_to(user).filter(pk=key).first() if key else None
            name = f"{seen.name} (may not speak any more)" if seen else "No longer here: choose one"
            choices.insert(0, (initial["voice"], name))
        self.fields["voice"].widget.choices = choices

    def clean_text(self) -> str | None:
        text = super().clean_text()
        return None if text is None or text.split() == self.initial["text"].split() else text

    def clean(self) -> None:
        for name in self.overtaken:
            self.add_error(
                name, f"This was changed elsewhere meanwhile{self._now(name)}. Save again to have it as it is here."
            )

    def _now(self, name: str) -> str:
        if name == "voice":
            return f", to {dict(self.fields[name].widget.choices)[self.initial[name]]}"
        return f", to “{self.initial[name]}”" if name == "text" else f", to {self.initial[name]:g} seconds"

    def change(self, generation: Generation, index: int) -> None:
        editing.change(generation, index, has_marks=True, **self.cleaned_data)

    def clean_voice(self) -> VoiceProfile | None:
        return super().clean_voice() if "voice" in self.changed_data else None

    def clean_pause(self) -> float | None:
        return super().clean_pause() if "pause" in self.changed_data else None


def _name(voice: VoiceProfile, user: User) -> str:
    return voice.name if voice.owner_id == user.pk else f"{voice.name} (shared)"


def _words(value: Any) -> str:
    return " ".join(str(value).split())
