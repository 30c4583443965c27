from django.urls import path

from agon.leaderboards import views

app_name = "leaderboards"
urlpatterns = [
    path("", views.board, name="board"),
    path("rows/", views.rows, name="rows"),
    path("export.csv", views.export, name="export"),
]
