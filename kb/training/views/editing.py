"""Pages of the editors of learning paths."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.forms import Form
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.access import require
from accounts.permissions import Permission
from helpdesk.common import markdown
from helpdesk.common.errors import DomainError
from helpdesk.common.messages import gettext_noop
from kb.forms import explain
from kb.models import Article, Revision
from kb.reading import in_language, listed
from kb.training import services
from kb.training.forms import NewForm, PurposeForm, QuestionForm, WordsForm
from kb.training.models import Edition, Path

METHODS = ["GET", "HEAD", "POST"]


def _path(request: HttpRequest, slug: str) -> Path:
    require(request.user, Permission.TRAINING_EDIT)
    return get_object_or_404(Path.objects.visible_to(request.user).select_related("owner"), slug=slug)


def _shown(path: Path) -> Edition | None:
    """The draft, else what is published, else the last one."""
    rows = list(path.editions.prefetch_related("steps__article"))
    live = next((row for row in rows if row.published_at and not row.ended_at), None)
    return next((row for row in rows if not row.published_at), None) or live or (rows[0] if rows else None)


def _version(request: HttpRequest) -> int:
    given = request.POST.get("version", "")
    return int(given) if given.isascii() and given.isdecimal() and len(given) < 10 else 0


@require_safe
@login_required
def index(request: HttpRequest) -> HttpResponse:
    """Every path, and the ways to what follows from them."""
    require(request.user, Permission.TRAINING_EDIT)
    rows = Path.objects.visible_to(request.user).select_related("owner").prefetch_related("editions")
    manages = request.user.can(Permission.TRAINING_MANAGE)
    context = {"paths": [(path, *_halves(path)) for path in rows], "manages": manages}
    return render(request, "desk/training/index.html", context)


def _halves(path: Path) -> tuple[Edition | None, Edition | None]:
    """The published edition and the draft, from what is prefetched."""
    rows = list(path.editions.all())
    live = next((row for row in rows if row.published_at and not row.ended_at), None)
    return live, next((row for row in rows if not row.published_at), None)


def _form_page(
    request: HttpRequest, form: Form, save: Callable[[], Any], *, title: str, to: str, **context: Any
) -> HttpResponse:
    """A form on a page of its own; what a service refuses comes back with its words."""
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                save()
                messages.success(request, _("Saved."))
                return redirect("desk_training_path", to or form.cleaned_data["slug"])
            except DomainError as error:
                explain(form, error)
                status = 422 if error.status == 400 else error.status
    context |= {"form": form, "title": title, "slug": to}
    return render(request, context.pop("page", "desk/training/form.html"), context, status=status)


@require_http_methods(METHODS)
@login_required
def new(request: HttpRequest) -> HttpResponse:
    """A new path."""
    require(request.user, Permission.TRAINING_EDIT)
    form, user = NewForm(request.POST or None), request.user

    def save() -> None:
        services.create(slug=form.cleaned_data["slug"], given=form.given(), by=user)

    return _form_page(request, form, save, title=gettext_noop("New learning path"), to="")


@require_safe
@login_required
def edit(request: HttpRequest, slug: str) -> HttpResponse:
    """One path: purpose, words, articles and questions, with the ways to change each."""
    path = _path(request, slug)
    edition = _shown(path)
    slugs = [step.article.slug for step in edition.steps.all()] if edition else []
    texts = {text.article.slug: text for text in listed(request.user, get_language() or "")}
    context = {
        "path": path,
        "edition": edition,
        "live": _halves(path)[0],
        "stops": [(name, texts.get(name)) for name in slugs],
        "others": [text for name, text in texts.items() if name not in slugs],
    }
    return render(request, "desk/training/path.html", context)


@require_http_methods(METHODS)
@login_required
def purpose(request: HttpRequest, slug: str) -> HttpResponse:
    """For whom, whose, required for whom."""
    path, version = _path(request, slug), _version(request)
    form = PurposeForm(request.POST or None, initial=PurposeForm.purpose_of(path))

    def save() -> None:
        services.set_purpose(path=path, given=form.given(), by=request.user, version=version)

    return _form_page(request, form, save, title=gettext_noop("Purpose"), to=slug, version=path.version)


def _draft(request: HttpRequest, slug: str) -> Edition:
    """What a form works on; looking at it makes no draft."""
    path = _path(request, slug)
    found = services.draft_of(path=path, by=request.user) if request.method == "POST" else _shown(path)
    if found is None:
        raise Http404
    return found


@require_http_methods(METHODS)
@login_required
def words(request: HttpRequest, slug: str) -> HttpResponse:
    """Title and introduction, pass mark and spacing."""
    draft, form_version = _draft(request, slug), _version(request)
    form = WordsForm(request.POST or None, initial=WordsForm.words_of(draft))

    def save() -> None:
        services.save_words(draft=draft, given=form.cleaned_data, by=request.user, version=_of(draft, form_version))

    return _form_page(request, form, save, title=gettext_noop("Title and introduction"), to=slug, **_seen(draft))


def _seen(edition: Edition) -> dict[str, int]:
    """What a form has before its eyes: a draft's version; 0 while there is none."""
    return {"version": 0 if edition.published_at else edition.version}


