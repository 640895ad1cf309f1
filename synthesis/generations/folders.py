"""The forms of folders, and of where a text is kept: for pages and programs."""

from typing import cast

from django import forms
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from synthesis.models import Folder, Generation
from voices.curation.tags import TagsField
from voices.text.lengths import MAX_NAME
from voicesite.models import User
from voicesite.web.names import one_line

from . import arranging

TAKEN = gettext_lazy("You have a folder of that name. Choose another name.")
GONE = gettext_lazy("This folder is no longer there. Choose another.")


class NameField(forms.CharField):
    def to_python(self, value) -> str:
        return one_line(super().to_python(value) or "")


class FolderField(forms.ModelChoiceField):
    def label_from_instance(self, obj) -> str:
        return obj.name


class FolderForm(forms.ModelForm):
    """A folder of the instance's owner."""

    name = NameField(
        max_length=MAX_NAME,
        label=gettext_lazy("Name"),
        error_messages={"required": gettext_lazy("Give the folder a name.")},
        widget=forms.TextInput({"autocomplete": "off"}),
    )

    class Meta:
        model = Folder
        fields = ("name",)

    def clean(self):
        mine = Folder.objects.filter(owner=self.instance.owner).exclude(pk=self.instance.pk)
        if mine.filter(name__iexact=self.cleaned_data.get("name", "")).exists():
            self.add_error("name", str(TAKEN))
        elif self.instance._state.adding and mine.count() >= arranging.MAX_FOLDERS:
            most = arranging.MAX_FOLDERS
            self.add_error(None, _("You have %(most)d folders, which is the limit. Delete one first.") % {"most": most})
        return super().clean()

    def save(self, commit=True) -> Folder | None:
        """Save the folder. Return None, and add an error, if another request took the name."""
        try:
            with transaction.atomic():
                return cast(Folder, super().save(commit))
        except IntegrityError:
            self.add_error("name", str(TAKEN))
            return None


class PlaceForm(forms.Form):
    """Where a text is kept, and what it is found by."""

    folder = FolderField(
        Folder.objects.none(),
        required=False,
        label=gettext_lazy("Folder"),
        empty_label=gettext_lazy("No folder"),
        error_messages={"invalid_choice": GONE},
    )
    tags = TagsField()

    def __init__(self, *args, user: User, **kwargs):
        super().__init__(*args, **kwargs)
        field = cast(FolderField, self.fields["folder"])
        field.queryset = Folder.objects.visible_to(user)
        self.fields["tags"].label = _("Tags")

    @classmethod
    def of(cls, generation: Generation, user: User) -> "PlaceForm":
        tags = [tag.name for tag in generation.tags.all()]
        return cls(initial={"folder": generation.folder_id, "tags": tags}, user=user)

    def save(self, generation: Generation) -> None:
        with transaction.atomic():
            arranging.move([generation], self.cleaned_data["folder"])
            arranging.set_tags(generation, self.cleaned_data["tags"])
