from django.urls import path

from agon.api import views

app_name = "api"
urlpatterns = [
    path("api/client/agon_client.py", views.client, name="client"),
    path("api/docs/", views.reference, name="reference"),
    path("settings/tokens/", views.tokens, name="tokens"),
    path("settings/tokens/<int:pk>/revoke/", views.revoke, name="revoke"),
]
