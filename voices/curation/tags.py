"""Tags: their form field and normalization, and edits with entries in the audit log."""

from collections.abc import Iterable

from django import forms
from django.db import transaction
from django.utils.text import format_lazy
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from voices.audit import record, record_each
from voices.models import Tag, VoiceProfile
from voices.text.lengths import MAX_TAG, MAX_TAGS
from voicesite.models import User
from voicesite.web.names import one_line


def tag_name(text: str) -> str:
    """Normalize a tag: lower case, single spaces, printable, no comma."""
    return one_line(text.replace(",", " ")).lower()


class TagsField(forms.CharField):
    """Tags, as text separated by commas or as a list; cleans to a list of names, each once."""

    def __init__(self, required: bool = False):
        help_text = format_lazy(gettext_lazy("With commas between, at most {most}: warm, narrator, low"), most=MAX_TAGS)
        super().__init__(required=required, label=gettext_lazy("Tags"), help_text=help_text)
        self.widget.attrs["autocomplete"] = "off"

    def prepare_value(self, value):
        return value if isinstance(value, str) or value is None else ", ".join(map(str, value))

    def clean(self, value) -> list[str]:
        names = list(dict.fromkeys(filter(None, map(tag_name, super().clean(self.prepare_value(value)).split(",")))))
        if len(names) > MAX_TAGS:
            raise forms.ValidationError(
                _("These are {count} tags: {most} is the limit.").format(count=len(names), most=MAX_TAGS)
            )
        if long := next((name for name in names if len(name) > MAX_TAG), None):
            raise forms.ValidationError(
                _("“{tag}…” is too long for a tag: {most} characters is the limit.").format(
                    tag=long[:MAX_TAG], most=MAX_TAG
                )
            )
        return names


def set_tags(voice: VoiceProfile, names: Iterable[str]) -> None:
    """Replace the tags of a voice. `names` are normalized, as TagsField returns them."""
    voice.tags.set([Tag.objects.get_or_create(name=name)[0] for name in names])


def add_tags(staff: User, voice: VoiceProfile, names: Iterable[str]) -> bool:
    """Add tags to a voice. Return False if it already had them all."""
    with transaction.atomic():
        new = [name for name in names if not voice.tags.filter(name=name).exists()]
        if new:
            voice.tags.add(*(Tag.objects.get_or_create(name=name)[0] for name in new))
            record(staff, voice, "tagged", "with " + ", ".join(new))
    return bool(new)


def remove_tags(staff: User, voice: VoiceProfile, names: Iterable[str]) -> bool:
    """Remove tags from a voice. Return False if it had none of them."""
    with transaction.atomic():
        gone = list(voice.tags.filter(name__in=names))
        if gone:
            voice.tags.remove(*gone)
            record(staff, voice, "tagged", "without " + ", ".join(map(str, gone)))
    return bool(gone)


def merge_tags(staff: User, keep: Tag, others: Iterable[Tag]) -> None:
    """Replace `others` by `keep` in every voice, and delete them."""
    with transaction.atomic():
        for tag in others:
            voices = list(VoiceProfile.everything.filter(tags=tag))  # also one that may be brought back
            record_each(staff, voices, "tagged", f"“{tag}” became “{keep}”")
            keep.voices.add(*voices)
            tag.delete()


def rename_tag(staff: User, tag: Tag, name: str) -> None:
    """Rename a tag. `name` must be free."""
    with transaction.atomic():
        before = Tag.objects.values_list("name", flat=True).get(pk=tag.pk)
        Tag.objects.filter(pk=tag.pk).update(name=name)
        record_each(staff, tag.voices.all(), "tagged", f"“{before}” became “{name}”")


def delete_tag(staff: User, tag: Tag) -> None:
    """Delete a tag, and remove it from every voice."""
    with transaction.atomic():
        record_each(staff, tag.voices.all(), "tagged", f"without {tag}")
        tag.delete()
