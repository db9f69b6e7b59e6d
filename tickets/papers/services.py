"""Versions of templates, and papers made with them."""

from __future__ import annotations

from pathlib import Path

from django.db import IntegrityError, transaction

from accounts.access import require
from accounts.models import LANGUAGES, User
from accounts.permissions import Permission
from helpdesk.common.errors import Forbidden, Invalid, Missing, Stale
from helpdesk.common.inputs import accept_text
from tickets import workflow
from tickets.models import Ticket
from tickets.papers import document, filling
from tickets.papers.models import PaperTemplate, TicketPaper
from tickets.papers.words import BY_KIND, Paper

FOLDER = Path(__file__).parent / "content"


def known(kind: str, language: str) -> Paper:
    """The paper of that name. Raises Missing."""
    if kind not in BY_KIND or language not in dict(LANGUAGES):
        raise Missing
    return BY_KIND[kind]


def template_in_use(*, kind: str, language: str) -> PaperTemplate:
    """The newest version; the built-in one, not yet stored, where nobody has loaded or saved any. Raises Missing."""
    known(kind, language)
    newest = PaperTemplate.objects.newest_first(kind, language).first()
    return newest or PaperTemplate(kind=kind, language=language, number=0, body=_built_in(kind, language))


def _built_in(kind: str, language: str) -> str:
    return (FOLDER / language / f"{kind}.md").read_text(encoding="utf-8")


def load_built_in() -> int:
    """Store the built-in texts that are new or changed as versions; what people edited stays. How many were stored."""
    return sum(_load(kind, language) for kind in BY_KIND for language, _name in LANGUAGES)


def _load(kind: str, language: str) -> bool:
    newest, body = PaperTemplate.objects.newest_first(kind, language).first(), _built_in(kind, language)
    if newest and (newest.made_by_id or newest.body == body):
        return False
    PaperTemplate.objects.create(kind=kind, language=language, number=newest.number + 1 if newest else 1, body=body)
    return True


def save_version(*, kind: str, language: str, body: str, reason: str, by: User, seen: int) -> PaperTemplate:
    """A new version after number `seen`, the one its writer began with.

    Raises Forbidden, Missing, Invalid (each fault of the text by its line), Stale.
    """
    require(by, Permission.PAPER_EDIT)
    known(kind, language)
    text = accept_text("body", body, limit=document.MAX_BODY, is_needed=True).replace("\r\n", "\n") + "\n"
    why = accept_text("reason", reason, limit=300)
    if wrong := list(document.faults(text)):
        raise Invalid(errors=wrong)
    newest = PaperTemplate.objects.newest_first(kind, language).first()
    if (newest.number if newest else 0) != seen:
        raise Stale
    try:
        with transaction.atomic():
            return PaperTemplate.objects.create(
                kind=kind, language=language, number=seen + 1, body=text, reason=why, made_by=by
            )
    except IntegrityError:
        raise Stale from None


def may_make(*, ticket: Ticket, kind: str, by: User) -> None:
    """Raise Missing for a paper that the person doesn't get, Forbidden for a reader of the enterprise."""
    if kind not in BY_KIND:
        raise Missing
    if by.can(Permission.TICKET_VIEW):
        return
    if not BY_KIND[kind].for_enterprise:
        raise Missing
    if not by.can(Permission.ORG_TICKET_FILE, ticket.organisation_id):
        raise Forbidden(permission=Permission.ORG_TICKET_FILE)


def make(*, ticket: Ticket, kind: str, language: str, by: User) -> TicketPaper:
    """The paper as the ticket fills it now, with its event. Raises Missing, Forbidden."""
    may_make(ticket=ticket, kind=kind, by=by)
    template = template_in_use(kind=kind, language=language)
    with transaction.atomic():
        if template.pk is None:
            template, _is_new = PaperTemplate.objects.get_or_create(
                kind=kind, language=language, number=1, defaults={"body": template.body}
            )
        values = filling.filled(ticket, kind, language, by)
        made = TicketPaper.objects.create(ticket=ticket, template=template, filled=values, made_by=by)
        told = {"paper": kind, "language": language, "version": template.number, "id": made.pk}
        workflow.record(ticket, "paper.made", by=by, public=BY_KIND[kind].for_enterprise, data=told)
    return made
