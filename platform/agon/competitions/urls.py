from django.urls import path

from agon.competitions import views

app_name = "competitions"
urlpatterns = [
    path("", views.catalogue, name="list"),
    path("<slug:slug>/", views.overview, name="overview"),
    path("<slug:slug>/preparation/", views.preparation, name="preparation"),
    path("<slug:slug>/preparation/start/", views.prepare, name="prepare"),
    path("<slug:slug>/cover/", views.cover, name="cover"),
    path("<slug:slug>/pictures/<int:pk>/", views.picture, name="picture"),
    path("<slug:slug>/data/", views.data, name="data"),
    path("<slug:slug>/croissant.json", views.croissant, name="croissant"),
    path("<slug:slug>/data/sample/", views.sample, name="sample"),
    path("<slug:slug>/data/<int:file_id>/", views.download, name="download"),
    path("<slug:slug>/rules/", views.rules_page, name="rules"),
    path("<slug:slug>/rules/accept/", views.join, name="join"),
]
