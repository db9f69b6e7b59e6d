"""The reviewer's pages: what is new against the published text, the decision, the history of an article."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.access import require
from accounts.permissions import Permission
from helpdesk.common import markdown
from helpdesk.common.errors import FieldError, Invalid, Missing, Stale
from helpdesk.common.http import next_url, say
from helpdesk.common.messages import Message, gettext_noop
from kb import markup, remarks, scope, services
from kb.lifecycle import DRAFT, LIFECYCLE
from kb.models import Article, Remark, Revision
from kb.remarks import require_writing
from kb.views.subjects import Subject, differences, languages, number_of, subject


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def review(request: HttpRequest, slug: str, language: str) -> HttpResponse:
    """What is new against the published text; approve now or for a time, send back, archive."""
    require(request.user, Permission.KB_READ_STAFF)
    found = subject(request, slug, language)
    chosen = found.draft if found.draft and found.draft.status != DRAFT else found.live
    if chosen is None:
        raise Missing
    errors: list[str] = []
    if request.method == "POST":
        try:
            return _decide(request, chosen)
        except Invalid as refusal:
            errors = [say(error.message) for error in refusal.errors]
    context = _shown(request, found, chosen) | {"refused": errors}
    return render(request, "desk/kb/review.html", context, status=422 if errors else 200)


def _shown(request: HttpRequest, found: Subject, chosen: Revision) -> dict[str, Any]:
    before = found.live if chosen != found.live else None
    return {
        "article": found.article,
        "language": chosen.language,
        "text": chosen,
        "live": before,
        "lines": differences(before, chosen) if before else [],
        "html": markdown.render(chosen.body),
        "tags": scope.tags(chosen.scope),
        "actions": LIFECYCLE.allowed(chosen.status, request.user.permissions()),
        "passages": _passages(chosen) if chosen.state.is_open else [],
        "writes": any(request.user.can(right) for right in (Permission.KB_EDIT, Permission.KB_REVIEW)),
        "own": services.wrote(revision=chosen, person=request.user),
    }


def _passages(text: Revision) -> list[tuple[int, str, list[Remark]]]:
    """Each passage with what was said to it; last, without a number, remarks whose passage has changed."""
    said = list(text.remarks.select_related("author", "resolved_by"))
    found = markup.passages(text.body)
    rows = [(place, words, [r for r in said if r.passage == words]) for place, words in enumerate(found)]
    return rows + [(-1, r.passage, [r]) for r in said if r.passage not in found]


@require_POST
@login_required
def comment(request: HttpRequest, slug: str, language: str) -> HttpResponse:
    """A remark on the passage that the person has read."""
    require_writing(request.user)
    draft = subject(request, slug, language).draft
    if draft is None:
        raise Missing
    remarks.remark(
        revision=draft,
        passage=number_of(request, "passage"),
        text=request.POST.get("text", ""),
        by=request.user,
        version=number_of(request, "version"),
    )
    messages.success(request, _("Your remark stands at its passage."))
    return redirect(reverse("desk_kb_review", args=[slug, language]) + f"#p{number_of(request, 'passage')}")


@require_POST
@login_required
def resolve(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    require_writing(request.user)
    article = get_object_or_404(Article.objects.visible_to(request.user), slug=slug)
    found = get_object_or_404(Remark.objects.visible_to(request.user).filter(revision__article=article), pk=pk)
    remarks.resolve(remark=found, by=request.user)
    return redirect(next_url(request, reverse("desk_kb")))


def _decide(request: HttpRequest, chosen: Revision) -> HttpResponse:
    """On the very text that was read: sent back and handed in again meanwhile, it is another one."""
    if request.POST.get("seen") != f"{chosen.pk}.{chosen.version}":
        raise Stale
    action = request.POST.get("action", "")
    if not LIFECYCLE.find(action).manual:  # publishing the next text replaces this one, nobody else does
        raise Missing
    services.perform(
        revision=chosen,
        action=action,
        by=request.user,
        reason=request.POST.get("reason", ""),
        publish_at=_moment(request.POST.get("publish_at", "")),
        replaced_by=_replacement(request),
    )
    messages.success(request, _("Done. Status now: %(status)s") % {"status": _(chosen.state.label)})
    return redirect("desk_kb")


def _replacement(request: HttpRequest) -> Article | None:
    """The article that an archived one leads on to, by its address."""
    slug = request.POST.get("replaced_by", "").strip().removeprefix("/kb/").strip("/")
    if not slug:
        return None
    found: Article | None = Article.objects.visible_to(request.user).filter(slug=slug).first()
    if found is None:
        text = Message(gettext_noop("There is no article with this address."))
        raise Invalid(errors=[FieldError("replaced_by", "unknown", text)])
    return found


def _moment(given: str) -> Any:
    """A time as the browser's field sends it, in the reader's zone."""
    try:
        found = parse_datetime(given)
    except ValueError:
        return None
    return timezone.make_aware(found) if found and timezone.is_naive(found) else found


@require_safe
@login_required
def history(request: HttpRequest, slug: str, language: str) -> HttpResponse:
    """Every text of a language, and any two of them beside each other."""
    require_writing(request.user)
    found = subject(request, slug, language)
    rows = list(_texts(request, found, language))
    older, newer = (_numbered(rows, request.GET.get(name, "")) for name in ("from", "to"))
    context = {
        "article": found.article,
        "language": language,
        "languages": languages(),
        "rows": rows,
        "older": older or (rows[1] if len(rows) > 1 else None),
        "newer": newer or (rows[0] if rows else None),
        "edits": request.user.can(Permission.KB_EDIT) and found.draft is None,
    }
    if context["older"] and context["newer"]:
        context["lines"] = differences(context["older"], context["newer"])
    return render(request, "desk/kb/history.html", context)


def _texts(request: HttpRequest, found: Subject, language: str) -> Any:
    rows = Revision.objects.visible_to(request.user).filter(article=found.article, language=language)
    return rows.select_related("author", "reviewer").order_by("-number")


def _numbered(rows: list[Revision], number: str) -> Revision | None:
    return next((row for row in rows if str(row.number) == number), None)


@require_POST
@login_required
def restore(request: HttpRequest, slug: str, language: str, number: int) -> HttpResponse:
    """An old text becomes a draft of its own; what is published stays until that is approved."""
    require(request.user, Permission.KB_EDIT)
    found = subject(request, slug, language)
    old = get_object_or_404(_texts(request, found, language), number=number)
    reason = _("Restored from revision %(number)s") % {"number": number}
    services.restore(revision=old, reason=reason, by=request.user)
    messages.success(request, _("The old text is a draft now. Nothing changes for readers until it is approved."))
    return redirect("desk_kb_edit", slug=slug, language=language)
