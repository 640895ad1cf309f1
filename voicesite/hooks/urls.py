from django.urls import path

from . import views

app_name = "webhooks"
urlpatterns = [
    path("new/", views.new, name="new"),
    path("<uuid:pk>/", views.detail, name="detail"),
    path("<uuid:pk>/test", views.test, name="test"),
    path("<uuid:pk>/secret", views.rotate, name="rotate"),
    path("<uuid:pk>/switch", views.switch, name="switch"),
    path("<uuid:pk>/delete", views.delete, name="delete"),
    path("<uuid:pk>/deliveries/<uuid:delivery>/repeat", views.repeat, name="repeat"),
]
