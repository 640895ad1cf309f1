"""Forms to report voices, and for staff to answer, refuse, suspend, transfer, group and merge them."""

from typing import cast

from django import forms
from django.db.models import QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from voices.models import Collection, Report, VoiceProfile
from voices.text.lengths import MAX_REASON
from voicesite.models import User

from .tags import TagsField


class ReportForm(forms.ModelForm):
    class Meta:
        model = Report
        fields = ("reason",)
        labels = {"reason": gettext_lazy("What is wrong with it")}
        widgets = {"reason": forms.Textarea(attrs={"rows": 4})}


class ReasonForm(forms.Form):
    """A reason that the voice's owner reads."""

    reason = forms.CharField(
        label=gettext_lazy("Reason"),
        max_length=MAX_REASON,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=gettext_lazy("Its owner will see this."),
    )


class AnswerForm(forms.ModelForm):
    """The answer of staff to a report, and whether it suspends the voice."""

    answer = forms.CharField(
        label=gettext_lazy("Answer"),
        max_length=MAX_REASON,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=gettext_lazy("Your answer is shown to the reporter and, if you suspend the voice, to its owner."),
    )
    suspend = forms.BooleanField(label=gettext_lazy("Suspend the voice now"), required=False)

    class Meta:
        model = Report
        fields = ("answer",)


class TransferForm(forms.Form):
    """The new owner, by username: a list of all users would be long, and only superusers may see one."""

    to = forms.CharField(
        label=gettext_lazy("Who gets them"),
        max_length=150,
        help_text=gettext_lazy("Their username."),
        widget=forms.TextInput(attrs={"autocomplete": "off", "autocapitalize": "none"}),
    )

    def clean_to(self) -> User:
        name = self.cleaned_data["to"]
        people = User.objects.filter(is_active=True)
        if found := people.filter(username__iexact=name).first():
            return found
        similar = people.filter(username__icontains=name).order_by("username").values_list("username", flat=True)[:5]
        hint = _(" Did you mean {names}?").format(names=_(" or ").join(similar)) if similar else ""
        raise forms.ValidationError(_("There is no user called {name}.{hint}").format(name=name, hint=hint))


class TagsForm(forms.Form):
    tags = TagsField(required=True)


class CollectionForm(forms.Form):
    collection = forms.ModelChoiceField(Collection.objects.all(), label=gettext_lazy("Collection"))


class KeepForm(forms.Form):
    """Choose the voice or tag, `among` several, into which the others are merged."""

    keep = forms.ModelChoiceField(
        VoiceProfile.objects.none(), label=gettext_lazy("Which one stays"), empty_label=None, widget=forms.RadioSelect
    )

    def __init__(self, *args, among: QuerySet, **kwargs):
        super().__init__(*args, **kwargs)
        cast(forms.ModelChoiceField, self.fields["keep"]).queryset = among
