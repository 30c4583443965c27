"""The addresses of this app."""

from django.urls import path

from agon.teams import views

app_name = "teams"
urlpatterns = [
    path("competitions/<slug:slug>/team/", views.mine, name="mine"),
    path("competitions/<slug:slug>/team/name/", views.rename, name="rename"),
    path("competitions/<slug:slug>/team/invite/", views.invite, name="invite"),
    path("competitions/<slug:slug>/team/link/", views.link, name="link"),
    path("competitions/<slug:slug>/team/leave/", views.leave, name="leave"),
    path("competitions/<slug:slug>/team/members/<int:pk>/", views.member, name="member"),
    path("competitions/<slug:slug>/team/invitations/<int:pk>/", views.answer, name="answer"),
    path("competitions/<slug:slug>/team/join/<str:token>/", views.join, name="join"),
    path("competitions/<slug:slug>/teams/<int:pk>/", views.team, name="team"),
]
