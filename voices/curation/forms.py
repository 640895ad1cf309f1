"""Forms to report voices, and for staff to answer, refuse, suspend, transfer, group and merge them."""

from typing import cast

from django import forms
from django.db.models import QuerySet

from voices.models import Collection, Report, VoiceProfile
from voices.text.lengths import MAX_REASON
from voicesite.models import User

from .tags import TagsField


class ReportForm(forms.ModelForm):
    class Meta:
        model = Report
        fields = ("reason",)
        labels = {"reason": "What is wrong with it"}
        widgets = {"reason": forms.Textarea(attrs={"rows": 4})}


class ReasonForm(forms.Form):
    """A reason that the voice's owner reads."""

    reason = forms.CharField(
        max_length=MAX_REASON, widget=forms.Textarea(attrs={"rows": 3}), help_text="Its owner reads these words."
    )


class AnswerForm(forms.ModelForm):
    """The answer of staff to a report, and whether it suspends the voice."""

    answer = forms.CharField(
        max_length=MAX_REASON,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="Who reported it reads these words; where you suspend the voice, its owner does too.",
    )
    suspend = forms.BooleanField(label="Suspend the voice at once", required=False)

    class Meta:
        model = Report
        fields = ("answer",)


class TransferForm(forms.Form):
    """The new owner, by username: a list of all users would be long, and only superusers may see one."""

    to = forms.CharField(
        label="Who gets them",
        max_length=150,
        help_text="The name that they sign in with.",
        widget=forms.TextInput(attrs={"autocomplete": "off", "autocapitalize": "none"}),
    )

    def clean_to(self) -> User:
        name = self.cleaned_data["to"]
        people = User.objects.filter(is_active=True)
        if found := people.filter(username__iexact=name).first():
            return found
        similar = people.filter(username__icontains=name).order_by("username").values_list("username", flat=True)[:5]
        hint = f" Did you mean {' or '.join(similar)}?" if similar else ""
        raise forms.ValidationError(f"Nobody here is called {name}.{hint}")


class TagsForm(forms.Form):
    tags = TagsField(required=True)


class CollectionForm(forms.Form):
    collection = forms.ModelChoiceField(Collection.objects.all())


class KeepForm(forms.Form):
    """Choose the voice or tag, `among` several, into which the others are merged."""

    keep = forms.ModelChoiceField(
        VoiceProfile.objects.none(), label="Which one stays", empty_label=None, widget=forms.RadioSelect
    )

    def __init__(self, *args, among: QuerySet, **kwargs):
        super().__init__(*args, **kwargs)
        cast(forms.ModelChoiceField, self.fields["keep"]).queryset = among
