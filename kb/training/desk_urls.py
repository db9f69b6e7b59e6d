"""Addresses of editors and supervisors under /desk/training/."""

from __future__ import annotations

from django.urls import path

from kb.training.views import editing, people

urlpatterns = [
    path("", editing.index, name="desk_training"),
    path("new/", editing.new, name="desk_training_new"),
    path("report/", people.report, name="desk_training_report"),
    path("report/export/", people.export, name="desk_training_export"),
    path("report/waive/", people.waive, name="desk_training_waive"),
    path("mentors/", people.mentors, name="desk_mentors"),
    path("mentors/<int:pk>/end/", people.end, name="desk_mentor_end"),
    path("<slug:slug>/", editing.edit, name="desk_training_path"),
    path("<slug:slug>/purpose/", editing.purpose, name="desk_training_purpose"),
    path("<slug:slug>/words/", editing.words, name="desk_training_words"),
    path("<slug:slug>/articles/", editing.articles, name="desk_training_articles"),
    path("<slug:slug>/questions/<int:number>/", editing.question, name="desk_training_question"),
    path("<slug:slug>/publish/", editing.publish, name="desk_training_publish"),
    path("<slug:slug>/withdraw/", editing.withdraw, name="desk_training_withdraw"),
]
