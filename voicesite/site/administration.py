"""The administration as a cockpit: its first page, and its lists by what they are about."""

from collections.abc import Iterable

from django.contrib.admin.apps import AdminConfig
from django.utils.translation import gettext_lazy as _

from voicesite.web.admin_site import VoicesiteAdminSite

# The lists of each group, by the names of their models. What is named in none is background work, folded away.
GROUPS = (
    (_("People"), ("User", "Invitation")),
    (_("Voices"), ("VoiceProfile", "Report", "Collection", "Tag")),
    (_("Speech"), ("Generation", "ListeningLink", "PronunciationEntry")),
    (_("Site"), ("AuditEntry", "LoadedModel", "Download")),
)


class Administration(VoicesiteAdminSite):
    index_template = "admin/index.html"

    def index(self, request, extra_context=None):
        from .cockpit.decisions import decisions  # these import models, which are not loaded yet at the top
        from .cockpit.drawing import bars, plots
        from .cockpit.figures import DAYS, figures

        days = next((days for days in DAYS if request.GET.get("days") == str(days)), DAYS[0])
        found = figures(days)
        groups, background = grouped(self.get_app_list(request))
        context = {
            "decisions": decisions(request.user),
            "days": days,
            "choices": DAYS,
            "plots": plots(found),
            "bars": bars(found, request.user),
            "groups": groups,
            "background": background,
        }
        return super().index(request, context | (extra_context or {}))


def grouped(apps: Iterable[dict]) -> tuple[list[tuple[str, list[dict]]], list[dict]]:
    """Return the lists of all apps by group, each with its name, and those of background work."""
    models = {model["object_name"]: model for app in apps for model in app["models"]}
    groups = [(str(name), [models.pop(one) for one in ones if one in models]) for name, ones in GROUPS]
    return [(name, ones) for name, ones in groups if ones], sorted(models.values(), key=lambda model: model["name"])


class AdministrationConfig(AdminConfig):
    default_site = "voicesite.site.administration.Administration"
