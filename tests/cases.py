"""Cases that tests begin with, made by the services alone."""

from __future__ import annotations

import datetime as dt
import itertools
from typing import Any

from django.core.files.base import ContentFile
from django.utils import timezone

from accounts.models import Organisation, User
from tests.invoices_factory import make
from tickets import services
from tickets.backfill import services as backfill
from tickets.backfill.models import Backfill
from tickets.checks.sources import LookUp
from tickets.evidence.models import Evidence
from tickets.evidence.services import extract, receive
from tickets.invoices.model import Invoice
from tickets.models import Ticket

_seeds = itertools.count(1)


def an_invoice(**values: Any) -> Invoice:
    """A consistent digital invoice of last week, another one at each call."""
    given = {"issue_date": timezone.localdate() - dt.timedelta(days=7), **values}
    return make(kind="82", seed=next(_seeds), **given)


def a_file(by: User, text: str = "", name: str = "log.txt", purpose: str = "other") -> Evidence:
    """A small text upload, different at each call."""
    data = text or f"2026-11-20 10:00:00 upload failed, code 0499, run {next(_seeds)}\n"
    return receive(file=ContentFile(data.encode(), name=name), name=name, purpose=purpose, by=by)


def a_ticket(by: User, organisation: Organisation, *invoices: Invoice, files: tuple[Evidence, ...] = ()) -> Ticket:
    new = services.NewTicket(
        subject="查验平台查无此票",
        symptom="no_record",
        invoices=invoices or (an_invoice(),),
        description="开具一周仍查不到。",
    )
    return services.submit(new=new, organisation=organisation, by=by, evidence_ids=[f.pk for f in files])


def looked_up(outcome: str, *, ago: dt.timedelta = dt.timedelta(), site: str = "buyer", **more: Any) -> LookUp:
    return LookUp(site, outcome, timezone.now() - ago, **more)


def face(case: Backfill) -> dict[str, str]:
    """What an honest operator types from the invoice."""
    claim = case.invoice.claim
    names = ("kind", "number", "issue_date", "amount", "tax", "total", "seller_tax_id", "buyer_tax_id")
    return {name: str(getattr(claim, name) or "") for name in names}


def again(case: Backfill) -> dict[str, str]:
    """What an honest reviewer types from the same invoice."""
    return {
        n: v for n, v in face(case).items() if n in {"number", "issue_date", "amount", "seller_tax_id", "buyer_tax_id"}
    }


def with_materials(case: Backfill, enterprise: User, operator: User) -> Backfill:
    """Hand in and accept every paper, each read as the worker would."""
    for material in case.materials.all():
        file = a_file(enterprise, purpose="material")
        extract(file.pk)
        backfill.submit_material(backfill=case, kind=material.kind, evidence_id=file.pk, by=enterprise)
        backfill.review_material(backfill=case, kind=material.kind, is_accepted=True, by=operator)
    return backfill.act(backfill=case, action="accept_materials", by=operator)
