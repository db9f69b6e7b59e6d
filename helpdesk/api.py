"""API v1: the addresses of all rooms and the description of them."""

from __future__ import annotations

from django.urls import include, path
from drf_spectacular.views import SpectacularAPIView

urlpatterns = [
    path("", include("accounts.api")),
    path("", include("kb.api")),
    path("", include("tickets.api.urls")),
    path("schema/", SpectacularAPIView.as_view(), name="api-schema"),
]
