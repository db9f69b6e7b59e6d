"""API v1: the addresses of all rooms, the description of them, and its page."""

from __future__ import annotations

import functools
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import include, path, reverse
from django.views.decorators.http import require_safe
from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.utils import extend_schema
from drf_spectacular.views import SpectacularAPIView
from rest_framework import permissions
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from helpdesk import openapi


@extend_schema(exclude=True)
class Root(APIView):
    """Where to begin."""

    permission_classes = (permissions.AllowAny,)

    def get(self, request: Request) -> Response:
        names = {"schema": "api-schema", "docs": "api-docs", "token": "api-token", "me": "api-me"}
        return Response({name: request.build_absolute_uri(reverse(view)) for name, view in names.items()})


@functools.cache
def _page() -> dict[str, Any]:
    """The description changes with the code alone; making it takes half a second."""
    description = SchemaGenerator().get_schema(request=None, public=True)
    return {"groups": openapi.groups(description), "shapes": openapi.shapes(description)}


@require_safe
def docs(request: HttpRequest) -> HttpResponse:
    """The description for people: a page of our own, so that the strict Content-Security-Policy holds here too."""
    return render(request, "api.html", _page())


urlpatterns = [
    path("", Root.as_view(), name="api-root"),
    path("", include("accounts.api")),
    path("", include("kb.api")),
    path("", include("kb.status.api")),
    path("", include("tickets.api.urls")),
    path("schema/", SpectacularAPIView.as_view(), name="api-schema"),
    path("docs/", docs, name="api-docs"),
]
