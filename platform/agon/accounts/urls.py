from django.urls import path

from agon.accounts import views

app_name = "accounts"
urlpatterns = [
    path("people/<str:username>/", views.profile, name="profile"),
    path("settings/", views.settings, name="settings"),
]
