"""Addresses that belong to no single room."""

from __future__ import annotations

from django.urls import path

from helpdesk import views

urlpatterns = [
    path("", views.home, name="home"),
    path("after-login/", views.after_login, name="after_login"),
    path("healthz", views.healthz, name="healthz"),
    path("readyz", views.readyz, name="readyz"),
]
