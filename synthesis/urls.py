from django.urls import path

from . import status, views

app_name = "synthesis"

urlpatterns = [
    path("generations/", views.generation_list, name="list"),
    path("generations/live", views.live, name="live"),
    path("generations/<uuid:pk>/", views.detail, name="detail"),
    path("generations/<uuid:pk>/progress", views.progress, name="progress"),
    path("generations/<uuid:pk>/takes", views.live_takes, name="live_takes"),
    path("generations/<uuid:pk>/check", views.check, name="check"),
    path("generations/<uuid:pk>/another", views.another, name="another"),
    path("generations/<uuid:pk>/pick", views.pick, name="pick"),
    path("generations/<uuid:pk>/cancel", views.cancel, name="cancel"),
    path("generations/<uuid:pk>/retry", views.retry, name="retry"),
    path("generations/<uuid:pk>/delete/", views.delete, name="delete"),
    path("generations/<uuid:pk>/audio", views.audio, name="audio"),
    path("status/", status.status, name="status"),
    path("status/live", status.live, name="status_live"),
    path("status/models/download", status.download, name="download"),
    path("status/models/remove", status.remove, name="remove_model"),
    path("status/downloads/<int:pk>/cancel", status.cancel_download, name="cancel_download"),
    path("status/devices/<int:pk>/unload", status.unload, name="unload"),
    path("voices/fittings", views.live_fittings, name="live_fittings"),
    path("voices/<uuid:pk>/fitting", views.fitting, name="fitting"),
    path("voices/<uuid:pk>/fitting/cancel", views.cancel_fitting, name="cancel_fitting"),
    path("voices/<uuid:pk>/fitting/retry", views.retry_fitting, name="retry_fitting"),
]
