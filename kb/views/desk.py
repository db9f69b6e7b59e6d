"""Pages of editors and reviewers: the list, the editor with its preview, the review."""

from __future__ import annotations

import difflib
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.db.models import Prefetch
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.access import require
from accounts.permissions import Permission
from helpdesk.common import markdown
from helpdesk.common.errors import DomainError, Missing, NotNow, Stale
from helpdesk.common.messages import Message, gettext_noop
from kb import services
from kb.forms import ReadersForm, SubjectForm, TextForm, category_choices, explain
from kb.lifecycle import DRAFT, IN_REVIEW, LIFECYCLE, PUBLISHED
from kb.models import Article, Category, Revision

PAGE = 30
OPEN = (DRAFT, IN_REVIEW)


def _languages() -> dict[str, str]:
    return dict(settings.LANGUAGES)


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
        "states": [LIFECYCLE.states[name] for name in (DRAFT, IN_REVIEW, PUBLISHED)],
        "categories": category_choices(),
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


def _states(article: Article) -> list[tuple[str, str, Revision | None, Revision | None]]:
    """Language, its name, the published text, the open text."""
    texts = list(article.revisions.all())
    found = []
    for code, name in settings.LANGUAGES:
        mine = [t for t in texts if t.language == code]
        live = next((t for t in mine if t.status == PUBLISHED), None)
        found.append((code, name, live, next((t for t in mine if t.status in OPEN), None)))
    return found


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def new(request: HttpRequest) -> HttpResponse:
    require(request.user, Permission.KB_EDIT)
    form = SubjectForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        category = get_object_or_404(Category, slug=given["category"])
        try:
            made = services.create_article(
                slug=given["slug"], category=category, audience=given["audience"], by=request.user
            )
            return redirect("desk_kb_edit", slug=made.slug, language=settings.LANGUAGES[0][0])
        except DomainError as error:
            explain(form, error)
    return render(request, "desk/kb/new.html", {"form": form}, status=422 if request.method == "POST" else 200)


def _subject(request: HttpRequest, slug: str, language: str) -> tuple[Article, Revision | None, Revision | None]:
    """The article, its published and its open text in that language."""
    if language not in _languages():
        raise Missing
    article = get_object_or_404(Article.objects.visible_to(request.user).select_related("category"), slug=slug)
    texts = Revision.objects.visible_to(request.user).filter(article=article, language=language)
    texts = texts.select_related("article", "author", "reviewer")
    return article, texts.filter(status=PUBLISHED).first(), texts.filter(status__in=OPEN).first()


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def edit(request: HttpRequest, slug: str, language: str) -> HttpResponse:
    """Text left, preview right; a colleague's change in between is shown, never overwritten."""
    require(request.user, Permission.KB_EDIT)
    article, live, draft = _subject(request, slug, language)
    form = TextForm(request.POST or None, initial=_values(draft or live))
    context, status = _editor(article, language, draft, form), 200
    if request.method == "POST":
        # the version that the person began with, also after a preview: the newer one would hide a colleague's change
        context["version"] = request.POST.get("version", "")
    if request.method == "POST" and "preview" not in request.POST:
        try:
            if form.is_valid() and (saved := _save(request, article, language, form)):
                return redirect(saved)
            status = 422
        except Stale as stale:
            explain(form, stale)
            context, status = context | _theirs(request, slug, language, form), stale.status
    return render(request, "desk/kb/edit.html", context, status=status)


def _values(text: Revision | None) -> dict[str, str]:
    names = ("title", "summary", "keywords", "body")
    return {name: getattr(text, name) for name in names} if text else {}


def _editor(article: Article, language: str, draft: Revision | None, form: TextForm) -> dict[str, Any]:
    fixed = article.revisions.filter(status__in=(IN_REVIEW, PUBLISHED)).exists()
    readers = {"category": article.category.slug, "audience": article.audience}
    return {
        "article": article,
        "language": language,
        "languages": _languages(),
        "draft": draft,
        "version": draft.version if draft else 0,
        "form": form,
        "readers": None if fixed else ReadersForm(initial=readers, prefix="readers"),
        "preview": markdown.render(form["body"].value() or ""),
    }


