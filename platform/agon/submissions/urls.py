from django.urls import path

from agon.submissions import views

app_name = "submissions"
urlpatterns = [
    path("competitions/<slug:slug>/submit/", views.create, name="create"),
    path("competitions/<slug:slug>/submissions/", views.mine, name="list"),
    path("competitions/<slug:slug>/submissions/compare/", views.pick, name="pick"),
    path("competitions/<slug:slug>/submissions/<int:pk>/", views.detail, name="detail"),
    path(
        "competitions/<slug:slug>/submissions/<int:pk>/compare/<int:other>/",
        views.compare,
        name="compare",
    ),
    path("competitions/<slug:slug>/submissions/<int:pk>/status/", views.status, name="status"),
    path("competitions/<slug:slug>/submissions/<int:pk>/cancel/", views.cancel, name="cancel"),
    path("competitions/<slug:slug>/submissions/<int:pk>/file/", views.download, name="download"),
    path("operations/", views.operations, name="operations"),
]
