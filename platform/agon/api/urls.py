from django.urls import path

from agon.api import views

app_name = "api"
urlpatterns = [
    path("api/competitions/<slug:slug>/submissions/", views.submissions, name="submissions"),
    path(
        "api/competitions/<slug:slug>/submissions/<int:pk>/",
        views.submission,
        name="submission",
    ),
    path("settings/tokens/", views.tokens, name="tokens"),
    path("settings/tokens/<int:pk>/revoke/", views.revoke, name="revoke"),
]
