"""What a paper of a ticket is filled with, in the language of the paper."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.db.models import Count, Max, Min, Sum
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from accounts.models import User
from tickets.backfill.models import Backfill
from tickets.checks.models import Check
from tickets.evidence.models import Evidence
from tickets.models import Ticket, TicketInvoice
from tickets.papers.words import BY_KIND
from tickets.sla.services import filing_ahead

#: Rows of a table on paper; what is beyond is counted.
MOST = 200


def filled(ticket: Ticket, kind: str, language: str, by: User) -> dict[str, Any]:
    """`values` by placeholder, rows of `invoices` (number, date, seller, total, tax) and `files` (name, sha256).

    An enterprise's paper holds public files alone, whoever makes it: it leaves the desk.
    """
    files = Evidence.objects.of(ticket, by).filter(state="clean").select_related("blob")
    if BY_KIND[kind].for_enterprise:
        files = files.filter(visibility="public")
    open_ = ticket.invoices.unsettled() if ticket.invoices.unsettled().exists() else ticket.invoices.all()
    with translation.override(language):
        return {
            "values": {**_of_ticket(ticket), **_of_invoices(open_), **_of_work(ticket)},
            "invoices": [_row(invoice) for invoice in open_[:MOST]],
            "more": max(0, open_.count() - MOST),
            "files": [[file.name, file.blob.sha256] for file in files[:MOST]],
        }


def _of_ticket(ticket: Ticket) -> dict[str, str]:
    filer = ticket.requester
    return {
        "ticket": ticket.number or "",
        "filed_on": timezone.localtime(ticket.created_at).date().isoformat(),
        "situation": str(ticket.get_symptom_display()),
        "cause": str(ticket.get_cause_display()) if ticket.cause else "",
        "description": ticket.description,
        "tried": _(", ").join(str(one) for one in ticket.tried),
        "enterprise": ticket.organisation.name,
        "tax_id": ticket.organisation.tax_id,
        "requester": filer.name,
        "phone": filer.phone,
        "email": filer.email,
        "software": f"{ticket.software} {ticket.software_version}".strip(),
    }


def _of_invoices(rows: Any) -> dict[str, str]:
    told = rows.aggregate(
        n=Count("pk"), first=Min("issue_date"), last=Max("issue_date"), total=Sum("total"), tax=Sum("tax")
    )
    parties = list(rows.order_by().values("seller_name", "seller_tax_id", "buyer_name", "buyer_tax_id").distinct()[:2])
    same = parties[0] if len(parties) == 1 else {}
    days = list(dict.fromkeys(day.isoformat() for day in (told["first"], told["last"]) if day))
    numbers = [str(invoice) for invoice in rows[:5]]
    return {
        "invoice_count": str(told["n"]) if told["n"] else "",
        "invoice_numbers": _(", ").join(numbers) + (" …" if told["n"] > len(numbers) else ""),
        "issue_dates": " – ".join(days),
        "total": "" if told["total"] is None else f"{told['total']:,.2f}",
        "tax": "" if told["tax"] is None else f"{told['tax']:,.2f}",
        "seller": same.get("seller_name", ""),
        "seller_tax_id": same.get("seller_tax_id", ""),
        "buyer": same.get("buyer_name", ""),
        "buyer_tax_id": same.get("buyer_tax_id", ""),
    }


def _of_work(ticket: Ticket) -> dict[str, str]:
    today = timezone.localdate()
    last = Check.objects.filter(ticket=ticket).order_by("-looked_up_at").first()
    parts = last and (
        timezone.localtime(last.looked_up_at).date().isoformat(), last.get_site_display(), last.get_outcome_display(),
    )  # fmt: skip
    named = Backfill.objects.filter(ticket=ticket).exclude(department="").order_by("-pk").first()
    return {
        "today": today.isoformat(),
        "last_look_up": _(", ").join(map(str, parts)) if parts else "",
        "filing_day": filing_ahead()[0].isoformat(),
        "department": named.department if named else "",
        "desk": str(settings.PRODUCT_NAME),
    }


def _row(invoice: TicketInvoice) -> list[str]:
    money = ("" if value is None else f"{value:,.2f}" for value in (invoice.total, invoice.tax))
    day = invoice.issue_date.isoformat() if invoice.issue_date else ""
    return [str(invoice), day, invoice.seller_name or invoice.seller_tax_id, *money]
