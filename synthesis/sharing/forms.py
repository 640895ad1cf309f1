"""What the owner of a listening link chooses."""

from django import forms
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from synthesis.models import ListeningLink
from synthesis.models.listening_links import LINK_TITLE, MAX_LINK_TITLE
from voicesite.web.names import clean_text

from .service import DAYS, DEFAULT_DAYS


class LinkForm(forms.Form):
    title = forms.CharField(
        label=_("Title"),
        required=False,
        initial=LINK_TITLE,
        max_length=MAX_LINK_TITLE,
        help_text=_("Listeners see this, not your name."),
    )
    days = forms.TypedChoiceField(
        label=_("Works for"),
        coerce=int,
        initial=DEFAULT_DAYS,
        choices=[(days, _("1 day") if days == 1 else format_lazy(_("{days} days"), days=days)) for days in DAYS],
    )
    show_text = forms.BooleanField(label=_("Show the text"), required=False)
    show_voice = forms.BooleanField(label=_("Show the voice’s name"), required=False)
    may_download = forms.BooleanField(label=_("Let listeners download it"), required=False)

    def clean_title(self) -> str:
        return clean_text(self.cleaned_data["title"], MAX_LINK_TITLE) or LINK_TITLE

    @classmethod
    def of(cls, link: ListeningLink | None) -> "LinkForm":
        """Return the form with what is chosen of a link; of none, as it begins."""
        shown = ("title", "show_text", "show_voice", "may_download")
        return cls(initial={name: getattr(link, name) for name in shown} if link else None)
