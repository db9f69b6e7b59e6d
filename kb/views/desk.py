"""Pages of editors and reviewers: the list, a new article, who may read one."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.db.models import Prefetch
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.access import require
from accounts.permissions import Permission
from helpdesk.common.errors import DomainError, NotNow
from helpdesk.common.messages import Message, gettext_noop
from kb import confirming, reading, services
from kb.forms import ReadersForm, SubjectForm, category_choices, explain
from kb.lifecycle import DRAFT, IN_REVIEW, LIFECYCLE, PUBLISHED, SCHEDULED
from kb.models import Article, Category, Revision

PAGE = 30


@require_safe
@login_required
def articles(request: HttpRequest) -> HttpResponse:
    """Every article with the state of its texts."""
    require(request.user, Permission.KB_READ_STAFF)
    asked = {name: request.GET.get(name, "").strip()[:100] for name in ("q", "status", "category")}
    page = Paginator(_found(request, **asked), PAGE).get_page(request.GET.get("page"))
    context = asked | {
        "page": page,
        "rows": [(article, _title(article, get_language() or ""), _states(article)) for article in page],
        "states": [LIFECYCLE.states[name] for name in (DRAFT, IN_REVIEW, SCHEDULED, PUBLISHED)],
        "categories": category_choices(),
        "to_confirm": confirming.waiting(request.user),
        "edits": request.user.can(Permission.KB_EDIT),
        "reviews": request.user.can(Permission.KB_REVIEW),
    }
    return render(request, "desk/kb/list.html", context)


def _found(request: HttpRequest, *, q: str, status: str, category: str) -> Any:
    """Articles with the texts that the person may read; a filter looks at no others."""
    texts = Revision.objects.visible_to(request.user)
    rows = Article.objects.visible_to(request.user).select_related("category")
    if q:
        rows = rows.filter(pk__in=texts.filter(title__icontains=q).values("article"))
    if status in LIFECYCLE.states:
        rows = rows.filter(pk__in=texts.filter(status=status).values("article"))
    if category:
        rows = rows.filter(category__slug=category)
    return rows.prefetch_related(Prefetch("revisions", texts)).order_by("-pk")


def _title(article: Article, language: str) -> str:
    texts = sorted(article.revisions.all(), key=lambda r: (r.language != language, r.status != PUBLISHED, -r.number))
    return texts[0].title if texts else article.slug


def _states(article: Article) -> list[tuple[Any, ...]]:
    """Language, its name, the published text, the open text, whether the published one is behind the original."""
    texts = list(article.revisions.all())
    found: list[tuple[Any, ...]] = []
    for code, name in settings.LANGUAGES:
        mine = [t for t in texts if t.language == code]
        live = next((t for t in mine if t.status == PUBLISHED), None)
        found.append((code, name, live, next((t for t in mine if t.state.is_open), None)))
    original = found[0][2]
    return [(*row, bool(row[2] and reading.is_behind(row[2], original))) for row in found]


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def new(request: HttpRequest) -> HttpResponse:
    require(request.user, Permission.KB_EDIT)
    form = SubjectForm(request.POST or None, initial={"start": "outline"})
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        category = get_object_or_404(Category, slug=given["category"])
        try:
            made = services.create_article(
                slug=given["slug"], category=category, audience=given["audience"], by=request.user
            )
            start = "?start=outline" if given["start"] else ""
            return redirect(reverse("desk_kb_edit", args=[made.slug, settings.LANGUAGES[0][0]]) + start)
        except DomainError as error:
            explain(form, error)
    return render(request, "desk/kb/new.html", {"form": form}, status=422 if request.method == "POST" else 200)


@require_POST
@login_required
def classify(request: HttpRequest, slug: str, language: str) -> HttpResponse:
    """Another category, other readers: until a text is handed in, for a reviewer approves a text for its readers."""
    require(request.user, Permission.KB_EDIT)
    article = get_object_or_404(Article.objects.visible_to(request.user), slug=slug)
    if article.revisions.filter(status__in=(IN_REVIEW, SCHEDULED, PUBLISHED)).exists():
        raise NotNow(Message(gettext_noop("A text of this article is in review or published; its readers stay.")))
    form = ReadersForm(request.POST, prefix="readers")
    if form.is_valid():
        given, version = form.cleaned_data, request.POST.get("version", "")
        services.classify(
            article=article,
            category=get_object_or_404(Category, slug=given["category"]),
            audience=given["audience"],
            by=request.user,
            version=int(version) if version.isdecimal() else 0,
        )
        messages.success(request, _("Saved."))
    else:
        messages.error(request, _("Choose who may read it."))
    return redirect("desk_kb_edit", slug=slug, language=language)
