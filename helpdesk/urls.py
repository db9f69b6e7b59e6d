"""Every address of the service, by room."""

from __future__ import annotations

from django.urls import include, path

urlpatterns = [
    path("", include("helpdesk.pages")),
    path("kb/", include("kb.urls")),
    path("status/", include("kb.status.urls")),
    path("desk/status/", include("kb.status.desk_urls")),
    path("training/", include("kb.training.urls")),
    path("desk/training/", include("kb.training.desk_urls")),
    path("desk/kb/", include("kb.desk_urls")),
    path("", include("tickets.urls")),
    path("accounts/", include("accounts.urls")),
    path("accounts/", include("allauth.account.urls")),
    path("api/v1/", include("helpdesk.api")),
]

handler400 = "helpdesk.views.bad_request"
handler403 = "helpdesk.views.forbidden"
handler404 = "helpdesk.views.not_found"
handler500 = "helpdesk.views.server_error"
