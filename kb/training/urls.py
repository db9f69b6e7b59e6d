"""Addresses of learners under /training/; those of the desk lie under /desk/training/."""

from __future__ import annotations

from django.urls import path

from kb.training.views import taking

urlpatterns = [
    path("", taking.home, name="training"),
    path("<slug:slug>/", taking.path, name="training_path"),
    path("<slug:slug>/read/<str:article>/", taking.read, name="training_read"),
    path("<slug:slug>/quiz/", taking.start, name="training_quiz"),
    path("<slug:slug>/attempts/<int:pk>/", taking.attempt, name="training_attempt"),
]
