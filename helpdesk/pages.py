"""Addresses that belong to no single room."""

from __future__ import annotations

from django.urls import path

from helpdesk import views
from kb.views import publishing

urlpatterns = [
    path("", views.home, name="home"),
    path("after-login/", views.after_login, name="after_login"),
    path("i18n/setlang/", views.language, name="set_language"),
    path("theme/", views.theme, name="theme"),
    path("robots.txt", publishing.robots, name="robots"),
    path("sitemap.xml", publishing.sitemap, name="sitemap"),
    path("healthz", views.healthz, name="healthz"),
    path("readyz", views.readyz, name="readyz"),
    path("metrics", views.metrics, name="metrics"),
]
