from django.contrib import admin, messages
from django.db.models import Q
from django.urls import reverse

from voicesite.admin_site import StaffAdmin, player

from .audio import GOOD_SPEECH, NOISY_DB
from .clips import delete_voice
from .forms import NamedVoiceForm
from .models import VoiceProfile


class Quality(admin.SimpleListFilter):
    """What the recording is like, by the measures that its owner is advised on."""

    title = "quality"
    parameter_name = "quality"

    def lookups(self, request, model_admin):
        return [("good", "Good"), ("short", "Little speech"), ("noisy", "Noisy")]

    def queryset(self, request, voices):
        short, noisy = Q(clip__speech_seconds__lt=GOOD_SPEECH), Q(clip__snr_db__lt=NOISY_DB)
        wanted = {"good": ~short & ~noisy, "short": short, "noisy": noisy}.get(self.value() or "", Q())
        return voices.filter(wanted)


@admin.register(VoiceProfile)
class VoiceProfileAdmin(StaffAdmin):
    form = NamedVoiceForm
    list_display = ("name", "owner", "player", "language", "speech", "noise", "visibility", "consent", "created_at")
    list_filter = ("visibility", Quality, "language", "created_at")
    list_select_related = ("owner", "clip", "consent_by")
    list_per_page = 50
    search_fields = ("name", "description", "owner__username")
    date_hierarchy = "created_at"
    actions = ("share", "make_private")
    fields = (
        "name", "owner", "description", "language", "visibility", "player", "speech", "noise", "advice",
        "consent", "consent_wording", "created_at", "updated_at",
    )  # fmt: skip
    readonly_fields = (
        "owner", "player", "speech", "noise", "advice", "consent", "consent_wording", "created_at", "updated_at",
    )  # fmt: skip

    @admin.display(description="recording")
    def player(self, voice):
        return player(reverse("voices:clip_audio", args=[voice.clip_id]), voice.name)

    @admin.display(description="speech", ordering="clip__speech_seconds")
    def speech(self, voice):
        return f"{voice.clip.speech_seconds:.1f} s"

    @admin.display(description="signal to noise", ordering="clip__snr_db")
    def noise(self, voice):
        return f"{voice.clip.snr_db:.0f} dB"

    @admin.display
    def advice(self, voice):
        return " ".join(sentence for _, sentence in voice.clip.advice)

    @admin.display(description="consent", ordering="consent_at")
    def consent(self, voice):
        return f"{voice.consent_by or 'someone who has left'}, {voice.consent_at:%Y-%m-%d %H:%M}"

    @admin.action(description="Share with everyone on this site", permissions=["change"])
    def share(self, request, voices):
        changed = voices.update(visibility=VoiceProfile.Visibility.SHARED)
        self.message_user(request, f"Shared with everyone: {changed}.", messages.SUCCESS)

    @admin.action(description="Make private to their owners", permissions=["change"])
    def make_private(self, request, voices):
        changed = voices.update(visibility=VoiceProfile.Visibility.PRIVATE)
        self.message_user(request, f"Private now: {changed}.", messages.SUCCESS)

    def delete_model(self, request, voice):
        delete_voice(voice)

    def delete_queryset(self, request, voices):
        for voice in voices:
            delete_voice(voice)
