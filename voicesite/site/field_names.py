"""The names of models and of their fields, and what is said of these, in the language of the administration's reader.

Django makes names of those in the code. They are translated when all models are there, and not where these are written: so
migrations, which keep what is written, have none of it.
"""

from collections.abc import Iterator
from typing import Any

from django.apps import apps
from django.contrib import admin
from django.db.models import Model
from django.utils import translation
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy

OURS = ("voicesite", "voices", "synthesis")
_translated: dict[int, Promise] = {}  # by this module, by their ids; Django's own models translate theirs


def translate_field_names() -> None:
    for model in apps.get_models():
        if model.__module__.partition(".")[0] not in OURS:
            continue
        for field in _fields(model):
            field.verbose_name = _lazily(field.verbose_name)
            field.help_text = _lazily(field.help_text)
        model._meta.verbose_name = _lazily(model._meta.verbose_name)
        model._meta.verbose_name_plural = _lazily(str(model._meta.verbose_name_plural))


def texts() -> list[str]:
    """Return what the administration may show of them, in English: for scripts/translations.py."""
    with translation.override("en"):
        return sorted({str(text) for model in _administered() for text in _of(model) if id(text) in _translated})


def _fields(model: type[Model]) -> list[Any]:
    return [*model._meta.local_fields, *model._meta.local_many_to_many]


def _of(model: type[Model]) -> Iterator[Any]:
    yield from (model._meta.verbose_name, model._meta.verbose_name_plural)
    for field in _fields(model):
        yield from (field.verbose_name, field.help_text)


def _administered() -> set[type[Model]]:
    """Return the models that have pages in the administration, or a part of one."""
    pages = admin.site._registry
    return {*pages, *(inline.model for page in pages.values() for inline in page.inlines)}


def _lazily(text: Any) -> Any:
    if not text or isinstance(text, Promise):
        return text
    lazy: Any = gettext_lazy(text)
    _translated[id(lazy)] = lazy
    return lazy
