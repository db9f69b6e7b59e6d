"""The editor: text left, preview right; a colleague's change in between is shown, never overwritten."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from accounts.access import require
from accounts.permissions import Permission
from helpdesk.common import markdown
from helpdesk.common.errors import DomainError, Stale
from kb import services
from kb.comparing import compare
from kb.forms import ReadersForm, TextForm, explain
from kb.lifecycle import IN_REVIEW, PUBLISHED, SCHEDULED
from kb.models import Article, Revision
from kb.outline import OUTLINES
from kb.views.subjects import languages, subject, whole, whole_of


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def edit(request: HttpRequest, slug: str, language: str) -> HttpResponse:
    require(request.user, Permission.KB_EDIT)
    article, live, draft = subject(request, slug, language)
    form = TextForm(request.POST or None, initial=_values(draft or live) or _outline(request, language))
    context, status = _page(article, language, draft, form), 200
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


def _values(text: Revision | None) -> dict[str, Any]:
    if text is None:
        return {}
    names = ("title", "summary", "keywords", "sources", "body")
    lists = {name: ", ".join(words) for name, words in text.scope.items() if name != "kinds"}
    return {name: getattr(text, name) for name in names} | lists | {"kinds": text.scope.get("kinds", [])}


def _outline(request: HttpRequest, language: str) -> dict[str, str]:
    return {"body": OUTLINES[language]} if request.GET.get("start") == "outline" else {}


def _page(article: Article, language: str, draft: Revision | None, form: TextForm) -> dict[str, Any]:
    fixed = article.revisions.filter(status__in=(IN_REVIEW, SCHEDULED, PUBLISHED)).exists()
    readers = {"category": article.category.slug, "audience": article.audience}
    returned = draft.events.filter(kind="revision.returned").select_related("actor").last() if draft else None
    return {
        "article": article,
        "language": language,
        "languages": languages(),
        "draft": draft,
        "version": draft.version if draft else 0,
        "form": form,
        "readers": None if fixed else ReadersForm(initial=readers, prefix="readers"),
        "preview": markdown.render(form["body"].value() or ""),
        "returned": returned,
    }


def _theirs(request: HttpRequest, slug: str, language: str, form: TextForm) -> dict[str, Any]:
    """What a colleague has saved beside what was sent; saving again answers for both."""
    theirs = subject(request, slug, language).draft
    if theirs is None:
        return {}
    return {"theirs": theirs, "version": theirs.version, "lines": compare(whole(theirs), whole_of(form.text()))}


def _save(request: HttpRequest, article: Article, language: str, form: TextForm) -> str:
    """Keep the draft, and hand it in when asked; returns where to go on, or "" when it was refused."""
    keep = services.hand_in if "submit" in request.POST else services.save_draft
    try:
        keep(
            article=article,
            language=language,
            text=form.text(),
            reason=form.cleaned_data["reason"],
            by=request.user,
            version=_version(request),
        )
    except Stale:
        raise
    except DomainError as error:
        explain(form, error)
        return ""
    messages.success(request, _("Handed in for review.") if "submit" in request.POST else _("Saved."))
    return "desk_kb" if "submit" in request.POST else request.path


def _version(request: HttpRequest) -> int:
    given = request.POST.get("version", "")
    return int(given) if given.isdecimal() and len(given) < 10 else 0


@require_POST
@login_required
def preview(request: HttpRequest) -> HttpResponse:
    """The text as readers will see it, for the page that is being written."""
    require(request.user, Permission.KB_EDIT)
    return HttpResponse(markdown.render(request.POST.get("body", "")))