def _of(draft: Edition, seen: int) -> int:
    """The version to save under: that of a fresh draft, when the form was opened before there was one."""
    return seen or (1 if draft.version == 1 else 0)


@require_POST
@login_required
def articles(request: HttpRequest, slug: str) -> HttpResponse:
    """Add, move or remove an article: one button each."""
    draft = _draft(request, slug)
    rows = [step.article for step in draft.steps.select_related("article")]
    name, to = next(((n, request.POST[n]) for n in ("add", "up", "remove") if request.POST.get(n)), ("", ""))
    found = get_object_or_404(Article.objects.visible_to(request.user), slug=to)
    at = rows.index(found) if found in rows else len(rows)
    rows = [row for row in rows if row != found]
    if name != "remove":
        rows.insert(at - (name == "up" and at > 0), found)
    services.set_articles(draft=draft, articles=rows, by=request.user, version=_of(draft, _version(request)))
    return redirect("desk_training_path", slug)


def _sections(request: HttpRequest, edition: Edition) -> list[tuple[str, str]]:
    """Articles and their sections, to point at."""
    texts = Revision.objects.visible_to(request.user).published().filter(article__in=edition.articles.all())
    found = []
    for text in in_language(texts.select_related("article").order_by("article__slug"), get_language() or ""):
        names = [name for level, _anchor, name in markdown.headings(text.body) if level == 2]
        found.append((f"{text.article.slug}.0", text.title))
        found += [(f"{text.article.slug}.{at}", f"{text.title} › {name}") for at, name in enumerate(names, 1)]
    return found


@require_http_methods(METHODS)
@login_required
def question(request: HttpRequest, slug: str, number: int) -> HttpResponse:
    """One question; the number after the last makes a new one."""
    draft, seen = _draft(request, slug), _version(request)
    rows = draft.quiz
    if not 1 <= number <= len(rows) + 1:
        raise Http404
    old = rows[number - 1] if number <= len(rows) else None
    form: Any = QuestionForm(request.POST or None, sources=_sections(request, draft), question=old)
    if "remove" in request.POST:
        form = Form(request.POST)

    def save() -> None:
        made = [] if "remove" in request.POST else [form.question()]
        changed = [*rows[: number - 1], *made, *rows[number:]]
        services.set_questions(draft=draft, questions=changed, by=request.user, version=_of(draft, seen))

    more = {"page": "desk/training/question.html", "old": old, **_seen(draft)}
    return _form_page(request, form, save, title=gettext_noop("Question of the quiz"), to=slug, **more)


@require_POST
@login_required
def publish(request: HttpRequest, slug: str) -> HttpResponse:
    """The draft becomes what people take."""
    path = _path(request, slug)
    draft = get_object_or_404(Edition.objects.visible_to(request.user).draft().select_related("path"), path=path)
    is_major = request.POST.get("is_major") == "on"
    services.publish(draft=draft, is_major=is_major, by=request.user, version=_version(request))
    messages.success(request, _("Published."))
    return redirect("desk_training_path", slug)


@require_POST
@login_required
def withdraw(request: HttpRequest, slug: str) -> HttpResponse:
    """Off the shelf; what was completed stays."""
    services.withdraw(path=_path(request, slug), by=request.user)
    messages.success(request, _("Withdrawn."))
    return redirect("desk_training_path", slug)
