from django.urls import path

from .drafts import views as drafts
from .pages import downloads, fittings, library, listening, status, studio

app_name = "synthesis"

urlpatterns = [
    path("preview", studio.preview, name="preview"),
    path("draft", drafts.save, name="save_draft"),
    path("preview/pronounce", studio.pronounce, name="pronounce"),
    path("generations/", library.generation_list, name="list"),
    path("generations/live", library.live, name="live"),
    path("generations/<uuid:pk>/", library.detail, name="detail"),
    path("generations/<uuid:pk>/progress", library.progress, name="progress"),
    path("generations/<uuid:pk>/takes", library.live_takes, name="live_takes"),
    path("generations/<uuid:pk>/reading", library.reading, name="reading"),
    path("generations/<uuid:pk>/check", library.check, name="check"),
    path("generations/<uuid:pk>/another", library.another, name="another"),
    path("generations/<uuid:pk>/pick", library.pick, name="pick"),
    path("generations/<uuid:pk>/cancel", library.cancel, name="cancel"),
    path("generations/<uuid:pk>/retry", library.retry, name="retry"),
    path("generations/<uuid:pk>/delete/", library.delete, name="delete"),
    path("generations/<uuid:pk>/audio", library.audio, name="audio"),
    path("generations/<uuid:pk>/timeline", listening.timeline, name="timeline"),
    path("generations/<uuid:pk>/text", listening.text, name="text"),
    path("generations/<uuid:pk>/sentences/", listening.sentences, name="sentences"),
    path("generations/<uuid:pk>/segment-takes/<int:take>/audio", listening.take_audio, name="take_audio"),
    path("generations/<uuid:pk>/segment-takes/<int:take>/words", listening.take_words, name="take_words"),
    path("generations/<uuid:pk>/downloads", downloads.downloads, name="downloads"),
    path("generations/<uuid:pk>/downloads/prepare", downloads.prepare, name="prepare_file"),
    path("generations/<uuid:pk>/downloads/cancel", downloads.cancel, name="cancel_file"),
    path("generations/<uuid:pk>/subtitles", downloads.subtitle_file, name="subtitles"),
    path("generations/<uuid:pk>/sentences.zip", downloads.sentence_files, name="sentence_files"),
    path("status/", status.status, name="status"),
    path("status/live", status.live, name="status_live"),
    path("status/models/download", status.download, name="download"),
    path("status/models/remove", status.remove, name="remove_model"),
    path("status/downloads/<int:pk>/cancel", status.cancel_download, name="cancel_download"),
    path("status/devices/<int:pk>/unload", status.unload, name="unload"),
    path("voices/fittings", fittings.live_fittings, name="live_fittings"),
    path("voices/<uuid:pk>/fitting", fittings.fitting, name="fitting"),
    path("voices/<uuid:pk>/fitting/cancel", fittings.cancel_fitting, name="cancel_fitting"),
    path("voices/<uuid:pk>/fitting/retry", fittings.retry_fitting, name="retry_fitting"),
]
