"""Addresses of editors and reviewers under /desk/kb/."""

from __future__ import annotations

from django.urls import path

from kb.views import desk

urlpatterns = [
    path("", desk.articles, name="desk_kb"),
    path("new/", desk.new, name="desk_kb_new"),
    path("preview/", desk.preview, name="desk_kb_preview"),
    path("<str:slug>/readers/<str:language>/", desk.classify, name="desk_kb_classify"),
    path("<str:slug>/edit/<str:language>/", desk.edit, name="desk_kb_edit"),
    path("<str:slug>/review/<str:language>/", desk.review, name="desk_kb_review"),
]
