"""The addresses of this app."""

from django.urls import path

from agon.hosting import views, views_announcements

app_name = "hosting"
urlpatterns = [
    path("competitions/<slug:slug>/console/", views.overview, name="overview"),
    path("competitions/<slug:slug>/console/figures/", views.figures, name="figures"),
    path("competitions/<slug:slug>/console/log/", views.log, name="log"),
    path("competitions/<slug:slug>/console/log/export/", views.export_log, name="log-export"),
    path(
        "competitions/<slug:slug>/console/announcements/",
        views_announcements.announcements,
        name="announcements",
    ),
    path(
        "competitions/<slug:slug>/console/announcements/<int:pk>/withdraw/",
        views_announcements.withdraw,
        name="announcement-withdraw",
    ),
]
