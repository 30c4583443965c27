from django.urls import path

from agon.integrity import views

app_name = "integrity"
urlpatterns = [
    path("competitions/<slug:slug>/console/integrity/", views.desk, name="desk"),
    path("competitions/<slug:slug>/console/integrity/ask/", views.ask, name="ask"),
    path("competitions/<slug:slug>/console/integrity/<int:pk>/", views.case, name="case"),
    path("competitions/<slug:slug>/questions/<int:pk>/", views.answer, name="answer"),
]
