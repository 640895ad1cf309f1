from django.urls import path

from . import views

app_name = "synthesis"

urlpatterns = [
    path("generations/", views.generation_list, name="list"),
    path("generations/live", views.live, name="live"),
    path("generations/<uuid:pk>/", views.detail, name="detail"),
    path("generations/<uuid:pk>/progress", views.progress, name="progress"),
    path("generations/<uuid:pk>/cancel", views.cancel, name="cancel"),
    path("generations/<uuid:pk>/retry", views.retry, name="retry"),
    path("generations/<uuid:pk>/delete/", views.delete, name="delete"),
    path("generations/<uuid:pk>/audio", views.audio, name="audio"),
    path("voices/fittings", views.live_fittings, name="live_fittings"),
    path("voices/<uuid:pk>/fitting", views.fitting, name="fitting"),
    path("voices/<uuid:pk>/fitting/cancel", views.cancel_fitting, name="cancel_fitting"),
    path("voices/<uuid:pk>/fitting/retry", views.retry_fitting, name="retry_fitting"),
]
