"""The addresses of the service and the floor."""

from __future__ import annotations

from django.urls import include, path

from bench import floor

urlpatterns = [path("floor/", floor.tickets), path("", include("helpdesk.urls"))]

handler400 = "helpdesk.views.bad_request"
handler403 = "helpdesk.views.forbidden"
handler404 = "helpdesk.views.not_found"
handler500 = "helpdesk.views.server_error"
