"""Pages for readers; no account is needed."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.contrib import messages
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from helpdesk.common import markdown
from helpdesk.common.errors import Invalid
from helpdesk.common.http import has_been_here, next_url, visitor
from helpdesk.common.messages import Message, gettext_noop
from helpdesk.common.pace import slow_down
from helpdesk.common.text import is_number
from kb import confirming, deflection, files, queries, reading, scope, search, services, upkeep, votes
from kb.models import Article, Attachment, Feedback, Revision

EACH_MINUTE = 30


def language_of(request: HttpRequest) -> str:
    """The article's language: the page's, unless the address asks for another."""
    asked = request.GET.get("lang", "")
    return asked if asked in dict(settings.LANGUAGES) else getattr(request, "LANGUAGE_CODE", settings.LANGUAGE_CODE)


@require_safe
def index(request: HttpRequest) -> HttpResponse:
    """All articles by category."""
    language = language_of(request)
    texts = reading.listed(request.user, language)
    groups = [
        category | {"texts": [t for t in texts if t.article.category.slug == category["slug"]]}
        for category in reading.categories(request.user, language)
    ]
    return render(request, "kb/index.html", {"groups": [g for g in groups if g["texts"]], "nav": "kb"})


@require_safe
def category(request: HttpRequest, slug: str) -> HttpResponse:
    """A category that holds nothing for the reader isn't there for them."""
    language = language_of(request)
    known = reading.categories(request.user, language)
    found = next((c for c in known if c["slug"] == slug), None)
    if found is None:
        raise Http404
    texts = reading.listed(request.user, language, article__category__slug=slug)
    below = [c for c in known if c["above"] and c["above"]["slug"] == slug]
    context = {"category": found, "below": below, "texts": texts, "canonical": settings.SITE_URL + request.path}
    return render(request, "kb/category.html", context)


@require_safe
def results(request: HttpRequest) -> HttpResponse:
    """Answers, best first; without any, what may help instead."""
    q, language = request.GET.get("q", "").strip()[:200], language_of(request)
    chosen = request.GET.get("category", "")
    hits = search.search(q, user=request.user, language=language, category=chosen) if q else []
    token = request.GET.get("s", "")
    if q and not token and not chosen and request.method == "GET":  # narrowed to a category it is the same question
        token = queries.record(q=q, user=request.user, language=language, place=queries.Place.PAGE, hits=hits)
    context: dict[str, Any] = {
        "q": q,
        "hits": hits,
        "weak": search.is_weak(hits),
        "token": token,
        "is_number": is_number(q),
        "meant": search.did_you_mean(q, user=request.user) if q else "",
        "categories": reading.categories(request.user, language),
        "chosen": chosen,
    }
    return render(request, "kb/search.html", context)


@require_safe
def suggest(request: HttpRequest) -> HttpResponse:
    """While somebody types: at most five, and the way to a ticket."""
    q = request.GET.get("q", "").strip()[:200]
    hits = search.suggest(q, user=request.user, language=language_of(request)) if len(q) > 1 else []
    return render(request, "kb/_suggest.html", {"q": q, "hits": hits})


@require_safe
def article(request: HttpRequest, slug: str) -> HttpResponse:
    """One article: the answer first, then the rest."""
    language = language_of(request)
    found = reading.article(request.user, slug, language)
    if found is None:
        return _elsewhere(request, slug, language)
    context = _shown(request, *found, language=language) | {"token": _noted(request, found[0])}
    return render(request, "kb/article.html", context)


def _noted(request: HttpRequest, text: Revision) -> str:
    """Count the reading, and tell the question that led here; its name, for what follows."""
    token, q = request.GET.get("s", ""), request.GET.get("q", "").strip()
    if request.method != "GET" or request.path in request.headers.get("referer", ""):  # a vote, the other language
        return token
    queries.read(article=text.article, language=text.language)
    deflection.note(request, text.article)
    if token:
        queries.opened(token=token, article=text.article)
    elif q:
        token = queries.picked(q=q, user=request.user, language=language_of(request), article=text.article)
    return token


def _elsewhere(request: HttpRequest, slug: str, language: str) -> HttpResponse:
    """A former address leads on (301); what was archived says so (410), and what to read instead."""
    former = upkeep.moved(slug)
    doors = (Article.objects.visible_to(request.user), Article.objects.gone_for(request.user))
    if former and any(rows.filter(pk=former.pk).exists() for rows in doors):
        asked = f"?{request.GET.urlencode()}" if request.GET else ""
        return redirect(reverse("kb_article", args=[former.slug]) + asked, permanent=True)
    gone = reading.gone(request.user, slug, language)
    if gone is None:
        raise Http404
    text, after = gone
    context = {"text": text, "after": after, "category": reading.named(text.article.category, language)}
    return render(request, "kb/gone.html", context, status=410)


