"""Forms of the dictionary, which its pages, the administration and the API share."""

from typing import cast

from django import forms
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from voices.languages import LANGUAGES_AND_ACCENTS, language_or_accent
from voices.text.pronunciation import is_ipa
from voices.written_languages import LanguageField
from voicesite.models import User
from voicesite.wording import lazily

from .csv_files import MAX_BYTES
from .models import PronunciationEntry
from .service import unknown_ipa, why_full

LANGUAGE_CHOICES = [("", gettext_lazy("All languages")), *lazily(LANGUAGES_AND_ACCENTS).items()]
TAKEN = gettext_lazy("This word is already in the dictionary for this language. Edit that entry.")


class EntryForm(forms.ModelForm):
    """An entry of a dictionary: the instance's owner's, or the site's where it has none."""

    language = LanguageField(
        required=False,
        choices=LANGUAGE_CHOICES,
        read=language_or_accent,
        help_text=gettext_lazy("“English” is for both of its accents."),
    )

    class Meta:
        model = PronunciationEntry
        fields = ("word", "said", "language", "match_case")
        labels = {
            "word": gettext_lazy("Word"),
            "said": gettext_lazy("Say it like this"),
            "match_case": gettext_lazy("Match case"),
        }
        help_texts = {
            "word": gettext_lazy("A word or phrase, such as “Nike” or “New York”. Whole words are matched."),
            "said": gettext_lazy("Spell it as it sounds, such as “nye-kee”, or use IPA between slashes: /ˈnaɪki/."),
        }
        widgets = {
            "word": forms.TextInput({"autocomplete": "off", "autocapitalize": "none"}),
            "said": forms.TextInput({"autocomplete": "off", "autocapitalize": "none", "spellcheck": "false"}),
        }

    def clean(self):
        said, language = (self.cleaned_data.get(name, "") for name in ("said", "language"))
        if is_ipa(said) and (unknown := unknown_ipa(said, language)):
            self.add_error("said", _("No model here can say {names} in this language.").format(names=" ".join(unknown)))
        return super().clean()

    def validate_unique(self):
        """Check what Django would if the owner were a field too, and whether there is room for a new entry."""
        entry = self.instance
        if self.errors:
            return
        namesakes = PronunciationEntry.objects.filter(owner=entry.owner, language=entry.language, key=entry.key)
        if namesakes.exclude(pk=entry.pk).exists():
            self.add_error("word", TAKEN)
        elif entry._state.adding and (why := why_full(entry.owner)):
            self.add_error(None, why)

    def save(self, commit=True) -> PronunciationEntry | None:
        """Save the entry. Return None, and add an error, if another request took the word."""
        try:
            with transaction.atomic():
                return cast(PronunciationEntry, super().save(commit))
        except IntegrityError:
            self.add_error("word", TAKEN)
            return None


class NewEntryForm(EntryForm):
    """A new entry of one's own; staff may make it one of the site."""

    site = forms.BooleanField(required=False, label=gettext_lazy("For everyone on this site"))

    def __init__(self, *args, user: User, **kwargs):
        super().__init__(*args, **kwargs)
        self.user = user
        if not user.is_staff:
            del self.fields["site"]

    def clean(self):
        self.instance.owner = None if self.cleaned_data.get("site") else self.user
        return super().clean()


class ImportForm(forms.Form):
    """A CSV file of entries; staff may import it for the whole site."""

    file = forms.FileField(
        label=gettext_lazy("CSV file"),
        allow_empty_file=True,
        widget=forms.FileInput(attrs={"accept": ".csv, text/csv"}),
        error_messages={"required": gettext_lazy("Choose a file first.")},
    )
    site = forms.BooleanField(required=False, label=gettext_lazy("For everyone on this site"))

    def __init__(self, *args, user: User, **kwargs):
        super().__init__(*args, **kwargs)
        if not user.is_staff:
            del self.fields["site"]

    def clean_file(self) -> bytes:
        file = self.cleaned_data["file"]
        if file.size > MAX_BYTES:
            words = _("This file is too large: the limit is {max_bytes} MB.").format(max_bytes=f"{MAX_BYTES / 1e6:g}")
            raise forms.ValidationError(words, code="too_large")
        return file.read()
