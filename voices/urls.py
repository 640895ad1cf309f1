from django.urls import path

from . import views

app_name = "voices"

urlpatterns = [
    path("", views.voice_list, name="list"),
    path("new/", views.new, name="new"),
    path("clips/", views.take_clip, name="take_clip"),
    path("clips/<uuid:pk>/audio", views.clip_audio, name="clip_audio"),
    path("<uuid:pk>/", views.detail, name="detail"),
    path("<uuid:pk>/edit/", views.edit, name="edit"),
    path("<uuid:pk>/delete/", views.delete, name="delete"),
]
