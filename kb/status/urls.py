"""Addresses of the board under /status/; those of the desk lie under /desk/status/."""

from __future__ import annotations

from django.urls import path

from kb.status.views import reading

urlpatterns = [
    path("", reading.board, name="status"),
    path("feed.atom", reading.feed, name="status_feed"),
    path("history/", reading.history, name="status_history"),
    path("incidents/<int:pk>/", reading.incident, name="status_incident"),
    path("announcements/", reading.announcements, name="announcements"),
    path("announcements/feed.atom", reading.announcement_feed, name="announcement_feed"),
    path("announcements/<int:pk>/", reading.announcement, name="announcement"),
]
