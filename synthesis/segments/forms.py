"""The forms of a sentence that is changed, for programs and for pages."""

from typing import Any

from django import forms
from django.utils.text import format_lazy
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from synthesis.generations.voice_names import NO_SUCH_VOICE, SEVERAL_VOICES, by_id_or_name
from synthesis.generations.voice_names import label as voice_label
from synthesis.models import Generation, Segment
from synthesis.scripts.marks import MAX_PAUSE_SECONDS
from voices.models import VoiceProfile
from voicesite.models import User
from voicesite.wording import thousands

from . import editing

MAX_CHARACTERS = 5_000  # of what a sentence is changed to: it is read while the database waits, 0.1 s for so many
_NO_PAUSE = format_lazy(
    gettext_lazy("A pause goes from 0 to {max_pause_seconds} seconds."), max_pause_seconds=f"{MAX_PAUSE_SECONDS:g}"
)


class SegmentForm(forms.Form):
    """Other words, another voice, another pause: what is left out stays as it is."""

    text = forms.CharField(
        required=False,
        strip=False,
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={
            "null_characters_not_allowed": gettext_lazy(
                "This text contains a null character (code 0). Please delete it."
            )
        },
    )
    voice = forms.CharField(label=gettext_lazy("Voice"), required=False)  # its id or name
    pause = forms.FloatField(
        required=False,
        min_value=0,
        max_value=MAX_PAUSE_SECONDS,
        help_text=gettext_lazy("Seconds of silence after it"),
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
                _(
                    "This has {count} characters; a sentence can be changed to {max_characters} at most. Put the "
                    "rest into the next one."
                ).format(count=thousands(len(text)), max_characters=thousands(MAX_CHARACTERS))
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
            raise forms.ValidationError(_(SEVERAL_VOICES) if found else _(NO_SUCH_VOICE))
        return found[0]

    def change(self, generation: Generation, index: int) -> None:
        """Change the sentence at `index`. Call it after `is_valid()`. Raises Rejected."""
        editing.change(generation, index, **self.cleaned_data)


class SentenceForm(SegmentForm):
    """The same on a page, filled in with a sentence as it is: only what somebody changed there is changed.

    The page posts what it was filled in with, as `was_text` and so on: the sentence may have been changed elsewhere since.
    """

    voice = forms.CharField(label=gettext_lazy("Voice"), required=False, widget=forms.Select)

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
        self.fields["text"].label = _("Words")
        self.fields["pause"].label = _("Pause after it")
        self.fields["pause"].widget.attrs["step"] = 0.05
        self.fields["pause"].help_text = ""
        usable = (
            VoiceProfile.objects.usable_by(user).order_by("preset", "name", "pk").only("pk", "name", "owner", "preset")
        )
        choices = [(str(voice.pk), voice_label(voice, user)) for voice in usable]
        if initial["voice"] not in dict(choices):
            # By its name only where it is still seen: its owner may have changed it since.
            key = segment.voice_id
            seen = VoiceProfile.objects.visible_to(user).filter(pk=key).first() if key else None
            name = (
                _("{name} (can’t be used any more)").format(name=seen.name)
                if seen
                else _("No longer available: choose another")
            )
            choices.insert(0, (initial["voice"], name))
        self.fields["voice"].widget.choices = choices

    def clean_text(self) -> str | None:
        text = super().clean_text()
        return None if text is None or text.split() == self.initial["text"].split() else text

    def clean(self) -> None:
        for name in self.overtaken:
            self.add_error(
                name, _("This was changed elsewhere{now}. Save again to keep your version.").format(now=self._now(name))
            )

    def _now(self, name: str) -> str:
        if name == "voice":
            return _(", to {dict}").format(dict=dict(self.fields[name].widget.choices)[self.initial[name]])
        return (
            _(", to “{initial}”").format(initial=self.initial[name])
            if name == "text"
            else _(", to {initial} seconds").format(initial=f"{self.initial[name]:g}")
        )

    def change(self, generation: Generation, index: int) -> None:
        editing.change(generation, index, has_marks=True, **self.cleaned_data)

    def clean_voice(self) -> VoiceProfile | None:
        return super().clean_voice() if "voice" in self.changed_data else None

    def clean_pause(self) -> float | None:
        return super().clean_pause() if "pause" in self.changed_data else None


def _words(value: Any) -> str:
    return " ".join(str(value).split())
