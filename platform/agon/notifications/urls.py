"""The addresses of this app."""

from django.urls import path

from agon.notifications import views

app_name = "notifications"
urlpatterns = [
    path("inbox/", views.inbox, name="inbox"),
    path("inbox/unread/", views.unread, name="unread"),
    path("inbox/read/", views.mark_all, name="mark-all"),
    path("inbox/<int:pk>/", views.follow, name="follow"),
    path("inbox/<int:pk>/mark/", views.mark, name="mark"),
    path("settings/notifications/", views.choices, name="choices"),
    path("unsubscribe/<str:signed>/", views.unsubscribe, name="unsubscribe"),
]
