"""Addresses of files."""

from __future__ import annotations

from django.urls import path

from tickets.evidence import views

urlpatterns = [
    path("evidence/", views.upload, name="evidence_upload"),
    path("evidence/<uuid:pk>/file/", views.file, name="evidence_file"),
    path("evidence/<uuid:pk>/original/", views.original, name="evidence_original"),
    path("evidence/<uuid:pk>/preview/", views.preview, name="evidence_preview"),
    path("evidence/<uuid:pk>/place/<slug:name>/", views.place, name="evidence_place"),
]
