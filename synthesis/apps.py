from django.apps import AppConfig
from django.utils.translation import gettext as _


class SynthesisConfig(AppConfig):
    name = "synthesis"

    def ready(self):
        from synthesis import undo
        from synthesis.aliases.views import account_section as alias_section
        from synthesis.generations.storage import source
        from synthesis.personal_data import SpeechData
        from synthesis.sharing import service as sharing
        from synthesis.voice_extension import SpeechExtension
        from voices.extensions import extensions
        from voicesite.hooks import events
        from voicesite.limits import quotas
        from voicesite.people.account_sections import personal_sections, program_sections
        from voicesite.privacy.personal_data import personal_data
        from voicesite.web.undo import restorers

        for end, words in (
            ("completed", _("Speech is ready")),
            ("failed", _("Speech failed")),
            ("cancelled", _("Speech was cancelled")),
        ):
            events.register(f"generation.{end}", words, "synthesis.events.generation")
        restorers.update(texts=undo.texts, folder=undo.folder, word=undo.word)
        extensions.append(SpeechExtension())
        quotas.sources.append(source)
        personal_data.append(SpeechData())
        personal_sections.append(sharing.account_section)
        program_sections.append(alias_section)
