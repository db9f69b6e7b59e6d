"""Addresses of the board under /status/; those of the desk lie under /desk/status/."""

from __future__ import annotations

from django.urls import path

from kb.status.views import reading, subscribing

urlpatterns = [
    path("", reading.board, name="status"),
    path("feed.atom", reading.feed, name="status_feed"),
    path("history/", reading.history, name="status_history"),
    path("incidents/<int:pk>/", reading.incident, name="status_incident"),
    path("subscribe/", subscribing.subscribe, name="status_subscribe"),
    path("confirm/<str:token>/", subscribing.confirm, name="status_confirm"),
    path("unsubscribe/<str:token>/", subscribing.unsubscribe, name="status_unsubscribe"),
    path("announcements/", reading.announcements, name="announcements"),
    path("announcements/feed.atom", reading.announcement_feed, name="announcement_feed"),
    path("announcements/<int:pk>/", reading.announcement, name="announcement"),
]
