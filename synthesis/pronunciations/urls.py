from django.urls import path

from . import views

app_name = "pronunciations"

urlpatterns = [
    path("", views.dictionary, name="list"),
    path("import/", views.import_file, name="import"),
    path("export", views.export, name="export"),
    path("<uuid:pk>/", views.entry, name="entry"),
    path("<uuid:pk>/edit/", views.edit, name="edit"),
    path("<uuid:pk>/delete/", views.delete, name="delete"),
    path("<uuid:pk>/listen", views.listen, name="listen"),
    path("<uuid:pk>/listen/cancel", views.cancel, name="cancel"),
]
