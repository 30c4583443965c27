from django.urls import path

from agon.competitions import (
    views,
    views_announcements,
    views_joining,
    views_pages,
    views_people,
    views_roles,
    views_settings,
    views_webhooks,
)

app_name = "competitions"
urlpatterns = [
    path("", views.catalogue, name="list"),
    path("<slug:slug>/", views.overview, name="overview"),
    path("<slug:slug>/preparation/", views.preparation, name="preparation"),
    path("<slug:slug>/preparation/start/", views.prepare, name="prepare"),
    path("<slug:slug>/cover/", views.cover, name="cover"),
    path("<slug:slug>/pictures/<int:pk>/", views.picture, name="picture"),
    path("<slug:slug>/data/", views.data, name="data"),
    path("<slug:slug>/croissant.json", views.croissant, name="croissant"),
    path("<slug:slug>/data/sample/", views.sample, name="sample"),
    path("<slug:slug>/data/<int:file_id>/", views.download, name="download"),
    path("<slug:slug>/rules/", views.rules_page, name="rules"),
    path("<slug:slug>/rules/accept/", views.join, name="join"),
    path("<slug:slug>/rules/ask/", views_joining.ask_to_join, name="ask-to-join"),
    path("<slug:slug>/console/people/", views_people.people, name="people"),
    path("<slug:slug>/console/people/<int:user_id>/", views_people.person, name="person"),
    path("<slug:slug>/console/people/access/", views_people.access, name="access"),
    path("<slug:slug>/console/people/links/", views_people.links, name="links"),
    path("<slug:slug>/console/people/links/<int:pk>/", views_people.link, name="link"),
    path("<slug:slug>/console/people/links/<int:pk>/qr.svg", views_people.link_qr, name="link-qr"),
    path(
        "<slug:slug>/console/people/links/<int:pk>/revoke/",
        views_people.revoke_link,
        name="link-revoke",
    ),
    path("<slug:slug>/console/people/invitations/", views_people.invitations, name="invitations"),
    path("<slug:slug>/console/people/invitations/new/", views_people.invite, name="invite"),
    path(
        "<slug:slug>/console/people/invitations/<int:pk>/again/",
        views_people.invite_again,
        name="invitation-again",
    ),
    path(
        "<slug:slug>/console/people/invitations/<int:pk>/revoke/",
        views_people.revoke_invitation,
        name="invitation-revoke",
    ),
    path("<slug:slug>/console/people/requests/", views_people.requests, name="requests"),
    path(
        "<slug:slug>/console/people/requests/<int:pk>/",
        views_people.decide_request,
        name="request-decide",
    ),
    path("<slug:slug>/console/webhooks/", views_webhooks.webhooks, name="webhooks"),
    path("<slug:slug>/console/webhooks/<int:pk>/", views_webhooks.webhook, name="webhook"),
    path(
        "<slug:slug>/console/webhooks/<int:pk>/deliveries/",
        views_webhooks.deliveries,
        name="webhook-deliveries",
    ),
    path(
        "<slug:slug>/console/webhooks/<int:pk>/deliveries/<int:delivery_id>/again/",
        views_webhooks.deliver_again,
        name="webhook-again",
    ),
    path(
        "<slug:slug>/console/webhooks/<int:pk>/test/",
        views_webhooks.test_webhook,
        name="webhook-test",
    ),
    path(
        "<slug:slug>/console/webhooks/<int:pk>/secret/",
        views_webhooks.renew_secret,
        name="webhook-secret",
    ),
    path(
        "<slug:slug>/console/webhooks/<int:pk>/delete/",
        views_webhooks.delete_webhook,
        name="webhook-delete",
    ),
    path("<slug:slug>/console/roles/", views_roles.roles, name="roles"),
    path("<slug:slug>/console/roles/transfer/", views_roles.transfer, name="transfer"),
    path("<slug:slug>/console/roles/<int:pk>/take/", views_roles.take_role, name="role-take"),
    path("<slug:slug>/console/pages/", views_pages.pages, name="pages"),
    path("<slug:slug>/console/pages/<slug:name>/", views_pages.edit, name="page-edit"),
    path(
        "<slug:slug>/console/pages/<slug:name>/preview/", views_pages.preview, name="page-preview"
    ),
    path(
        "<slug:slug>/console/pages/<slug:name>/history/", views_pages.history, name="page-history"
    ),
    path(
        "<slug:slug>/console/pages/<slug:name>/history/<int:number>/",
        views_pages.version,
        name="page-version",
    ),
    path("<slug:slug>/console/phases/", views_settings.phases, name="phases"),
    path("<slug:slug>/console/phases/<int:pk>/", views_settings.phase, name="phase"),
    path("<slug:slug>/console/settings/", views_settings.general, name="settings"),
    path("<slug:slug>/announcements/", views_announcements.announcements, name="announcements"),
    path(
        "<slug:slug>/announcements/<int:pk>/dismiss/", views_announcements.dismiss, name="dismiss"
    ),
]
