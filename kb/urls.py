"""Addresses of the knowledge base under /kb/; the editor's lie under /desk/kb/."""

from __future__ import annotations

from django.urls import path

from kb.views import confirming, publishing, reading

urlpatterns = [
    path("", reading.index, name="kb_home"),
    path("search/", reading.results, name="kb_search"),
    path("suggest/", reading.suggest, name="kb_suggest"),
    path("feed.atom", publishing.feed, name="kb_feed"),
    path("category/<slug:slug>/feed.atom", publishing.feed, name="kb_category_feed"),
    path("category/<slug:slug>/", reading.category, name="kb_category"),
    path("files/<slug:key>/", reading.file, name="kb_file"),
    path("<str:slug>/", reading.article, name="kb_article"),
    path("<str:slug>/feedback/", reading.feedback, name="kb_feedback"),
    path("<str:slug>/solved/", reading.solved, name="kb_solved"),
    path("<str:slug>/confirmed/", confirming.confirm, name="kb_confirmed"),
    path("<str:slug>/rejected/", reading.rejected, name="kb_rejected"),
]