@require_safe
def file(request: HttpRequest, key: str) -> FileResponse:
    """A picture, or a document to save: to readers of a published text that refers to it."""
    found = get_object_or_404(Attachment.objects.visible_to(request.user), key=key)
    shown = found.media_type if found.is_picture else "application/octet-stream"
    response = FileResponse(
        files.open_file(found), as_attachment=not found.is_picture, filename=found.name, content_type=shown
    )
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Content-Security-Policy"] = "sandbox; default-src 'none'"
    response.headers["Cache-Control"] = "private, max-age=300"
    response.headers["ETag"] = f'"{found.sha256}"'
    return response


def _shown(request: HttpRequest, text: Revision, texts: Sequence[Revision], *, language: str) -> dict[str, Any]:
    """The text, what is around it, and the reader's own vote."""
    return {
        "text": text,
        "html": markdown.render(text.body),
        "headings": markdown.headings(text.body),
        "canonical": reading.address(text),
        "alternates": [("en" if t.language == "en" else "zh-Hans", reading.address(t)) for t in texts],
        "others": [t for t in texts if t.pk != text.pk],
        "is_fallback": text.language != language,
        "original": next(
            (t for t in texts if reading.is_behind(text, t) and t.language == settings.LANGUAGE_CODE), None
        ),
        "checked": text.article.verified_at or text.published_at,
        "is_overdue": bool(text.article.review_by and text.article.review_by < timezone.localdate()),
        "category": reading.named(text.article.category, language),
        "related": reading.related(request.user, text, language),
        "sources": [s.strip() for s in re.split(r"[;；\n]", text.sources) if s.strip()],
        "tags": scope.tags(text.scope),
        "mark": confirming.marked(request.user, texts) if text.article.must_confirm else None,
        "vote": _vote(request, text),
        "reasons": Feedback.Reason.choices,
    }


def _vote(request: HttpRequest, text: Revision) -> Feedback | None:
    """The reader's own; looking names nobody."""
    if not (request.user.is_authenticated or has_been_here(request)):
        return None
    return Feedback.objects.filter(article=text.article_id, visitor=visitor(request)).first()


def _article(request: HttpRequest, slug: str) -> Article:
    return get_object_or_404(Article.objects.visible_to(request.user), slug=slug)


def _back(request: HttpRequest, slug: str) -> HttpResponse:
    """To the article in the language in which it was read."""
    lang, token = request.GET.get("lang", ""), request.GET.get("s", "")
    kept = {"lang": lang if lang == language_of(request) else "", "s": token}
    query = urlencode({name: value for name, value in kept.items() if value})
    return redirect(reverse("kb_article", args=[slug]) + (f"?{query}" if query else ""))


@require_POST
def feedback(request: HttpRequest, slug: str) -> HttpResponse:
    """Helpful or not; a "no" may say why, and leads on to a ticket."""
    slow_down(request, "feedback", each_minute=EACH_MINUTE)
    found, vote = _article(request, slug), request.POST.get("vote")
    if vote not in ("yes", "no"):
        raise Invalid(Message(gettext_noop("Choose one of the list.")))
    services.record_feedback(
        article=found,
        language=language_of(request),
        visitor=visitor(request),
        is_helpful=vote == "yes",
        reason=request.POST.get("reason", ""),
        text=request.POST.get("text", "")[:1000],
    )
    messages.success(request, _("Thank you. That helps us to write better."))
    return _back(request, slug)


@require_POST
def solved(request: HttpRequest, slug: str) -> HttpResponse:
    """ "This solved it" at the end of an article."""
    slow_down(request, "solved", each_minute=EACH_MINUTE)
    user = request.user if request.user.is_authenticated else None
    found = _article(request, slug)
    services.record_deflection(article=found, visitor=visitor(request), user=user, place="article", context="")
    queries.solved(token=request.GET.get("s", ""), article=found)
    messages.success(request, _("Good to hear."))
    return _back(request, slug)


@require_POST
def rejected(request: HttpRequest, slug: str) -> HttpResponse:
    """A suggestion was none; the reason is kept with the page that suggested it."""
    slow_down(request, "feedback", each_minute=EACH_MINUTE)
    found = _article(request, slug)
    given = {name: request.POST.get(name, "") for name in ("place", "reason")}
    votes.reject(article=found, visitor=visitor(request), **given)
    if "HX-Request" in request.headers:
        return render(request, "kb/_rejected.html")
    messages.success(request, _("Thank you. That helps us to suggest better."))
    return redirect(next_url(request, reverse("kb_article", args=[slug])))
