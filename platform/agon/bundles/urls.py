"""The addresses of this app."""

from django.urls import path

from agon.bundles import views

app_name = "bundles"
urlpatterns = [
    path("competitions/<slug:slug>/console/export/", views.export, name="export"),
    path("competitions/<slug:slug>/console/clone/", views.clone, name="clone"),
    path("import/", views.bring_in, name="import"),
    path("transfers/<int:pk>/", views.transfer, name="transfer"),
    path("transfers/<int:pk>/download/", views.download, name="download"),
    path("schemas/competition.json", views.schema, name="schema"),
]
