from django.urls import path

from agon.submissions import (
    views,
    views_closing,
    views_console,
    views_finals,
    views_merging,
    views_rescores,
    views_results,
    views_teams,
)

app_name = "submissions"
urlpatterns = [
    path("competitions/<slug:slug>/submit/", views.create, name="create"),
    path("competitions/<slug:slug>/submissions/", views.mine, name="list"),
    path("competitions/<slug:slug>/submissions/compare/", views.pick, name="pick"),
    path("competitions/<slug:slug>/submissions/final/", views_finals.choose, name="finals"),
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
    path("competitions/<slug:slug>/results/", views_results.results, name="results"),
    path(
        "competitions/<slug:slug>/results/<int:pk>/certificate.pdf",
        views_results.certificate,
        name="certificate",
    ),
    path("certificates/<str:token>/", views_results.genuine, name="genuine"),
    path("competitions/<slug:slug>/console/results/", views_closing.closing, name="closing"),
    path(
        "competitions/<slug:slug>/console/results/grades.csv", views_closing.grades, name="grades"
    ),
    path(
        "competitions/<slug:slug>/console/results/<int:pk>/verify/",
        views_closing.verify,
        name="verify",
    ),
    path("competitions/<slug:slug>/team/merge/", views_merging.ask, name="merge"),
    path(
        "competitions/<slug:slug>/team/merge/<int:pk>/", views_merging.answer, name="merge-answer"
    ),
    path("competitions/<slug:slug>/console/teams/", views_teams.teams, name="teams"),
    path("competitions/<slug:slug>/console/teams/<int:pk>/", views_teams.team, name="team"),
    path(
        "competitions/<slug:slug>/console/teams/<int:pk>/name/",
        views_teams.rename,
        name="team-rename",
    ),
    path(
        "competitions/<slug:slug>/console/teams/<int:pk>/members/<int:user_id>/",
        views_teams.take_out,
        name="team-take-out",
    ),
    path(
        "competitions/<slug:slug>/console/teams/<int:pk>/merge/",
        views_teams.merge,
        name="team-merge",
    ),
    path("operations/", views.operations, name="operations"),
]