def _theirs(request: HttpRequest, slug: str, language: str, form: TextForm) -> dict[str, Any]:
    """What a colleague has saved beside what was sent; saving again answers for both."""
    _article, _live, theirs = _subject(request, slug, language)
    if theirs is None:
        return {}
    mine = form.cleaned_data
    lines = _compared(_whole(theirs), [mine["title"], mine["summary"], mine["keywords"], *mine["body"].splitlines()])
    return {"theirs": theirs, "version": theirs.version, "lines": lines}


def _save(request: HttpRequest, article: Article, language: str, form: TextForm) -> str:
    """Keep the draft, and hand it in when asked; returns where to go on, or "" when it was refused."""
    version = request.POST.get("version", "")
    try:
        draft = services.save_draft(
            article=article,
            language=language,
            text=form.text(),
            reason=form.cleaned_data["reason"],
            by=request.user,
            version=int(version) if version.isdecimal() else 0,
        )
        if "submit" in request.POST:
            services.perform(revision=draft, action="submit", by=request.user)
    except Stale:
        raise
    except DomainError as error:
        explain(form, error)
        return ""
    messages.success(request, _("Handed in for review.") if "submit" in request.POST else _("Saved."))
    return "desk_kb" if "submit" in request.POST else request.get_full_path()


@require_POST
@login_required
def classify(request: HttpRequest, slug: str, language: str) -> HttpResponse:
    """Another category, other readers: until a text is handed in, for a reviewer approves a text for its readers."""
    require(request.user, Permission.KB_EDIT)
    article = get_object_or_404(Article.objects.visible_to(request.user), slug=slug)
    if article.revisions.filter(status__in=(IN_REVIEW, PUBLISHED)).exists():
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


@require_POST
@login_required
def preview(request: HttpRequest) -> HttpResponse:
    """The text as readers will see it, for the page that is being written."""
    require(request.user, Permission.KB_EDIT)
    return HttpResponse(markdown.render(request.POST.get("body", "")))


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def review(request: HttpRequest, slug: str, language: str) -> HttpResponse:
    """What is new against the published text; approve, send back, archive."""
    require(request.user, Permission.KB_READ_STAFF)
    article, live, draft = _subject(request, slug, language)
    chosen = draft if draft and draft.status == IN_REVIEW else live
    if chosen is None:
        raise Missing
    if request.method == "POST":
        return _decide(request, chosen)
    before = live if chosen != live else None
    context = {
        "article": article,
        "text": chosen,
        "live": before,
        "lines": _compared(_whole(before), _whole(chosen)) if before else [],
        "html": markdown.render(chosen.body),
        "actions": LIFECYCLE.allowed(chosen.status, request.user.permissions()),
        "own": chosen.author_id == request.user.pk,
    }
    return render(request, "desk/kb/review.html", context)


def _decide(request: HttpRequest, chosen: Revision) -> HttpResponse:
    """On the very text that was read: sent back and handed in again meanwhile, it is another one."""
    if request.POST.get("seen") != f"{chosen.pk}.{chosen.version}":
        raise Stale
    action, reason = request.POST.get("action", ""), request.POST.get("reason", "")
    if not LIFECYCLE.find(action).manual:  # publishing the next text replaces this one, nobody else does
        raise Missing
    services.perform(revision=chosen, action=action, by=request.user, reason=reason)
    messages.success(request, _("Done. Status now: %(status)s") % {"status": _(chosen.state.label)})
    return redirect("desk_kb")


def _whole(text: Revision) -> list[str]:
    return [text.title, text.summary, text.keywords, *text.body.splitlines()]


def _compared(before: list[str], after: list[str]) -> list[tuple[str, str]]:
    """Lines with their sign; long stretches without a change are left out."""
    made = list(difflib.unified_diff(before, after, lineterm="", n=2))[2:]
    return [(" ", "…") if line.startswith("@@") else (line[:1], line[1:]) for line in made]
