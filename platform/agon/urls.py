"""Every address of the site."""

from django.contrib import admin
from django.urls import include, path
from django.views.i18n import set_language

from agon.api.endpoints import api
from agon.common import views as common_views
from agon.competitions import views as competition_views
from agon.competitions import views_joining

urlpatterns = [
    path("", competition_views.home, name="home"),
    path("competitions/", include("agon.competitions.urls")),
    path("join/<str:token>/", views_joining.invitation, name="invitation"),
    path("metrics/", competition_views.metrics, name="metrics"),
    path("metrics/<slug:name>/", competition_views.metric, name="metric"),
    path("operations/competitions/", competition_views.preparations, name="preparations"),
    path("competitions/<slug:slug>/leaderboard/", include("agon.leaderboards.urls")),
    path("competitions/<slug:slug>/code/", include("agon.notebooks.urls")),
    path("", include("agon.submissions.urls")),
    path("", include("agon.teams.urls")),
    path("", include("agon.notifications.urls")),
    path("", include("agon.integrity.urls")),
    path("", include("agon.bundles.urls")),
    path("", include("agon.creation.urls")),
    path("", include("agon.hosting.urls")),
    path("", include("agon.accounts.urls")),
    path("", include("agon.api.urls")),
    path("api/", api.urls),
    path("accounts/", include("allauth.urls")),
    path("language/", set_language, name="set_language"),
    path("theme/", common_views.set_theme, name="set-theme"),
    path("healthz", common_views.healthz, name="healthz"),
    path("files/<str:signed>", common_views.worker_file, name="worker-file"),
    path("admin/", admin.site.urls),
]

handler400 = "agon.common.views.bad_request"
handler403 = "agon.common.views.permission_denied"
handler404 = "agon.common.views.page_not_found"
handler500 = "agon.common.views.server_error"
