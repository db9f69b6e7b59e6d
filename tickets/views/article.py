"""An article drafted from a ticket: what the enterprise saw and what the desk answered, without names and numbers."""

from __future__ import annotations

from collections.abc import Iterator

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accounts.access import require
from accounts.models import User
from accounts.permissions import Permission
from helpdesk.common.errors import Invalid
from kb import services as kb
from kb.forms import DraftForm, explain
from kb.models import Category
from tickets.models import Message, Ticket
from tickets.views.worksheet import case


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def from_ticket(request: HttpRequest, number: str) -> HttpResponse:
    """Where the article is to lie; its text then opens in the editor, for the desk alone until somebody widens it."""
    found = case(request, number)
    require(request.user, Permission.KB_EDIT)
    form = DraftForm(request.POST or None, initial={"category": found.symptom})
    if request.method == "POST" and form.is_valid():
        try:
            slug, language = _draft(request, found, **form.cleaned_data)
            messages.success(request, _("Drafted without names and numbers. Read it once more before you hand it in."))
            return redirect("desk_kb_edit", slug=slug, language=language)
        except Invalid as error:
            explain(form, error)
    status = 422 if request.method == "POST" else 200
    return render(request, "desk/kb/from_ticket.html", {"form": form, "ticket": found}, status=status)


def _draft(request: HttpRequest, ticket: Ticket, *, slug: str, category: str) -> tuple[str, str]:
    """Internal notes stay where they are: a later reader of the article is not the reader they were written for."""
    language = getattr(request, "LANGUAGE_CODE", settings.LANGUAGE_CODE)
    written = Message.objects.visible_to(request.user).filter(ticket=ticket, visibility="public")
    said = list(written.select_related("author").order_by("pk"))
    made = kb.draft_from_ticket(
        slug=slug,
        title=ticket.subject,
        body=_body(ticket, [message.body for message in said if message.by_desk]),
        names=sorted(set(_names(ticket, [message.author for message in said]))),
        category=get_object_or_404(Category, slug=category),
        language=language,
        by=request.user,
    )
    return made.article.slug, made.language


def _body(ticket: Ticket, answers: list[str]) -> str:
    parts = (
        (_("Symptoms"), ticket.description),
        (_("Cause"), ticket.get_cause_display()),
        (_("Steps"), "\n\n".join([*answers, ticket.resolution])),
        (_("How to confirm"), ""),
        (_("If it is still not solved"), ""),
    )
    return "\n".join(f"## {heading}\n\n{text.strip()}\n" for heading, text in parts)


def _names(ticket: Ticket, authors: list[User]) -> Iterator[str]:
    """Whoever may be named in the words of a ticket: its enterprise and people, both sides of its invoices."""
    yield ticket.organisation.name
    people = [ticket.requester, ticket.assignee, *authors, *ticket.organisation.members.all()]
    yield from (person.name for person in people if person is not None)
    for sides in ticket.invoices.order_by().values_list("seller_name", "buyer_name").distinct():
        yield from sides
