"""The names of models and of their fields, as the administration shows them, in the language of its reader.

Django makes them of the names in the code. They are translated when all models are there, and not where these are written:
so migrations, which keep what is written, have none of it.
"""

from typing import Any

from django.apps import apps
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy

from voicesite.texts import N_

OURS = ("voicesite", "voices", "synthesis")
NAMES = (  # for scripts/translations.py
    N_("act"), N_("active"), N_("actor"), N_("actor name"), N_("against"), N_("answer"), N_("api key"), N_("as of"),
    N_("at"), N_("attempts"), N_("audio"), N_("audit entry"), N_("audit log"), N_("bytes"), N_("bytes done"),
    N_("bytes total"), N_("cancel requested"), N_("changed at"), N_("claim token"), N_("clip"), N_("closed at"),
    N_("closed by"), N_("collection"), N_("collections"), N_("consent at"), N_("consent by"), N_("consent name"),
    N_("consent wording"), N_("created at"), N_("created by"), N_("deleted at"), N_("description"), N_("detail"),
    N_("differences"), N_("download"), N_("downloads"), N_("ended at"), N_("ending"), N_("engine"),
    N_("engine finished at"), N_("engine started at"), N_("error"), N_("eta seconds"), N_("evaluation"),
    N_("evaluations"), N_("excerpt search"), N_("excerpt searches"), N_("expires at"), N_("failures"),
    N_("finished at"), N_("fitting"), N_("fittings"), N_("folder"), N_("generation"), N_("generations"), N_("ID"),
    N_("instructions"), N_("invitation"), N_("invitations"), N_("is favourite"), N_("is founder"), N_("is news"),
    N_("is picked"), N_("is sample"), N_("is task"), N_("key"), N_("language"), N_("language of the pages"),
    N_("lease expires at"), N_("listening link"), N_("listening links"), N_("listens"), N_("loaded model"),
    N_("loaded models"), N_("loudness"), N_("may be downloaded"), N_("MB stored"), N_("memory"), N_("memory before"),
    N_("model"), N_("name"), N_("names the voice"), N_("news"), N_("note"), N_("only in this case"), N_("owner"),
    N_("peaks"), N_("preset"), N_("priority"), N_("progress"), N_("pronounces"), N_("pronunciation"),
    N_("pronunciations"), N_("reason"), N_("recognized text"), N_("recording"), N_("replaces"), N_("report"),
    N_("reporter"), N_("reports"), N_("requested by"), N_("requests per minute"), N_("reserved seconds"),
    N_("respoken seconds"), N_("retired at"), N_("revision"), N_("runs on"), N_("said"), N_("seconds of audio"),
    N_("seconds of compute"), N_("seconds of speech a day"), N_("seconds to first audio"), N_("seed"),
    N_("share refusal"), N_("share requested at"), N_("shows the text"), N_("similarity"), N_("speed"), N_("stage"),
    N_("started at"), N_("state"), N_("suspended at"), N_("suspension"), N_("tag"), N_("tags"), N_("take group"),
    N_("takes mails"), N_("text"), N_("time share"), N_("title"), N_("token"), N_("transcriber"), N_("transcription"),
    N_("transcriptions"), N_("true peak"), N_("unload requested"), N_("updated at"), N_("used at"), N_("used by"),
    N_("user"), N_("users"), N_("visibility"), N_("voice"), N_("voice name"), N_("voice profile"),
    N_("voice profiles"), N_("whose"), N_("why"), N_("word"), N_("word error rate"), N_("work at once"), N_("worker"),
)  # fmt: skip


def translate_field_names() -> None:
    for model in apps.get_models():
        if model.__module__.partition(".")[0] not in OURS:
            continue
        for named in (*model._meta.local_fields, *model._meta.local_many_to_many):
            named.verbose_name = _lazily(named.verbose_name)
        model._meta.verbose_name = _lazily(model._meta.verbose_name)
        model._meta.verbose_name_plural = _lazily(str(model._meta.verbose_name_plural))


def _lazily(name: Any) -> Any:
    return name if isinstance(name, Promise) else gettext_lazy(name)
