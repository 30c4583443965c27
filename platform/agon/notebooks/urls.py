from django.urls import path

from agon.notebooks import views

app_name = "notebooks"
urlpatterns = [
    path("", views.catalogue, name="list"),
    path("publish/", views.publish, name="publish"),
    path("<slug:name>/", views.detail, name="detail"),
    path("<slug:name>/edit/", views.edit, name="edit"),
    path("<slug:name>/delete/", views.delete, name="delete"),
    path("<slug:name>/pin/", views.pin, name="pin"),
    path("<slug:name>/hide/", views.hide, name="hide"),
    path("<slug:name>/<int:number>/", views.detail, name="version"),
    path("<slug:name>/<int:number>/download/", views.download, name="download"),
    path("<slug:name>/<int:number>/pictures/<int:index>/", views.picture, name="picture"),
]
