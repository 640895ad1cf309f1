"""The form in which people choose what their programs mean by names of voices."""

from django import forms
from django.utils.translation import gettext as _

from synthesis.generations.voice_names import label
from voices.text.lengths import MAX_NAME
from voicesite.models import User

from .meaning import MAX_ALIASES, OPENAI_NAMES, Meaning, choose


class AliasForm(forms.Form):
    """A voice for every name, one for each of OpenAI's and of those that were added, and a field to add another name."""

    def __init__(self, *args, user: User, **kwargs):
        super().__init__(*args, **kwargs)
        self.user, meaning = user, Meaning(user)
        order = sorted(meaning.voices, key=lambda voice: (voice.owner_id != user.pk, voice.is_builtin, voice.name))
        self.voices = [(str(voice.pk), label(voice, user)) for voice in order]
        added = sorted(set(meaning.chosen) - {"", *OPENAI_NAMES})
        self.names = {f"name-{number}": name for number, name in enumerate((*OPENAI_NAMES, *added))}
        fallback = meaning.fallback
        automatic = _("Automatic: {label}").format(label=label(fallback, user)) if fallback else _("Automatic")
        self.fields["default"] = self._choice(_("Your default voice"), automatic)
        for field, name in self.names.items():
            self.fields[field] = self._choice(name, _("Your default voice"))
        self.fields["other_name"] = forms.CharField(
            label=_("Another name"),
            required=False,
            max_length=MAX_NAME,
            help_text=_("As a program writes it, such as af_bella."),
        )
        self.fields["other_voice"] = self._choice(_("Its voice"), _("Your default voice"))
        self.initial = {
            field: str(meaning.chosen[name].pk)
            for field, name in {"default": "", **self.names}.items()
            if name in meaning.chosen
        }

    def _choice(self, label: str, empty: str) -> forms.ChoiceField:
        field = forms.ChoiceField(label=label, required=False, choices=[("", empty), *self.voices])
        field.error_messages["invalid_choice"] = _("This voice is no longer available. Choose another.")
        return field

    @property
    def name_fields(self) -> list[forms.BoundField]:
        """The fields of names, for the page."""
        return [self[field] for field in self.names]

    @property
    def is_open(self) -> bool:
        """Whether the page shows the names at once: something is chosen for one, or wrong."""
        return bool(set(self.initial) - {"default"}) or bool(self.errors)

    def clean(self):
        if not self.cleaned_data.get("other_name") and self.cleaned_data.get("other_voice"):
            self.add_error("other_name", _("Write the name that this voice is for."))
        if len(self.names) >= MAX_ALIASES and self.cleaned_data.get("other_name"):
            self.add_error(
                "other_name", _("There are {max_aliases} names, which is the limit.").format(max_aliases=MAX_ALIASES)
            )

    def save(self) -> None:
        data = self.cleaned_data
        chosen = {name: data[field] for field, name in {"default": "", **self.names}.items()}
        if data["other_name"]:
            chosen[data["other_name"].casefold()] = data["other_voice"]
        choose(self.user, chosen)
