from django.urls import path

from . import views

app_name = "privacy"

urlpatterns = [
    path("", views.page, name="page"),
    path("takeout/", views.ask, name="ask"),
    path("takeout/progress", views.progress, name="progress"),
    path("takeout/cancel", views.cancel, name="cancel"),
    path("takeout/unlock", views.unlock, name="unlock"),
    path("takeout/file", views.download, name="download"),
    path("keeping/", views.keep, name="keep"),
    path("leave/", views.leave, name="leave"),
    path("stay/<str:token>/", views.stay, name="stay"),
]
