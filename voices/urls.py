from django.urls import path

from . import looks
from .archives import views as archive_views
from .clips import views as clip_views
from .consent import pages as consent_pages
from .curation import views as curation_views
from .faces import views as faces
from .profiles import views

app_name = "voices"

urlpatterns = [
    path("", views.voice_list, name="list"),
    path("new/", views.new, name="new"),
    path("clips/", clip_views.take_clip, name="take_clip"),
    path("clips/<uuid:pk>/", clip_views.clip, name="clip"),
    path("clips/<uuid:pk>/hearing", clip_views.transcription_status, name="transcription"),
    path("clips/<uuid:pk>/search", clip_views.search, name="search"),
    path("clips/<uuid:pk>/main", clip_views.choose_main, name="choose_main"),
    path("clips/<uuid:pk>/delete/", clip_views.delete, name="delete_clip"),
    path("clips/<uuid:pk>/audio", clip_views.clip_audio, name="clip_audio"),
    path("clips/<uuid:pk>/plain", clip_views.original_audio, name="original_audio"),
    path("recordings/<uuid:pk>/audio", clip_views.recording_audio, name="recording_audio"),
    path("consent/<uuid:pk>/", consent_pages.status, name="spoken_consent"),
    path("consent/<uuid:pk>/audio", consent_pages.audio, name="spoken_audio"),
    path("export/", archive_views.export, name="export"),
    path("import/", archive_views.upload, name="import"),
    path("import/<uuid:pk>/", archive_views.detail, name="import_detail"),
    path("import/<uuid:pk>/progress", archive_views.progress, name="import_progress"),
    path("import/<uuid:pk>/cancel", archive_views.cancel, name="cancel_import"),
    path("import/<uuid:pk>/discard", archive_views.discard, name="discard_import"),
    path("looks/", looks.looks, name="looks"),
    path("<uuid:pk>/", views.detail, name="detail"),
    path("<uuid:pk>/face.svg", faces.face, name="face"),
    path("<uuid:pk>/favourite", faces.favourite, name="favourite"),
    path("<uuid:pk>/edit/", views.edit, name="edit"),
    path("<uuid:pk>/delete/", views.delete, name="delete"),
    path("<uuid:pk>/clips/new/", clip_views.add, name="add_clip"),
    path("<uuid:pk>/report/", curation_views.report, name="report"),
    path("reports/<int:pk>/seen", curation_views.seen, name="seen"),
    path("<uuid:pk>/share", curation_views.act, {"name": "ask"}, name="ask"),
    path("<uuid:pk>/share/withdraw", curation_views.act, {"name": "withdraw"}, name="withdraw"),
    path("<uuid:pk>/share/end", curation_views.act, {"name": "unshare"}, name="unshare"),
    path("<uuid:pk>/retire", curation_views.act, {"name": "retire"}, name="retire"),
    path("<uuid:pk>/bring-back", curation_views.act, {"name": "bring_back"}, name="bring_back"),
]
