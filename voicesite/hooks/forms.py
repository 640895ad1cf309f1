"""The form of a webhook, for pages and the API."""

from django import forms
from django.utils.translation import gettext_lazy as _

from . import addresses
from .events import EVENTS
from .models import MAX_URL, Webhook


def _choices() -> list[tuple[str, str]]:
    return [(name, event.words) for name, event in EVENTS.items()]


class WebhookForm(forms.ModelForm):
    url = forms.CharField(
        label=_("Address"),
        max_length=MAX_URL,
        help_text=_("Where your program listens, as in https://example.org/hook."),
        widget=forms.URLInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )
    events = forms.MultipleChoiceField(
        label=_("What it’s told"),
        choices=_choices,
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": _("Choose at least one event.")},
    )

    class Meta:
        model = Webhook
        fields = ("url", "description", "events")
        labels = {"description": _("Description")}
        help_texts = {"description": _("What it’s for.")}

    def clean_url(self) -> str:
        url = self.cleaned_data["url"]
        try:
            addresses.check(url)
        except addresses.NotAllowed as error:
            raise forms.ValidationError(str(error)) from None
        return url
