"""Addresses of editors and reviewers under /desk/kb/."""

from __future__ import annotations

from django.urls import path

from kb.views import confirming, desk, editor, gaps, readers, review, synonyms, upkeep

urlpatterns = [
    path("", desk.articles, name="desk_kb"),
    path("new/", desk.new, name="desk_kb_new"),
    path("preview/", editor.preview, name="desk_kb_preview"),
    path("synonyms/", synonyms.groups, name="desk_kb_synonyms"),
    path("synonyms/<int:pk>/", synonyms.group, name="desk_kb_synonym_group"),
    path("gaps/", gaps.backlog, name="desk_kb_gaps"),
    path("gaps/numbers/", gaps.numbers, name="desk_kb_numbers"),
    path("gaps/health/", gaps.health, name="desk_kb_health"),
    path("feedback/", readers.feedback, name="desk_kb_feedback"),
    path("feedback/<int:pk>/handled/", readers.handle, name="desk_kb_handled"),
    path("deflection/", readers.deflected, name="desk_kb_deflection"),
    path("upkeep/", upkeep.overview, name="desk_kb_upkeep"),
    path("<str:slug>/upkeep/", upkeep.article, name="desk_kb_article"),
    path("<str:slug>/confirmation/", confirming.ask, name="desk_kb_confirmation"),
    path("<str:slug>/address/", upkeep.rename, name="desk_kb_rename"),
    path("<str:slug>/verified/", upkeep.verified, name="desk_kb_verified"),
    path("<str:slug>/files/", editor.upload, name="desk_kb_upload"),
    path("<str:slug>/autosave/<str:language>/", editor.autosave, name="desk_kb_autosave"),
    path("<str:slug>/remarks/<int:pk>/resolve/", review.resolve, name="desk_kb_resolve"),
    path("<str:slug>/remarks/<str:language>/", review.comment, name="desk_kb_comment"),
    path("<str:slug>/readers/<str:language>/", desk.classify, name="desk_kb_classify"),
    path("<str:slug>/edit/<str:language>/", editor.edit, name="desk_kb_edit"),
    path("<str:slug>/review/<str:language>/", review.review, name="desk_kb_review"),
    path("<str:slug>/history/<str:language>/", review.history, name="desk_kb_history"),
    path("<str:slug>/restore/<str:language>/<int:number>/", review.restore, name="desk_kb_restore"),
]
