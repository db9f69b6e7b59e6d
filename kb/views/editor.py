"""The editor: text left, preview right; a colleague's change in between is shown, never overwritten."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from accounts.access import require
from accounts.permissions import Permission
from helpdesk.common import markdown
from helpdesk.common.api import problem_response
from helpdesk.common.errors import DomainError, FieldError, Invalid, NotNow, Stale
from helpdesk.common.http import next_url, say
from helpdesk.common.messages import Message, gettext_noop
from kb import files, services
from kb.comparing import compare
from kb.forms import ReadersForm, TextForm, explain
from kb.lifecycle import DRAFT, IN_REVIEW, PUBLISHED, SCHEDULED
from kb.models import Article, Revision
from kb.outline import OUTLINES
from kb.views.subjects import languages, number_of, subject, whole, whole_of

#: Button, icon, name; static/js/editor.js says what each inserts.
TOOLS = (
    ("heading", "heading-2", gettext_noop("Heading")),
    ("bold", "bold", gettext_noop("Bold")),
    ("list", "list", gettext_noop("List")),
    ("steps", "list-ordered", gettext_noop("Steps")),
    ("quote", "quote", gettext_noop("Quotation")),
    ("code", "code", gettext_noop("Code")),
    ("link", "link", gettext_noop("Link")),
    ("table", "table", gettext_noop("Table")),
)


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
        "tools": TOOLS,
        "remarks": draft.remarks.select_related("author").filter(resolved_at=None) if draft else [],
        "files": article.attachments.all(),
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
            version=number_of(request, "version"),
        )
    except Stale:
        raise
    except DomainError as error:
        explain(form, error)
        return ""
    messages.success(request, _("Handed in for review.") if "submit" in request.POST else _("Saved."))
    return "desk_kb" if "submit" in request.POST else request.path


@require_POST
@login_required
def preview(request: HttpRequest) -> HttpResponse:
    """The text as readers will see it, for the page that is being written."""
    require(request.user, Permission.KB_EDIT)
    return HttpResponse(markdown.render(request.POST.get("body", "")))


@require_POST
@login_required
def autosave(request: HttpRequest, slug: str, language: str) -> HttpResponse:
    """Keep the draft while somebody writes; 412 with the colleague's text, 409 while it is in review."""
    require(request.user, Permission.KB_EDIT)
    article, live, draft = subject(request, slug, language)
    form = TextForm(request.POST)
    if not form.is_valid() or (draft is None and live and _unchanged(live, form)):
        return HttpResponse(status=204)
    if draft and _unchanged(draft, form):
        return _kept(draft)
    try:
        return _kept(_autosaved(request, article, draft, form))
    except (Stale, NotNow) as refusal:
        answer = {"code": refusal.code, "detail": say(refusal.message), "yours": form.text()}
        theirs = _values(subject(request, slug, language).draft)
        return JsonResponse(answer | {"theirs": theirs}, status=refusal.status)


def _autosaved(request: HttpRequest, article: Article, draft: Revision | None, form: TextForm) -> Revision:
    if draft and draft.status != DRAFT:
        raise NotNow(Message(gettext_noop("Not kept by itself: this text is in review. Saving takes it back.")))
    return services.save_draft(
        article=article,
        language=request.resolver_match.kwargs["language"],  # type: ignore[union-attr]  # of an address that was found
        text=form.text(),
        reason=form.cleaned_data["reason"],
        by=request.user,
        version=number_of(request, "version"),
    )


def _unchanged(text: Revision, form: TextForm) -> bool:
    values = services.texts(form.text())
    return all(getattr(text, name) == value for name, value in values.items())


def _kept(draft: Revision) -> HttpResponse:
    return JsonResponse({"version": draft.version, "at": f"{timezone.localtime(draft.updated_at):%H:%M}"})


@require_POST
@login_required
def upload(request: HttpRequest, slug: str) -> HttpResponse:
    """A picture or document: its Markdown as JSON for the script, the editor's page without one."""
    require(request.user, Permission.KB_EDIT)
    article = get_object_or_404(Article.objects.visible_to(request.user), slug=slug)
    is_script = "application/json" in request.headers.get("Accept", "")
    try:
        given = _given(request)
        made = files.receive(article=article, file=given, name=given.name or "", by=request.user)
    except DomainError as error:
        if is_script:
            return problem_response(error)
        messages.error(request, say(error.message))
        return redirect(next_url(request, reverse("desk_kb")))
    if is_script:
        return JsonResponse({"markdown": made.markdown, "is_picture": made.is_picture}, status=201)
    messages.success(request, _("Added. Copy its Markdown into the text."))
    return redirect(next_url(request, reverse("desk_kb")))


def _given(request: HttpRequest) -> Any:
    if "file" not in request.FILES:
        text = Message(gettext_noop("Choose a file first."))
        raise Invalid(text, errors=[FieldError("file", "required", text)])
    return request.FILES["file"]
