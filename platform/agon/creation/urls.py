"""The addresses of this app."""

from django.urls import path

from agon.creation import views, views_pieces

app_name = "creation"
urlpatterns = [
    path("host/", views.mine, name="mine"),
    path("host/new/", views.begin, name="begin"),
    path("host/<int:pk>/delete/", views.delete, name="delete"),
    path("host/<int:pk>/done/", views.done, name="done"),
    path("host/<int:pk>/run/", views.run_status, name="run"),
    path("host/<int:pk>/metric/example/", views.metric_example, name="metric-example"),
    path("host/<int:pk>/files/", views_pieces.announce, name="announce"),
    path("host/<int:pk>/files/<int:file_pk>/", views_pieces.piece, name="piece"),
    path("host/<int:pk>/files/<int:file_pk>/remove/", views.remove, name="remove"),
    path("host/<int:pk>/upload/<slug:role>/", views.upload, name="upload"),
    path("host/<int:pk>/<slug:name>/", views.step, name="step"),
]
