from django.apps import AppConfig
from django.utils.translation import gettext as _


class VoicesConfig(AppConfig):
    name = "voices"

    def ready(self):
        from voices import mails, undo
        from voices.clips.storage import source
        from voices.looks import account_section
        from voices.personal_data import VoiceData
        from voicesite.hooks import deliveries, events
        from voicesite.limits import quotas
        from voicesite.people.account_sections import personal_sections
        from voicesite.privacy import leaving
        from voicesite.privacy.personal_data import personal_data
        from voicesite.web.undo import restorers

        restorers.update(voice=undo.voice, clip=undo.clip)
        quotas.sources.append(source)
        events.register("voice.ready", _("A voice is ready to speak"), "voices.events.voice")
        events.register("transcription.completed", _("A clip is transcribed"), "voices.events.transcription")
        deliveries.on_turned_off.append(mails.tell_webhook_off)
        personal_sections.append(account_section)
        personal_data.append(VoiceData())
        leaving.on_asked.append(mails.tell_leaving)
