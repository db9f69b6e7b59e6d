"""Addresses of the board's staff, under /desk/status/."""

from __future__ import annotations

from django.urls import path

from kb.status.views import desk

urlpatterns = [
    path("", desk.index, name="desk_status"),
    path("incidents/new/", desk.new_incident, name="desk_incident_new"),
    path("incidents/<int:pk>/", desk.incident, name="desk_incident"),
    path("incidents/<int:pk>/edit/", desk.edit_incident, name="desk_incident_edit"),
    path("maintenance/new/", desk.new_maintenance, name="desk_maintenance_new"),
    path("maintenance/<int:pk>/", desk.edit_maintenance, name="desk_maintenance"),
    path("announcements/new/", desk.new_announcement, name="desk_announcement_new"),
    path("announcements/<int:pk>/", desk.edit_announcement, name="desk_announcement"),
]
