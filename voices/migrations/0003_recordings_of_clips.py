from django.db import migrations
from django.db.models import F


def make_recordings(apps, schema_editor):
    """Of clips that were kept with their upload alone: the recording is what was made of it then."""
    Clip, Recording, VoiceProfile = (apps.get_model("voices", name) for name in ("Clip", "Recording", "VoiceProfile"))
    for clip in Clip.objects.all():
        recording = Recording.objects.create(
            owner_id=clip.owner_id,
            original=clip.original.name,
            original_name=clip.original_name,
            audio=clip.audio.name,
            seconds=clip.seconds,
            peaks=clip.peaks,
        )
        Recording.objects.filter(pk=recording.pk).update(created_at=clip.created_at)
        Clip.objects.filter(pk=clip.pk).update(recording=recording, end=F("seconds"))
    for voice in VoiceProfile.objects.all():
        Clip.objects.filter(pk=voice.clip_id).update(
            voice=voice, language=voice.language, transcript=voice.transcript
        )


class Migration(migrations.Migration):

    dependencies = [
        ('voices', '0002_recordings_and_curation'),
    ]

    operations = [
        migrations.RunPython(make_recordings, migrations.RunPython.noop),
    ]
