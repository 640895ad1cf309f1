"""Forms in which the owner of an archive chooses what to do with each of its voices."""

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from voices.models import CONSENT_WORDING, VoiceImport, VoiceProfile
from voices.text.lengths import MAX_NAME
from voicesite.web.names import clean_text

from .importing import proposals

NEW, REPLACE, SKIP = "new", "replace", "skip"


class VoiceChoiceForm(forms.Form):
    """One voice of the archive: imported under a name, in place of its namesake, or left out."""

    act = forms.ChoiceField(widget=forms.RadioSelect)
    name = forms.CharField(
        max_length=MAX_NAME, required=False, label=gettext_lazy("Name"), widget=forms.TextInput({"autocomplete": "off"})
    )

    def __init__(self, *args, preview: dict, proposed: str, namesake: VoiceProfile | None, **kwargs):
        super().__init__(*args, **kwargs)
        self.preview, self.namesake = preview, namesake
        choices = [(SKIP, _("Skip"))]
        if not preview["problem"]:
            choices.insert(0, (NEW, _("Keep both") if namesake else _("Import")))
            if namesake:
                choices.insert(1, (REPLACE, _("Replace {name}").format(name=namesake.name)))
        self.fields["act"].choices = choices  # type: ignore[attr-defined]
        self.fields["act"].initial = choices[0][0]
        self.fields["name"].initial = proposed

    def clean_name(self) -> str:
        return clean_text(self.cleaned_data["name"], MAX_NAME)

    def choice(self) -> dict:
        act, name = self.cleaned_data["act"], self.cleaned_data["name"]
        if act == REPLACE and self.namesake:
            name = self.namesake.name
        return {"act": act, "name": name}


class ImportForm(forms.Form):
    """All voices of an archive, and the consent of the speakers of all that are imported."""

    consent = forms.BooleanField(required=False, label=gettext_lazy(CONSENT_WORDING))

    def __init__(self, data, voice_import: VoiceImport):
        super().__init__(data)
        before = voice_import.choices or []
        voices = zip(voice_import.preview["voices"], proposals(voice_import), strict=True)
        self.voices = [
            VoiceChoiceForm(
                data,
                prefix=str(number),
                preview=preview,
                proposed=proposed,
                namesake=namesake,
                initial={"act": before[number]["act"]} if before else None,
            )
            for number, (preview, (proposed, namesake)) in enumerate(voices)
        ]
        self.owner = voice_import.owner_id

    def is_valid(self) -> bool:
        # A list, so that every form is validated and shows its errors.
        return all([super().is_valid(), *(voice.is_valid() for voice in self.voices)])

    def clean(self):
        if not self.cleaned_data.get("consent"):
            self.add_error(
                "consent", _("A voice is cloned only with the consent of its speaker. Please confirm it to continue.")
            )
        taking = [voice for voice in self.voices if voice.is_valid() and voice.choice()["act"] != SKIP]
        if not taking and all(voice.is_valid() for voice in self.voices):
            self.add_error(None, _("Every voice is skipped. Choose at least one to import."))
        names = [voice.choice()["name"] for voice in taking]
        taken = set(VoiceProfile.objects.filter(owner=self.owner, name__in=names).values_list("name", flat=True))
        for voice, name in zip(taking, names, strict=True):
            if not name:
                voice.add_error("name", _("Enter a name."))
            elif names.count(name) > 1:
                voice.add_error("name", _("Another voice of this archive has this name. Choose another."))
            elif voice.choice()["act"] == NEW and name in taken:
                voice.add_error("name", _("You already have a voice of this name. Choose another."))
        return self.cleaned_data

    def choices(self) -> list[dict]:
        return [voice.choice() for voice in self.voices]
