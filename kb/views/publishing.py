"""What machines read of the articles for everybody: feeds, the map of the site, and what robots may fetch."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from helpdesk.common.feeds import atom
from kb import reading
from kb.models import Revision
from kb.views.reading import language_of

CLOSED = ("/accounts/", "/api/", "/desk/", "/kb/search/", "/kb/suggest/", "/tickets/")


def _item(text: Revision) -> dict[str, Any]:
    return {
        "title": text.title,
        "link": reading.address(text),
        "description": text.summary,
        "pubdate": text.first_at,  # type: ignore[attr-defined]
        "updateddate": text.published_at,
        "categories": [text.article.category.slug],
    }


@require_safe
def feed(request: HttpRequest, slug: str = "") -> HttpResponse:
    """Articles that were published or changed last, of all categories or of one, as Atom."""
    language = language_of(request)
    texts = reading.in_feed(language, slug)
    if slug and not texts:
        raise Http404
    title, path = _("Help articles"), reverse("kb_home")
    if slug:
        title, path = reading.named(texts[0].article.category, language)["title"], reverse("kb_category", args=[slug])
    return atom(request, title, path, map(_item, texts))


@require_safe
def sitemap(request: HttpRequest) -> HttpResponse:
    """Every article for everybody, in each of its languages."""
    pages = [settings.SITE_URL + path for path in ("/", reverse("kb_home"), reverse("status"))]
    groups = [[(text, reading.address(text)) for text in texts] for _slug, texts in reading.on_the_map()]
    return render(request, "kb/sitemap.xml", {"pages": pages, "groups": groups}, content_type="application/xml")


@require_safe
def robots(request: HttpRequest) -> HttpResponse:
    """What is for people who have signed in, and what is different at each call, is nothing for robots."""
    closed = "".join(f"Disallow: {path}\n" for path in CLOSED)
    text = f"User-agent: *\n{closed}Sitemap: {settings.SITE_URL}{reverse('sitemap')}\n"
    return HttpResponse(text, content_type="text/plain; charset=utf-8")
