"""Atom feeds in the language of the request."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils.feedgenerator import Atom1Feed
from django.utils.translation import get_language
from django.utils.translation import gettext as _


def atom(request: HttpRequest, title: str, path: str, items: Iterable[dict[str, Any]]) -> HttpResponse:
    """A feed of what stands at `path`."""
    made = Atom1Feed(
        title=f"{title} · {_('Invoice Helpdesk')}",
        link=settings.SITE_URL + path,
        description="",
        feed_url=settings.SITE_URL + request.path,
        language="en" if get_language() == "en" else "zh-Hans",
    )
    for item in items:
        made.add_item(**item)
    return HttpResponse(made.writeString("utf-8"), content_type="application/atom+xml; charset=utf-8")
