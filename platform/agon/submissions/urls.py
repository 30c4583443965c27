from django.urls import path

from agon.submissions import views, views_console, views_rescores

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
    path("competitions/<slug:slug>/console/submissions/", views_console.console, name="console"),
    path(
        "competitions/<slug:slug>/console/submissions/files/",
        views_console.archive,
        name="archive",
    ),
    path(
        "competitions/<slug:slug>/console/submissions/rescore/",
        views_rescores.start_some,
        name="rescore-some",
    ),
    path(
        "competitions/<slug:slug>/console/submissions/<int:pk>/disqualify/",
        views_console.disqualify,
        name="disqualify",
    ),
    path(
        "competitions/<slug:slug>/console/submissions/<int:pk>/give-back/",
        views_console.give_back,
        name="give-back",
    ),
    path(
        "competitions/<slug:slug>/console/submissions/teams/<int:pk>/disqualify/",
        views_console.disqualify_team,
        name="disqualify-team",
    ),
    path(
        "competitions/<slug:slug>/console/submissions/teams/<int:pk>/grant/",
        views_console.grant,
        name="grant",
    ),
    path("competitions/<slug:slug>/console/rescore/", views_rescores.all_of_them, name="rescores"),
    path("competitions/<slug:slug>/console/rescore/<int:pk>/", views_rescores.one, name="rescore"),
    path(
        "competitions/<slug:slug>/console/rescore/<int:pk>/status/",
        views_rescores.status,
        name="rescore-status",
    ),
    path(
        "competitions/<slug:slug>/console/rescore/<int:pk>/decide/",
        views_rescores.decide,
        name="rescore-decide",
    ),
    path("operations/", views.operations, name="operations"),
]
